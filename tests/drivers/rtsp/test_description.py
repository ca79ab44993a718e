"""Session descriptions as recorders write them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.nvr.drivers.rtsp.description import (
    MAX_LINES,
    MAX_TRACKS,
    Track,
    control_url,
    parse_description,
)

from .scripted_server import SDP

BASE = "rtsp://10.0.0.1:554/Streaming/tracks/101/?starttime=20260724T132029Z"


def test_a_recorders_description() -> None:
    found = parse_description(SDP.encode())
    assert found.range == "clock=20260724T132029Z-20260724T132142Z"
    assert found.control == "*"
    assert found.tracks == (
        Track(
            media="video",
            payload_type=96,
            encoding="H264",
            clock_rate=90000,
            fmtp={
                "profile-level-id": "420029",
                "packetization-mode": "1",
                "sprop-parameter-sets": "Z00A,aO4=",
            },
            control="trackID=video",
        ),
        Track(
            media="audio",
            payload_type=8,
            encoding="PCMA",
            clock_rate=8000,
            control="trackID=audio",
        ),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "m=audio 0 RTP/AVP 0",
            Track(media="audio", payload_type=0, encoding="PCMU", clock_rate=8000),
        ),
        (
            "m=audio 0 RTP/AVP 104\na=rtpmap:104 mpeg4-generic/16000/2\na=fmtp:104 config=1408;sizelength=13",
            Track(
                media="audio",
                payload_type=104,
                encoding="MPEG4-GENERIC",
                clock_rate=16000,
                channels=2,
                fmtp={"config": "1408", "sizelength": "13"},
            ),
        ),
        (
            "m = VIDEO 0 RTP/AVP 98\n a = rtpmap: 98 H265/90000 \na=fmtp:98 sprop-vps=QAE=;;x",
            Track(
                media="video",
                payload_type=98,
                encoding="H265",
                clock_rate=90000,
                fmtp={"sprop-vps": "QAE=", "x": ""},
            ),
        ),
        ("m=video 0 RTP/AVP 96", Track(media="video", payload_type=96)),
        (
            "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/99999999999",
            Track(media="video", payload_type=96, encoding="H264"),
        ),
        ("m=video", None),
        ("m=video 0 RTP/AVP none", None),
    ],
)
def test_tracks_in_other_hands(lines: str, expected: Track | None) -> None:
    assert parse_description(lines.encode()).tracks == ((expected,) if expected else ())


def test_a_description_has_bounds() -> None:
    assert len(parse_description(b"m=audio 0 RTP/AVP 0\n" * (MAX_TRACKS + 5)).tracks) == MAX_TRACKS
    late = b"a=x\n" * MAX_LINES + b"m=audio 0 RTP/AVP 0\n"
    assert not parse_description(late).tracks


@pytest.mark.parametrize(
    ("control", "url"),
    [
        ("*", BASE),
        ("", BASE),
        ("trackID=1", f"{BASE}/trackID=1"),
        ("rtsp://192.168.1.2/other?a=b", "rtsp://192.168.1.2/other?a=b"),
        ("/track1", "rtsp://10.0.0.1:554/track1"),
        ("track\r\nEvil: 1", BASE),
        ("track?url=rtsp://x", f"{BASE}/track?url=rtsp://x"),
    ],
)
def test_addresses_of_tracks(control: str, url: str) -> None:
    assert control_url(BASE, control) == url
    assert control_url("rtsp://host/a/", "trackID=1") == "rtsp://host/a/trackID=1"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_description(data: bytes) -> None:
    parse_description(data)
    parse_description(b"m=video 0 RTP/AVP 96\na=fmtp:96 " + data)
