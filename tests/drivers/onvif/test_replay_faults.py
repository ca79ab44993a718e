"""Replays from servers that refuse, hang up, fall silent or play something else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
import socket
import struct

import pytest

from custom_components.nvr.drivers import rtsp_footage
from custom_components.nvr.drivers.clock import DeviceClock, PosixZone
from custom_components.nvr.drivers.driver import Purpose
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DeviceBusyError,
    InvalidAnswerError,
    NoFootageError,
    NotSupportedError,
)
from custom_components.nvr.drivers.fetching import Wish
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import (
    ClockConvention,
    Connection,
    Recording,
    RecordingKind,
    StreamName,
)
from custom_components.nvr.drivers.onvif import replay, replayed_footage
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.labels import Labels
from custom_components.nvr.drivers.onvif.memory import REPLAY_FORM, DeviceMemory
from custom_components.nvr.drivers.onvif.replay import Replays
from custom_components.nvr.drivers.slot import TransferSlot
from tests.drivers.rtsp.scripted_server import (
    PASSWORD,
    USER,
    Request,
    ScriptedServer,
    answer,
    frame,
    rtp,
    running,
)

from .answers import ScriptedDevice

START = datetime(2026, 7, 24, 13, 20, 29, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EAST = timedelta(hours=8)
_NTP = datetime(1900, 1, 1, tzinfo=UTC)
CLEAN, ENDS, TERMINAL = 0x80, 0x40, 0x10


def taken(moment: datetime, flags: int = 0, number: int = 1) -> bytes:
    """Return a picture of one packet that tells when it was taken."""
    seconds, rest = divmod((moment - _NTP) // timedelta(microseconds=1), 1_000_000)
    body = struct.pack(">II", seconds, (rest << 32) // 1_000_000) + bytes([flags, 1, 0, 0])
    packet = rtp(number * 9000, number)
    head = bytes([0x90, packet[1] | 0x80]) + packet[2:12]
    return frame(0, head + struct.pack(">HH", 0xABAC, 3) + body + packet[12:])


def pictures(count: int, start: datetime = START, last: int = 0) -> bytes:
    """Return pictures of a second each, with flags for the last."""
    return b"".join(
        taken(start + at * SECOND, last if at == count - 1 else CLEAN, at + 1)
        for at in range(count)
    )


class Setting:
    """A server, and what replays from it."""

    def __init__(self, server: ScriptedServer, *, zone: timedelta = timedelta()) -> None:
        self.server = server
        self.memory = DeviceMemory({})
        self.device = ScriptedDevice(
            GetReplayUri=f"<tse:Uri>rtsp://x:{server.port}/r?a=b</tse:Uri>"
        )
        clock = DeviceClock(zone=PosixZone(zone), convention=ClockConvention.UTC)
        connection = Connection(host="127.0.0.1", username=USER, password=PASSWORD)
        self.replays = Replays(
            connection,
            self.memory,
            LoginGuard(proven=True),
            TransferSlot(),
            self.device,
            SafeAddresses(connection),
            Labels(lambda: clock, self.memory),
        )
        self.clock = clock

    async def fetch(
        self, length: int = 10, purpose: Purpose = Purpose.CLIP, token: str = "R1"
    ) -> tuple[int, bool]:
        """Return how many bytes came of so many seconds, and whether more should have come."""
        recording = Recording(
            channel=1,
            stream=StreamName.MAIN,
            start=START,
            end=START + timedelta(hours=1),
            kinds=frozenset({RecordingKind.CONTINUOUS}),
            token=token,
        )
        wish = Wish(
            recording=recording,
            start=START,
            end=START + length * SECOND,
            purpose=purpose,
            clock=lambda: self.clock,
        )
        async with self.replays.open(wish) as download:
            size = sum([len(chunk) async for chunk in download])
        return size, download.truncated


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    async with running(ScriptedServer()) as server:
        made = Setting(server)
        yield made
        made.replays.close()


def refusing(server: ScriptedServer, status: str, header: str) -> Callable[[Request], bytes]:
    """Return what refuses requests with a header, and takes the others."""

    def script(request: Request) -> bytes:
        return answer(request, status) if header in request.headers else server.usual(request)

    return script


@pytest.mark.parametrize("status", ["551 Option not supported", "454 Session Not Found", "400 Bad"])
@pytest.mark.parametrize(
    ("method", "header", "form"),
    [
        ("SETUP", "Require", "fast"),
        ("PLAY", "Require", "fast"),
        ("PLAY", "Rate-Control", "replay_natural_speed"),
        ("PLAY", "Frames", "replay_all_frames"),
    ],
)
async def test_a_header_that_is_refused_is_left_out_from_then_on(
    setting: Setting, status: str, method: str, header: str, form: str
) -> None:
    setting.server.play = pictures(13)
    setting.server.scripts[method] = [refusing(setting.server, status, header)]
    _, truncated = await setting.fetch(purpose=Purpose.PICTURE)
    assert not truncated
    assert setting.memory.text(REPLAY_FORM) == form
    before = setting.server.count("PLAY")
    await setting.fetch(purpose=Purpose.PICTURE)
    assert setting.server.count("PLAY") == before + 1
    # Each session that did not come to anything was ended.
    assert setting.server.count("TEARDOWN") >= 2
    # The address of a container is asked for once.
    assert setting.device.count("GetReplayUri") == 1


async def test_a_server_that_hangs_up_on_a_header_is_asked_without(setting: Setting) -> None:
    setting.server.play = pictures(13)
    setting.server.hangs_up = lambda request: (
        request.method == "PLAY" and "Rate-Control" in request.headers
    )
    setting.server.scripts["PLAY"] = [
        lambda request: b"" if "Rate-Control" in request.headers else setting.server.usual(request)
    ]
    await setting.fetch()
    # A connection may break for any reason.
    assert setting.memory.text(REPLAY_FORM) is None
    await setting.fetch()
    assert setting.memory.text(REPLAY_FORM) == "replay_natural_speed"


def break_down(server: ScriptedServer, *, at: int) -> None:
    """Hang up on the PLAY of that number."""

    def is_now(request: Request) -> bool:
        return request.method == "PLAY" and server.count("PLAY") == at

    server.hangs_up = is_now
    server.scripts["PLAY"] = [lambda request: b"" if is_now(request) else server.usual(request)]


async def test_a_connection_that_breaks_once_teaches_nothing(setting: Setting) -> None:
    setting.server.play = pictures(13)
    break_down(setting.server, at=1)
    await setting.fetch()
    assert setting.server.count("PLAY") == 2
    assert setting.memory.text(REPLAY_FORM) is None
    await setting.fetch()
    assert setting.memory.text(REPLAY_FORM) == "replay"
    break_down(setting.server, at=4)
    with pytest.raises(CannotConnectError):
        await setting.fetch()
    assert setting.memory.text(REPLAY_FORM) == "replay"
    await setting.fetch()


async def test_a_recording_may_have_moved_to_another_port(setting: Setting) -> None:
    setting.server.play = pictures(13)
    await setting.fetch()
    moved = setting.device.scripts["GetReplayUri"]
    setting.replays._known["R1"] = "rtsp://127.0.0.1:1/r"
    with pytest.raises(CannotConnectError):
        await setting.fetch()
    assert setting.device.scripts["GetReplayUri"] is moved
    await setting.fetch()
    assert setting.device.count("GetReplayUri") == 2


async def test_what_worked_once_is_forgotten_when_it_is_refused(setting: Setting) -> None:
    setting.server.play = pictures(13)
    await setting.fetch()
    assert setting.memory.text(REPLAY_FORM) == "replay"
    setting.server.scripts["PLAY"] = [lambda request: answer(request, "551 Option not supported")]
    with pytest.raises(NotSupportedError):
        await setting.fetch()
    assert setting.memory.text(REPLAY_FORM) is None


async def test_what_is_not_there_is_asked_for_once(setting: Setting) -> None:
    setting.server.scripts["DESCRIBE"] = [lambda request: answer(request, "404 Not Found")]
    with pytest.raises(NoFootageError):
        await setting.fetch()
    assert setting.server.count("DESCRIBE") == 1
    # It may have another address the next time.
    setting.server.scripts.clear()
    setting.server.play = pictures(13)
    await setting.fetch()
    assert setting.device.count("GetReplayUri") == 2


async def test_a_range_that_no_form_makes_right_is_no_footage(setting: Setting) -> None:
    setting.server.scripts["PLAY"] = [lambda request: answer(request, "457 Invalid Range")]
    with pytest.raises(NoFootageError):
        await setting.fetch()


async def test_a_device_that_is_gone_is_asked_once(setting: Setting) -> None:
    setting.server.scripts["DESCRIBE"] = [lambda request: b""]
    setting.server.hangs_up = lambda request: True
    with pytest.raises(CannotConnectError):
        await setting.fetch()
    assert setting.server.connections == 1


async def test_footage_that_begins_later_is_none(setting: Setting) -> None:
    setting.server.play = pictures(5, START + 30 * SECOND)
    with pytest.raises(NoFootageError, match="later"):
        await setting.fetch()


@pytest.mark.parametrize("is_live", [False, True])
async def test_what_was_not_asked_for_is_not_taken(setting: Setting, is_live: bool) -> None:
    begin = datetime.now(UTC) if is_live else START - timedelta(hours=5)
    setting.server.play = pictures(5, begin)
    with pytest.raises(NotSupportedError, match="something else"):
        await setting.fetch()
    assert setting.memory.text(REPLAY_FORM) is None


async def test_packets_may_tell_local_time(setting: Setting) -> None:
    made = Setting(setting.server, zone=EAST)
    setting.server.play = pictures(13, START + EAST)
    _, truncated = await made.fetch()
    assert not truncated
    assert setting.server.last("PLAY").headers["Range"].startswith("clock=20260724T132029Z-")


async def test_a_recording_without_a_name_is_none(setting: Setting) -> None:
    with pytest.raises(NoFootageError):
        await setting.fetch(token="")


async def test_a_device_without_an_address_says_so(setting: Setting) -> None:
    setting.device.scripts["GetReplayUri"] = "<tse:Uri>http://x/</tse:Uri>"
    with pytest.raises(NotSupportedError, match="address"):
        await setting.fetch()


@pytest.mark.parametrize(
    ("play", "truncated"),
    [
        pytest.param(pictures(13), False, id="beyond the end"),
        pytest.param(pictures(10), False, id="up to the end"),
        pytest.param(pictures(4, last=TERMINAL), False, id="all there is"),
        pytest.param(pictures(4, last=ENDS), True, id="a gap"),
        pytest.param(
            pictures(4) + pictures(2, START + timedelta(days=9)), False, id="what came next"
        ),
        # One packet is spoilt.
        pytest.param(
            pictures(4) + pictures(1, START + timedelta(days=9)) + pictures(2, START + 4 * SECOND),
            True,
            id="one is far away",
        ),
        pytest.param(pictures(4), True, id="silence"),
    ],
)
async def test_silence_is_the_end(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, play: bytes, truncated: bool
) -> None:
    for name in ("SETTLED_SECONDS", "SECTION_SECONDS"):
        monkeypatch.setattr(replayed_footage, name, 0.05)
    monkeypatch.setattr(replay, "SILENCE_SECONDS", 0.2)
    setting.server.play = play
    size, missing = await setting.fetch()
    assert size > len(play)
    assert missing is truncated


async def test_a_server_that_hangs_up_early_leaves_something_out(setting: Setting) -> None:
    setting.server.play, setting.server.closes_after_play = pictures(4), True
    _, truncated = await setting.fetch()
    assert truncated


async def test_a_connection_that_breaks_is_no_end(setting: Setting) -> None:
    setting.server.play = pictures(4)
    cut_off = asyncio.create_task(setting.fetch())
    await setting.server.until(lambda: setting.server.count("PLAY") == 1)
    # Reset, as by a device that restarts.
    assert setting.server.writer is not None
    sock = setting.server.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    setting.server.writer.transport.abort()
    with pytest.raises(CannotConnectError):
        await cut_off


async def test_more_than_there_can_be_is_refused(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_footage, "MAX_BYTES_PER_SECOND", 1)
    monkeypatch.setattr(rtsp_footage, "SLACK_BYTES", 10)
    setting.server.play = pictures(13)
    with pytest.raises(InvalidAnswerError):
        await setting.fetch()


async def test_what_is_watched_at_natural_speed_makes_way(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_footage, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(TransferSlot, "wanted", True)
    setting.server.play = pictures(4)
    setting.memory.keep(REPLAY_FORM, "replay_natural_speed")
    with pytest.raises(DeviceBusyError):
        await setting.fetch(purpose=Purpose.PLAY)
    setting.server.play = pictures(13)
    setting.memory.keep(REPLAY_FORM, "replay")
    await setting.fetch(purpose=Purpose.PLAY)
