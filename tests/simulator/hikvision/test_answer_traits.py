"""The forms of answers, and the ways in which a device says no."""

from datetime import timedelta
from http import HTTPStatus

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.core.disks import Disk, DiskState
from simulator.core.faults import Fault
from simulator.core.time_source import TimeSource
from simulator.hikvision.traits.answers import (
    NAMESPACE_NEW,
    NAMESPACE_OLD,
    Declaration,
    Encoding,
    ErrorBody,
    Tree,
)
from simulator.hikvision.traits.box import ChallengeBody, LockReport, RebootAnswer
from simulator.hikvision.traits.pictures import PictureForm
from tests.simulator.instants import NOW

from ..plugged import change
from .conftest import session_for
from .isapi import PASSWORD, Isapi, Query
from .raw import Raw

CHANNELS = "ContentMgmt/InputProxy/channels"
INFO = "/System/deviceInfo"


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        (Declaration.NORMAL, b'<?xml version="1.0" encoding="UTF-8" ?>\n<DeviceInfo'),
        (Declaration.SINGLE_QUOTED, b"<?xml version='1.0' encoding='UTF-8'?>\n<DeviceInfo"),
        (Declaration.MISSING, b"<DeviceInfo"),
    ],
)
async def test_declarations(
    current: RecorderBox, current_isapi: Isapi, form: Declaration, begins: bytes
) -> None:
    change(current, declaration=form)
    assert (await current_isapi.get("System/deviceInfo")).body.startswith(begins)


async def test_names_may_come_in_the_encoding_of_old_days(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    current.recorder.channels[1].name = "前门"
    change(current, encoding=Encoding.GB2312)
    body = (await current_isapi.get(CHANNELS)).body
    assert b'encoding="UTF-8"' in body
    assert "前门".encode("gb2312") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()


async def test_ampersands_may_be_left_bare_in_names(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, bare_ampersands=True)
    assert "<name>Küche & Flur</name>".encode() in (await current_isapi.get(CHANNELS)).body
    search = await current_isapi.search(Query(start=NOW - timedelta(hours=1), end=NOW))
    assert b"&amp;endtime=" in search.body


async def test_lists_may_be_marked_and_counted_wrong(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, namespace=NAMESPACE_OLD, item_namespace=NAMESPACE_NEW, list_size_off=6)
    body = (await current_isapi.get(CHANNELS)).body
    assert body.count(NAMESPACE_OLD.encode()) == 1
    assert body.count(NAMESPACE_NEW.encode()) == 16
    assert b'size="22"' in body


async def test_triggers_alone_may_mix_namespaces(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, namespace=NAMESPACE_OLD, trigger_namespace=NAMESPACE_NEW)
    assert NAMESPACE_NEW.encode() not in (await current_isapi.get(CHANNELS)).body
    triggers = (await current_isapi.get("Event/triggers")).body
    assert triggers.count(NAMESPACE_OLD.encode()) == 1
    assert triggers.count(NAMESPACE_NEW.encode()) > 1


@pytest.mark.parametrize("tree", Tree)
async def test_resources_are_in_one_tree(current: RecorderBox, tree: Tree) -> None:
    change(current, tree=tree)
    async with session_for(current) as session:
        answers: dict[str, int] = {}
        for root in (*Tree, "/PSIA/Custom/SelfExt"):
            async with session.get(f"{root}{INFO}") as response:
                answers[root] = response.status
    good = {root for root, status in answers.items() if status == 200}
    assert good == {tree} | ({"/PSIA/Custom/SelfExt"} if tree is Tree.PSIA else set())
    assert set(answers.values()) == {200, 404}


@pytest.mark.parametrize("status", [404, 400, 403, 500])
async def test_what_is_absent_is_refused_in_several_ways(
    current: RecorderBox, current_isapi: Isapi, status: int
) -> None:
    change(current, absent=status)
    assert (await current_isapi.get("System/nonsense")).status == status


async def test_errors_may_come_as_if_all_were_well(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, errors_as_ok=True)
    answer = await current_isapi.get("Streaming/channels/103")
    assert (answer.status, answer.sub_status) == (200, "notSupport")


@pytest.mark.parametrize(
    ("form", "begins"), [(ErrorBody.HTML, b"<!DOCTYPE"), (ErrorBody.EMPTY, b"")]
)
async def test_errors_may_say_little(
    current: RecorderBox, current_isapi: Isapi, form: ErrorBody, begins: bytes
) -> None:
    change(current, error_body=form)
    answer = await current_isapi.get("Streaming/channels/103")
    assert answer.status == 403
    assert answer.body[:9] == begins


async def test_busy_has_several_statuses(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, busy=500, pictures_at_once=0)
    answer = await current_isapi.get("Streaming/channels/102/picture")
    assert (answer.status, answer.sub_status) == (500, "deviceBusy")


async def test_the_date_may_be_local(current: RecorderBox, raw: Raw) -> None:
    change(current, local_date=True)
    assert b"Date: Sat, 21 Nov 2026 13:00:30 GMT\r\n" in await raw.ask()


async def test_the_connection_may_end_after_each_answer(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    assert "Connection" not in (await current_isapi.get("System/time")).headers
    change(current, closes=True)
    assert (await current_isapi.get("System/time")).headers["Connection"] == "close"


async def test_answers_may_take_their_time(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, latency_s=60.0)
    with pytest.raises(TimeoutError):
        await current_isapi.session.get(
            "/ISAPI/System/time", timeout=aiohttp.ClientTimeout(total=0.05)
        )


async def test_so_many_connections_at_once(current: RecorderBox) -> None:
    change(current, connections=0)
    with pytest.raises(aiohttp.ClientError):
        async with aiohttp.request("GET", f"http://{current.address}/ISAPI{INFO}"):
            pass


@pytest.fixture
def raw(current: RecorderBox) -> Raw:
    """See all bytes that come."""
    return Raw(current, PASSWORD)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (ChallengeBody.USER_CHECK, "<statusValue>401</statusValue>"),
        (ChallengeBody.RESPONSE_STATUS, "<subStatusCode>invalidOperation</subStatusCode>"),
        (ChallengeBody.HTML, "<!DOCTYPE html>"),
    ],
)
async def test_challenges_come_with_something(
    current: RecorderBox, form: ChallengeBody, text: str
) -> None:
    change(current, challenge_body=form)
    async with aiohttp.request("GET", f"http://{current.address}/ISAPI{INFO}") as response:
        assert response.status == 401
        assert "WWW-Authenticate" in response.headers
        assert text in await response.text()


@pytest.mark.parametrize(
    ("form", "status", "text"),
    [
        (LockReport.PLAIN, 401, "<statusValue>401</statusValue>"),
        (LockReport.LOCK_STATUS, 401, "<lockStatus>lock</lockStatus>"),
        (LockReport.AUTHENTICATION_FAILED, 401, "<resLockTime>1800</resLockTime>"),
        (LockReport.FORBIDDEN, 403, "<subStatusCode>invalidOperation</subStatusCode>"),
    ],
)
async def test_a_lock_is_told_in_several_ways(
    current: RecorderBox, form: LockReport, status: int, text: str
) -> None:
    change(current, lock_report=form, tells_tries=False)
    for _ in range(7):
        async with session_for(current, "wrong") as session:
            await Isapi(session).get("Security/userCheck")
    async with aiohttp.request("GET", f"http://{current.address}/ISAPI{INFO}") as response:
        assert response.status == status
        body = await response.text()
    assert text in body
    assert ("lockStatus" in body) is (
        form in {LockReport.LOCK_STATUS, LockReport.AUTHENTICATION_FAILED}
    )


async def test_some_things_may_not_be_there(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, status_absent=True, ports_hidden=True, stream_list=False, proxy_list=False)
    for path in ("System/status", "Security/adminAccesses", "Streaming/channels", CHANNELS):
        assert (await current_isapi.get(path)).status == 403
    assert (await current_isapi.get("Streaming/channels/101")).status == 200


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_missing_stream_is_refused_in_several_ways(
    current: RecorderBox, current_isapi: Isapi, status: int
) -> None:
    change(current, missing_stream=status)
    assert (await current_isapi.get("Streaming/channels/103")).status == status
    assert (await current_isapi.get("Streaming/channels/1401")).status == 403, "offline"


async def test_inputs_of_its_own(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, input_list=True, empty_ip_slots=2, device_type="DVR")
    for number, channel in current.recorder.channels.items():
        channel.analog = number <= 3
    current.recorder.channels[2].lose(NOW)
    root = (await current_isapi.get("System/Video/inputs/channels")).root
    assert [one.findtext("id") for one in root] == ["1", "2", "3"]
    seen = [one.findtext("resDesc") for one in root]
    assert seen == ["1920*1080(2MP)P25", "NO VIDEO", "1920*1080(2MP)P25"]
    cameras = (await current_isapi.get(CHANNELS)).root
    assert (len(cameras), cameras.get("size")) == (13, "15")
    assert (await current_isapi.get(f"{CHANNELS}/2")).status == 403
    capabilities = (await current_isapi.get("System/capabilities")).root
    assert capabilities.findtext("SysCap/VideoCap/videoInputPortNums") == "3"

    change(current, device_type="IPCamera")
    camera = (await current_isapi.get("System/Video/inputs/channels/1")).root
    assert camera.find("resDesc") is None
    assert (await current_isapi.get("Streaming/channels/101")).root.findtext(
        "channelName"
    ) == "Front door"


async def test_disks_may_be_idle_or_about_to_fail(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, idle_disks=True)
    current.recorder.disks[:] = [Disk(number=1), Disk(number=2, state=DiskState.SMART_FAILED)]
    root = (await current_isapi.get("ContentMgmt/Storage")).root
    assert [disk.findtext("status") for disk in root.iter("hdd")] == ["idle", "smartFailed"]


async def test_numbers_may_come_after_a_line_break(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, newline_numbers=False)
    root = (await current_isapi.get("System/status")).root
    assert root.findtext("MemoryList/Memory/memoryUsage") == "1117.457031"


@pytest.mark.parametrize(
    ("form", "word"), [(RebootAnswer.OK, "ok"), (RebootAnswer.REQUIRED, "rebootRequired")]
)
async def test_reboots_when_told(
    current: RecorderBox, current_isapi: Isapi, time: TimeSource, form: RebootAnswer, word: str
) -> None:
    change(current, reboot_answer=form)
    time.advance(timedelta(minutes=1))
    assert (await current_isapi.ask("PUT", "System/reboot")).sub_status == word
    before = current.recorder.started
    while current.recorder.started == before:
        with pytest.raises(aiohttp.ClientError):
            await current_isapi.get("System/time")
    assert current.recorder.started == time()


async def test_a_reboot_may_cut_its_own_answer(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, reboot_answer=RebootAnswer.CUT)
    current.recorder.boot_s = 3600.0
    with pytest.raises(aiohttp.ClientError):
        await current_isapi.ask("PUT", "System/reboot")


@pytest.mark.parametrize("form", PictureForm)
async def test_pictures_have_one_address(
    current: RecorderBox, current_isapi: Isapi, form: PictureForm
) -> None:
    change(current, picture_forms=frozenset({form}))
    statuses = {each: (await current_isapi.get(each)).status for each in PictureForm}
    refused = {PictureForm.STREAM: 400, PictureForm.PROXY: 403, PictureForm.CHANNEL: 403}
    assert statuses == refused | {form: 200}


async def test_pictures_fail_now_and_then(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, picture_errors=3)
    path = "Streaming/channels/102/picture"
    assert [(await current_isapi.get(path)).status for _ in range(4)] == [500, 200, 200, 500]


async def test_pictures_may_be_open_to_all(current: RecorderBox) -> None:
    change(current, open_pictures=True)
    root = f"http://{current.address}/ISAPI"
    async with aiohttp.request("GET", f"{root}/Streaming/channels/102/picture") as response:
        assert response.status == 200
        assert (await response.read()).startswith(b"\xff\xd8")
    async with aiohttp.request("GET", f"{root}{INFO}") as response:
        assert response.status == 401


async def test_faults_hit_pictures_that_are_open_to_all(current: RecorderBox) -> None:
    change(current, open_pictures=True)
    current.recorder.faults.add(Fault(status=HTTPStatus.NOT_FOUND, count=1))
    root = f"http://{current.address}/ISAPI"
    async with aiohttp.request("GET", f"{root}{INFO}") as response:
        assert response.status == 401
    async with aiohttp.request("GET", f"{root}/Streaming/channels/102/picture") as response:
        assert response.status == 404


async def test_pictures_may_be_small(current: RecorderBox, current_isapi: Isapi) -> None:
    whole = (await current_isapi.get("Streaming/channels/101/picture")).body
    change(current, sub_pictures=True)
    assert len((await current_isapi.get("Streaming/channels/101/picture")).body) < len(whole)


async def test_an_offline_channel_says_why(current: RecorderBox, current_isapi: Isapi) -> None:
    current.recorder.channels[3].lose(NOW, OfflineReason.ADDRESS_CONFLICT)
    root = (await current_isapi.get(f"{CHANNELS}/3/status")).root
    assert (root.findtext("online"), root.findtext("chanDetectResult")) == ("false", "ipConflict")
