"""What a device began for us is ended, whatever becomes of it: it has room for few of them."""

from typing import Any

import pytest

from custom_components.nvr.drivers.budget import BudgetSpentError
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
)
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.catalogue import CONTAINERS
from custom_components.nvr.drivers.onvif.clock import RecorderClock
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.find_session import FindSessions
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.survey import Survey
from custom_components.nvr.drivers.onvif.transport import BudgetedTransport

from .answers import ScriptedDevice, results

PLACE = (
    "<wsnt:SubscriptionReference><wsnt:Address>http://10.0.0.2/e</wsnt:Address>"
    "</wsnt:SubscriptionReference>"
)
TOKEN = "<tse:SearchToken>1</tse:SearchToken>"


def listening(**scripts: Any) -> ScriptedDevice:
    return ScriptedDevice(
        **{"CreatePullPointSubscription": PLACE, "PullMessages": "", "Unsubscribe": "", **scripts}
    )


def survey() -> Survey:
    connection = Connection(host="192.0.2.1", username="u", password="p")
    return Survey(Facts(), RecorderClock(), DeviceMemory({}), SafeAddresses(connection))


@pytest.mark.parametrize(
    "error",
    [
        DeviceFaultError("out of order"),
        CannotConnectError("gone"),
        AuthenticationError("refused"),
        BudgetSpentError("spent"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_place_to_listen_is_given_back(error: DriverError) -> None:
    device = listening(PullMessages=error)
    with pytest.raises(type(error)):
        await survey().properties(device)
    assert device.count("Unsubscribe") == 1


async def test_none_is_made_that_could_not_be_emptied() -> None:
    device = listening()
    with pytest.raises(BudgetSpentError):
        await survey().properties(BudgetedTransport(device, 2))
    assert device.asked == []
    await survey().properties(BudgetedTransport(device, 3))
    assert len(device.asked) == 3


async def test_the_end_is_said_though_nothing_may_be_spent_any_more() -> None:
    # A login that had to be made anew has taken what was left.
    device = listening()
    transport = BudgetedTransport(device, 3)
    device.scripts["PullMessages"] = lambda arguments: _spend(transport)
    await survey().properties(transport)
    assert transport.left == 0
    assert device.count("Unsubscribe") == 1


def _spend(transport: BudgetedTransport) -> str:
    while transport.left:
        transport.budget.spend()
    return ""


async def test_a_search_is_ended_though_nothing_may_be_spent_any_more() -> None:
    device = ScriptedDevice(FindRecordings=TOKEN, EndSearch="")
    transport = BudgetedTransport(device, 4)
    device.scripts["GetRecordingSearchResults"] = lambda arguments: results(
        state=_spend(transport) or "Completed"
    )
    await FindSessions().find(CONTAINERS, transport)
    assert device.count("EndSearch") == 1


async def test_a_place_that_nobody_can_ask_is_none() -> None:
    device = listening(
        CreatePullPointSubscription=PLACE.replace("http://10.0.0.2/e", "urn:somewhere")
    )
    with pytest.raises(InvalidAnswerError):
        await survey().properties(device)
