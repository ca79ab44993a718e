"""The steps of a session, as most tests take them."""

from collections.abc import Callable

from custom_components.nvr.drivers.rtsp.connection import RtspConnection
from custom_components.nvr.drivers.rtsp.container import container_body
from custom_components.nvr.drivers.rtsp.session import RtspSession

from .scripted_server import frame, rtp

type Connect = Callable[[], RtspConnection]

PACKETS = [frame(0, rtp(number)) for number in range(1, 6)]
SILENCE = 5.0


async def set_up(session: RtspSession) -> None:
    description = await session.describe()
    for track in description.tracks:
        await session.setup(track)


async def start(session: RtspSession) -> None:
    await set_up(session)
    await session.play()


async def played(session: RtspSession, silence: float = SILENCE) -> bytes:
    return b"".join([container_body(frames) async for frames in session.frames(silence)])
