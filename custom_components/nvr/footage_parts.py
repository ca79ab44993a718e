"""Where drivers and footage meet: a recording as the footage package reads it."""

from collections.abc import AsyncIterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from .drivers.driver import Driver, Purpose
from .drivers.models import Recording
from .footage.part import FootagePart


def footage_part(
    driver: Driver, recording: Recording, purpose: Purpose = Purpose.CLIP
) -> FootagePart:
    """Return a recording as the footage package reads it."""

    def fetch(start: datetime, end: datetime) -> AbstractAsyncContextManager[AsyncIterable[bytes]]:
        return driver.download(recording, start, end, purpose=purpose)

    return FootagePart(
        start=recording.start,
        end=recording.end,
        clock=driver.footage_clock(recording),
        fetch=fetch,
        # Drivers measure the device's clock finely when the first transfer is opened.
        refined_clock=lambda: driver.footage_clock(recording),
    )
