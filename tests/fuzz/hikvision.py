"""The readers of the XML and JSON that Hikvision's devices answer with."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.clock import ClockConvention, DeviceClock, parse_posix_zone
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.hikvision.calendar import read_days
from custom_components.nvr.drivers.hikvision.channels import (
    read_inputs,
    read_ip_channels,
    read_statuses,
)
from custom_components.nvr.drivers.hikvision.clock import RecorderClock
from custom_components.nvr.drivers.hikvision.device_time import read_status, read_time
from custom_components.nvr.drivers.hikvision.download import cut, read_by_time, read_token
from custom_components.nvr.drivers.hikvision.faults import fault_of, read_refusal
from custom_components.nvr.drivers.hikvision.identity import read_recorder
from custom_components.nvr.drivers.hikvision.matches import of_track, read_page
from custom_components.nvr.drivers.hikvision.memory import DeviceMemory
from custom_components.nvr.drivers.hikvision.ports import read_rtsp_port
from custom_components.nvr.drivers.hikvision.storage import read_disks
from custom_components.nvr.drivers.hikvision.streams import read_streams
from custom_components.nvr.drivers.hikvision.working import read_working
from custom_components.nvr.drivers.models import Right, StreamName
from custom_components.nvr.drivers.reading import Reader as MatchReader, in_order
from tests.fuzz.dumps import answers_to
from tests.fuzz.reader import Reader

_WORDS: Final = (
    b"<", b">", b"/>", b"</", b"&", b"&amp;", b"&#0;", b"&#x10FFFF;", b"<![CDATA[", b"]]>", b"<!--",
    b"-->", b"<?xml version='1.0' encoding='gb2312'?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;",
    b"\xef\xbb\xbf", b"\x00", b"\xff\xfe", b'"', b"{", b"}", b"[", b"]", b":", b"null", b"true", b"-1",
    b"1e999", b"NaN", b"Infinity", b"99999999999999999999", "٣".encode(), "²".encode(), b"\n", b"\t",
    b"<id>0</id>", b"<id>1</id>", b"xmlns=''", b"xmlns:a='b'", b"a:", b"0000-00-00T00:00:00Z",
    b"2026-02-30T25:61:61Z", b"9999-12-31T23:59:59+99:99", b"0001-01-01T00:00:00+14:00",
    b"PT1H", b"CST-99:99:99DST", b"rtsp://[::1", b"?starttime=", b"&endtime=",
)  # fmt: skip
_NAMES: Final = [
    "DeviceInfo",
    "deviceName",
    "deviceID",
    "model",
    "serialNumber",
    "macAddress",
    "firmwareVersion",
    "deviceType",
    "InputProxyChannelList",
    "InputProxyChannel",
    "id",
    "name",
    "sourceInputPortDescriptor",
    "ipAddress",
    "srcInputPort",
    "InputProxyChannelStatusList",
    "InputProxyChannelStatus",
    "online",
    "chanDetectResult",
    "VideoInputChannelList",
    "VideoInputChannel",
    "inputPort",
    "resDesc",
    "videoInputEnabled",
    "StreamingChannelList",
    "StreamingChannel",
    "channelName",
    "Video",
    "videoCodecType",
    "videoResolutionWidth",
    "videoResolutionHeight",
    "maxFrameRate",
    "constantBitRate",
    "vbrUpperCap",
    "Audio",
    "enabled",
    "storage",
    "hddList",
    "hdd",
    "hddName",
    "status",
    "capacity",
    "freeSpace",
    "nasList",
    "nas",
    "Time",
    "timeMode",
    "localTime",
    "timeZone",
    "DeviceStatus",
    "currentDeviceTime",
    "deviceUpTime",
    "trackDailyDistribution",
    "dayList",
    "day",
    "dayOfMonth",
    "record",
    "recordType",
    "CMSearchResult",
    "searchID",
    "responseStatus",
    "responseStatusStrg",
    "numOfMatches",
    "matchList",
    "searchMatchItem",
    "sourceID",
    "trackID",
    "timeSpan",
    "startTime",
    "endTime",
    "mediaSegmentDescriptor",
    "contentType",
    "codecType",
    "playbackURI",
    "metadataMatches",
    "metadataDescriptor",
    "ResponseStatus",
    "statusCode",
    "statusString",
    "subStatusCode",
    "userCheck",
    "statusValue",
    "lockStatus",
    "unlockTime",
    "retryLoginTime",
    "retryTimes",
    "resLockTime",
    "WorkingStatus",
    "ChanStatus",
    "ChanStatusList",
    "chanNo",
    "signal",
    "bitRate",
    "DownloadAbility",
    "isSupportDownloadbyTime",
    "AdminAccessProtocolList",
    "AdminAccessProtocol",
    "protocol",
    "portNo",
]
_TEXTS: Final = st.one_of(
    st.sampled_from([word.decode(errors="replace") for word in _WORDS if b"\x00" not in word]),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
    st.sampled_from(
        [
            "MORE OK",
            "NO MATCHES",
            "FAILED",
            "true",
            "false",
            "flase",
            "RTSP",
            "video",
            "H.265",
            "101",
            "0",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
# The clock of a device whose addresses are cut.
_CLOCK: Final = DeviceClock(
    zone=ZoneInfo("Europe/Berlin"), convention=ClockConvention.WALL, drift=timedelta(seconds=-7)
)
_NOON: Final = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@st.composite
def _elements(draw: st.DrawFn, depth: int = 4) -> Element:
    element = Element(draw(st.sampled_from(_NAMES)))
    if draw(st.booleans()):
        element.text = draw(_TEXTS)
    for _ in range(draw(st.integers(0, 4)) if depth else 0):
        element.append(draw(_elements(depth - 1)))
    return element


_DOCUMENTS: Final = _elements().map(partial(tostring, encoding="utf-8"))


def _search_answer(*uris: str) -> bytes:
    root = Element("CMSearchResult", xmlns="http://www.hikvision.com/ver20/XMLSchema")
    for name, text in (("responseStatus", "true"), ("responseStatusStrg", "MORE")):
        SubElement(root, name).text = text
    found = SubElement(root, "matchList")
    for uri in uris:
        item = SubElement(found, "searchMatchItem")
        SubElement(item, "trackID").text = "101"
        span = SubElement(item, "timeSpan")
        SubElement(span, "startTime").text = "2026-07-25T11:30:34Z"
        SubElement(span, "endTime").text = "2026-07-25T11:58:00Z"
        segment = SubElement(item, "mediaSegmentDescriptor")
        SubElement(segment, "playbackURI").text = uri
        SubElement(
            SubElement(item, "metadataMatches"), "metadataDescriptor"
        ).text = "recordType.meta.hikvision.com/motion"
    return tostring(root)


_ADDRESS: Final = (
    "rtsp://192.0.2.1:554/Streaming/tracks/101/?starttime=20260725T113034Z"
    "&endtime=20260725T115800Z&name=ch01_00000000001000113&size=260519792"
)


def _read(read: Callable[[Element], Any], body: bytes) -> None:
    read(xml.parse(body))


def _clock(root: Element) -> None:
    """Take a device's time and convert with its clock, as whoever asks for recordings does."""
    time = read_time(root)
    if time is None:
        return
    clock = RecorderClock(DeviceMemory({}))
    clock.note_time(_NOON, _NOON + timedelta(seconds=1), time)
    clock.differs(_NOON)
    clock.next_probe(_NOON)
    for convention in ClockConvention:
        device = clock.device.with_convention(convention)
        device.offsets_near(_NOON)
        device.to_utc(device.to_device(_NOON))


def _recordings(root: Element) -> None:
    """Take a page of a search and put its recordings on the time line."""
    page = read_page(root)
    reader = MatchReader(_CLOCK, _NOON - timedelta(days=400), _NOON + timedelta(days=400))
    for match in of_track(in_order(list(page.matches)), 101):
        reader.read(match, 1, StreamName.MAIN)


def _zone(data: bytes) -> None:
    zone = parse_posix_zone(data.decode(errors="replace"))
    for month in range(1, 13):
        _NOON.replace(month=month).astimezone(zone).replace(fold=1).utcoffset()


def _refusal(body: bytes) -> None:
    read_refusal(body)
    for http in (200, 401, 403, 404, 500, 503):
        if (fault := fault_of(http, body)) is not None:
            fault.error("/ISAPI/System", Right.SETTINGS)


def _address(data: bytes) -> None:
    cut(data.decode(errors="replace"), _NOON, _NOON + timedelta(seconds=5), _CLOCK)


def _document(name: str, read: Callable[[Element], Any], pattern: str, *written: bytes) -> Reader:
    def corpus() -> Sequence[bytes]:
        return answers_to(pattern, *(written or (b"<" + name.encode() + b"/>",)))

    return Reader(
        name=f"xml-{name}",
        read=partial(_read, read),
        errors=(DriverError,),
        corpus=corpus,
        shapes=_DOCUMENTS,
        words=_WORDS,
    )


HIKVISION: Final = (
    _document("device-info", read_recorder, r"deviceinfo"),
    _document("ip-channels", read_ip_channels, r"inputproxy/channels$"),
    _document("inputs", read_inputs, r"video/inputs"),
    _document("statuses", read_statuses, r"channels/status"),
    _document("streams", read_streams, r"streaming/channels"),
    _document("storage", read_disks, r"storage"),
    _document(
        "time",
        _clock,
        r"system/time",
        b"<Time><timeMode>NTP</timeMode><localTime>2026-07-25T11:30:34-06:00</localTime>"
        b"<timeZone>CST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00</timeZone></Time>",
    ),
    _document("status", read_status, r"system/status"),
    _document(
        "calendar",
        read_days,
        r"dailydistribution",
        b"<trackDailyDistribution><dayList><day><id>1</id><dayOfMonth>1</dayOfMonth>"
        b"<record>true</record><recordType>time</recordType></day></dayList></trackDailyDistribution>",
    ),
    _document("search", _recordings, r"search", _search_answer(_ADDRESS, "")),
    _document(
        "working",
        read_working,
        r"workingstatus",
        b'{"WorkingStatus": {"ChanStatus": [{"chanNo": 1, "enable": 1, "online": 1, "record": 1,'
        b' "signal": 0, "bitRate": 4096}]}}',
    ),
    _document("download-ability", read_by_time, r"download/capabilities"),
    _document("ports", read_rtsp_port, r"adminaccesses"),
    _document("token", read_token, r"token", b'{"Token": {"value": "a1b2c3"}}'),
    Reader(
        name="time-zone",
        read=_zone,
        errors=(ValueError,),
        corpus=lambda: [
            b"CST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00",
            b"CST-8:00:00",
            b"CET-1CEST,M3.5.0,M10.5.0/3",
        ],
        shapes=st.from_regex(
            r"[A-Z]{3}[+-]?[0-9]{1,4}(:[0-9]{1,3}){0,2}([A-Z]{3}[0-9:]{0,9},"
            r"M[0-9]{1,2}\.[0-9]\.[0-9](/[+-]?[0-9:]{1,9})?,M[0-9]{1,2}\.[0-9]\.[0-9])?",
            fullmatch=True,
        ).map(str.encode),
        words=_WORDS,
    ),
    Reader(
        name="refusal",
        read=_refusal,
        errors=(DriverError,),
        corpus=lambda: answers_to(
            r".",
            b"<userCheck><statusValue>401</statusValue><lockStatus>lock</lockStatus>"
            b"<unlockTime>1800</unlockTime><retryLoginTime>0</retryLoginTime></userCheck>",
            b'{"statusCode": 4, "subStatusCode": "notSupport", "errorCode": 1073741825}',
        ),
        shapes=_DOCUMENTS,
        words=_WORDS,
    ),
    Reader(
        name="playback-address",
        read=_address,
        corpus=lambda: [_ADDRESS.encode(), _ADDRESS.replace("T1", "T2").encode(), b"rtsp://a"],
        shapes=_TEXTS.map(str.encode),
        words=_WORDS,
    ),
)
