"""Headers with an inside."""

from datetime import datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.nvr.drivers.rtsp.headers import (
    Info,
    Session,
    parse_clock,
    parse_infos,
    parse_interleaved,
    parse_npt,
    parse_session,
    range_by_clock,
    range_by_npt,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1185811489;timeout=60", Session(id="1185811489", timeout=60)),
        ("abc ; Timeout = 30 ;x", Session(id="abc", timeout=30)),
        ("abc", Session(id="abc", timeout=60)),
        ("abc;timeout=0", Session(id="abc", timeout=60)),
        ("abc;timeout=1", Session(id="abc", timeout=2)),
        ("abc;timeout=999999", Session(id="abc", timeout=3600)),
        (";timeout=60", None),
        ("", None),
    ],
)
def test_sessions(text: str, expected: Session | None) -> None:
    assert parse_session(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=4", (2, 3)),
        ("RTP/AVP/TCP;unicast; Interleaved = 4", (4, None)),
        ("RTP/AVP/TCP;interleaved=5-5", (5, None)),
        ("RTP/AVP/TCP;interleaved=256-257", None),
        ("RTP/AVP;unicast;client_port=1-2", None),
    ],
)
def test_channels(text: str, expected: tuple[int, int | None] | None) -> None:
    assert parse_interleaved(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clock=20260724T132100Z-", datetime(2026, 7, 24, 13, 21)),
        ("clock = 20260724T132100.25Z-20260724T132200Z", datetime(2026, 7, 24, 13, 21, 0, 250000)),
        ("clock=2026-07-24T13:21:00+02:00-", datetime(2026, 7, 24, 13, 21)),
        ("clock=20261324T132100Z-", None),
        ("npt=0.000-", None),
        ("", None),
    ],
)
def test_ranges_by_clock(text: str, expected: datetime | None) -> None:
    assert parse_clock(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npt=0.000-8.000", (0.0, 8.0)),
        (" NPT = 1.25 -", (1.25, None)),
        ("npt=now-", None),
        ("npt=-5", None),
        ("clock=20260724T132100Z-", None),
    ],
)
def test_ranges_by_play_time(text: str, expected: tuple[float, float | None] | None) -> None:
    assert parse_npt(text) == expected


def test_ranges_of_ours() -> None:
    start, end = datetime(2026, 7, 24, 13, 21, 0, 250_000), datetime(2026, 7, 24, 13, 22)
    assert range_by_clock(start, end) == "clock=20260724T132100.250Z-20260724T132200Z"
    assert range_by_clock(end) == "clock=20260724T132200Z-"
    assert range_by_npt() == "npt=0.000-"
    assert range_by_npt(1.5, 3) == "npt=1.500-3.000"
    assert parse_clock(range_by_clock(start)) == start


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "url=rtsp://h/a?b=1,2;c/trackID=1;seq=5;rtptime=77, url=rtsp://h/trackID=2;rtptime=78",
            [
                Info(url="rtsp://h/a?b=1,2;c/trackID=1", sequence=5, time=77),
                Info(url="rtsp://h/trackID=2", sequence=None, time=78),
            ],
        ),
        ('url="rtsp://h/t" ; seq=65537', [Info(url="rtsp://h/t", sequence=1, time=None)]),
        ("nothing", [Info(url="", sequence=None, time=None)]),
    ],
)
def test_where_tracks_begin(text: str, expected: list[Info]) -> None:
    assert parse_infos(text) == expected


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    parse_session(text)
    parse_interleaved(text)
    parse_clock(f"clock={text}")
    parse_npt(f"npt={text}")
    parse_infos(text)
