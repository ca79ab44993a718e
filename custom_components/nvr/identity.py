"""What recorders and channels are known by for good, whatever their names and addresses become."""

from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .drivers.models import Recorder


def recorder_key(recorder: Recorder) -> str:
    """Return what a recorder is known by: its entry's unique id, and the first part of its entities'."""
    return recorder.serial or recorder.mac or ""


def recorder_identifier(key: str) -> tuple[str, str]:
    """Return what a recorder's device is found by."""
    return (DOMAIN, key)


def channel_identifier(key: str, number: int) -> tuple[str, str]:
    """Return what the device of a recorder's channel is found by."""
    return (DOMAIN, f"{key}_{number}")


def channel_number(key: str, device: dr.AnyDeviceEntry) -> int | None:
    """Return the number of the recorder's channel that a device stands for, None for any other device."""
    prefix = f"{key}_"
    for domain, identifier in device.identifiers:
        number = identifier.removeprefix(prefix)
        if domain == DOMAIN and number != identifier and number.isdecimal():
            return int(number)
    return None
