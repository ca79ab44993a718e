"""The device's wall clock within footage, by bytes that real recorders wrote."""

from datetime import datetime, timedelta

import pytest

from simulator.footage.program_map import (
    NOT_ENCRYPTED,
    parse_time_descriptor,
    program_stream_map,
    time_descriptor,
)

from .streams import MAIN

REAL = {
    "40 0E 48 4B 00 01 0D AF C5 D3 E0 07": ("2013-10-31 17:29:15.000", 7),
    "40 0E 48 4B 01 00 16 CE 04 6B 74 97": ("2022-12-28 01:06:45.658", 7),
    "40 0E 48 4B 00 00 17 9D 3E B4 60 00": ("2023-09-26 15:43:17.000", 0),
    "40 0E 48 4B 01 00 10 15 83 BC ED A7": ("2016-01-11 00:59:51.436", 7),
    "40 0E 48 4B 01 00 13 4E D2 3D 63 27": ("2019-04-29 20:35:53.100", 7),
    "40 0E 48 4B 01 00 19 4E 40 64 A2 DF": ("2025-04-28 16:06:18.091", 7),
    "40 0E 48 4B 01 00 15 41 86 9E 3D B0": ("2021-04-03 01:41:56.950", 0),
}


@pytest.mark.parametrize(("digits", "said"), REAL.items())
def test_real_descriptors(digits: str, said: tuple[str, int]) -> None:
    data = bytes.fromhex(digits)
    wall = datetime.fromisoformat(said[0])
    assert parse_time_descriptor(data) == (wall, said[1])
    written = time_descriptor(wall)
    assert len(written) == 16
    assert written[:2] == data[:2]
    assert parse_time_descriptor(written) == (wall, NOT_ENCRYPTED)
    # But for version, marker bit (unset by one camera) and encryption it is the device's own.
    assert written[6:10] == data[6:10]
    assert written[10] & 0xDF == data[10] & 0xDF
    assert written[11] & 0xF8 == data[11] & 0xF8


def test_every_millisecond_is_kept() -> None:
    wall = datetime(2026, 10, 25, 2, 59, 58, 500_000)
    for ms in range(1500):
        at = wall + timedelta(milliseconds=ms)
        assert parse_time_descriptor(time_descriptor(at)) == (at, NOT_ENCRYPTED)


@pytest.mark.parametrize("data", [b"", b"\x40\x0eXX" + bytes(12), b"\x41\x0eHK" + bytes(12)])
def test_what_is_no_descriptor(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse_time_descriptor(data)


def test_map_without_time() -> None:
    packet = program_stream_map(MAIN, None)
    assert packet[:4] == b"\0\0\1\xbc"
    assert int.from_bytes(packet[4:6]) == len(packet) - 6
    assert b"\x40\x0eHK" not in packet
