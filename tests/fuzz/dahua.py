"""The readers of the tables, JSON and multipart answers that Dahua's devices give."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import cache, partial
import json
from typing import Any, Final

from hypothesis import strategies as st
import orjson

from custom_components.nvr.drivers.dahua import (
    channels,
    device_time,
    faults,
    identity,
    items,
    settings,
    storage,
    streams,
)
from custom_components.nvr.drivers.dahua.footage_time import first_wall
from custom_components.nvr.drivers.dahua.multipart import file_in, is_multipart
from custom_components.nvr.drivers.dahua.tree import Tree, integer, read_answer
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.models import Right
from scripts.provision.layout import ROOT
from tests.fuzz.dumps import LARGEST
from tests.fuzz.reader import Reader

DEVICES: Final = ROOT.parent / "shared" / "devices" / "dahua"
_NOON: Final = datetime(2026, 10, 25, 1, 30)
_CHUNK: Final = 7
_WORDS: Final = (
    b"=", b"\r\n", b"\n", b".", b"[", b"]", b"[0]", b"[4095]", b"[99999]", b"[-1]", b"table.", b"result=",
    b"found=", b"items[0].", b"Error", b"Error: No Events", b"OK", b"{", b"}", b'"', b":", b",", b"null", b"true",
    b"false", b"-1", b"0", b"1e999", b"NaN", b"99999999999999999999", "٣".encode(), "²".encode(), b"\xef\xbb\xbf",
    b"\x00", b"\xff\xfe", b"\\ud800", b"2026-02-30 25:61:61", b"0000-00-00 00:00:00", b"0001-01-01 00:00:00",
    b"9999-12-31 24:00:00", b"2026-1-2 12:3:4 PM", b"GMT+25:99", b"GMT-13:59", b"Europe/Berlin", b"../../etc/passwd",
    b"DAV", b"/mnt/dvr/", b"[R][0@0][0].dav", b"--", b"Content-Length: 999999999999999\r\n", b"\r\n\r\n",
    b"DHAV\xfd", b"dhav", b"VideoMotion", b"*",
)  # fmt: skip
_KEYS: Final = st.sampled_from(
    [
        *(
            "table.ChannelTitle[0].Name",
            "table.RemoteDevice[3].Address",
            "table.General.MachineName",
        ),
        *("table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_1.Enable", "states[0].channel"),
        *("states[1].connectionState", "table.Encode[0].MainFormat[0].Video.Width", "deviceType"),
        *(
            "table.Encode[0].MainFormat[0].Video.resolution",
            "table.Encode[0].ExtraFormat[0].Video.FPS",
        ),
        *("info[0].Detail[0].TotalBytes", "list.info[0].State", "list.info[0].Detail[0].UsedBytes"),
        *(
            "table.RTSP.Port",
            "table.RecordMode[0].Mode",
            "found",
            "items[0].StartTime",
            "items[0].EndTime",
        ),
        *("items[0].FilePath", "items[0].Flags[0]", "items[0].Events[0]", "items[0].Channel"),
        *(
            "items[0].Length",
            "version",
            "sn",
            "result",
            "table.NTP.TimeZoneDesc",
            "table.NTP.Enable",
        ),
        *("table.Locales.DSTStart.Month", "table.Locales.DSTEnd.Week", "table.Locales.DSTEnable"),
        *("table.Locales.DSTStart.Day", "table.Locales.DSTStart.Hour", "bitmap", "a[4095][4095].b"),
    ]
)
_VALUES: Final = st.one_of(
    st.sampled_from([word.decode(errors="replace") for word in _WORDS]),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(" ", timespec="seconds")),
    st.text(max_size=20),
)
_TABLES: Final = st.lists(
    st.tuples(_KEYS, _VALUES).map(lambda line: f"{line[0]}={line[1]}"), max_size=20
).map(lambda lines: "\r\n".join(lines).encode(errors="replace"))
_NAMES: Final = st.sampled_from(
    [
        *(
            "table",
            "params",
            "info",
            "infos",
            "items",
            "result",
            "error",
            "code",
            "message",
            "found",
        ),
        *(
            "states",
            "channel",
            "connectionState",
            "Name",
            "Enable",
            "Detail",
            "TotalBytes",
            "bitmap",
        ),
        *("MainFormat", "Video", "StartTime", "EndTime", "Flags", "DSTStart", "Month", "time"),
        *("remainLockSecond", "remainLoginTimes", "deviceType", "serialNumber", "ChannelTitle"),
    ]
)
_TREES: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _VALUES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_NAMES, inner, max_size=5)
    ),
    max_leaves=20,
).map(lambda tree: json.dumps(tree).encode())
_ANSWERS: Final = st.one_of(_TABLES, _TREES)


def _about(name: str, *written: bytes) -> Callable[[], Sequence[bytes]]:
    """Return what gives the recorded files of a name, and those written by hand."""

    @cache
    def corpus() -> Sequence[bytes]:
        found = [file for file in sorted(DEVICES.rglob("*.*")) if name in file.name.lower()]
        contents = (file.read_bytes() for file in found)
        return [*written, *(content for content in contents if len(content) <= LARGEST)]

    return corpus


def _each(*reads: Callable[[Tree], Any]) -> Callable[[bytes], None]:
    """Return what reads an answer in several ways, as a whole and what stands in it.

    What is read goes into registries and to browsers: it has to be something that JSON can say.
    """

    def read(body: bytes) -> None:
        tree = read_answer(body)
        parts = list(tree.values()) if isinstance(tree, dict) else []
        for part in (tree, *parts):
            for each in reads:
                orjson.dumps(each(part), default=str, option=orjson.OPT_NON_STR_KEYS)

    return read


def _zone(tree: Tree) -> None:
    server, rules = device_time.read_time_server(tree), device_time.read_saving_rules(tree)
    digits = device_time.read_time(tree) or _NOON
    zone, _ = device_time.zone_of(server, rules, digits, _NOON)
    for month in range(1, 13):
        zone.utcoffset(_NOON.replace(month=month, tzinfo=zone))
    device_time.recorded_zone(server, rules)


def _page(tree: Tree) -> None:
    for item in items.read_page(tree).items:
        item.key(_NOON)


def _refusal(body: bytes) -> None:
    faults.read_refusal(body)
    for http in (200, 400, 401, 403, 404, 500, 503):
        faults.cgi_fault(http, body, "test", Right.SETTINGS)
    answer = read_answer(body)
    faults.login_fault(answer)
    faults.rpc_fault(integer(answer, "error", "code"), "text", "test", Right.SETTINGS)


def _multipart(data: bytes) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(_CHUNK, len(data), _CHUNK):
            yield data[at : at + _CHUNK]

    async def read() -> None:
        first = data[:_CHUNK]
        is_multipart("", first)
        async for _ in file_in(first, chunks()):
            pass

    asyncio.run(read())


_answer: Final = partial(Reader, errors=(DriverError,), shapes=_ANSWERS, words=_WORDS)

DAHUA: Final = (
    _answer(
        name="dahua-identity",
        read=_each(
            identity.read_system_info, identity.read_firmware, identity.read_word, identity.read_mac
        ),
        corpus=_about("magicbox", b"version=3.215.0000000.1,build:2017-09-19\r\n", b"name=NVR"),
    ),
    _answer(
        name="dahua-channels",
        read=_each(
            channels.read_titles,
            channels.read_remotes,
            channels.read_states,
            channels.read_indexes,
            channels.read_count,
        ),
        corpus=_about(
            "channeltitle",
            b'{"states": [{"channel": 0, "connectionState": "Connected"}]}',
            b"table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Enable=true\r\n"
            b"table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Address=192.0.2.7\r\n",
            b"result=16\r\n",
        ),
    ),
    _answer(
        name="dahua-streams",
        read=_each(streams.read_streams),
        corpus=_about(
            "encode",
            b"table.Encode[0].MainFormat[0].Video.Compression=H.265\r\n"
            b"table.Encode[0].MainFormat[0].Video.resolution=1920x1080\r\n"
            b"table.Encode[0].ExtraFormat[0].Video.FPS=25\r\n",
        ),
    ),
    _answer(
        name="dahua-storage",
        read=_each(storage.read_disks),
        corpus=_about("storage", b"list.info[0].Detail[0].TotalBytes=1999844147200.000000\r\n"),
    ),
    _answer(
        name="dahua-settings",
        read=_each(
            settings.read_rtsp_port,
            settings.read_modes,
            settings.read_recording,
            settings.read_one_recording,
            settings.read_uptime,
        ),
        corpus=_about("record", b"table.RTSP.Port=554\r\n", b'{"params": {"total": 7200}}'),
    ),
    _answer(
        name="dahua-time",
        read=_each(_zone),
        corpus=lambda: [
            (
                b"result=2026-10-25 02:30:00\r\nTimeZoneDesc=GMT+01:00\r\nEnable=true\r\n"
                b"DSTEnable=true\r\nDSTStart.Month=3\r\nDSTStart.Week=-1\r\nDSTStart.Day=0\r\n"
                b"DSTStart.Hour=2\r\nDSTEnd.Month=10\r\nDSTEnd.Week=-1\r\nDSTEnd.Day=0\r\n"
                b"DSTEnd.Hour=3\r\n"
            ),
            b'{"time": "2026-07-02 7:09:25 PM", "TimeZoneDesc": "Berlin"}',
        ],
    ),
    _answer(
        name="dahua-page",
        read=_each(_page),
        corpus=_about("findnextfile", b"found=1\r\nitems[0].Channel=0\r\nitems[0].Type=dav\r\n"),
    ),
    _answer(
        name="dahua-refusal",
        read=_refusal,
        corpus=_about(
            "error",
            b"Error\r\nErrorID=2, Detail=Invalid Request!\r\n",
            b'{"error": {"code": 268632085, "message": "Component error: login challenge!"},'
            b' "params": {"error": "password", "remainLockSecond": 0, "remainLoginTimes": 4},'
            b' "result": false}',
        ),
    ),
    Reader(
        name="dahua-multipart",
        read=_multipart,
        errors=(DriverError,),
        corpus=lambda: [
            (
                b"--boundary\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
                b'{"result":true}\r\n--boundary\r\nContent-Type: application/http\r\n'
                b"Content-Length: 8\r\n\r\nDHAV\xfd\0\0\0\r\n--boundary--\r\n"
            )
        ],
        words=_WORDS,
    ),
    Reader(
        name="dahua-footage-time",
        read=first_wall,
        corpus=lambda: [
            b"DHAV\xfd\0\0\0" + bytes(4) + (44).to_bytes(4, "little") + bytes(20) + b"dhav"
        ],
        words=_WORDS,
    ),
)
