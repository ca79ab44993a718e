"""The device itself: its labels, its clock, its users (section 5 of the notes)."""

from collections.abc import Iterable
from datetime import UTC, datetime
import uuid

from simulator.core.accounts import Right

from .device import Device
from .errors import Refusal
from .namespaces import Service
from .operation import Call, Operation
from .traits.box import Clock
from .xml import Document, Name, first, text_of


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.DEVICE
    yield Operation(service, "GetSystemDateAndTime", date_and_time, open=True)
    yield Operation(service, "SetSystemDateAndTime", set_date_and_time, Right.SETTINGS)
    yield Operation(service, "GetDeviceInformation", information, Right.LIVE)
    yield Operation(service, "GetHostname", hostname, open=True)
    yield Operation(service, "GetEndpointReference", endpoint, open=True)
    yield Operation(service, "GetWsdlUrl", wsdl_url, open=True)
    yield Operation(service, "GetUsers", users, Right.SETTINGS)
    yield Operation(service, "SystemReboot", reboot, Right.SETTINGS)


async def information(device: Device, _call: Call) -> Document:
    """Tell the labels of the box."""
    identity = device.recorder.identity
    return {
        "tds:Manufacturer": device.firmware.manufacturer,
        "tds:Model": identity.model,
        "tds:FirmwareVersion": identity.firmware,
        "tds:SerialNumber": identity.serial,
        "tds:HardwareId": identity.hardware,
    }


async def date_and_time(device: Device, _call: Call) -> Document:
    """Tell the time by the device's own clock."""
    firmware, clock = device.firmware, device.recorder.clock
    now = device.recorder.now()
    utc = device.utc
    local = clock.wall(now)
    summer = clock.shown(now).astimezone(clock.zone).dst()
    told: dict[str, str | bool | Document] = {
        "DateTimeType": "Manual" if firmware.manual_clock else "NTP",
        "DaylightSavings": bool(summer),
        "TimeZone": {"TZ": clock.zone.rule},
    }
    if firmware.clock is not Clock.LOCAL_ALONE:
        told["UTCDateTime"] = _digits(local if firmware.clock is Clock.LOCAL_AS_UTC else utc)
    told["LocalDateTime"] = _digits(local)
    return {"tds:SystemDateAndTime": told}


def _digits(moment: datetime) -> Document:
    return {
        "Time": {"Hour": moment.hour, "Minute": moment.minute, "Second": moment.second},
        "Date": {"Year": moment.year, "Month": moment.month, "Day": moment.day},
    }


async def set_date_and_time(device: Device, call: Call) -> Document:
    """Set the clock by the digits of UTC, where there are any."""
    utc = first(call.body, "UTCDateTime")
    if utc is None:
        return {}
    names = ("Year", "Month", "Day", "Hour", "Minute", "Second")
    try:
        numbers = [int(text_of(utc, name) or "") for name in names]
        year, month, day, hour, minute, second = numbers
        digits = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as err:
        raise Refusal.invalid("InvalidDateTime", "An invalid date or time was specified") from err
    clock = device.recorder.clock
    clock.offset += digits - clock.shown(device.recorder.now())
    return {}


async def hostname(device: Device, _call: Call) -> Document:
    """Tell its name in the network."""
    name = device.recorder.identity.model.replace("/", "-")
    return {"tds:HostnameInformation": {"FromDHCP": False, "Name": Name(name)}}


def endpoint_of(device: Device) -> str:
    """Give what it is called by in discovery, on each of its interfaces the same."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, device.recorder.identity.serial)}"


async def endpoint(device: Device, _call: Call) -> Document:
    """Tell what it is called by in discovery."""
    return {"tds:GUID": endpoint_of(device).removeprefix("urn:uuid:")}


async def wsdl_url(_device: Device, _call: Call) -> Document:
    """Tell where its messages are described."""
    return {"tds:WsdlUrl": "http://www.onvif.org/"}


async def users(device: Device, _call: Call) -> Document:
    """List who may log in."""
    return {
        "tds:User": [
            {
                "Username": user.name,
                "UserLevel": "Administrator" if user.administrator else "User",
            }
            for user in device.recorder.accounts.users.values()
        ]
    }


async def reboot(device: Device, _call: Call) -> Document:
    """Reboot, and say so before."""
    device.recorder.restart()
    return {"tds:Message": "Rebooting"}
