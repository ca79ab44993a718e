"""One session of RPC2: its login, its end, and what refuses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
import pytest

from custom_components.nvr.drivers.budget import Budget, BudgetSpentError
from custom_components.nvr.drivers.dahua import rpc_session as session_module
from custom_components.nvr.drivers.dahua.faults import ObjectLostError, RefusedRequestError
from custom_components.nvr.drivers.dahua.memory import DeviceMemory
from custom_components.nvr.drivers.dahua.question import Call
from custom_components.nvr.drivers.dahua.rpc import Rpc
from custom_components.nvr.drivers.dahua.rpc_session import RpcAbsentError
from custom_components.nvr.drivers.dahua.tree import text
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    NotPermittedError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from tests.drivers.fake_web import client, running

from .fake_dahua import FakeDahua, RefusedError

NAME = Call(method="magicBox.getMachineName")


class Talk:
    """A device and a session with it."""

    def __init__(self, fake: FakeDahua, http: ClientSession, guard: LoginGuard) -> None:
        self.fake = fake
        self.guard = guard
        self.memory = DeviceMemory({})
        self.session = RecorderSession(fake.connection(), http, guard)
        self.now = 0.0
        self.rpc = Rpc(self.session, fake.connection(), self.memory, lambda: self.now)


@asynccontextmanager
async def talking(fake: FakeDahua, guard: LoginGuard | None = None) -> AsyncIterator[Talk]:
    async with running(fake), client() as http:
        talk = Talk(fake, http, guard or LoginGuard())
        try:
            yield talk
        finally:
            await talk.rpc.sessions.close()


@pytest.mark.parametrize("integers", [False, True])
async def test_one_login_serves_all_calls(integers: bool) -> None:
    async with talking(FakeDahua(integer_sessions=integers)) as talk:
        for _ in range(3):
            assert text((await talk.rpc.call(NAME)).params, "name") == "House"
        assert (talk.fake.rpc_logins, talk.session.traffic.logins) == (1, 1)
        # Challenge, login, three calls.
        assert talk.session.traffic.requests == 5
        numbers = [call["id"] for call in talk.fake.calls]
        assert numbers == sorted(set(numbers))
        # The second step's session, as it came.
        assert isinstance(talk.fake.calls[0]["session"], int) is integers
        assert talk.rpc.available
    assert talk.fake.asked("global.logout") == 1


@pytest.mark.parametrize("status", [200, 401])
async def test_a_challenge_may_be_called_a_refusal(status: int) -> None:
    async with talking(FakeDahua(unlet=status, challenge_code=401)) as talk:
        assert text((await talk.rpc.call(NAME)).params, "name") == "House"
    fake = FakeDahua(
        unlet=status,
        refusal={"error": {"code": 268632081}, "params": {"remainLockSecond": 900}},
    )
    async with talking(fake) as talk:
        with pytest.raises(AccountLockedError) as raised:
            await talk.rpc.call(NAME)
        assert raised.value.seconds_left == 900


async def test_a_session_that_was_lost_is_made_anew_once() -> None:
    async with talking(FakeDahua()) as talk:
        await talk.rpc.call(NAME)
        talk.fake.forget_sessions()
        assert text((await talk.rpc.call(NAME)).params, "name") == "House"
        assert talk.fake.rpc_logins == 2
        assert not talk.rpc.sessions.unsteady


async def test_a_device_that_forgets_at_once_is_not_asked_for_ever() -> None:
    async with talking(FakeDahua()) as talk:

        def forgets(_: object) -> object:
            raise RefusedError(287637505)

        talk.fake.methods["magicBox.getMachineName"] = forgets
        for _ in range(2):
            with pytest.raises(CannotConnectError):
                await talk.rpc.call(NAME)
        assert talk.fake.rpc_logins == 4
        assert talk.rpc.sessions.unsteady
        talk.now += 3601
        assert not talk.rpc.sessions.unsteady


async def test_the_session_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "SHORTEST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(session_module, "WISHED_SECONDS", 0.0)
    async with talking(FakeDahua()) as talk:
        await talk.rpc.call(NAME)
        keeping = talk.rpc.sessions._keeping
        assert keeping is not None
        while talk.fake.asked("global.keepAlive") < 2:
            await talk.rpc.call(NAME)
        talk.fake.forget_sessions()
        await keeping
        # Found out in the background: nobody logs in before there is a question.
        assert talk.fake.rpc_logins == 1
        monkeypatch.setattr(session_module, "SHORTEST_PAUSE_SECONDS", 60.0)
        await talk.rpc.call(NAME)
        assert talk.fake.rpc_logins == 2


async def test_a_wrong_password_is_sent_once() -> None:
    fake = FakeDahua(password="other")
    async with talking(fake) as talk:
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await talk.rpc.call(NAME)
        assert fake.rpc_logins == 1
        assert talk.guard.final
        # It says nothing of whether there is an RPC2 to log in to.
        assert talk.rpc.available is None


async def test_tries_left_and_locks_are_heard() -> None:
    fake = FakeDahua(refusal={"error": {"code": 268632085}, "params": {"remainLoginTimes": 1}})
    async with talking(fake, LoginGuard(proven=True)) as talk:
        with pytest.raises(AuthenticationError) as caught:
            await talk.rpc.call(NAME)
        assert caught.value.tries_left == 1
        # The last try is left to the user.
        assert talk.guard.final
    fake = FakeDahua(refusal={"params": {"error": "HasBeenLocked", "remainLockSecond": 600}})
    async with talking(fake) as talk:
        with pytest.raises(AccountLockedError):
            await talk.rpc.call(NAME)


async def test_a_device_without_a_free_session_says_nothing_of_the_password() -> None:
    fake = FakeDahua(refusal={"error": {"code": 268632075}})
    async with talking(fake) as talk:
        with pytest.raises(DeviceBusyError):
            await talk.rpc.call(NAME)
        assert not talk.guard.refused


async def test_after_a_refusal_only_a_login_tells_whether_we_are_let_in() -> None:
    now = [0.0]
    guard = LoginGuard(now=lambda: now[0])
    async with talking(FakeDahua(), guard) as talk:
        await talk.rpc.call(NAME)
        guard.refuse(AuthenticationError("over another way"))
        with pytest.raises(AuthenticationError):
            await talk.rpc.call(NAME)
        now[0] += 61
        await talk.rpc.call(NAME)
        assert not guard.refused
        assert talk.fake.rpc_logins == 2


@pytest.mark.parametrize(
    "fake",
    [FakeDahua(has_rpc=False), FakeDahua(encryption="WatchNet")],
    ids=["nowhere", "unknown encryption"],
)
async def test_where_there_is_no_rpc2_that_is_remembered_until_another_day(fake: FakeDahua) -> None:
    async with talking(fake) as talk:
        for _ in range(2):
            with pytest.raises(RpcAbsentError):
                await talk.rpc.call(NAME)
        assert talk.rpc.available is False
        assert len(fake.seen) == 1
        assert not talk.guard.refused
        talk.memory.keep("rpc2_tried", "2026-01-01T00:00:00+00:00")
        assert talk.rpc.available is None
        with pytest.raises(RpcAbsentError):
            await talk.rpc.call(NAME)
        assert len(fake.seen) == 2


async def test_an_rpc2_that_was_there_is_not_given_up_for_an_odd_answer() -> None:
    async with talking(FakeDahua()) as talk:
        await talk.rpc.call(NAME)
        talk.fake.forget_sessions()
        talk.fake.has_rpc = False
        for _ in range(2):
            with pytest.raises(RpcAbsentError):
                await talk.rpc.call(NAME)
        assert talk.rpc.available
        talk.fake.has_rpc = True
        talk.now += 601
        await talk.rpc.call(NAME)


@pytest.mark.parametrize(
    "refusal", [{"error": {"code": 401}}, {"error": {"code": 4711}}, {"result": False}, {}]
)
async def test_a_refusal_by_another_name_is_one(refusal: dict[str, object]) -> None:
    fake = FakeDahua(refusal=refusal or {"result": None})
    async with talking(fake) as talk:
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await talk.rpc.call(NAME)
        assert fake.rpc_logins == 1
        assert talk.guard.final


async def test_an_object_ends_with_its_session() -> None:
    async with talking(FakeDahua()) as talk:
        await talk.rpc.call(NAME)
        talk.fake.forget_sessions()
        logins = talk.fake.rpc_logins
        with pytest.raises(ObjectLostError):
            await talk.rpc.call(Call(method="mediaFileFind.findNextFile", object=5))
        # Nobody logged in for it.
        assert talk.fake.rpc_logins == logins


async def test_a_login_stands_in_nobodys_way() -> None:
    fake = FakeDahua()
    fake.answer("/a", "x")
    async with talking(fake) as talk:
        asked = asyncio.gather(
            talk.rpc.call(NAME), *(talk.session.request("GET", "/a") for _ in range(4))
        )
        await asyncio.wait_for(asked, 10)
        assert fake.rpc_logins == 1


async def test_a_cut_connection_is_no_answer_but_not_asked_again_at_once() -> None:
    fake = FakeDahua()

    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    login = fake.routes["/RPC2_Login"]
    fake.routes["/RPC2_Login"] = cut
    async with talking(fake) as talk:
        with pytest.raises(RpcAbsentError):
            await talk.rpc.call(NAME)
        assert talk.rpc.available is None
        fake.routes["/RPC2_Login"] = login
        with pytest.raises(RpcAbsentError):
            await talk.rpc.call(NAME)
        talk.now += 601
        await talk.rpc.call(NAME)
        assert talk.rpc.available


async def test_a_login_needs_more_than_one_request() -> None:
    async with talking(FakeDahua()) as talk:
        with pytest.raises(BudgetSpentError):
            await talk.rpc.call(NAME, Budget(2))
        assert not talk.fake.seen
        budget = Budget(3)
        await talk.rpc.call(NAME, budget)
        assert budget.left == 0


async def test_refusals_of_calls() -> None:
    async with talking(FakeDahua()) as talk:
        with pytest.raises(RefusedRequestError):
            await talk.rpc.call(Call(method="no.such"))

        def forbidden(_: object) -> object:
            raise RefusedError(285278249)

        talk.fake.methods["magicBox.getMachineName"] = forbidden
        with pytest.raises(NotPermittedError):
            await talk.rpc.call(NAME)
        talk.fake.methods["magicBox.getMachineName"] = lambda _: {"name": None}
        assert (await talk.rpc.call(NAME)).result is True


async def test_an_object_is_made_once_and_again_where_it_expired() -> None:
    made: list[int] = []
    lost = [False]

    def make(_: object) -> object:
        made.append(100 + len(made))
        return made[-1]

    def disks(_: object) -> object:
        if lost[0]:
            lost[0] = False
            raise RefusedError(-267976703)
        return {"info": []}

    disk_call = Call(method="storage.getDeviceAllInfo", service="storage")
    async with talking(FakeDahua()) as talk:
        talk.fake.methods["storage.factory.instance"] = make
        talk.fake.methods["storage.getDeviceAllInfo"] = disks
        await talk.rpc.call(disk_call)
        await talk.rpc.call(disk_call)
        assert made == [100]
        lost[0] = True
        await talk.rpc.call(disk_call)
        assert made == [100, 101]
        assert talk.fake.calls[-1]["object"] == 101


async def test_files_come_by_the_cookies_of_the_session() -> None:
    fake = FakeDahua(integer_sessions=True)
    cookies: list[str] = []

    async def load(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie", ""))
        return web.Response(body=b"DHAV")

    fake.routes["/RPC_Loadfile/mnt/x.dav"] = load
    fake.open_paths.add("/RPC_Loadfile/mnt/x.dav")
    async with talking(fake) as talk:
        async with talk.rpc.transfer("/RPC_Loadfile/mnt/x.dav") as transfer:
            assert await transfer.read(100) == b"DHAV"
        assert cookies == [
            "WebClientSessionID=5001; DWebClientSessionID=5001; DhWebClientSessionID=5001"
        ]
        # No second login for it.
        assert talk.session.traffic.logins == 1


async def test_a_session_that_no_cookie_can_carry() -> None:
    fake = FakeDahua()
    async with talking(fake) as talk:
        await talk.rpc.call(NAME)
        assert talk.rpc.sessions._held is not None
        talk.rpc.sessions._held.id = "a; b=c"
        with pytest.raises(RefusedRequestError):
            async with talk.rpc.transfer("/x"):
                pass


async def test_after_the_end_nobody_logs_in() -> None:
    async with talking(FakeDahua()) as talk:
        await talk.rpc.sessions.close()
        with pytest.raises(CannotConnectError):
            await talk.rpc.call(NAME)
        assert not talk.fake.seen
