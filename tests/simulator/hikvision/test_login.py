"""Log-in over HTTP: challenges, refusals, and the lock that HTTP and RTSP share."""

from dataclasses import replace
from datetime import timedelta
import hashlib
from http import HTTPStatus

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import CountCheck, Right, User
from simulator.core.digest import Scheme
from simulator.core.faults import Fault
from simulator.core.time_source import TimeSource

from .conftest import session_for
from .isapi import PASSWORD, Answer, Isapi

CHECK = "Security/userCheck"


async def check(box: RecorderBox, password: str) -> Answer:
    """Log in once, in a session of its own."""
    async with session_for(box, password) as session:
        return await Isapi(session).get(CHECK)


async def test_lets_in_who_knows_the_password(current_isapi: Isapi, old_isapi: Isapi) -> None:
    for isapi in (current_isapi, old_isapi):
        root = (await isapi.get(CHECK)).root
        assert root.tag == "userCheck"
        assert root.findtext("statusValue") == "200"
        assert root.findtext("isActivated") == "true"


async def test_challenges_have_the_forms_of_real_devices(
    current: RecorderBox, old: RecorderBox
) -> None:
    expected = {
        current: 'Digest realm="DS-7616NXI-I2", domain="::", qop="auth", nonce="',
        old: 'Digest qop="auth", realm="1c53f9aa7dd0e2b1", nonce="',
    }
    for box, text in expected.items():
        async with aiohttp.request("GET", f"http://{box.address}/ISAPI/{CHECK}") as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith(text)
            assert response.headers["WWW-Authenticate"].endswith('stale="FALSE"')
            body = await response.text()
        assert "<statusValue>401</statusValue>" in body
        assert "retryLoginTime" not in body, "nobody has failed yet"
    assert current.recorder.accounts.failed_logins == 0


async def test_the_newer_one_counts_the_tries_that_are_left(current: RecorderBox) -> None:
    left = []
    for _ in range(6):
        root = (await check(current, "wrong")).root
        assert root.findtext("lockStatus") == "unlock"
        left.append(root.findtext("retryLoginTime"))
    assert left == ["6", "5", "4", "3", "2", "1"]


async def test_locks_and_says_for_how_long(current: RecorderBox, time: TimeSource) -> None:
    while current.recorder.accounts.failed_logins < 7:
        await check(current, "wrong")
    time.advance(timedelta(minutes=10))
    answer = await check(current, PASSWORD)
    assert answer.status == 401
    assert answer.root.findtext("lockStatus") == "lock"
    assert answer.root.findtext("unlockTime") == "1200"
    time.advance(timedelta(minutes=20))
    assert (await check(current, PASSWORD)).status == 200


async def test_the_older_one_says_nothing(old: RecorderBox) -> None:
    while old.recorder.accounts.failed_logins < 7:
        assert "lockStatus" not in (await check(old, "wrong")).body.decode()
    answer = await check(old, PASSWORD)
    assert answer.status == 401
    assert [part.tag for part in answer.root] == ["statusValue", "statusString"]


async def test_never_offers_basic(current: RecorderBox) -> None:
    basic = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
    url = f"http://{current.address}/ISAPI/{CHECK}"
    async with aiohttp.request("GET", url, headers=basic) as response:
        assert response.status == 401
    assert current.recorder.accounts.failed_logins == 1


async def test_a_stale_nonce_is_challenged_again(
    current: RecorderBox, current_isapi: Isapi, time: TimeSource
) -> None:
    assert (await current_isapi.get(CHECK)).status == 200
    time.advance(timedelta(hours=1))
    assert (await current_isapi.get(CHECK)).status == 200
    assert current.recorder.requests.count(status=401) == 2
    assert current.recorder.accounts.failed_logins == 0


async def test_two_digests_may_be_offered(current: RecorderBox) -> None:
    accounts = current.recorder.accounts
    both = frozenset({Scheme.MD5, Scheme.SHA256})
    accounts.policy = replace(accounts.policy, schemes=both)
    async with aiohttp.request("GET", f"http://{current.address}/ISAPI/{CHECK}") as response:
        first, second = response.headers.getall("WWW-Authenticate")
    assert 'algorithm="MD5"' in first
    assert "algorithm=SHA-256" in second
    accounts.policy = replace(accounts.policy, schemes=frozenset({Scheme.SHA256}))
    assert (await check(current, PASSWORD)).status == 200
    assert (await check(current, "wrong")).status == 401
    assert accounts.failed_logins == 1


async def test_basic_may_be_all_there_is(current: RecorderBox) -> None:
    accounts = current.recorder.accounts
    accounts.policy = replace(accounts.policy, schemes=frozenset({Scheme.BASIC}))
    assert accounts.challenges() == ['Basic realm="DS-7616NXI-I2"']
    assert accounts.challenges(rtsp=True) == accounts.challenges()
    url = f"http://{current.address}/ISAPI/{CHECK}"
    for password, status in ((PASSWORD, 200), ("wrong", 401)):
        basic = {"Authorization": aiohttp.encode_basic_auth("admin", password)}
        async with aiohttp.request("GET", url, headers=basic) as response:
            assert response.status == status
    accounts.policy = replace(accounts.policy, rtsp_schemes=frozenset({Scheme.MD5}))
    assert accounts.challenges(rtsp=True)[0].startswith("Digest")
    assert not accounts.check("GET", basic["Authorization"], "/", rtsp=True).accepted


@pytest.mark.parametrize(
    ("rule", "accepted"),
    [
        (CountCheck.NONE, [True, True, True]),
        (CountCheck.UNUSED, [True, True, False]),
        (CountCheck.RISING, [True, False, False]),
    ],
)
async def test_the_count_of_a_nonce_is_checked(
    current: RecorderBox, rule: CountCheck, accepted: list[bool]
) -> None:
    accounts = current.recorder.accounts
    accounts.policy = replace(accounts.policy, count_check=rule)
    nonce = accounts.challenge().partition('nonce="')[2].partition('"')[0]
    answers = []
    for count in (2, 1, 2):
        headers = {"Authorization": signed(accounts.policy.realm, nonce, count)}
        url = f"http://{current.address}/ISAPI/{CHECK}"
        async with aiohttp.request("GET", url, headers=headers) as response:
            answers.append(response.status == 200)
    assert answers == accepted
    assert accounts.failed_logins == 0


def signed(realm: str, nonce: str, count: int) -> str:
    """Sign a request for userCheck by hand."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret, asked = md5(f"admin:{realm}:{PASSWORD}"), md5(f"GET:/ISAPI/{CHECK}")
    answer = md5(f"{secret}:{nonce}:{count:08x}:c:auth:{asked}")
    return (
        f'Digest username="admin", realm="{realm}", nonce="{nonce}", uri="/ISAPI/{CHECK}", '
        f'qop=auth, nc={count:08x}, cnonce="c", response="{answer}"'
    )


async def test_it_may_not_say_that_a_nonce_is_stale(current: RecorderBox) -> None:
    accounts = current.recorder.accounts
    assert 'stale="TRUE"' in accounts.challenge(stale=True)
    accounts.policy = replace(accounts.policy, tells_stale=False)
    assert 'stale="FALSE"' in accounts.challenge(stale=True)


async def test_a_try_may_make_the_lock_begin_anew(current: RecorderBox, time: TimeSource) -> None:
    accounts = current.recorder.accounts
    accounts.policy = replace(accounts.policy, tries=1, lock_restarts=True)
    await check(current, "wrong")
    time.advance(timedelta(minutes=20))
    assert (await check(current, PASSWORD)).root.findtext("lockStatus") == "lock"
    time.advance(timedelta(minutes=20))
    assert (await check(current, PASSWORD)).status == 401
    time.advance(timedelta(minutes=30))
    assert (await check(current, PASSWORD)).status == 200


async def test_after_a_boot_nobody_may_be_let_in(current: RecorderBox, time: TimeSource) -> None:
    current.recorder.boot_refuses = timedelta(seconds=40)
    await current.reboot()
    assert (await check(current, PASSWORD)).status == 401
    time.advance(timedelta(seconds=40))
    assert (await check(current, PASSWORD)).status == 200
    assert current.recorder.accounts.failed_logins == 0


async def test_a_password_changes_while_it_runs(current: RecorderBox, current_isapi: Isapi) -> None:
    assert (await current_isapi.get(CHECK)).status == 200
    current.recorder.accounts.set_password("admin", "another")
    assert (await current_isapi.get(CHECK)).status == 401
    assert (await check(current, "another")).status == 200


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("System/status", Right.STATUS),
        ("ContentMgmt/Storage", Right.STATUS),
        ("ContentMgmt/InputProxy/channels", Right.SETTINGS),
        ("Security/adminAccesses", Right.SETTINGS),
        ("Streaming/channels/102/picture", Right.LIVE),
        ("ContentMgmt/record/tracks", Right.PLAYBACK),
    ],
)
async def test_each_right_opens_its_doors(
    current: RecorderBox, current_isapi: Isapi, path: str, right: Right
) -> None:
    user = current.recorder.accounts.users["admin"]
    user.rights = frozenset({right})
    assert (await current_isapi.get(path)).status == 200
    user.rights = frozenset(Right) - {right}
    answer = await current_isapi.get(path)
    assert (answer.status, answer.sub_status) == (403, "lowPrivilege")


async def test_users_are_told_apart(current: RecorderBox) -> None:
    users = current.recorder.accounts.users
    users["guard"] = User(name="guard", password="g", rights=frozenset({Right.LIVE}))
    digest = aiohttp.DigestAuthMiddleware("guard", "g")
    url = f"http://{current.address}"
    async with aiohttp.ClientSession(url, middlewares=(digest,)) as session:
        assert (await Isapi(session).get(CHECK)).status == 200
        assert (await Isapi(session).get("ContentMgmt/Storage")).status == 403
    # The client can't make sense of the domain in the challenge and fetches one each time.
    users_seen = [request.user for request in current.recorder.requests]
    assert users_seen == [None, "guard", None, "guard"]


async def test_tells_its_lock(current_isapi: Isapi) -> None:
    lock = (await current_isapi.get("Security/illegalLoginLock")).root
    assert lock.findtext("maxIllegalLoginTimes") == "7"
    capabilities = (await current_isapi.get("Security/capabilities?username=admin")).root
    assert capabilities.findtext("issupIllegalLoginLock") == "true"
    assert capabilities.findtext("maxIllegalLoginLockTime") == "30"


async def test_a_refusal_can_be_a_fault(current: RecorderBox, current_isapi: Isapi) -> None:
    current.recorder.faults.add(Fault(path="*/userCheck", count=1, status=HTTPStatus.UNAUTHORIZED))
    assert (await current_isapi.get(CHECK)).status == 401
    assert (await current_isapi.get(CHECK)).status == 200
