"""The device: services and where they are, labels, clock, network (sections 1, 2 and 5 of the notes)."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.time_source import TimeSource
from simulator.onvif.traits.answers import Declaration, Prefix
from simulator.onvif.traits.box import Clock, Hosts, Layout

from ..plugged import change
from .client import SOAP, TDS, TEV, TR2, TRC, TRP, TRT, TSE, TT, Soap

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "onvif"


async def test_services_and_their_addresses(soap: Soap, box: RecorderBox) -> None:
    reply = await soap.bare(TDS, "GetServices")
    places = dict(zip(reply.texts("Namespace"), reply.texts("XAddr"), strict=True))
    assert {*places} == {TDS, TRT, TR2, TEV, TRC, TSE, TRP}
    assert places[TDS] == f"http://{box.address}/onvif/device_service"
    assert places[TRT] == f"http://{box.address}/onvif/media_service"
    assert not reply.all("Capabilities")


@pytest.mark.parametrize("namespace", [TDS, TRT, TR2])
async def test_what_a_service_can(soap: Soap, namespace: str) -> None:
    whole = await soap.bare(TDS, "GetServices", "<IncludeCapability>true</IncludeCapability>")
    inside = {each.tag for each in whole.all("Capabilities")}
    alone = await soap.bare(namespace, "GetServiceCapabilities")
    assert alone.all("Capabilities")[0].tag in inside


@pytest.mark.parametrize("path", ["/onvif/media_service", "/onvif/whatever", "/onvif/services"])
async def test_messages_are_told_by_their_namespace(
    soap: Soap, box: RecorderBox, path: str
) -> None:
    """Not by where they are sent."""
    reply = await soap.bare(TDS, "GetHostname", path=f"http://{box.address}{path}")
    assert reply.content.tag == f"{{{TDS}}}GetHostnameResponse"


async def test_one_place_for_all(soap: Soap, box: RecorderBox) -> None:
    change(box, layout=Layout.SINGLE)
    reply = await soap.bare(TDS, "GetServices")
    assert {urlsplit(each).path for each in reply.texts("XAddr")} == {"/onvif/services"}


async def test_addresses_of_another_network(soap: Soap, box: RecorderBox) -> None:
    change(box, hosts=Hosts.OWN)
    reply = await soap.bare(TDS, "GetServices")
    assert {urlsplit(each).netloc for each in reply.texts("XAddr")} == {"192.0.2.71"}


async def test_old_capabilities(soap: Soap, box: RecorderBox) -> None:
    """Services of recordings are in the Extension, and Media2 nowhere."""
    reply = await soap.bare(TDS, "GetCapabilities", "<Category>All</Category>")
    (extension,) = [
        each for each in reply.all("Extension") if each.find(f"{{{TT}}}Search") is not None
    ]
    assert {each.tag.partition("}")[2] for each in extension} == {"Recording", "Search", "Replay"}
    assert "media2" not in reply.body.decode()
    assert f"http://{box.address}/onvif/media_service" in reply.texts("XAddr")
    one = await soap.bare(TDS, "GetCapabilities", "<Category>Media</Category>")
    assert len(one.texts("XAddr")) == 1
    none = await soap.bare(TDS, "GetCapabilities", "<Category>PTZ</Category>")
    assert none.subcodes == ["Receiver", "ActionNotSupported", "NoSuchService"]


@pytest.mark.parametrize("box", ["live"], indirect=True)
async def test_profile_s_alone(soap: Soap) -> None:
    refused = await soap.bare(TDS, "GetServices")
    assert (refused.status, refused.subcodes[1]) == (500, "ActionNotSupported")
    reply = await soap.bare(TDS, "GetCapabilities")
    assert not reply.all("Search")
    for namespace in (TR2, TRC, TSE, TRP):
        assert (await soap.bare(namespace, "GetServiceCapabilities")).subcodes[0] == "Receiver"
    scopes = (await soap.ask(TDS, "GetScopes")).texts("ScopeItem")
    assert "onvif://www.onvif.org/Profile/Streaming" in scopes
    assert "onvif://www.onvif.org/Profile/G" not in scopes


async def test_time(soap: Soap, box: RecorderBox) -> None:
    """Three seconds ahead, one hour east."""
    reply = await soap.bare(TDS, "GetSystemDateAndTime")
    assert digits(reply.texts("Hour"), reply.texts("Minute"), reply.texts("Second")) == [
        (12, 0, 33),
        (13, 0, 33),
    ]
    assert reply.text("TZ") == box.recorder.clock.zone.rule
    assert reply.text("DaylightSavings") == "false"
    change(box, clock=Clock.LOCAL_ALONE)
    assert (await soap.bare(TDS, "GetSystemDateAndTime")).texts("Hour") == ["13"]
    change(box, clock=Clock.LOCAL_AS_UTC)
    assert (await soap.bare(TDS, "GetSystemDateAndTime")).texts("Hour") == ["13", "13"]


def digits(*parts: list[str]) -> list[tuple[int, ...]]:
    """Put the parts of times together."""
    return [tuple(int(each) for each in moment) for moment in zip(*parts, strict=True)]


async def test_the_clock_can_be_set(soap: Soap, box: RecorderBox, time: TimeSource) -> None:
    moment = (
        "<DateTimeType>Manual</DateTimeType><DaylightSavings>false</DaylightSavings><UTCDateTime>"
        "<tt:Time><tt:Hour>12</tt:Hour><tt:Minute>10</tt:Minute><tt:Second>30</tt:Second></tt:Time>"
        "<tt:Date><tt:Year>2026</tt:Year><tt:Month>{}</tt:Month><tt:Day>21</tt:Day></tt:Date>"
        "</UTCDateTime>"
    )
    wrong = await soap.ask(TDS, "SetSystemDateAndTime", moment.format(13))
    assert wrong.subcodes[1:] == ["InvalidArgVal", "InvalidDateTime"]
    assert (await soap.ask(TDS, "SetSystemDateAndTime", moment.format(11))).status == 200
    shown = box.recorder.clock.shown(time())
    assert abs(shown - time() - timedelta(minutes=10)) < timedelta(seconds=1)


async def test_network(soap: Soap, box: RecorderBox) -> None:
    ports = await soap.ask(TDS, "GetNetworkProtocols")
    assert ports.texts("Port") == [str(box.http_port), "0", "443", str(box.rtsp_port)]
    change(box, dummy_interface=True)
    cards = await soap.ask(TDS, "GetNetworkInterfaces")
    assert cards.texts("HwAddress") == ["00:00:00:00:00:01", box.recorder.identity.mac]
    scopes = (await soap.ask(TDS, "GetScopes")).texts("ScopeItem")
    assert f"onvif://www.onvif.org/hardware/{box.recorder.identity.model}" in scopes


async def test_reboot(soap: Soap, box: RecorderBox) -> None:
    restarted: list[None] = []
    box.recorder.restart = lambda: restarted.append(None)
    assert (await soap.ask(TDS, "SystemReboot")).text("Message")
    assert len(restarted) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<", b"<a/>", b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>',
             b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
)  # fmt: skip
async def test_what_is_no_message(soap: Soap, body: bytes) -> None:
    reply = await soap.post(body)
    assert (reply.status, reply.subcodes) == (400, ["Sender", "WellFormed"])


async def test_what_it_has_not(soap: Soap, box: RecorderBox) -> None:
    reply = await soap.ask(TDS, "GetStorageConfigurations")
    assert (reply.status, reply.subcodes) == (
        500,
        ["Receiver", "ActionNotSupported", "NotImplemented"],
    )
    change(box, absent=frozenset({"GetNTP"}), absent_as_sender=True)
    reply = await soap.ask(TDS, "GetNTP")
    assert (reply.status, reply.subcodes[0]) == (400, "Sender")
    assert (await soap.ask("urn:nobody", "GetNTP")).subcodes[0] == "Sender"


async def test_faults_are_known_by_operation(soap: Soap, box: RecorderBox) -> None:
    box.recorder.faults.add(
        Fault(path="*/GetScopes", status=HTTPStatus.SERVICE_UNAVAILABLE, count=1)
    )
    assert (await soap.ask(TDS, "GetHostname")).status == 200
    assert (await soap.ask(TDS, "GetScopes")).status == 503
    assert (await soap.ask(TDS, "GetScopes")).status == 200


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [
        (Prefix.SHORT, "<s:Envelope "),
        (Prefix.ENV, "<env:Envelope "),
        (Prefix.SOAP_ENV, "<SOAP-ENV:Envelope "),
        (Prefix.DEFAULT, f'<Envelope xmlns="{SOAP}"'),
    ],
)
async def test_prefixes_mean_nothing(
    soap: Soap, box: RecorderBox, prefix: Prefix, shown: str
) -> None:
    change(box, envelope=prefix, indented=True)
    reply = await soap.bare(TDS, "GetSystemDateAndTime")
    assert shown in reply.body.decode()
    assert reply.content.tag == f"{{{TDS}}}GetSystemDateAndTimeResponse"
    assert reply.all("Hour")[0].tag == f"{{{TT}}}Hour"
    wrong = await soap.ask(TDS, "GetNothing")
    assert wrong.subcodes[0] == "Receiver"


async def test_elements_out_of_order_and_unknown(soap: Soap, box: RecorderBox) -> None:
    change(box, reversed_elements=True, unknown_elements=True)
    reply = await soap.ask(TDS, "GetDeviceInformation")
    names = [each.tag.rpartition("}")[2] for each in reply.content]
    assert names[:2] == ["Extra", "HardwareId"]
    assert names[-1] == "Manufacturer"


async def test_empty_answers(soap: Soap, box: RecorderBox) -> None:
    change(
        box,
        empty_answers=frozenset({"GetNTP"}),
        empty_bodies=frozenset({"GetScopes"}),
        echoes_security=True,
    )
    assert (await soap.ask(TDS, "GetNTP")).body == b""
    empty = (await soap.ask(TDS, "GetScopes")).root.find(f"{{{SOAP}}}Body")
    assert empty is not None
    assert len(empty) == 0
    echo = await soap.ask(TDS, "GetHostname")
    assert b"UsernameToken" in echo.body.partition(b"Body")[0]


async def test_declarations_and_names(soap: Soap, box: RecorderBox) -> None:
    change(box, declaration=Declaration.UTF_16)
    assert (await soap.bare(TDS, "GetHostname")).body.startswith(
        b'<?xml version="1.0" encoding="utf-16"?>\n<s:Envelope'
    )
    change(box, declaration=Declaration.MISSING)
    assert (await soap.bare(TDS, "GetHostname")).body.startswith(b"<s:Envelope")


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
@pytest.mark.parametrize(
    ("folder", "name", "namespace"),
    [
        ("ezviz-h8c/device_GetDeviceInformation", "GetDeviceInformation", TDS),
        ("ezviz-h8c/device_GetScopes", "GetScopes", TDS),
        ("ezviz-h8c/device_GetServices", "GetServices", TDS),
        ("axis-profile-g/device_GetNetworkProtocols", "GetNetworkProtocols", TDS),
        ("axis-profile-g/device_GetSystemDateAndTime", "GetSystemDateAndTime", TDS),
        ("generic-camera/media1_GetProfiles", "GetProfiles", TRT),
        ("axis-profile-g/media2_GetVideoSourceConfigurations", "GetVideoSourceConfigurations", TR2),
    ],
)
async def test_tells_nothing_that_real_devices_would_not(
    soap: Soap, folder: str, name: str, namespace: str
) -> None:
    """Each element of ours has been seen below the same one in some real answer of the kind."""
    real = defusedxml.ElementTree.fromstring((DEVICES / f"{folder}.xml").read_bytes())
    ours = (await soap.ask(namespace, name)).root
    missing = paths(ours) - paths(real)
    assert {each for each in missing if not each.endswith(KNOWN_BY_THE_NOTES)} == set()


# In the notes or the schema, and in none of these dumps.
KNOWN_BY_THE_NOTES = (
    "Envelope",
    "Header",
    "AudioSourceConfiguration",
    "AudioEncoderConfiguration",
)


def paths(root: Element) -> set[str]:
    """Give each pair of an element and what it is in, by names and namespaces."""
    return {
        f"{parent.tag}>{each.tag}"
        for parent in root.iter()
        for each in parent
        if "Audio" not in parent.tag
    }
