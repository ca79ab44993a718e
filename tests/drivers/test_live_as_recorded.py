"""A device that answers is read as the folder of its answers is: what neither says, nobody makes up."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from yarl import URL

from custom_components.nvr.drivers.catalog import VENDORS, make_driver, understand
from custom_components.nvr.drivers.dahua.clock import RecorderClock as DahuaClock
from custom_components.nvr.drivers.models import (
    ClockConvention,
    Connection,
    DiskState,
    OfflineReason,
    Recorder,
    RecorderState,
)
from custom_components.nvr.drivers.onvif.clock import RecorderClock as OnvifClock
from simulator.replay.box import ReplayBox, ReplayOptions
from tests.drivers.fake_web import PASSWORD, USER, client
from tests.drivers.recorded_folder import write

ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>{}</s:Body></s:Envelope>'
)
UNNAMED: Mapping[str, Mapping[str, str]] = {
    "hikvision": {
        "System_deviceInfo.xml": (
            "<DeviceInfo><model>DS-1</model><macAddress>02:00:00:00:00:01</macAddress></DeviceInfo>"
        )
    },
    "dahua": {
        "magicBox.getSystemInfo.txt": "deviceType=31\nupdateSerial=DS-1\nserialNumber=0000\n",
        "configManager.getConfig.Network.txt": (
            "table.Network.eth0.PhysicalAddress=02:00:00:00:00:01\n"
        ),
        "configManager.getConfig.ChannelTitle.txt": "table.ChannelTitle[0].Name=Gate\n",
    },
    "onvif": {
        "device_GetDeviceInformation.xml": ENVELOPE.format(
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>M</tds:Manufacturer>"
            "<tds:Model>DS-1</tds:Model></tds:GetDeviceInformationResponse>"
        ),
        "device_GetScopes.xml": ENVELOPE.format(
            "<tds:GetScopesResponse><tds:Scopes><tt:ScopeItem>onvif://www.onvif.org/MAC/"
            "02:00:00:00:00:01</tt:ScopeItem></tds:Scopes></tds:GetScopesResponse>"
        ),
    },
}
TIMES: Mapping[str, tuple[Mapping[str, str], ClockConvention]] = {
    "dahua": (
        {"global.getCurrentTime.txt": "result=2026-07-02 19:09:25\n"},
        ClockConvention.WALL,
    ),
    "onvif": (
        {
            "device_GetSystemDateAndTime.xml": ENVELOPE.format(
                "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time>"
                "<tt:Hour>23</tt:Hour><tt:Minute>59</tt:Minute><tt:Second>59</tt:Second></tt:Time>"
                "<tt:Date><tt:Year>2026</tt:Year><tt:Month>2</tt:Month><tt:Day>28</tt:Day></tt:Date>"
                "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
            )
        },
        ClockConvention.UTC,
    ),
}


DEVICES = Path(__file__).resolve().parents[3] / "shared" / "devices" / "onvif"
DUMPS = sorted(folder.name for folder in DEVICES.glob("*/")) if DEVICES.is_dir() else []
PROFILES = ENVELOPE.format(
    '<GetProfilesResponse xmlns="http://www.onvif.org/ver10/media/wsdl"><Profiles token="P1">'
    "<tt:VideoSourceConfiguration><tt:SourceToken>V1</tt:SourceToken></tt:VideoSourceConfiguration>"
    "</Profiles></GetProfilesResponse>"
)


async def both(vendor: str, folder: Path) -> tuple[RecorderState, RecorderState]:
    """Return what is understood of a folder, and of a device that answers what it holds."""
    recorded, _ = await understand(folder, vendor)
    async with (
        ReplayBox(folder, ReplayOptions(user=USER, password=PASSWORD)) as box,
        client() as http,
    ):
        url = URL(f"http://{box.address}")
        assert url.host is not None
        connection = Connection(host=url.host, port=url.port, username=USER, password=PASSWORD)
        driver = make_driver(vendor, connection, http, {})
        try:
            return recorded, await driver.learn()
        finally:
            await driver.close()


@pytest.mark.parametrize("vendor", [vendor for vendor in UNNAMED if vendor in VENDORS])
async def test_a_device_without_a_name_or_a_serial(vendor: str, tmp_path: Path) -> None:
    recorded, live = await both(vendor, write(tmp_path, UNNAMED[vendor]))
    assert live.recorder == recorded.recorder
    recorder: Recorder = live.recorder
    assert (recorder.name, recorder.model, recorder.serial) == ("", "DS-1", "")
    assert recorder.mac == "02:00:00:00:00:01"
    assert recorder.title == "DS-1"


# By ONVIF a device is asked for the time before all else: what is replayed tells it, recorded or not.
@pytest.mark.parametrize("vendor", ["hikvision", "dahua"])
async def test_a_device_that_tells_no_time(vendor: str, tmp_path: Path) -> None:
    for state in await both(vendor, write(tmp_path, UNNAMED[vendor])):
        assert state.clock.convention is ClockConvention.UNKNOWN


@pytest.mark.parametrize("vendor", [vendor for vendor in TIMES if vendor in VENDORS])
async def test_a_device_that_tells_its_time(vendor: str, tmp_path: Path) -> None:
    files, convention = TIMES[vendor]
    for state in await both(vendor, write(tmp_path, {**UNNAMED[vendor], **files})):
        assert state.clock.convention is convention


@pytest.mark.parametrize(
    ("clock", "convention"),
    [(DahuaClock(), ClockConvention.WALL), (OnvifClock(), ClockConvention.UTC)],
)
def test_a_device_that_answers_searches_alone(
    clock: DahuaClock | OnvifClock, convention: ClockConvention
) -> None:
    """Its recordings have times, whether or not it tells its own."""
    assert clock.clock.convention is ClockConvention.UNKNOWN
    clock.searched = True
    assert clock.clock.convention is convention


async def test_a_device_that_does_not_say_who_it_is(tmp_path: Path) -> None:
    recorded, live = await both("onvif", write(tmp_path, {"media1_GetProfiles.xml": PROFILES}))
    assert live.recorder == recorded.recorder
    assert [channel.streams for channel in live.channels] == [
        channel.streams for channel in recorded.channels
    ]
    assert len(live.channels) == 1
    assert "recorder" in {entry.what for entry in live.missing}


HEAD = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("vendor", [vendor for vendor in UNNAMED if vendor in VENDORS])
@pytest.mark.parametrize(
    ("head", "encoding"), [(HEAD, "utf-8"), ("", "utf-8-sig"), ("", "utf-16"), (HEAD, "utf-16")]
)
async def test_answers_however_they_were_saved(
    vendor: str, head: str, encoding: str, tmp_path: Path
) -> None:
    for name, content in UNNAMED[vendor].items():
        (tmp_path / name).write_bytes((head + content).encode(encoding))
    recorded, live = await both(vendor, tmp_path)
    assert live.recorder == recorded.recorder
    assert (live.recorder.model, live.recorder.mac) == ("DS-1", "02:00:00:00:00:01")


@pytest.mark.parametrize("vendor", ["hikvision", "onvif"])
async def test_files_without_an_ending(vendor: str, tmp_path: Path) -> None:
    files = {
        name.removesuffix(".xml"): content
        for name, content in UNNAMED[vendor].items()
        if name.endswith(".xml")
    }
    recorded, live = await both(vendor, write(tmp_path, files))
    assert live.recorder == recorded.recorder
    assert live.recorder.model == "DS-1"


@pytest.mark.parametrize(
    "files",
    [
        {
            "LogicDeviceManager.getCameraState.json": (
                '{"states": [{"channel": 0, "connectionState": "Unconnect"}]}'
            ),
            "storageDevice.getDeviceAllInfo.txt": (
                "list.info[0].Name=/dev/sda\nlist.info[0].State=Error\n"
            ),
        },
        {
            "LogicDeviceManager.getCameraState.json": (
                '{"id": 1, "result": true, "params": '
                '{"states": [{"channel": 0, "connectionState": "Unconnect"}]}}'
            ),
            "rpc2.storage.getDeviceAllInfo.json": (
                '{"id": 2, "result": true, "params": '
                '{"info": [{"Name": "/dev/sda", "State": "Error"}]}}'
            ),
        },
    ],
)
async def test_answers_in_json(files: Mapping[str, str], tmp_path: Path) -> None:
    recorded, live = await both("dahua", write(tmp_path, {**UNNAMED["dahua"], **files}))
    assert live.channels == recorded.channels
    assert live.disks == recorded.disks
    assert [channel.reason for channel in live.channels] == [OfflineReason.DISCONNECTED]
    assert [disk.state for disk in live.disks] == [DiskState.FAILED]


@pytest.mark.parametrize("model", ["IPC-HDW1", "NVR4108"])
@pytest.mark.parametrize("titles", ["", "table.ChannelTitle[0].Name=Gate\n"])
async def test_nothing_is_made_up_of_channels_and_streams(
    model: str, titles: str, tmp_path: Path
) -> None:
    files = {"magicBox.getSystemInfo.txt": f"deviceType={model}\nserialNumber=1A2B3C\n"}
    if titles:
        files["configManager.getConfig.ChannelTitle.txt"] = titles
    recorded, live = await both("dahua", write(tmp_path, files))
    assert live.channels == recorded.channels
    assert [channel.name for channel in live.channels] == (["Gate"] if titles else [])
    assert not any(channel.streams for channel in live.channels)
    assert ("streams" if titles else "channels") in {entry.what for entry in live.missing}


@pytest.mark.skipif(not DUMPS, reason="no ../shared here")
@pytest.mark.parametrize("name", DUMPS)
async def test_of_real_devices(name: str) -> None:
    recorded, live = await both("onvif", DEVICES / name)
    assert live.recorder == recorded.recorder
    assert not live.channels or live.channels == recorded.channels
