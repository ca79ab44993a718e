"""What the tests of downloads share: a recording, its address, and fetching a minute of it."""

from datetime import UTC, datetime, timedelta

from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName

from .fake_isapi import DOWNLOAD

START = datetime(2026, 1, 14, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URI = (
    "rtsp://192.0.2.9:80/Streaming/tracks/101/?starttime=20260114T120000Z&endtime=20260114T130000Z"
    "&name=00000000616000000&size=1000"
)
CAPABILITIES = f"{DOWNLOAD}/capabilities"
FOOTAGE = b"IMKH" + bytes(996)


def recording(token: str = URI, size: int | None = 1000) -> Recording:
    return Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=START,
        end=START + 60 * MINUTE,
        kinds=frozenset({RecordingKind.CONTINUOUS}),
        size_bytes=size,
        start_device="2026-01-14T12:00:00Z",
        end_device="2026-01-14T13:00:00Z",
        token=token,
    )


async def fetched(driver: HikvisionDriver, what: Recording | None = None) -> bytes:
    content = bytearray()
    async with driver.download(
        what or recording(), START + 10 * MINUTE, START + 11 * MINUTE
    ) as download:
        async for chunk in download:
            content += chunk
            assert download.received_bytes == len(content)
    return bytes(content)
