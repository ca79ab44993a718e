"""Addresses for playback: by time and by file."""

from datetime import datetime, timedelta

import pytest

from custom_components.nvr.drivers.clock import DeviceClock, fixed_zone, parse_posix_zone
from custom_components.nvr.drivers.dahua.playback_address import PlayableFile
from custom_components.nvr.drivers.models import StreamName
from custom_components.nvr.drivers.rtsp.description import Description
from custom_components.nvr.drivers.rtsp.session import Started

from .downloading import PATH, recording
from .searching import HOUR, MINUTE, NOON, utc

CLOCK = DeviceClock(zone=fixed_zone(HOUR))
BERLIN = DeviceClock(
    zone=parse_posix_zone("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00")
)
START = NOON + 10 * MINUTE
NOTHING = Description(tracks=())


def playable(**changes: object) -> PlayableFile:
    """Return a minute of a recording."""
    return PlayableFile.of(recording(**changes), utc(START), utc(START + MINUTE), CLOCK)


def started(range_: str = "") -> Started:
    return Started(range=range_, infos={})


def test_by_time_then_by_file() -> None:
    times = "starttime=2026_07_14_12_10_00&endtime=2026_07_14_12_11_01"
    assert playable().addresses("host", 554, None) == {
        "playback": f"rtsp://host:554/cam/playback?channel=1&subtype=0&{times}",
        "realmonitor": f"rtsp://host:554/cam/realmonitor?channel=1&subtype=0&{times}",
        "file": (
            "rtsp://host:554//mnt/dvr/2026-07-14/0/dav/12/1/0/2129/"
            "12.00.00-12.30.00%5BR%5D%5B0%400%5D%5B0%5D.dav"
        ),
        "file_raw": f"rtsp://host:554/{PATH}",
    }


def test_what_is_known_goes_first() -> None:
    found = playable(stream=StreamName.SUB, token="").addresses("host", 554, "realmonitor")
    assert list(found) == ["realmonitor", "playback"]
    assert "subtype=1" in found["playback"]


def test_digits_that_name_two_moments_are_played_from_the_file() -> None:
    start = datetime(2025, 10, 26, 2, 30)
    wanted = recording(
        start=utc(start),
        end=utc(start + 20 * MINUTE),
        start_device="2025-10-26 02:30:00",
        end_device="2025-10-26 02:50:00",
    )
    found = PlayableFile.of(wanted, utc(start), utc(start + MINUTE), BERLIN)
    assert list(found.addresses("host", 554, "playback"))[:2] == ["file", "file_raw"]


@pytest.mark.parametrize(
    ("form", "ranges"),
    [
        ("playback", {"npt": "npt=0.000-", "none": None}),
        ("file", {"offset": "npt=600.000-"}),
        ("file_raw", {"offset": "npt=600.000-"}),
    ],
)
def test_ranges(form: str, ranges: dict[str, str | None]) -> None:
    assert playable().ranges(form) == ranges


@pytest.mark.parametrize(
    ("form", "said", "begun"),
    [
        ("file", "npt=598.500-1800.000", START - timedelta(seconds=1.5)),
        ("file", "", None),
        # A second more than asked: it begins with the key frame before.
        ("playback", "npt=0.000-62.000", START - timedelta(seconds=1)),
        ("playback", "npt=0.000-", None),
        ("playback", "npt=0.000-1800.000", None),
    ],
)
def test_where_it_begins(form: str, said: str, begun: datetime | None) -> None:
    assert playable().begun(form, started(said), NOTHING) == begun


def test_where_it_begins_in_a_recording_of_unknown_start() -> None:
    assert playable(start_device="").begun("file", started("npt=1-"), NOTHING) is None
