"""Which channel a step takes."""

from demo.recorders import RecorderChannel, SimulatedRecorder


def whole_channel(recorder: SimulatedRecorder) -> RecorderChannel:
    """Return the first channel that has pictures and is recorded without gaps."""
    return next(each for each in recorder.channels.values() if each.pictures and each.unbroken)
