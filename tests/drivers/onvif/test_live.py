"""Where streams are, and how much of that is written down."""

from collections.abc import Mapping
from contextlib import suppress

import pytest

from custom_components.nvr.drivers.budget import BudgetSpentError
from custom_components.nvr.drivers.errors import (
    DeviceFaultError,
    DriverError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.inquiry import RARELY_SECONDS, SOON_SECONDS
from custom_components.nvr.drivers.models import Connection, Right, StreamName
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.live import LiveAddresses
from custom_components.nvr.drivers.onvif.memory import STREAM_ADDRESS, DeviceMemory
from custom_components.nvr.drivers.onvif.profiles import Profile
from custom_components.nvr.drivers.onvif.transport import BudgetedTransport
from tests.drivers.conftest import Clock

from .answers import ScriptedDevice

CAMERA = Facts(profiles2=(Profile(token="P1", name="main", source="VS_1"),))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("rtsp://10.0.0.2/live?a=1", "rtsp://10.0.0.2/live?a=1"),
        # Who may see it is nobody's business but the device's.
        ("rtsp://admin:secret@10.0.0.2/live", "rtsp://192.0.2.1:554/live"),
        ("rtsp://admin@10.0.0.2/live", "rtsp://192.0.2.1:554/live"),
        ("rtsp://10.0.0.2/live?usr=admin&psw=secret", None),
        ("rtsp://10.0.0.2/live_user=admin_password=secret", None),
    ],
)
async def test_no_secret_of_an_address_is_kept(told: str, kept: str | None) -> None:
    memory = DeviceMemory({})
    connection = Connection(host="192.0.2.1", username="u", password="p")
    live = LiveAddresses(SafeAddresses(connection), CAMERA, memory)
    await live.learn(ScriptedDevice(GetStreamUri=f"<tt:Uri>{told.replace('&', '&amp;')}</tt:Uri>"))
    assert memory.text(STREAM_ADDRESS + "P1") == kept
    # It is watched all the same.
    [place] = CAMERA.places()
    assert (live.url(place, StreamName.MAIN) or "").startswith("rtsp://u:p@192.0.2.1:554/live")


@pytest.mark.parametrize(
    "error", [DeviceFaultError("off"), NotSupportedError("no profile")], ids=repr
)
async def test_an_address_that_was_not_told_is_asked_for_later(error: DriverError) -> None:
    clock = Clock()
    connection = Connection(host="192.0.2.1", username="u", password="p")
    live = LiveAddresses(SafeAddresses(connection), CAMERA, DeviceMemory({}), clock)
    device = ScriptedDevice(GetStreamUri=error)
    [place] = CAMERA.places()
    await live.learn(device)
    assert not live.unknown
    clock.now += SOON_SECONDS
    await live.learn(device)
    clock.now += SOON_SECONDS
    # Each time it is left alone for longer.
    await live.learn(device)
    # Twice, by each of the three ways.
    assert device.count("GetStreamUri") == 6
    assert live.url(place, StreamName.MAIN) is None
    clock.now += RARELY_SECONDS
    assert live.unknown
    device.scripts["GetStreamUri"] = "<tt:Uri>rtsp://10.0.0.2/live</tt:Uri>"
    await live.learn(device)
    assert live.url(place, StreamName.MAIN) is not None
    assert not live.unknown


class Media2Device:
    """What a device of Media2 says to each way of asking for an address."""

    def __init__(self, **answered: str) -> None:
        """Answer for a profile by one way; the others are faults."""
        self.answered = answered
        self.device = ScriptedDevice(GetStreamUri=self._answer)

    def _answer(self, arguments: Mapping[str, object]) -> str | DriverError:
        profile, asked = str(arguments["ProfileToken"]), _way(arguments)
        if self.answered.get(profile) == asked:
            return "<tt:Uri>rtsp://10.0.0.2/live</tt:Uri>"
        return DeviceFaultError(f"{asked} is not supported")

    def ways(self, profile: str) -> list[str]:
        """How it was asked for a profile."""
        return [
            _way(arguments)
            for _, arguments in self.device.asked
            if arguments["ProfileToken"] == profile
        ]


def _way(arguments: Mapping[str, object]) -> str:
    # Media1 names its protocol inside of a set-up.
    return str(arguments.get("Protocol", "Media1"))


WAYS = ["RTSP", "RtspUnicast", "Media1"]
TWO_CAMERAS = Facts(
    profiles2=tuple(
        Profile(token=f"P{number}", name="main", source=f"VS_{number}") for number in (1, 2)
    )
)


@pytest.fixture
def two_cameras() -> LiveAddresses:
    connection = Connection(host="192.0.2.1", username="u", password="p")
    return LiveAddresses(SafeAddresses(connection), TWO_CAMERAS, DeviceMemory({}))


@pytest.mark.parametrize("answered", WAYS)
async def test_the_way_that_a_device_answers_is_asked_first(
    two_cameras: LiveAddresses, answered: str
) -> None:
    scripted = Media2Device(P1=answered, P2=answered)
    await two_cameras.learn(scripted.device, (StreamName.MAIN,))
    for place in TWO_CAMERAS.places():
        assert two_cameras.url(place, StreamName.MAIN)
    assert scripted.ways("P1") == WAYS[: WAYS.index(answered) + 1]
    scripted.device.asked.clear()
    two_cameras.doubt()
    await two_cameras.learn(scripted.device, (StreamName.MAIN,))
    assert scripted.ways("P1") == scripted.ways("P2") == [answered]


async def test_one_profile_decides_for_no_other(two_cameras: LiveAddresses) -> None:
    scripted = Media2Device(P1="Media1", P2="RTSP")
    await two_cameras.learn(scripted.device, (StreamName.MAIN,))
    # As after another firmware.
    scripted.answered = {"P1": "RtspUnicast", "P2": "RtspUnicast"}
    two_cameras.doubt()
    await two_cameras.learn(scripted.device, (StreamName.MAIN,))
    assert not two_cameras.unknown
    assert {scripted.ways(profile)[-1] for profile in ("P1", "P2")} == {"RtspUnicast"}


async def test_rounds_of_few_requests_come_to_an_end(two_cameras: LiveAddresses) -> None:
    scripted = Media2Device()
    rounds = 0
    while two_cameras.unknown:
        rounds += 1
        with suppress(BudgetSpentError):
            await two_cameras.learn(BudgetedTransport(scripted.device, 4), (StreamName.MAIN,))
    # Three ways of two profiles.
    assert rounds == 2
    assert len(scripted.device.asked) == 6


async def test_a_right_that_is_missing_is_not_looked_for_elsewhere() -> None:
    connection = Connection(host="192.0.2.1", username="u", password="p")
    live = LiveAddresses(SafeAddresses(connection), CAMERA, DeviceMemory({}))
    device = ScriptedDevice(GetStreamUri=NotPermittedError(Right.LIVE))
    await live.learn(device)
    assert device.count("GetStreamUri") == 1
