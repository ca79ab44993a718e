"""The grammar of CGI, and how things are refused (section 2 of the notes)."""

from http import HTTPStatus

import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import Right, User
from simulator.core.faults import Fault
from simulator.dahua.traits.answers import Brackets

from .client import Cgi
from .conftest import face_of


async def test_lines_end_as_the_firmware_ends_them(box: RecorderBox, cgi: Cgi) -> None:
    answer = await cgi.ask("magicBox", "getDeviceType")
    assert answer.body == b"type=31\r\n"
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("box", ["xvr"], indirect=True)
async def test_lines_may_end_in_lf(cgi: Cgi) -> None:
    assert (await cgi.ask("magicBox", "getDeviceClass")).body == b"class=XVR\n"


@pytest.mark.parametrize(
    "path",
    [
        "magicBox.cgi?action=getNothing",
        "magicbox.cgi?action=getDeviceType",
        "nothing.cgi?action=getDeviceType",
        "magicBox.cgi",
        "api/LogicDeviceManager/getCameraState",
        "mediaFileFind.cgi?action=findFile&object=1",
    ],
)
async def test_what_is_unknown_is_a_bad_request(cgi: Cgi, path: str) -> None:
    answer = await cgi.get(path)
    assert (answer.status, answer.body) == (400, b"Error\r\nBad Request!\r\n")


@pytest.mark.parametrize(("box", "status"), [("current", 200), ("hostile", 400)], indirect=["box"])
async def test_the_wrong_verb_of_an_object(cgi: Cgi, status: int) -> None:
    for action in ("factory.close", "factory.destroy"):
        answer = await cgi.ask("mediaFileFind", action, object=1)
        assert answer.status == status
        assert answer.body == b"Error\r\nErrorID=2, Detail=Invalid Request!\r\n"


async def test_unknown_settings(cgi: Cgi) -> None:
    name = "VideoInOptions[4].NightOptions.SwitchMode"
    answer = await cgi.ask("configManager", "getConfig", name=name)
    text = f"Error: Error -1 getting param in name={name}\r\n"
    assert (answer.status, answer.text) == (200, text)


async def test_parts_of_settings(cgi: Cgi) -> None:
    whole = await cgi.table("RecordMode")
    part = await cgi.ask("configManager", "getConfig", name="RecordMode[1]")
    assert part.fields == {
        f"table.RecordMode{key}": value for key, value in whole.items() if key.startswith("[1]")
    }
    one = await cgi.ask("configManager", "getConfig", name="RecordMode[1].Mode")
    assert one.text == "table.RecordMode[1].Mode=0\r\n"
    absent = await cgi.ask("configManager", "getConfig", name="RecordMode[99]")
    assert absent.text.startswith("Error: Error -1")


async def test_settings_are_changed(cgi: Cgi) -> None:
    done = await cgi.get(
        "configManager.cgi?action=setConfig&RecordMode%5B2%5D.Mode=1&RecordMode[2].ModeExtra1=2"
    )
    assert done.body == b"OK\r\n"
    changed = await cgi.table("RecordMode")
    assert changed["[2].Mode"] == "1"
    assert changed["[1].Mode"] == "0"


async def test_settings_that_there_are_not_change_nothing(cgi: Cgi) -> None:
    for wrong in ("RecordMode[2].Mood=1", "RecordMode[2].Mode=now", "Nothing[0].A=1", ""):
        query = (
            f"action=setConfig&RecordMode[2].ModeExtra1=1&{wrong}" if wrong else "action=setConfig"
        )
        answer = await cgi.get(f"configManager.cgi?{query}")
        assert answer.status == 400, wrong
    assert (await cgi.table("RecordMode"))["[2].ModeExtra1"] == "2"


async def test_a_plus_is_a_plus(cgi: Cgi) -> None:
    await cgi.get("configManager.cgi?action=setConfig&ChannelTitle[0].Name=a+b%20c=d")
    assert (await cgi.table("ChannelTitle"))["[0].Name"] == "a+b c=d"


async def test_old_firmware_reads_brackets_as_they_are(box: RecorderBox, cgi: Cgi) -> None:
    face_of(box).change(brackets=Brackets.RAW)
    base = "configManager.cgi?action=setConfig&MotionDetect"
    assert (await cgi.get(f"{base}[0].Enable=false")).status == 200
    assert (await cgi.get(f"{base}%5B0%5D.Enable=true")).status == 400


@pytest.mark.parametrize("box", ["old"], indirect=True)
async def test_old_firmware_writes_names_in_its_own_code_page(box: RecorderBox, cgi: Cgi) -> None:
    box.recorder.channels[1].name = "前门"
    answer = await cgi.ask("configManager", "getConfig", name="ChannelTitle[0]")
    assert "前门".encode("gb2312") in answer.body


@pytest.mark.parametrize(
    ("box", "text"),
    [("current", b"Authority:check failure.\r\n"), ("old", b"Invalid Authority!\r\n")],
    indirect=["box"],
)
async def test_users_without_a_right(box: RecorderBox, text: bytes) -> None:
    viewer = User(name="viewer", password="v", rights=frozenset({Right.LIVE, Right.PLAYBACK}))
    box.recorder.accounts.users["viewer"] = viewer
    async with Cgi(box, user="viewer", password="v") as cgi:
        answer = await cgi.ask("storageDevice", "getDeviceAllInfo")
        assert (answer.status, answer.body) == (403, text)
        assert (await cgi.ask("magicBox", "getMachineName")).status == 200
        assert (await cgi.ask("mediaFileFind", "factory.create")).status == 200


async def test_methods_by_cgi_with_json(cgi: Cgi) -> None:
    states = await cgi.post("api/LogicDeviceManager/getCameraState", {"uniqueChannels": [-1]})
    assert states["states"][0] == {"channel": 0, "connectionState": "Connected"}
    recorded = await cgi.post("api/recordManager/getStateAll", {})
    assert recorded["state"][0] == {"Main": {"State": 1}, "Extra1": {"State": 0}}


async def test_faults_hit_cgi(box: RecorderBox, cgi: Cgi) -> None:
    box.recorder.faults.add(
        Fault(path="/cgi-bin/magicBox.cgi", status=HTTPStatus.SERVICE_UNAVAILABLE, count=1)
    )
    refused = await cgi.ask("magicBox", "getMachineName")
    assert (refused.status, refused.body) == (503, b"Error\r\n")
    assert (await cgi.ask("magicBox", "getMachineName")).text == "name=Office\r\n"
    assert box.recorder.faults.hits == 1
