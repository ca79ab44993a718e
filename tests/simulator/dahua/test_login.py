"""Log-in by CGI: nonces that are good once or often, locks, and slots (section 3 of the notes)."""

from datetime import timedelta
import hashlib

import aiohttp
import pytest
from yarl import URL

from simulator.box import RecorderBox
from simulator.core.time_source import TimeSource

from .client import PASSWORD, USER, Cgi, Rpc
from .conftest import face_of

PATH = "/cgi-bin/magicBox.cgi?action=getMachineName"


async def test_challenges_have_realm_and_opaque(box: RecorderBox) -> None:
    async with aiohttp.request("GET", f"http://{box.address}{PATH}") as response:
        assert response.status == 401
        text = response.headers["WWW-Authenticate"]
        assert await response.read() == b""
    assert text.startswith('Digest realm="Login to ')
    for part in ('qop="auth"', 'opaque="', 'algorithm="MD5"'):
        assert part in text
    assert box.recorder.accounts.failed_logins == 0


async def test_a_nonce_may_be_used_again(box: RecorderBox, cgi: Cgi) -> None:
    for _ in range(4):
        assert (await cgi.ask("magicBox", "getMachineName")).status == 200
    assert box.recorder.requests.count(status=401) == 1


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_a_nonce_may_be_good_once(box: RecorderBox, cgi: Cgi) -> None:
    for _ in range(4):
        answer = await cgi.ask("magicBox", "getMachineName")
        assert answer.status == 200
        assert answer.headers["Connection"] == "close"
    # The client tries the last nonce first, from the second request on.
    assert box.recorder.requests.count(status=401) == 4
    assert box.recorder.accounts.failed_logins == 0
    async with aiohttp.request("GET", f"http://{box.address}{PATH}") as response:
        assert "stale" not in response.headers["WWW-Authenticate"]
        assert "algorithm" not in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("box", ["old"], indirect=True)
async def test_the_oldest_knows_basic_alone(box: RecorderBox, cgi: Cgi) -> None:
    assert (await cgi.ask("magicBox", "getMachineName")).status == 200
    async with aiohttp.request("GET", f"http://{box.address}{PATH}") as response:
        assert response.headers["WWW-Authenticate"] == 'Basic realm="DVR"'


async def test_the_address_counts_as_it_is_written(box: RecorderBox) -> None:
    raw, escaped = (
        f"/cgi-bin/configManager.cgi?action=getConfig&name=RecordMode{part}"
        for part in ("[0]", "%5B0%5D")
    )
    async with aiohttp.ClientSession() as http:
        for signed, sent, status in ((raw, raw, 200), (escaped, escaped, 200), (raw, escaped, 401)):
            async with http.get(f"http://{box.address}{raw}") as response:
                challenge = response.headers["WWW-Authenticate"]
            headers = {"Authorization": authorization(challenge, signed)}
            url = URL(f"http://{box.address}{sent}", encoded=True)
            async with http.get(url, headers=headers) as response:
                assert response.status == status, (signed, sent)


def authorization(challenge: str, uri: str) -> str:
    """Sign an address by hand."""
    realm, nonce = (
        challenge.partition(f'{key}="')[2].partition('"')[0] for key in ("realm", "nonce")
    )
    first, second = md5(f"{USER}:{realm}:{PASSWORD}"), md5(f"GET:{uri}")
    proof = md5(f"{first}:{nonce}:00000001:abcd:auth:{second}")
    return (
        f'Digest username="{USER}", realm="{realm}", nonce="{nonce}", uri="{uri}", qop=auth, '
        f'nc=00000001, cnonce="abcd", response="{proof}"'
    )


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def test_locks_after_five(box: RecorderBox, cgi: Cgi, time: TimeSource) -> None:
    async with Cgi(box, password="wrong") as wrong:
        for _ in range(5):
            assert (await wrong.ask("magicBox", "getMachineName")).status == 401
    assert (await cgi.ask("magicBox", "getMachineName")).status == 401
    assert (await Rpc(box, cgi.session).log_in())["error"]["code"] == 268632081
    time.advance(timedelta(minutes=30))
    assert (await cgi.ask("magicBox", "getMachineName")).status == 200
    general = await cgi.table("General")
    assert (general[".LockLoginTimes"], general[".LoginFailLockTime"]) == ("5", "1800")


async def test_full_slots_look_like_a_wrong_password(
    box: RecorderBox, cgi: Cgi, time: TimeSource
) -> None:
    face_of(box).change(session_slots=2)
    async with aiohttp.ClientSession() as http:
        for _ in range(2):
            assert (await Rpc(box, http).log_in())["result"] is True
        assert (await cgi.ask("magicBox", "getMachineName")).status == 401
        assert (await Rpc(box, http).log_in())["error"]["code"] == 268632075
    assert box.recorder.accounts.failed_logins == 0
    time.advance(face_of(box).device.firmware.session_life + timedelta(seconds=1))
    assert (await cgi.ask("magicBox", "getMachineName")).status == 200


async def test_nobody_is_let_in_while_it_boots(box: RecorderBox, cgi: Cgi) -> None:
    box.recorder.boot_refuses = timedelta(seconds=10)
    box.recorder.reboot()
    assert (await cgi.ask("magicBox", "getMachineName")).status == 401
    assert box.recorder.accounts.failed_logins == 0
