"""Pictures and sound of several recordings as one line without duplicates."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .units import TICKS_PER_SECOND, AudioFormat, Picture, Sound

# Consecutive recordings overlap by 2 to 3 seconds on devices seen; the end of one is kept back this long, so that
# the next can begin at its first key picture without a hole.
_HOLD_TICKS = 6 * TICKS_PER_SECOND
_MAX_HELD_BYTES = 96 << 20
# Pictures of two recordings are the same if their times agree within this.
_SAME_TICKS = TICKS_PER_SECOND // 100


@dataclass(slots=True)
class Frame:
    """A picture with its UTC in ticks: when it is shown, and when it is decoded."""

    picture: Picture
    time: int
    order: int


@dataclass(slots=True)
class Tone:
    """Sound with its UTC in ticks, None where it follows the sound before."""

    sound: Sound
    time: int | None
    audio: AudioFormat


type Item = Frame | Tone


class Splicer:
    """Passes items on in order, joining the parts at key pictures."""

    def __init__(self, sink: Callable[[Item], None]) -> None:
        self._sink = sink
        self._held: deque[Item] = deque()
        self._held_bytes = 0
        self._released: int | None = None
        self._joining = False
        self._more = False
        self.newest: int | None = None

    def begin_part(self, *, more: bool) -> None:
        """Begin with the next recording; ``more`` says whether yet another follows it."""
        self._more = more
        self._joining = self.newest is not None

    def push(self, item: Item) -> None:
        """Add the next item of the recording."""
        if self._joining and not self._join(item):
            return
        self._held.append(item)
        if isinstance(item, Frame):
            self._held_bytes += item.picture.size
            self.newest = item.time if self.newest is None else max(self.newest, item.time)
        self._release()

    def _join(self, item: Item) -> bool:
        """Return whether the new recording begins with this item; take back what it repeats."""
        if not isinstance(item, Frame) or not item.picture.key:
            return False
        if self._released is not None and item.time <= self._released + _SAME_TICKS:
            return False
        kept: deque[Item] = deque()
        repeated = False
        for held in self._held:
            if isinstance(held, Frame):
                repeated = repeated or held.time >= item.time - _SAME_TICKS
                if not repeated:
                    kept.append(held)
            elif held.time is not None and held.time < item.time:
                kept.append(held)
        self._held = kept
        self._held_bytes = sum(one.picture.size for one in kept if isinstance(one, Frame))
        self._joining = False
        return True

    def _release(self) -> None:
        while self._held and (
            not self._more or self._held_bytes > _MAX_HELD_BYTES or self._is_old(self._held[0])
        ):
            self._pass_on(self._held.popleft())

    def _is_old(self, item: Item) -> bool:
        if item.time is None or self.newest is None:
            # It goes with what came before it.
            return True
        return self.newest - item.time > _HOLD_TICKS

    def _pass_on(self, item: Item) -> None:
        if isinstance(item, Frame):
            self._held_bytes -= item.picture.size
            self._released = item.time if self._released is None else max(self._released, item.time)
        self._sink(item)

    def finish(self) -> None:
        """Pass on what is held: this recording has all that is wanted, or there is no more."""
        self._more = False
        self.flush()

    def flush(self) -> None:
        """Pass on what is held now."""
        while self._held:
            self._pass_on(self._held.popleft())
