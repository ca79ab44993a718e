"""Those that want to be called when something changes."""

from collections.abc import Callable

type Listener = Callable[[], None]
type Remover = Callable[[], None]


class Listeners:
    """Who listens to one thing."""

    def __init__(self) -> None:
        """Initialize."""
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> Remover:
        """Call ``listener`` from now on; return what removes it, which may be called again."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def call(self) -> None:
        """Call all of them; they may come and go meanwhile."""
        for listener in tuple(self._listeners):
            listener()


def joined(*removers: Remover) -> Remover:
    """Return what calls several removers."""

    def remove() -> None:
        for remover in removers:
            remover()

    return remove
