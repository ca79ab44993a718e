"""Folders of recorded answers, as people may send them."""

from pathlib import Path

import pytest

from custom_components.nvr.drivers.models import ClockConvention, RecorderState
from custom_components.nvr.drivers.onvif.recorded_report import understand
from custom_components.nvr.drivers.report import Understood
from tests.drivers.recorded_folder import write

SOAP = "http://www.w3.org/2003/05/soap-envelope"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
SEARCH = "http://www.onvif.org/ver10/search/wsdl"


def _answer(namespace: str, operation: str, inside: str = "") -> str:
    message = f'<{operation}Response xmlns="{namespace}">{inside}</{operation}Response>'
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{message}</s:Body></s:Envelope>'


def _fault(*codes: str) -> str:
    inner = ""
    for code in reversed(codes):
        inner = f"<s:Subcode><s:Value>{code}</s:Value>{inner}</s:Subcode>"
    fault = f"<s:Fault><s:Code><s:Value>s:Sender</s:Value>{inner}</s:Code></s:Fault>"
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{fault}</s:Body></s:Envelope>'


def _reason(state: RecorderState, what: str) -> str:
    return next(entry.reason for entry in state.missing if entry.what == what)


INFORMATION = _answer(
    DEVICE, "GetDeviceInformation", "<Model>M</Model><SerialNumber>S1</SerialNumber>"
)


async def test_answers_say_themselves_what_was_asked(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "whatever.xml": INFORMATION,
            "b/c.txt": f"HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\n{INFORMATION}",
            "notes.md": INFORMATION,
        },
    )
    found = await understand(folder)
    assert found.state.recorder.serial == "S1"
    assert found.answers == 2
    assert found.recordings is None


async def test_what_is_no_message_is_left_aside(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "a.xml": "<html/>",
            "b.xml": "no XML",
            "c.xml": "",
            "d.xml": f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>',
            "e.xml": f'<!DOCTYPE x [<!ENTITY y "z">]>{INFORMATION}',
            "f.xml": INFORMATION.replace("Response", ""),
        },
    )
    found = await understand(folder)
    assert found.answers == 0
    assert {entry.what for entry in found.state.missing} == {
        "recorder",
        "channels",
        "disks",
        "clock",
        "recordings",
    }


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("search_FindEvents.xml", _fault("ter:ActionNotSupported"), "ActionNotSupported"),
        (
            "replay_GetReplayUri_1.xml",
            _fault("ter:InvalidArgVal", "ter:NoRecording"),
            "NoRecording",
        ),
        ("GetRecordings.txt", "HTTP/1.1 503 Busy\r\nX: y\r\n\r\n<html/>", "HTTP 503"),
    ],
)
async def test_a_refusal_says_why_there_are_no_recordings(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    found = await understand(write(tmp_path, {name: content}))
    assert reason in _reason(found.state, "recordings")


async def test_who_has_no_search_has_no_recordings(tmp_path: Path) -> None:
    inside = f"<Service><Namespace>{MEDIA}</Namespace><XAddr>http://10.0.0.1/m</XAddr></Service>"
    found = await understand(write(tmp_path, {"a.xml": _answer(DEVICE, "GetServices", inside)}))
    assert "Profile G" in _reason(found.state, "recordings")


async def test_capabilities_count_inputs_where_nothing_lists_them(tmp_path: Path) -> None:
    inside = (
        "<Capabilities><Extension><DeviceIO><VideoSources>3</VideoSources></DeviceIO>"
        "<Search><XAddr>http://10.0.0.1/s</XAddr></Search></Extension></Capabilities>"
    )
    folder = write(tmp_path, {"a.xml": _answer(DEVICE, "GetCapabilities", inside)})
    found = await understand(folder)
    assert [channel.number for channel in found.state.channels] == [1, 2, 3]
    assert _reason(found.state, "recordings") == "no search recorded"


def _containers(earliest: str) -> str:
    return _answer(
        SEARCH,
        "GetRecordingSearchResults",
        "<ResultList><RecordingInformation><RecordingToken>Record_004</RecordingToken>"
        f"<EarliestRecording>{earliest}</EarliestRecording>"
        "<LatestRecording>2026-03-05T12:00:00Z</LatestRecording></RecordingInformation></ResultList>",
    )


async def _found(tmp_path: Path, earliest: str) -> Understood:
    return await understand(write(tmp_path, {"a.xml": _containers(earliest)}))


async def test_containers_are_what_a_search_found(tmp_path: Path) -> None:
    found = await _found(tmp_path, "2026-01-01T00:00:00Z")
    assert found.recordings is not None
    (recording,) = found.recordings
    assert recording.channel == 4
    assert recording.start is not None
    assert recording.start.year == 2026
    assert found.state.clock.convention is ClockConvention.UTC
    assert "recordings" not in {entry.what for entry in found.state.missing}


def _recording(token: str, source: str) -> str:
    return (
        f"<RecordingInformation><RecordingToken>{token}</RecordingToken><Source><SourceId>{source}"
        "</SourceId></Source><EarliestRecording>2026-01-01T00:00:00Z</EarliestRecording>"
        "</RecordingInformation>"
    )


def _page(*recordings: str) -> str:
    inside = f"<ResultList>{''.join(recordings)}</ResultList>"
    return _answer(SEARCH, "GetRecordingSearchResults", inside)


SOURCES = _answer(
    MEDIA, "GetVideoSources", "".join(f'<VideoSources token="00{n}00"/>' for n in range(2))
)


@pytest.mark.parametrize(
    ("files", "channels"),
    [
        (
            {"s.xml": SOURCES, "a.xml": _page(_recording("A", "00000"), _recording("B", "00100"))},
            [1, 2],
        ),
        (
            {"s.xml": SOURCES, "a.xml": _page(_recording("B", "00100"), _recording("A", "00000"))},
            [2, 1],
        ),
        ({"a.xml": _page(_recording("R0", ""), _recording("R1", ""))}, [1, 2]),
        ({"a.xml": _page(_recording("Record_004", ""), _recording("Record_002", ""))}, [4, 2]),
        (
            {
                "a.xml": _page(
                    _recording("RecordMediaProfile00000", ""),
                    _recording("RecordMediaProfile00101", ""),
                )
            },
            [1, 2],
        ),
        ({"a.xml": _page(_recording("RecordMediaProfile00200", ""))}, [3]),
        # One clip each, by date and a word of hexadecimal digits.
        ({"a.xml": _page(_recording("SD_DISK_20200422_123501_A2388AB3", ""))}, [1]),
        ({"a.xml": _page(_recording("R1", "")), "b.xml": _page(_recording("R1", ""))}, [1]),
    ],
)
async def test_whose_recordings_containers_are(
    tmp_path: Path, files: dict[str, str], channels: list[int]
) -> None:
    found = await understand(write(tmp_path, files))
    assert found.recordings is not None
    assert [recording.channel for recording in found.recordings] == channels


async def test_nobody_knows_when_1970_was(tmp_path: Path) -> None:
    found = await _found(tmp_path, "1970-01-01T00:03:15Z")
    assert found.recordings is not None
    (recording,) = found.recordings
    assert recording.start is None
    assert recording.start_device == "1970-01-01T00:03:15Z"
    assert "clock" in _reason(found.state, "recordings")
