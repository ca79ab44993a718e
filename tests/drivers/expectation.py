"""The form in which `expected_devices` states what a recorded device has to print.

How the raw answers are read, where more than one reading is possible:

* ``manufacturer``: the brand that the device says; where it says none, who makes all of them.
* ``online``: as the device says; a camera's own inputs are, for the camera answered. Of what nothing is
  recorded nobody knows.
* ``reason``: ``None`` only when online.
* ``missing``: names what could not be learned, one of the words at `MISSING_WORDS`; a thing that
  the kind of device cannot have (IP channels of a camera, a third stream) is not missing.
* ``start`` and ``end`` of recordings are ``None`` where nothing recorded tells what their digits mean.
* ``recordings`` is there only where a search was recorded: an empty list would say that nothing
  is on the disks.
"""

from dataclasses import dataclass

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None

MIB = 1024 * 1024

MISSING_WORDS = frozenset(
    {"recorder", "channels", "channel_status", "streams", "disks", "clock", "recordings"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must be printed for one recorded device."""

    recorder: dict[str, Json]
    channels: list[Json]
    disks: list[Json]
    missing: frozenset[str]
    """The `what` of every entry of `missing`."""
    convention: str = "unknown"
    time_zone: str | None = None
    recordings: list[dict[str, Json]] | None = None
    """`None`: no search recorded, so the key must be absent."""


def recorder(
    *,
    name: str | None,
    model: str | None,
    serial: str | None,
    firmware: str | None,
    mac: str | None,
    manufacturer: str = "Hikvision",
) -> dict[str, Json]:
    """Build a recorder."""
    return {
        "name": name,
        "manufacturer": manufacturer,
        "model": model,
        "serial": serial,
        "firmware": firmware,
        "mac": mac,
    }


def online(number: int, name: str, *streams: Json) -> Json:
    """Build a channel that sends pictures."""
    return {
        "number": number,
        "name": name,
        "online": True,
        "reason": None,
        "streams": list(streams),
    }


def offline(number: int, name: str, reason: str, *streams: Json) -> Json:
    """Build a channel that sends none."""
    return {
        "number": number,
        "name": name,
        "online": False,
        "reason": reason,
        "streams": list(streams),
    }


def unheard(number: int, name: str) -> Json:
    """Build a channel of which nothing but the name is recorded."""
    return {"number": number, "name": name, "online": None, "reason": "unknown", "streams": []}


def _stream(name: str, codec: str, size: str, fps: float | None, kbps: int) -> Json:
    width, height = map(int, size.split("x"))
    return {
        "name": name,
        "codec": codec,
        "width": width,
        "height": height,
        "fps": fps,
        "bitrate_kbps": kbps,
    }


def main(codec: str, size: str, fps: float | None, kbps: int) -> Json:
    """Build a main stream (type 1)."""
    return _stream("main", codec, size, fps, kbps)


def sub(codec: str, size: str, fps: float | None, kbps: int) -> Json:
    """Build a sub stream (type 2)."""
    return _stream("sub", codec, size, fps, kbps)


def third(codec: str, size: str, fps: float | None, kbps: int) -> Json:
    """Build a third stream (type 3)."""
    return _stream("third", codec, size, fps, kbps)


def disk(number: int, state: str, capacity_mib: int, free_mib: int) -> Json:
    """Build a disk from the device's figures in MiB."""
    return {
        "number": number,
        "state": state,
        "capacity_bytes": capacity_mib * MIB,
        "free_bytes": free_mib * MIB,
    }
