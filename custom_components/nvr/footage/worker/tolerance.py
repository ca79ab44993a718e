"""How far beyond an asked instant a picture may begin and still count as the one on screen at it."""

from .units import TICKS_PER_SECOND

# A recorder's clock is known to some milliseconds at best.
_CLOCK_ERROR_TICKS = 5 * TICKS_PER_SECOND // 1000
# Where the footage tells its times roughly, all errors together may come to more than half a picture's time: then
# allowing for more than is probable stays nearest to what was asked.
_ROUGH_CLOCK_ERROR_TICKS = 20 * TICKS_PER_SECOND // 1000
NOMINAL_STEP = TICKS_PER_SECOND // 25
"""How far apart pictures are taken to be until two of them were seen, in ticks."""


def tolerance(step: int, *, clock_error: int = 0, footage_error: int = 0) -> int:
    """Return in ticks how much later than asked a picture may begin.

    Without it a clip or a picture would now and then be wrong by a picture and the clock's error. With it, it is
    wrong by one picture at most while the errors are below half of ``step``, the time from picture to picture.
    ``clock_error`` is how far off the recorder's clock may be from what is known of it, ``footage_error`` how far
    off the times may be that footage tells.
    """
    error = max(clock_error, _CLOCK_ERROR_TICKS)
    if footage_error:
        error = footage_error + max(clock_error, _ROUGH_CLOCK_ERROR_TICKS)
    return max(min(error, step // 2), _CLOCK_ERROR_TICKS)
