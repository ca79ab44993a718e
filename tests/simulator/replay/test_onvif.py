"""What a recorded ONVIF device answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from simulator.replay.box import ReplayBox, ReplayOptions

from ..onvif.client import SOAP, TDS, TR2, TRC, TRP, TRT, TSE, TT, Reply, token

PASSWORD = "p@ss:w/rd"
OPTIONS = ReplayOptions(user="operator", password=PASSWORD)
DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "onvif"
TIME = (
    "<tt:UTCDateTime><tt:Time><tt:Hour>23</tt:Hour><tt:Minute>59</tt:Minute><tt:Second>59</tt:Second>"
    "</tt:Time><tt:Date><tt:Year>2024</tt:Year><tt:Month>2</tt:Month><tt:Day>29</tt:Day></tt:Date>"
    "</tt:UTCDateTime>"
)


def message(content: str, declaration: str = "") -> str:
    """Write a message."""
    spaces = f'xmlns:tds="{TDS}" xmlns:trt="{TRT}" xmlns:tse="{TSE}" xmlns:tt="{TT}"'
    return f'{declaration}<e:Envelope xmlns:e="{SOAP}" {spaces}><e:Body>{content}</e:Body></e:Envelope>'


def refused(code: str, subcode: str) -> str:
    """Write a fault."""
    return message(
        f"<e:Fault><e:Code><e:Value>e:{code}</e:Value><e:Subcode><e:Value>ter:{subcode}</e:Value>"
        "</e:Subcode></e:Code></e:Fault>"
    )


FOLDER = {
    "any name": message(
        "<tds:GetDeviceInformationResponse><tds:Model>C1</tds:Model></tds:GetDeviceInformationResponse>"
    ),
    "media1_GetProfiles": message(
        '<trt:GetProfilesResponse><trt:Profiles token="ü"/></trt:GetProfilesResponse>',
        '<?xml version="1.0" encoding="utf-16"?>',
    ),
    "device_GetCapabilities": message(
        "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
        "<tt:XAddr> https://192.0.2.9:8443/onvif/Media?x=1</tt:XAddr>"
        "</tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>"
    ),
    "device_GetSystemDateAndTime": message(
        f"<tds:GetSystemDateAndTimeResponse>{TIME}</tds:GetSystemDateAndTimeResponse>"
    ),
    "media1_GetStreamUri_NoProfile": refused("Sender", "InvalidArgVal"),
    "device_Busy": refused("Receiver", "Action"),
    "search_FindEvents": message(
        "<tse:FindEventsResponse><tse:SearchToken>7</tse:SearchToken></tse:FindEventsResponse>"
    ),
    "broken": "<e:Envelope",
    "other": "<other/>",
}


class Device:
    """A recorded device that answers."""

    def __init__(self, box: ReplayBox, http: aiohttp.ClientSession) -> None:
        """Ask it."""
        self.box = box
        self.http = http

    async def ask(
        self, namespace: str, name: str, password: str | None = PASSWORD, path: str = "/onvif/x"
    ) -> Reply:
        """Ask for an operation, signed by a token unless there is no password."""
        header = "" if password is None else token(password, user="operator")
        body = (
            f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>'
            f'<{name} xmlns="{namespace}"/></s:Body></s:Envelope>'
        )
        return await self.post(body.encode(), path)

    async def post(self, body: bytes, path: str = "/onvif/x") -> Reply:
        """Send bytes."""
        async with self.http.post(f"http://{self.box.address}{path}", data=body) as answer:
            return Reply(
                status=answer.status, headers=dict(answer.headers), body=await answer.read()
            )


@asynccontextmanager
async def replayed(folder: Path, *, digest: bool = False) -> AsyncIterator[Device]:
    """Serve a folder."""
    middlewares = (aiohttp.DigestAuthMiddleware("operator", PASSWORD),) if digest else ()
    async with (
        ReplayBox(folder, OPTIONS) as box,
        aiohttp.ClientSession(middlewares=middlewares) as http,
    ):
        yield Device(box, http)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a folder of every form."""
    for name, content in FOLDER.items():
        (tmp_path / f"{name}.xml").write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
async def device(folder: Path) -> AsyncIterator[Device]:
    """Serve it."""
    async with replayed(folder) as made:
        yield made


async def test_messages_are_told_apart_by_what_they_hold(device: Device) -> None:
    """Neither file names nor paths count."""
    for path in ("/onvif/device_service", "/", "/x/y?z=1"):
        reply = await device.ask(TDS, "GetDeviceInformation", path=path)
        assert (reply.status, reply.text("Model")) == (200, "C1")
    # The same operation of another service is another one.
    assert (await device.ask(TRT, "GetDeviceInformation")).subcodes == ["Receiver", "Action"]
    assert (await device.ask(TR2, "GetProfiles")).status == 500


async def test_bytes_come_as_they_were(device: Device) -> None:
    reply = await device.ask(TRT, "GetProfiles")
    assert reply.body.decode() == FOLDER["media1_GetProfiles"]


async def test_addresses_lead_to_where_the_device_is_now(device: Device) -> None:
    reply = await device.ask(TDS, "GetCapabilities", None)
    assert reply.text("XAddr") == f"http://{device.box.address}/onvif/Media?x=1"


async def test_the_clock_goes_on(device: Device) -> None:
    reply = await device.ask(TDS, "GetSystemDateAndTime", None)
    parts = [int(reply.text(name)) for name in ("Year", "Month", "Day", "Hour", "Minute")]
    told = datetime(*parts, second=int(reply.text("Second")))  # type: ignore[misc, arg-type]  # six numbers
    assert datetime(2024, 2, 29, 23, 59, 59) <= told < datetime(2024, 3, 1, 0, 10)


async def test_refusals(device: Device) -> None:
    reply = await device.ask(TRT, "GetStreamUri")
    assert (reply.status, reply.subcodes) == (400, ["Sender", "InvalidArgVal"])
    # What it doesn't have is refused as it refused something once.
    reply = await device.ask(TDS, "GetNTP")
    assert (reply.status, reply.subcodes) == (500, ["Receiver", "Action"])
    assert (await device.post(b"<x/>")).status == 401
    for path in ("/onvif/x", "/ISAPI/System/deviceInfo"):
        async with device.http.get(f"http://{device.box.address}{path}") as answer:
            assert answer.status == 404


async def test_only_users_are_answered(device: Device) -> None:
    """By a token, or by digest; some operations are for everybody."""
    for password in ("wrong", None):
        reply = await device.ask(TDS, "GetDeviceInformation", password)
        assert (reply.status, reply.subcodes) == (401, ["Sender", "NotAuthorized"])
        assert reply.headers["WWW-Authenticate"].startswith("Digest ")
    assert (await device.ask(TDS, "GetSystemDateAndTime", None)).status == 200
    assert device.box.accounts.failed_logins == 1


async def test_digest(folder: Path) -> None:
    async with replayed(folder, digest=True) as device:
        assert (await device.ask(TDS, "GetDeviceInformation", None)).status == 200
        assert (await device.post(b"<x/>")).subcodes == ["Sender", "WellFormed"]


async def test_the_steps_of_a_search_around_what_was_recorded(device: Device) -> None:
    assert (await device.ask(TSE, "FindEvents")).text("SearchToken") == "7"
    assert (await device.ask(TSE, "GetEventSearchResults")).text("SearchState") == "Completed"
    assert (await device.ask(TSE, "EndSearch")).text("Endpoint").endswith("Z")
    assert (await device.ask(TSE, "FindRecordings")).status == 500


async def test_what_any_device_has_is_put_together(tmp_path: Path) -> None:
    for name in ("media1_GetProfiles", "search_FindEvents"):
        (tmp_path / f"{name}.xml").write_text(FOLDER[name], encoding="utf-8")
    async with replayed(tmp_path) as device:
        reply = await device.ask(TDS, "GetServices", None)
        assert reply.texts("Namespace") == [TDS, TRT, TSE]
        assert f"http://{device.box.address}/onvif/trt_service" in reply.texts("XAddr")
        told = await device.ask(TDS, "GetSystemDateAndTime", None)
        assert int(told.text("Year")) == datetime.now(UTC).year
        assert (await device.ask(TDS, "GetDeviceInformation")).text("SerialNumber") == ""
        # What it can else is not known.
        missing = await device.ask(TDS, "GetHostname")
        assert missing.subcodes == ["Receiver", "ActionNotSupported", "NotImplemented"]


# By folder: how many messages it holds, and one of them.
HELD = {
    "axis-profile-g": (6, TRP, "GetReplayUri"),
    "dahua-nvr-12ch": (1, TRT, "GetProfiles"),
    "encoder-4ch": (2, TRT, "GetVideoSources"),
    "ezviz-h8c": (4, TDS, "GetScopes"),
    "faults": (2, TRC, "GetRecordings"),
    "generic-camera": (4, TRT, "GetStreamUri"),
    "hikvision-camera": (2, TDS, "GetNTP"),
    "ipcam-sd-profile-g": (1, TSE, "FindRecordings"),
    "uniview-profile-g": (2, TSE, "GetEventSearchResults"),
}


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_every_recorded_device_is_served() -> None:
    folders = sorted(path for path in DEVICES.iterdir() if path.is_dir())
    assert [folder.name for folder in folders] == sorted(HELD)
    for folder in folders:
        count, namespace, name = HELD[folder.name]
        async with replayed(folder) as device:
            assert len(device.box.face.recording) == count
            reply = await device.ask(namespace, name)
            refuses = folder.name == "faults"
            assert reply.status == (400 if refuses else 200)
            assert refuses or f"{name}Response".encode() in reply.body


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_a_recorded_fault_is_its_operation_s() -> None:
    async with replayed(DEVICES / "faults") as device:
        reply = await device.ask(TRP, "GetReplayUri")
        assert b"NoRecording" in reply.body
        assert b"NotImplemented" in (await device.ask(TRC, "GetRecordingJobs")).body
