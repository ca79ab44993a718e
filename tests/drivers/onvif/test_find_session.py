"""Searches on devices that do them well, badly, or not at all."""

import asyncio
from collections.abc import Mapping
from itertools import count

import pytest

from custom_components.nvr.drivers.answer import HungUpError
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    InvalidAnswerError,
)
from custom_components.nvr.drivers.onvif import find_session
from custom_components.nvr.drivers.onvif.catalogue import CONTAINERS
from custom_components.nvr.drivers.onvif.faults import RejectedError
from custom_components.nvr.drivers.onvif.find_session import EMPTY_PAGES, FindSessions

from .answers import ScriptedDevice, results

TOKEN = "<tse:SearchToken>SearchToken[1]</tse:SearchToken>"


def container(name: str) -> str:
    return (
        f"<tt:RecordingInformation><tt:RecordingToken>{name}</tt:RecordingToken>"
        "</tt:RecordingInformation>"
    )


def device(*pages: str, **others: str) -> ScriptedDevice:
    asked = ScriptedDevice(FindRecordings=TOKEN, GetRecordingSearchResults=[*pages], EndSearch="")
    asked.scripts.update(others)
    return asked


async def names(asked: ScriptedDevice, pages: int = 100) -> list[str]:
    found = await FindSessions().find(CONTAINERS, asked, pages)
    assert asked.count("EndSearch") == 1
    [ended] = [arguments for name, arguments in asked.asked if name == "EndSearch"]
    assert ended == {"SearchToken": "SearchToken[1]"}
    return [one.token for one in found.items]


async def test_all_pages_are_asked_for_and_the_search_is_ended() -> None:
    asked = device(
        results(container("a"), state="Searching"), results(container("b"), container("c"))
    )
    assert await names(asked) == ["a", "b", "c"]


@pytest.mark.parametrize("state", ["Searching", "Unknown", "", "Queued"])
async def test_a_search_that_is_never_done_ends_when_nothing_new_comes(state: str) -> None:
    asked = device(results(container("a"), state=state), results(state=state))
    assert await names(asked) == ["a"]
    assert asked.count("GetRecordingSearchResults") == 1 + EMPTY_PAGES


async def test_the_same_again_is_nothing_new() -> None:
    asked = device(results(container("a"), container("b"), state="Searching"))
    assert await names(asked) == ["a", "b"]


async def test_the_state_may_come_behind_the_results() -> None:
    asked = device(results(container("a"), last=True))
    assert await names(asked) == ["a"]
    assert asked.count("GetRecordingSearchResults") == 1


async def test_a_search_without_end_ends() -> None:
    number = count()

    def more(arguments: Mapping[str, object]) -> str:
        return results(container(f"n{next(number)}"), state="Searching")

    asked = device()
    asked.scripts["GetRecordingSearchResults"] = more
    seconds = count(0.0, 1.0)
    found = await FindSessions(lambda: next(seconds)).find(CONTAINERS, asked)
    assert not found.complete
    assert 0 < len(found.items) <= find_session.TOTAL_SECONDS
    assert asked.count("EndSearch") == 1


async def test_no_more_is_kept_of_what_nobody_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_session, "MAX_OTHERS", 10)
    number = count()

    def more(arguments: Mapping[str, object]) -> str:
        return results(f"<tt:Unheard>{next(number)}</tt:Unheard>" * 2, state="Searching")

    asked = device()
    asked.scripts["GetRecordingSearchResults"] = more
    assert await names(asked) == []
    assert asked.count("GetRecordingSearchResults") == 10


async def test_only_so_many_pages_are_asked_for() -> None:
    asked = device(
        results(container("a"), state="Searching"), results(container("b"), state="Searching")
    )
    assert await names(asked, 1) == ["a"]


async def test_what_is_refused_in_the_middle_twice_keeps_what_came_before() -> None:
    first, error = results(container("a"), state="Searching"), DeviceFaultError("out of order")
    asked = device()
    asked.scripts["GetRecordingSearchResults"] = [first, error, first, error]
    found = await FindSessions().find(CONTAINERS, asked)
    assert [one.token for one in found.items] == ["a"]
    assert not found.complete
    assert asked.count("FindRecordings") == asked.count("EndSearch") == 2


@pytest.mark.parametrize(
    "error", [InvalidAnswerError("broken XML"), HungUpError("no answer")], ids=str
)
async def test_a_page_that_was_lost_is_found_by_another_search(
    error: InvalidAnswerError | HungUpError,
) -> None:
    """The next page holds what follows, so what was lost would be missing without a word."""
    first, last = results(container("a"), state="Searching"), results(container("b"))
    for lost in ([error], [first, error]):
        asked = device()
        asked.scripts["GetRecordingSearchResults"] = [*lost, first, last]
        found = await FindSessions().find(CONTAINERS, asked)
        assert [one.token for one in found.items] == ["a", "b"]
        assert found.complete
        assert asked.count("FindRecordings") == asked.count("EndSearch") == 2
        asked = device()
        asked.scripts["GetRecordingSearchResults"] = [*lost, *lost, first, last]
        with pytest.raises(type(error)):
            await FindSessions().find(CONTAINERS, asked)
        assert asked.count("EndSearch") == 2


async def test_a_device_that_forgot_a_session_is_asked_again() -> None:
    first = results(container("a"), state="Searching")
    asked = device()
    asked.scripts["GetRecordingSearchResults"] = [
        *(first, RejectedError("InvalidToken"), first),
        results(container("b")),
    ]
    found = await FindSessions().find(CONTAINERS, asked)
    assert [one.token for one in found.items] == ["a", "b"]
    assert found.complete


@pytest.mark.parametrize("error", [CannotConnectError("gone"), DeviceBusyError("later")], ids=str)
async def test_what_came_before_a_device_went_away_is_not_all_there_is(
    error: CannotConnectError | DeviceBusyError,
) -> None:
    asked = device()
    asked.scripts["GetRecordingSearchResults"] = [results(container("a"), state="Searching"), error]
    with pytest.raises(type(error)):
        await FindSessions().find(CONTAINERS, asked)


async def test_what_could_not_be_ended_is_ended_before_the_next_begins() -> None:
    asked, sessions = device(results(container("a"))), FindSessions()
    asked.scripts["EndSearch"] = CannotConnectError("gone")
    await sessions.find(CONTAINERS, asked)
    asked.scripts["EndSearch"] = ""
    asked.asked.clear()
    for _ in range(2):
        await sessions.find(CONTAINERS, asked)
    names = [name for name, _ in asked.asked]
    page = "GetRecordingSearchResults"
    assert names == ["EndSearch", *(2 * ["FindRecordings", page, "EndSearch"])]


@pytest.mark.parametrize(
    "error", [DeviceFaultError("out of order"), AuthenticationError("refused")], ids=str
)
async def test_what_fails_at_once_is_told_and_ended(
    error: DeviceFaultError | AuthenticationError,
) -> None:
    asked = device()
    asked.scripts["GetRecordingSearchResults"] = error
    with pytest.raises(type(error)):
        await FindSessions().find(CONTAINERS, asked)
    assert asked.count("EndSearch") == 1


async def test_a_refused_end_is_an_end() -> None:
    asked = device(results(container("a")))
    asked.scripts["EndSearch"] = DeviceFaultError("InvalidToken")
    assert await names(asked) == ["a"]


async def test_a_search_that_somebody_turns_away_from_is_ended() -> None:
    asked = device(results(state="Searching"))
    entered = asyncio.Event()

    def turn_away(arguments: Mapping[str, object]) -> str:
        entered.set()
        task.cancel()
        return results(state="Searching")

    asked.scripts["GetRecordingSearchResults"] = turn_away
    task = asyncio.create_task(FindSessions().find(CONTAINERS, asked))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert entered.is_set()
    assert asked.count("EndSearch") == 1


async def test_a_search_is_ended_when_the_driver_is_closed() -> None:
    asked, asking = device(), asyncio.Event()
    sessions = FindSessions()

    def page(arguments: Mapping[str, object]) -> str:
        asking.set()
        return results(container(f"n{asked.count('GetRecordingSearchResults')}"), state="Searching")

    asked.scripts["GetRecordingSearchResults"] = page
    running = asyncio.create_task(sessions.find(CONTAINERS, asked))
    await asking.wait()
    await sessions.close()
    assert asked.count("EndSearch") == 1
    # As all questions do to a driver that is closed.
    asked.scripts["GetRecordingSearchResults"] = CannotConnectError("closed")
    with pytest.raises(CannotConnectError):
        await running
    assert asked.count("EndSearch") == 1
    with pytest.raises(CannotConnectError):
        await sessions.find(CONTAINERS, asked)
    assert asked.count("FindRecordings") == 1


async def test_one_search_runs_at_a_time() -> None:
    running = most = 0

    def begin(arguments: Mapping[str, object]) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        return TOKEN

    def end(arguments: Mapping[str, object]) -> str:
        nonlocal running
        running -= 1
        return ""

    asked = device(results(container("a")))
    asked.scripts.update(FindRecordings=begin, EndSearch=end)
    sessions = FindSessions()
    await asyncio.gather(*(sessions.find(CONTAINERS, asked) for _ in range(3)))
    assert (running, most) == (0, 1)


async def test_a_device_that_begins_nothing_is_busy() -> None:
    with pytest.raises(DeviceBusyError):
        await FindSessions().find(CONTAINERS, device(FindRecordings=""))
    with pytest.raises(InvalidAnswerError):
        await FindSessions().find(
            CONTAINERS,
            device(FindRecordings=f"<tse:SearchToken>{'x' * 2000}</tse:SearchToken>"),
        )
