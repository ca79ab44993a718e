"""The readers of the messages that ONVIF devices answer with."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from hypothesis import strategies as st

from custom_components.nvr.drivers.clock import ClockConvention, DeviceClock, PosixZone
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.models import Connection, Right, StreamName
from custom_components.nvr.drivers.onvif import (
    containers,
    device_time,
    identity,
    jobs,
    network,
    profiles,
    properties,
    services,
    sources,
    titles,
    uris,
)
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.catalogue import CONTAINERS
from custom_components.nvr.drivers.onvif.envelope import read_answer, read_message
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.find_session import end_search, read_token
from custom_components.nvr.drivers.onvif.labels import Labels
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.pieces import pieces, widened
from custom_components.nvr.drivers.onvif.places_of_containers import places_of
from custom_components.nvr.drivers.onvif.question import Question
from custom_components.nvr.drivers.onvif.replay import replay_uri
from custom_components.nvr.drivers.onvif.service import Service
from custom_components.nvr.drivers.onvif.sources import VideoSource
from custom_components.nvr.drivers.onvif.track_states import read_states, spans
from custom_components.nvr.drivers.onvif.writer import Description, describe
from custom_components.nvr.drivers.reading import Reader as MatchReader
from scripts.provision.layout import ROOT
from tests.drivers.onvif.answers import event, results
from tests.fuzz.reader import Reader

DEVICES: Final = ROOT.parent / "shared" / "devices" / "onvif"
_NOON: Final = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
_CLOCK: Final = DeviceClock(
    zone=PosixZone(timedelta(hours=8)), drift=timedelta(seconds=-7), convention=ClockConvention.UTC
)
# Writing takes long.
_MOST_QUESTIONS: Final = 8
_PREFIXES: Final = (
    "s",
    "tds",
    "trt",
    "tr2",
    "trc",
    "tse",
    "trp",
    "tev",
    "tt",
    "wsnt",
    "wsa",
    "ter",
)
_WORDS: Final = (
    b"<", b">", b"/>", b"</", b"&", b"&amp;", b"&#0;", b"<![CDATA[", b"]]>", b"<!--", b"-->",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\xef\xbb\xbf", b"\x00",
    b"\xff\xfe", b"true", b"false", b"-1", b"1e999", b"NaN", b"99999999999999999999", "٣".encode(), "²".encode(),
    b"xmlns=''", b"xmlns:a='b'", b"a:", b"tt:", b"1970-01-01T00:03:15Z", b"0000-00-00T00:00:00Z",
    b"2026-02-30T25:61:61Z", b"9999-12-31T23:59:59+99:99", b"0001-01-01T00:00:00+14:00",
    b"2024-08-17-12:30:45Z", b"PT1H", b"CST-8", b"CST-99:99:99", b"rtsp://[::1", b"http://h:80:80/a",
    b"onvif://www.onvif.org/name/%ff", b"IsDataPresent", b"RecordingHistory/Track/State", b"Completed",
)  # fmt: skip
_NAMES: Final = [
    "Envelope",
    "Header",
    "Body",
    "Fault",
    "Code",
    "Value",
    "Subcode",
    "Reason",
    "Text",
    "Service",
    "Namespace",
    "XAddr",
    "Capabilities",
    "Extension",
    "Media",
    "DeviceIO",
    "VideoSources",
    "Manufacturer",
    "Model",
    "FirmwareVersion",
    "SerialNumber",
    "Scopes",
    "ScopeItem",
    "NetworkInterfaces",
    "Info",
    "HwAddress",
    "Enabled",
    "NetworkProtocols",
    "Name",
    "Port",
    "SystemDateAndTime",
    "DateTimeType",
    "DaylightSavings",
    "TimeZone",
    "TZ",
    "UTCDateTime",
    "LocalDateTime",
    "Time",
    "Hour",
    "Minute",
    "Second",
    "Date",
    "Year",
    "Month",
    "Day",
    "Profiles",
    "VideoSourceConfiguration",
    "VideoEncoderConfiguration",
    "Configurations",
    "VideoSource",
    "VideoEncoder",
    "SourceToken",
    "Encoding",
    "Resolution",
    "Width",
    "Height",
    "RateControl",
    "FrameRateLimit",
    "BitrateLimit",
    "OSDs",
    "TextString",
    "PlainText",
    "Type",
    "MediaUri",
    "Uri",
    "JobItem",
    "JobToken",
    "JobConfiguration",
    "RecordingToken",
    "Mode",
    "Source",
    "Token",
    "State",
    "ResultList",
    "SearchState",
    "RecordingInformation",
    "SourceId",
    "EarliestRecording",
    "LatestRecording",
    "Track",
    "TrackToken",
    "TrackType",
    "DataFrom",
    "DataTo",
    "RecordingStatus",
    "Result",
    "Event",
    "Topic",
    "Message",
    "Data",
    "Key",
    "SimpleItem",
    "StartStateEvent",
    "RecordingItem",
    "Configuration",
    "Tracks",
    "Summary",
    "DataUntil",
    "NumberRecordings",
    "SearchToken",
    "NotificationMessage",
    "SubscriptionReference",
    "Address",
    "ReferenceParameters",
    "TerminationTime",
    "CurrentTime",
]
_TEXTS: Final = st.one_of(
    st.sampled_from([word.decode(errors="replace") for word in _WORDS if b"\x00" not in word]),
    st.integers().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
    st.sampled_from(["Video", "Recording", "Stopped", "H264", "Active", "001", "R1", "VS_1"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)


@st.composite
def _elements(draw: st.DrawFn, depth: int = 4) -> Element:
    element = Element(draw(st.sampled_from(_NAMES)))
    if draw(st.booleans()):
        element.text = draw(_TEXTS)
    for name in draw(
        st.lists(st.sampled_from(["token", "Name", "Value", "Type", "x"]), max_size=2)
    ):
        element.set(name, draw(_TEXTS))
    for _ in range(draw(st.integers(0, 4)) if depth else 0):
        element.append(draw(_elements(depth - 1)))
    return element


def _enveloped(inside: list[Element]) -> bytes:
    root = Element("Envelope")
    SubElement(SubElement(root, "Body"), "Response").extend(inside)
    return tostring(root)


_MESSAGES: Final = st.lists(_elements(), max_size=4).map(_enveloped)


def _written(inside: str) -> bytes:
    """Return an answer written by hand."""
    declared = " ".join(f'xmlns:{prefix}="urn:{prefix}"' for prefix in _PREFIXES)
    return f"<s:Envelope {declared}><s:Body><s:R>{inside}</s:R></s:Body></s:Envelope>".encode()


def _read(read: Callable[[Element], Any], body: bytes) -> None:
    if (message := read_message(body)) is not None:
        read(message)


def _envelope(body: bytes) -> None:
    for status in (200, 400, 401, 500):
        read_answer(status, body, "GetRecordings", Right.PLAYBACK)


def _containers(answer: Element) -> None:
    """Take containers over and say whose they are, as a search does."""
    found = {one.token: one for one in containers.read_recordings(answer)}
    for one in CONTAINERS.page("1").read(answer).items:
        found[one.token] = found[one.token].merged(one) if one.token in found else one
    facts = Facts(sources=(VideoSource(token="VS_1"), VideoSource(token="VS_2")))
    places_of([*found.values()], facts)
    memory = DeviceMemory({})
    labels = Labels(lambda: _CLOCK, memory)
    for some in ([*found.values()][::2], found.values()):
        labels.learn(some, complete=True)
    for one in found.values():
        for instant in (one.begins, one.ends):
            if instant is not None:
                labels.device.to_utc(instant.replace(tzinfo=None))


def _events(answer: Element) -> None:
    """Put what changed on the time line, as a search does."""
    states = read_states(answer)
    first, last = widened(_NOON - timedelta(days=3), _NOON)
    reader = MatchReader(_CLOCK, _NOON - timedelta(days=3), _NOON)
    for name in {one.container for one in states}:
        for start, end in spans(states, containers.Container(token=name), first):
            if start < last and (end is None or end > first):
                seen = max(start, first), None if end is None else min(end, last)
                for piece in pieces(seen, name, last, _NOON):
                    reader.read(piece, 1, StreamName.MAIN)


def _time(answer: Element) -> None:
    _ = device_time.read_time(answer).zone


# None of them takes an answer for granted, so each may get those to all others as well.
_SIMPLE: Final = (
    services.read_services,
    services.read_capabilities,
    services.read_input_count,
    identity.read_information,
    identity.read_scopes,
    network.read_interfaces,
    network.read_rtsp_port,
    _time,
    profiles.read_profiles1,
    profiles.read_profiles2,
    sources.read_sources,
    sources.read_configurations,
    titles.read_titles,
    uris.read_uri,
    jobs.read_jobs,
    jobs.read_job_state,
    properties.read_listening,
    properties.read_properties,
    containers.read_summary,
    read_token,
)


def _answers(answer: Element) -> None:
    for read in _SIMPLE:
        with suppress(DriverError):
            read(answer)


def _requests(answer: Element) -> None:
    """Ask on with what a device named: tokens, places to listen, and what it wants to see there."""
    questions: list[Question[Any]] = []
    with suppress(DriverError):
        place = properties.read_listening(answer)
        questions += properties.pull(place, "/e"), properties.give_back(place, "/e")
    with suppress(DriverError):
        token = read_token(answer)
        questions += CONTAINERS.page(token), end_search(token)
    for one in containers.read_recordings(answer):
        questions += containers.information(one.token), replay_uri(one.token)
    for profile in (*profiles.read_profiles1(answer), *profiles.read_profiles2(answer)):
        questions += (
            uris.stream_by_media1(profile.token),
            uris.stills_by_media2(profile.token),
        )
    questions += (jobs.job_state(job.token) for job in jobs.read_jobs(answer))
    for question in questions[:_MOST_QUESTIONS]:
        with suppress(DriverError):
            _descriptions()[question.service].write(question, None)


@cache
def _descriptions() -> Mapping[Service, Description]:
    return describe()


def _prepared(reader: Reader) -> Reader:
    """Return a reader for which all services have been read before anything is counted."""

    def corpus() -> Sequence[bytes]:
        _descriptions()
        return reader.corpus()

    return replace(reader, corpus=corpus)


def _address(data: bytes) -> None:
    addresses = SafeAddresses(Connection(host="::1", username="u", password="p"))
    text = data.decode(errors="replace")
    addresses.web(text)
    if (address := addresses.rtsp(text)) is not None:
        addresses.rtsp_port(address)
        addresses.with_credentials(address)


def _message(name: str, read: Callable[[Element], Any], operation: str, *written: str) -> Reader:
    def corpus() -> Sequence[bytes]:
        files = sorted(DEVICES.glob(f"*/*_{operation}.xml")) if DEVICES.is_dir() else []
        return [*(file.read_bytes() for file in files), *map(_written, written or ("",))]

    return Reader(
        name=f"onvif-{name}",
        read=partial(_read, read),
        errors=(DriverError,),
        corpus=corpus,
        shapes=_MESSAGES,
        words=_WORDS,
    )


_FOUND: Final = results(
    "<tt:RecordingInformation><tt:RecordingToken>R1</tt:RecordingToken><tt:Source>"
    "<tt:SourceId>VS_1</tt:SourceId></tt:Source>"
    "<tt:EarliestRecording>1970-01-01T00:03:15Z</tt:EarliestRecording>"
    "<tt:LatestRecording>2026-10-25T01:00:00Z</tt:LatestRecording><tt:Track>"
    "<tt:TrackToken>v</tt:TrackToken><tt:TrackType>Video</tt:TrackType></tt:Track>"
    "<tt:RecordingStatus>Recording</tt:RecordingStatus></tt:RecordingInformation>"
)
_CHANGED: Final = results(
    event("2026-10-24T00:00:00Z", True, start=True),
    event("2026-10-24T12:10:00Z", False),
    event("2026-10-24T23:10:00Z", True, topic="tns1:RecordingHistory/Recording/State"),
)
_LISTENING: Final = (
    "<tev:SubscriptionReference><wsa:Address>http://192.0.2.1/e?a=1</wsa:Address>"
    "<wsa:ReferenceParameters><tev:Id tev:a='b'>7</tev:Id> <x xmlns='urn:x'><y/></x>"
    "</wsa:ReferenceParameters></tev:SubscriptionReference>"
)
_NAMED: Final = (
    "<tse:SearchToken>1</tse:SearchToken><trc:RecordingItem><tt:RecordingToken>R 1"
    "</tt:RecordingToken></trc:RecordingItem><trt:Profiles token='P1'><tt:Name>main</tt:Name>"
    "<tt:VideoSourceConfiguration token='C1'><tt:SourceToken>VS_1</tt:SourceToken>"
    "</tt:VideoSourceConfiguration></trt:Profiles><trc:JobItem><tt:JobToken>J1</tt:JobToken>"
    "</trc:JobItem>"
)

ONVIF: Final = (
    Reader(
        name="onvif-envelope",
        read=_envelope,
        errors=(DriverError,),
        corpus=lambda: [
            _written("<s:Fault/>"),
            *(file.read_bytes() for file in sorted(DEVICES.glob("*/*.xml"))),
        ],
        shapes=_MESSAGES,
        words=_WORDS,
    ),
    Reader(
        name="onvif-address",
        read=_address,
        corpus=lambda: [b"rtsp://192.0.2.1:554/a?b=c&d=%20", b"http://192.0.2.1:80:80/onvif/x"],
        words=_WORDS,
    ),
    _message("answers", _answers, "*", "<trp:Uri>rtsp://192.0.2.1/a</trp:Uri>"),
    _prepared(_message("requests", _requests, "Create*", _LISTENING, _NAMED)),
    _message("containers", _containers, "GetRecording*", _FOUND),
    _message("events", _events, "GetEventSearchResults", _CHANGED),
)
