"""Profiles of both services, addresses of live pictures, pictures of now (section 6 of the notes)."""

from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import aiohttp
import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.onvif.traits.answers import Names
from simulator.onvif.traits.box import Hosts
from simulator.onvif.traits.media import HiddenCodec, Offline

from ..plugged import change
from .client import PASSWORD, SETUP, TR2, TRT, TT, USER, Reply, Soap

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "onvif"
ENCODER, SOURCE = "VideoEncoderConfiguration", "VideoSourceConfiguration"
BOTH = "<Type>VideoSource</Type><Type>VideoEncoder</Type>"


async def test_profiles_by_input(soap: Soap) -> None:
    reply = await soap.ask(TRT, "GetProfiles")
    tokens = [each.attrib["token"] for each in reply.all("Profiles")]
    assert tokens[:3] == ["MediaProfile00000", "MediaProfile00001", "MediaProfile00100"]
    assert Counter(reply.texts("SourceToken"))["00200"] == 3
    sources = await soap.ask(TRT, "GetVideoSources")
    inputs = [each.attrib["token"] for each in sources.all("VideoSources")]
    assert inputs == [f"{number:03}00" for number in range(8)]
    assert {each.text for each in reply.all("Encoding")} >= {"H264"}


def encoder_of(reply: Reply, token: str) -> list[str] | None:
    """Give what a profile tells of its encoder."""
    (profile,) = [each for each in reply.all("Profiles") if each.attrib["token"] == token]
    encoder = profile.find(f"{{{TT}}}{ENCODER}")
    if encoder is None:
        return None
    return [each.tag.partition("}")[2] for each in encoder]


async def test_media_1_hides_h265(soap: Soap, box: RecorderBox) -> None:
    reply = await soap.ask(TRT, "GetProfiles")
    assert encoder_of(reply, "MediaProfile00500") == ["Name", "UseCount"]
    assert encoder_of(reply, "MediaProfile00501") is None
    change(box, hidden_main=HiddenCodec.H264, hidden_sub=HiddenCodec.PRIVATE)
    reply = await soap.ask(TRT, "GetProfiles")
    told = encoder_of(reply, "MediaProfile00500")
    assert told is not None
    assert "H264" in told
    assert b"<tt:Encoding>H265<" in reply.body


async def test_media_2_shows_it(soap: Soap) -> None:
    reply = await soap.ask(TR2, "GetProfiles", BOTH)
    assert Counter(reply.texts("Encoding")) == {"H264": 14, "H265": 2}
    assert len(reply.texts("SourceToken")) == 16


async def test_media_2_tells_what_is_asked_for(soap: Soap, box: RecorderBox) -> None:
    assert not (await soap.ask(TR2, "GetProfiles")).all("Configurations")
    one = await soap.ask(TR2, "GetProfiles", f"<Token>MediaProfile00500</Token>{BOTH}")
    assert one.texts("Encoding") == ["H265"]
    whole = await soap.ask(TR2, "GetProfiles", "<Type>All</Type>")
    assert {"PCMU", "H264", "H265", "MP4A-LATM"} == {*whole.texts("Encoding")}
    change(box, all_types=False)
    assert (await soap.ask(TR2, "GetProfiles", "<Type>All</Type>")).status == 500


@pytest.mark.parametrize("name", ["GetStreamUri", "GetSnapshotUri"])
async def test_addresses_of_both_services_agree(soap: Soap, box: RecorderBox, name: str) -> None:
    known = "<ProfileToken>MediaProfile00101</ProfileToken>"
    one = await soap.ask(TRT, name, SETUP.format(ns=TRT) + known)
    two = await soap.ask(TR2, name, f"<Protocol>RTSP</Protocol>{known}")
    assert one.text("Uri") == two.text("Uri")
    scheme, address = ("rtsp", f"127.0.0.1:{box.rtsp_port}")
    if name == "GetSnapshotUri":
        scheme, address = "http", box.address
    assert one.text("Uri").startswith(f"{scheme}://{address}/")


async def test_addresses_may_name_another_host(soap: Soap, box: RecorderBox) -> None:
    change(box, stream_hosts=Hosts.OWN)
    known = "<ProfileToken>MediaProfile00101</ProfileToken>"
    reply = await soap.ask(TRT, "GetStreamUri", SETUP.format(ns=TRT) + known)
    assert reply.text("Uri").startswith("rtsp://192.0.2.71/cam/realmonitor?channel=2&subtype=1")


async def test_what_there_is_not(soap: Soap) -> None:
    setup = SETUP.format(ns=TRT)
    reply = await soap.ask(TRT, "GetStreamUri", f"{setup}<ProfileToken>none</ProfileToken>")
    assert reply.subcodes == ["Sender", "InvalidArgVal", "NoProfile"]
    known = "<ProfileToken>MediaProfile00000</ProfileToken>"
    other = setup.replace("RTP-Unicast", "RTP-Multicast")
    reply = await soap.ask(TRT, "GetStreamUri", other + known)
    assert reply.subcodes[1:] == ["InvalidArgVal", "InvalidStreamSetup"]
    reply = await soap.ask(TR2, "GetStreamUri", f"<Protocol>Smoke</Protocol>{known}")
    assert reply.subcodes[1:] == ["InvalidArgVal", "InvalidStreamSetup"]


async def test_pictures_of_now(soap: Soap, box: RecorderBox) -> None:
    known = "<ProfileToken>MediaProfile00001</ProfileToken>"
    url = (await soap.ask(TRT, "GetSnapshotUri", known)).text("Uri")
    async with soap.http.get(url) as refused:
        assert refused.status == HTTPStatus.UNAUTHORIZED
    async with soap.digest.get(url) as response:
        assert response.headers["Content-Type"] == "image/jpeg"
        assert (await response.read()).startswith(b"\xff\xd8")
    box.recorder.channels[1].lose(datetime.now(UTC), OfflineReason.UNREACHABLE)
    async with soap.digest.get(url) as response:
        assert response.status == HTTPStatus.NOT_FOUND
    change(box, snapshots=False)
    assert (await soap.ask(TRT, "GetSnapshotUri", known)).subcodes[1] == "ActionNotSupported"


@pytest.mark.parametrize(
    "path", ["/", "/ISAPI/System/deviceInfo", "/cgi-bin/magicBox.cgi?action=x"]
)
async def test_what_is_not_there_needs_no_log_in(soap: Soap, box: RecorderBox, path: str) -> None:
    async with soap.http.get(f"http://{box.address}{path}") as response:
        assert response.status == HTTPStatus.NOT_FOUND
        assert "WWW-Authenticate" not in response.headers
    reply = await soap.bare(TRT, "GetProfiles", path=f"http://{box.address}/RPC2_Login")
    assert reply.status == HTTPStatus.NOT_FOUND


async def test_basic_is_no_log_in_for_pictures(soap: Soap, box: RecorderBox) -> None:
    url = f"http://{box.address}/onvifsnapshot/media_service/snapshot?channel=1&subtype=0"
    headers = {"Authorization": aiohttp.encode_basic_auth(USER, PASSWORD)}
    async with soap.http.get(url, headers=headers) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED


async def test_channels_that_are_away(soap: Soap, box: RecorderBox) -> None:
    assert len((await soap.ask(TRT, "GetVideoSources")).all("VideoSources")) == 8
    change(box, offline=Offline.UNLISTED)
    assert len((await soap.ask(TRT, "GetVideoSources")).all("VideoSources")) == 7
    profiles = (await soap.ask(TR2, "GetProfiles")).all("Profiles")
    assert profiles[-1].attrib["token"] == "MediaProfile00601"


async def test_names(soap: Soap, box: RecorderBox) -> None:
    box.recorder.channels[1].name = "大门"
    for namespace in (TRT, TR2):
        reply = await soap.ask(namespace, "GetOSDs")
        assert reply.texts("PlainText")[:2] == ["大门", "Drive"]
    one = "<ConfigurationToken>00100</ConfigurationToken>"
    assert (await soap.ask(TRT, "GetOSDs", one)).text("PlainText") == "Drive"
    change(box, names=Names.GBK)
    assert "<tt:PlainText>大门<".encode("gbk") in (await soap.ask(TRT, "GetOSDs")).body
    change(box, names=Names.CONTROL)
    assert b"<tt:PlainText>\x08Drive\x1b<" in (await soap.ask(TRT, "GetOSDs")).body
    change(box, titles=False)
    assert (await soap.ask(TRT, "GetOSDs")).subcodes[1] == "ActionNotSupported"


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_names_of_profiles_are_the_real_recorders(soap: Soap) -> None:
    dump = DEVICES / "dahua-nvr-12ch" / "media1_GetProfiles.xml"
    real = defusedxml.ElementTree.fromstring(dump.read_bytes())
    namespace = f"{{{TRT}}}Profiles"
    theirs = {
        each.attrib["token"]: (
            each.findtext(f"{{{TT}}}Name"),
            each.findtext(f"{{{TT}}}{SOURCE}/{{{TT}}}SourceToken"),
            each.findtext(f"{{{TT}}}{SOURCE}/{{{TT}}}Name"),
        )
        for each in real.iter(namespace)
    }
    for each in (await soap.ask(TRT, "GetProfiles")).all("Profiles"):
        assert theirs[each.attrib["token"]] == (
            each.findtext(f"{{{TT}}}Name"),
            each.findtext(f"{{{TT}}}{SOURCE}/{{{TT}}}SourceToken"),
            each.findtext(f"{{{TT}}}{SOURCE}/{{{TT}}}Name"),
        )
