"""Home Assistant with a clock that can be made to run faster: `python -P <this file> FACTOR ARGUMENT...`.

From the signal SIGUSR1 on, every second of waiting on the event loop takes a FACTOR-th of one, so that
what happens in an hour happens in a minute and costs the processor what it costs in an hour. Only what
counts durations is sped up (`time.monotonic` and the loop's timers): the date stays true.
"""

import asyncio
import runpy
import selectors
import signal
import sys
import time

SPEED_UP = signal.SIGUSR1

_real = time.monotonic


class _Clock:
    """Seconds that pass faster from a certain moment on."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._since = self._shown = _real()

    def __call__(self) -> float:
        return self._shown + (_real() - self._since) * self.factor

    def run(self, factor: float) -> None:
        """Go on at another speed."""
        self._shown, self._since, self.factor = self(), _real(), factor


_clock = _Clock()
_select = selectors.DefaultSelector.select


def _select_sooner(
    self: selectors.DefaultSelector, timeout: float | None = None
) -> list[tuple[selectors.SelectorKey, int]]:
    """Wait as long as the sped up time says."""
    if timeout is not None and timeout > 0:
        timeout /= _clock.factor
    return _select(self, timeout)


def _time(_loop: asyncio.BaseEventLoop) -> float:
    """Tell the sped up time."""
    return _clock()


def main() -> None:
    """Run Home Assistant with the rest of the arguments."""
    factor = float(sys.argv.pop(1))
    time.monotonic = _clock
    asyncio.BaseEventLoop.time = _time  # type: ignore[method-assign, assignment]  # its clock
    selectors.DefaultSelector.select = _select_sooner  # type: ignore[method-assign]  # its patience
    signal.signal(SPEED_UP, lambda *_: _clock.run(factor))
    sys.argv[0] = "homeassistant"
    runpy.run_module("homeassistant", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
