"""Keeping up with what a device records, within the requests of a round."""

from datetime import UTC

import pytest

from custom_components.nvr.drivers.budget import BudgetSpentError
from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.errors import DeviceBusyError, DeviceFaultError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.archive import Archive
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.sources import VideoSource
from custom_components.nvr.drivers.onvif.transport import BudgetedTransport
from custom_components.nvr.drivers.slot import TransferSlot

from .answers import ScriptedDevice, results

TOKEN = "<tse:SearchToken>1</tse:SearchToken>"
FOUND = results(
    "<tt:RecordingInformation><tt:RecordingToken>R1</tt:RecordingToken>"
    "<tt:RecordingStatus>Recording</tt:RecordingStatus></tt:RecordingInformation>"
)


def archive(device: ScriptedDevice, facts: Facts) -> Archive:
    connection = Connection(host="192.0.2.1", username="u", password="p")
    return Archive(
        connection,
        device,
        TransferSlot(),
        lambda: DeviceClock(zone=UTC),
        facts,
        DeviceMemory({}),
        LoginGuard(),
        SafeAddresses(connection),
    )


def camera() -> Facts:
    return Facts(sources=(VideoSource(token="VS_1"),))


async def test_three_requests_tell_what_is_being_recorded() -> None:
    device = ScriptedDevice(FindRecordings=TOKEN, GetRecordingSearchResults=FOUND, EndSearch="")
    facts = camera()
    facts.absent["recordings"] = "busy a minute ago"
    await archive(device, facts).refresh(BudgetedTransport(device, 4))
    assert len(device.asked) == 3
    assert facts.recordings_written == {"R1": True}
    assert "recordings" not in facts.absent


async def test_nothing_is_begun_that_could_not_be_ended() -> None:
    device = ScriptedDevice(FindRecordings=TOKEN)
    with pytest.raises(BudgetSpentError):
        await archive(device, camera()).refresh(BudgetedTransport(device, 2))
    assert device.asked == []


@pytest.mark.parametrize(
    ("error", "absent"),
    [(DeviceFaultError("out of order"), True), (DeviceBusyError("no free session"), False)],
    ids=["out of order", "busy"],
)
async def test_what_is_missing_is_said(
    error: DeviceFaultError | DeviceBusyError, absent: bool
) -> None:
    device, facts = ScriptedDevice(FindRecordings=error), camera()
    with pytest.raises(type(error)):
        await archive(device, facts).refresh(BudgetedTransport(device, 4))
    assert ("recordings" in facts.absent) is absent
