"""RPC2: log-in, sessions and their ends (section 4 of the notes)."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import Right, User
from simulator.core.faults import Fault
from simulator.core.time_source import TimeSource
from simulator.dahua.login import hashed as simulated
from simulator.dahua.traits.login import Encryption

from .client import PASSWORD, Cgi, Rpc, hashed
from .conftest import face_of


@pytest.fixture
async def rpc(box: RecorderBox) -> AsyncIterator[Rpc]:
    """Speak RPC2 to the box, as nobody yet."""
    async with aiohttp.ClientSession() as http:
        yield Rpc(box, http)


def test_the_hash_of_the_notes() -> None:
    realm, random = "Login to a0c50bcd05b2f03d067e530d9bf069af", "1172275829"
    expected = "2E9AD6D2DB08E0882F376A622BC76B9A"
    assert hashed("admin", "123", realm, random) == expected
    assert simulated(Encryption.DEFAULT, "admin", "123", realm, random) == expected


async def test_logs_in_by_two_steps(box: RecorderBox, rpc: Rpc) -> None:
    first = await rpc.challenge()
    assert first["result"] is False
    assert first["error"]["code"] == 268632079
    assert first["params"]["encryption"] == "Default"
    assert first["params"]["realm"].startswith("Login to ")
    second = await rpc.log_in()
    assert second["result"] is True
    assert second["params"] == {"keepAliveInterval": 60}
    answer = await rpc.call("magicBox.getDeviceType")
    assert (answer["result"], answer["params"]) == (True, {"type": "31"})
    assert face_of(box).device.sessions.logins == 1


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_the_session_of_the_first_step_may_be_worth_nothing(rpc: Rpc) -> None:
    await rpc.challenge()
    first = rpc.session
    second = await rpc.log_in()
    assert isinstance(second["session"], str)
    assert second["session"] != first
    rpc.session = first
    assert (await rpc.call("magicBox.getDeviceType"))["error"]["code"] == 287637505


@pytest.mark.parametrize("box", ["raid"], indirect=True)
async def test_sessions_may_be_numbers(rpc: Rpc) -> None:
    assert isinstance((await rpc.log_in())["session"], int)
    assert (await rpc.call("magicBox.getUpTime"))["params"]["info"]["last"] > 0


@pytest.mark.parametrize("box", ["oem"], indirect=True)
async def test_passwords_may_go_as_the_old_hash(rpc: Rpc) -> None:
    first = await rpc.challenge()
    assert first["error"]["code"] == 401
    assert first["params"]["encryption"] == "OldDigest"
    proof = simulated(Encryption.OLD_DIGEST, "admin", PASSWORD, "", "")
    assert len(proof) == 8
    assert (await rpc.prove(proof))["result"] is True


@pytest.mark.parametrize("box", ["dvr"], indirect=True)
async def test_passwords_may_go_as_they_are(rpc: Rpc) -> None:
    assert (await rpc.challenge())["params"]["encryption"] == "Basic"
    proof = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    assert (await rpc.prove(proof))["result"] is True


@pytest.mark.parametrize("box", ["old"], indirect=True)
async def test_the_oldest_has_none(box: RecorderBox) -> None:
    async with aiohttp.ClientSession() as http:
        for path in ("RPC2", "RPC2_Login"):
            call = {"method": "global.login", "params": {}, "id": 1, "session": 0}
            async with http.post(f"http://{box.address}/{path}", json=call) as response:
                assert response.status == 404


async def test_tells_what_was_wrong_and_counts_what_is_left(rpc: Rpc) -> None:
    unknown = await rpc.log_in(user="nobody")
    assert unknown["error"]["code"] == 268632070
    assert unknown["params"]["error"] == "UserNotValidt"
    left = []
    for _ in range(3):
        refused = await rpc.log_in("wrong")
        assert refused["error"]["code"] == 268632071
        left.append(refused["params"]["remainLoginTimes"])
    assert left == [3, 2, 1]
    locked = await rpc.log_in("wrong")
    assert locked["error"]["code"] == 268632081
    assert locked["params"]["error"] == "HasBeenLocked"
    assert locked["params"]["remainLockSecond"] == 1800
    assert (await rpc.log_in())["error"]["code"] == 268632081


@pytest.mark.parametrize(("box", "params"), [("oem", None)], indirect=["box"])
async def test_may_tell_the_code_alone(rpc: Rpc, params: object) -> None:
    await rpc.challenge()
    refused = await rpc.prove("00000000")
    assert refused["error"]["code"] == 268632085
    assert refused["params"] == params


async def test_sessions_end_when_nothing_is_heard(
    box: RecorderBox, rpc: Rpc, time: TimeSource
) -> None:
    await rpc.log_in()
    for _ in range(5):
        time.advance(timedelta(seconds=60))
        kept = await rpc.call("global.keepAlive", {"timeout": 300, "active": True})
        assert kept["params"] == {"timeout": 60}
    time.advance(timedelta(seconds=121))
    assert (await rpc.call("magicBox.getDeviceType"))["error"]["code"] == 287637505
    await rpc.log_in()
    box.recorder.reboot()
    assert (await rpc.call("magicBox.getDeviceType"))["error"]["code"] == 287637505
    await rpc.log_in()
    assert (await rpc.call("global.logout"))["result"] is True
    assert (await rpc.call("magicBox.getDeviceType"))["error"]["code"] == 287637505


@pytest.mark.parametrize("box", ["hostile"], indirect=True)
async def test_ids_may_have_to_rise(rpc: Rpc) -> None:
    await rpc.log_in()
    assert (await rpc.call("magicBox.getDeviceType"))["result"] is True
    rpc.id -= 2
    assert (await rpc.call("magicBox.getDeviceType"))["error"]["code"] == 268894209


async def test_methods_that_there_are(rpc: Rpc) -> None:
    await rpc.log_in()
    names = (await rpc.call("system.listMethod"))["params"]["method"]
    assert {"mediaFileFind.findFile", "magicBox.getUpTime", "configManager.getConfig"} <= {*names}
    services = (await rpc.call("system.listService"))["params"]["service"]
    assert {"mediaFileFind", "storage", "log"} <= {*services}
    assert (await rpc.call("magicBox.getNothing"))["error"]["code"] == 268894210


async def test_rights_and_instances(box: RecorderBox, rpc: Rpc) -> None:
    await rpc.log_in()
    disks = await rpc.call("storage.getDeviceAllInfo")
    assert disks["error"]["code"] == -267976703
    instance = (await rpc.call("storage.factory.instance"))["result"]
    disks = await rpc.call("storage.getDeviceAllInfo", object=instance)
    assert disks["params"]["info"][0]["Name"] == "/dev/sda"
    assert (await rpc.call("storage.destroy", object=instance))["result"] is True
    viewer = User(name="viewer", password="v", rights=frozenset({Right.LIVE}))
    box.recorder.accounts.users["viewer"] = viewer
    await rpc.log_in("v", "viewer")
    states = await rpc.call("LogicDeviceManager.getCameraState", {"uniqueChannels": [-1]})
    assert states["error"]["code"] == 285278249


async def test_settings(rpc: Rpc) -> None:
    await rpc.log_in()
    titles = (await rpc.call("configManager.getConfig", {"name": "ChannelTitle"}))["params"]
    assert titles["table"][0] == {"Name": "Lobby"}
    mode = {"name": "RecordMode", "channel": 1}
    one = (await rpc.call("configManager.getConfig", mode))["params"]["table"]
    assert one == {"Mode": 0, "ModeExtra1": 2, "ModeExtra2": 2}
    unknown = await rpc.call("configManager.getConfig", {"name": "Nothing"})
    assert (unknown["result"], unknown["error"]["code"]) == (False, 268894211)


async def test_nonsense_is_refused(box: RecorderBox, rpc: Rpc) -> None:
    async with aiohttp.ClientSession() as http:
        for body in (b"", b"{", b"[]", b"[" * 20_000, b'{"method":1}'):
            for path in ("RPC2", "RPC2_Login"):
                async with http.post(f"http://{box.address}/{path}", data=body) as response:
                    assert response.status == 400


async def test_faults_hit_what_is_signed(box: RecorderBox, rpc: Rpc) -> None:
    box.recorder.faults.add(
        Fault(path="/RPC2_Login", status=HTTPStatus.INTERNAL_SERVER_ERROR, count=1)
    )
    asked = (await rpc.challenge())["params"]
    proof = hashed("admin", PASSWORD, asked["realm"], asked["random"])
    with pytest.raises(AssertionError):
        await rpc.prove(proof)
    assert (await rpc.prove(proof))["result"] is True
    box.recorder.faults.add(Fault(path="/RPC2", drop=True, count=1))
    with pytest.raises(aiohttp.ClientError):
        await rpc.call("magicBox.getDeviceType")


async def test_sessions_open_what_is_outside_of_cgi(box: RecorderBox, rpc: Rpc) -> None:
    await rpc.log_in()
    url = f"http://{box.address}/SubscribeNotify.cgi"
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as response:
            assert response.status == 401
        async with http.get(url, params={"sessionId": str(rpc.session)}) as response:
            assert response.status == 200


async def test_who_is_logged_in(rpc: Rpc, cgi: Cgi) -> None:
    await rpc.log_in()
    users = (await cgi.ask("userManager", "getActiveUserInfoAll")).fields
    assert users["users[0].Name"] == "admin"
    assert users["users[0].ClientAddress"] == "127.0.0.1"
    assert (await cgi.ask("userManager", "getUserInfoAll")).fields["users[0].Password"] == "******"
