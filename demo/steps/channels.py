"""Which channel a step takes."""

from collections.abc import Iterator

from demo.recorders import RecorderChannel, SimulatedRecorder


def with_pictures(recorder: SimulatedRecorder) -> Iterator[RecorderChannel]:
    """Give the channels that have a live picture."""
    return (each for each in recorder.channels.values() if each.pictures)


def whole_channel(recorder: SimulatedRecorder) -> RecorderChannel:
    """Return the first channel that has pictures and is recorded without gaps; the first if none is recorded."""
    channels = [*with_pictures(recorder)]
    return next((each for each in channels if each.unbroken), channels[0])
