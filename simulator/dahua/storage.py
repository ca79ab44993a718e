"""Disks (section 12 of the protocol notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.disks import Disk, DiskState

from .device import Device
from .errors import Code, Refusal, RpcRefusal
from .firmware import Firmware
from .grammar import Json
from .route import Route, cgi
from .rpc import Call, Method, Reply
from .times import tell
from .traits.box import NoStorage, StorageShape

_MODULE: Final = "storageDevice"
_SERVICE: Final = "storage"
_DISK_SERVICE: Final = "devStorage"
_WORDS: Final = {
    DiskState.OK: "Success",
    DiskState.SLEEPING: "Active",
    DiskState.FORMATTING: "Running",
    DiskState.UNFORMATTED: "Error",
    DiskState.FAILED: "Error",
    DiskState.SMART_FAILED: "Failure",
}
_BROKEN: Final = {DiskState.FAILED, DiskState.UNFORMATTED}
# Arrays are cut into volumes of at most so much (NVR5832: 13998054440960 bytes).
_VOLUME: Final = 13_998_054_440_960
_PARTS: Final = 2
_REALLOCATED, _HOURS, _TEMPERATURE = 5, 9, 194


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_MODULE, "getDeviceAllInfo", disks, Right.STATUS)
    yield cgi(_MODULE, "factory.getPortInfo", port_info, Right.STATUS)
    yield cgi(_MODULE, "factory.getCollect", collect, Right.STATUS)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_SERVICE}.factory.instance", instance)
    yield Method(f"{_SERVICE}.getDeviceAllInfo", disks_by_call, Right.STATUS)
    yield Method(f"{_SERVICE}.getPortInfo", ports, Right.STATUS)
    yield Method(f"{_SERVICE}.getBoundTimeEx", bounds, Right.STATUS)
    yield Method(f"{_SERVICE}.destroy", destroy)
    yield Method(f"{_DISK_SERVICE}.factory.instance", disk_instance, None, _tells_values)
    yield Method(f"{_DISK_SERVICE}.getSmartValue", smart_value, Right.STATUS, _tells_values)
    yield Method(f"{_DISK_SERVICE}.destroy", disk_destroy, None, _tells_values)


def _tells_values(firmware: Firmware) -> bool:
    return firmware.smart_values


def _known(device: Device) -> list[Disk]:
    return [disk for disk in device.recorder.disks if disk.state is not DiskState.MISSING]


def listed(device: Device) -> list[Json]:
    """Give what there is to record to."""
    known = _known(device)
    if not known:
        return []
    health = device.firmware.smart_values
    match device.firmware.storage_shape:
        case StorageShape.RAID:
            return [_array(known)]
        case StorageShape.CARD:
            return [_disk(disk, "/dev/mmc0", ["/mnt/sd"], health=health) for disk in known]
        case StorageShape.DISKS:
            return [_disk(disk, _name(disk), _parts(disk), health=health) for disk in known]


def _parts(disk: Disk) -> list[str]:
    return [f"{_name(disk)}{place}" for place in range(_PARTS)]


def _name(disk: Disk) -> str:
    return f"/dev/sd{chr(ord('a') + disk.number - 1)}"


def _disk(disk: Disk, name: str, parts: list[str], *, health: bool) -> Json:
    used = disk.capacity_bytes - disk.free_bytes
    share = disk.capacity_bytes // len(parts)
    details: list[Json] = [
        _part(path, share, max(0, min(share, used - place * share)), disk)
        for place, path in enumerate(parts)
    ]
    return {
        "Detail": [] if disk.state is DiskState.UNFORMATTED else details,
        "HealthDataFlag": health or 0,
        "Name": name,
        "State": _WORDS[disk.state],
    }


def _part(path: str, total: int, used: int, disk: Disk | None) -> Json:
    return {
        "IsError": disk is not None and disk.state in _BROKEN,
        "Path": path,
        "TotalBytes": float(total),
        "Type": "ReadWrite",
        "UsedBytes": float(used),
    }


def _array(known: list[Disk]) -> Json:
    total = sum(disk.capacity_bytes for disk in known)
    used = total - sum(disk.free_bytes for disk in known)
    details: list[Json] = []
    for place, begins in enumerate(range(0, total, _VOLUME)):
        size = min(_VOLUME, total - begins)
        filled = max(0, min(size, used - begins))
        details.append(_part(f"/dev/md0{place}", size, filled, None))
    broken = any(disk.state in _BROKEN for disk in known)
    return {
        "Detail": details,
        "HealthDataFlag": 0,
        "Name": "/dev/md0",
        "State": "Degraded" if broken else "Success",
    }


async def disks(device: Device, _request: web.Request) -> web.StreamResponse:
    """List what there is to record to."""
    found = listed(device)
    if not found:
        match device.firmware.no_storage:
            case NoStorage.BAD_REQUEST:
                raise Refusal.bad_request()
            case NoStorage.ERROR:
                raise Refusal.failed()
            case NoStorage.EMPTY:
                pass
    return device.fields(found, "list.info")


async def port_info(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell the bays."""
    return device.fields(_ports(device), "info")


async def collect(device: Device, _request: web.Request) -> web.StreamResponse:
    """Count the disks."""
    return device.fields({"result": len(_known(device))})


def _ports(device: Device) -> Json:
    bays = device.recorder.disks
    mask = sum(1 << (disk.number - 1) for disk in _known(device))
    return {"Count": len(bays), "Mask": mask, "Plug": mask}


async def instance(device: Device, _call: Call) -> Reply:
    """Give the service's instance."""
    return Reply(result=device.instances.make(_SERVICE))


async def destroy(device: Device, call: Call) -> Reply:
    """Take the service's instance away."""
    device.instances.destroy(_SERVICE, call.target)
    return Reply()


async def disks_by_call(device: Device, call: Call) -> Reply:
    """List what there is to record to."""
    device.instances.find(_SERVICE, call.target)
    found = listed(device)
    if not found and device.firmware.no_storage is not NoStorage.EMPTY:
        raise RpcRefusal(Code.UNSET)
    return Reply(found if device.firmware.storage_bare else {"info": found})


async def ports(device: Device, call: Call) -> Reply:
    """Tell the bays."""
    device.instances.find(_SERVICE, call.target)
    return Reply({"info": _ports(device)})


async def bounds(device: Device, call: Call) -> Reply:
    """Tell of when the oldest and the newest footage is."""
    device.instances.find(_SERVICE, call.target)
    recorder = device.recorder
    now = recorder.now()
    oldest = tell(recorder, device.firmware, now - recorder.schedule.retention)
    return Reply({"BeginTime": oldest, "EndTime": tell(recorder, device.firmware, now)})


async def disk_instance(device: Device, call: Call) -> Reply:
    """Give the instance of a disk."""
    name = call.text("name")
    if name not in {_name(disk) for disk in _known(device)}:
        raise RpcRefusal(Code.INVALID_PARAMETER)
    return Reply(result=device.instances.make(_DISK_SERVICE, name))


async def disk_destroy(device: Device, call: Call) -> Reply:
    """Take the instance of a disk away."""
    device.instances.destroy(_DISK_SERVICE, call.target)
    return Reply()


async def smart_value(device: Device, call: Call) -> Reply:
    """Tell what a disk tells of itself."""
    name = device.instances.find(_DISK_SERVICE, call.target).name
    disk = next(disk for disk in _known(device) if _name(disk) == name)
    failing = disk.state is DiskState.SMART_FAILED
    values: list[Json] = [
        _value(_REALLOCATED, "Reallocated Sector Count", 1840 if failing else 0),
        _value(_HOURS, "Power On Hours Count", 20_480),
        _value(_TEMPERATURE, "Temperature", 41),
    ]
    return Reply({"values": values})


def _value(number: int, name: str, raw: int) -> Json:
    return {"Current": 100, "ID": number, "Name": name, "Raw": raw, "Worst": 100}
