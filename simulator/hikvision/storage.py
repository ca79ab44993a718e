"""Disks."""

from collections.abc import Iterable

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.disks import MEBIBYTE, Disk, DiskState

from .device import Device
from .errors import Refusal
from .route import Route
from .xml import Document

_WORDS = {
    DiskState.OK: "ok",
    DiskState.SLEEPING: "sleeping",
    DiskState.FORMATTING: "formating",
    DiskState.UNFORMATTED: "unformatted",
    DiskState.FAILED: "error",
    DiskState.MISSING: "notexist",
    DiskState.SMART_FAILED: "smartFailed",
}


def routes() -> Iterable[Route]:
    """Give the resources."""
    path = "/ISAPI/ContentMgmt/Storage"
    yield Route("GET", path, storage, Right.STATUS)
    yield Route("GET", f"{path}/hdd", hdds, Right.STATUS)
    yield Route("GET", f"{path}/hdd/{{number:[0-9]+}}", hdd, Right.STATUS)


async def storage(device: Device, _request: web.Request) -> web.Response:
    """List all disks."""
    newer = device.firmware.newer_capabilities
    content: Document = {
        "hddList": {"hdd": [_hdd(device, disk) for disk in device.recorder.disks]},
        "nasList": None,
        "workMode": {"@opt": "group,quota", "#text": "quota"} if newer else "quota",
        **({"ssdList": None} if newer else {}),
    }
    return device.xml("storage", content)


async def hdds(device: Device, _request: web.Request) -> web.Response:
    """List the hard disks."""
    return device.xml("hddList", {"hdd": [_hdd(device, disk) for disk in device.recorder.disks]})


async def hdd(device: Device, request: web.Request) -> web.Response:
    """Tell of one disk."""
    number = int(request.match_info["number"])
    for disk in device.recorder.disks:
        if disk.number == number:
            return device.xml("hdd", _hdd(device, disk))
    raise Refusal.invalid_operation()


def _word(device: Device, disk: Disk) -> str:
    if disk.state is DiskState.OK and device.firmware.idle_disks:
        return "idle"
    return _WORDS[disk.state]


def _hdd(device: Device, disk: Disk) -> Document:
    group = {"group": 1} if device.firmware.newer_capabilities else {}
    return {
        "id": disk.number,
        "hddName": f"hdd{disk.number}",
        "hddPath": None,
        "hddType": "SATA",
        "status": _word(device, disk),
        "capacity": disk.capacity_bytes // MEBIBYTE,
        "freeSpace": disk.free_bytes // MEBIBYTE,
        "property": "RW",
        **group,
    }
