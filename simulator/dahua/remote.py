"""The table RemoteDevice: what is in the slots for cameras in the network (section 6 of the notes)."""

from simulator.core.channels import Channel

from .device import Device
from .grammar import Json
from .traits.channels import RemoteKey, Slot

_PLACEHOLDER = "192.168.0.0"


def remote_devices(device: Device) -> Json:
    """Give the rows of all slots; channels of the box's own inputs have none."""
    rows: dict[int, Json] = {}
    for index in range(device.capacity):
        channel = device.recorder.channels.get(index + 1)
        if channel is None:
            rows[index] = _slot(device, index)
        elif not channel.analog:
            rows[index] = {**camera_of(device, channel), "Enable": True}
    if device.firmware.remote_key is RemoteKey.INDEX:
        return [rows.get(index, {}) for index in range(device.capacity)]
    return {RemoteKey.UUID.format(index=index): row for index, row in rows.items()}


def camera_of(device: Device, channel: Channel) -> dict[str, Json]:
    """Give the labels of the camera behind a channel, as the recorder knows them."""
    camera = channel.camera
    onvif = channel.number in device.firmware.onvif
    return _row(
        name=channel.name,
        address=camera.address,
        model=camera.model,
        serial=camera.serial,
        version=camera.firmware,
        mac="ff:ff:ff:ff:ff:ff" if onvif else f"02:00:5e:20:00:{channel.number:02x}",
        vendor="Onvif" if onvif else "Private",
    )


def _slot(device: Device, index: int) -> Json:
    """Give the row of a slot without a channel."""
    match device.firmware.slots.get(index, Slot.EMPTY):
        case Slot.EMPTY:
            row = _row(address=_PLACEHOLDER)
        case Slot.STALE | Slot.DISABLED:
            row = _row(
                name=f"Channel{index + 1}",
                address=f"192.0.2.{200 + index}",
                model="IPC-HDW2431T",
                serial=f"3K00000PAG{index:05}",
                version="2.622.0000000.18.R",
                mac=f"02:00:5e:30:00:{index:02x}",
            )
    return {**row, "Enable": device.firmware.slots.get(index) is Slot.STALE}


def _row(
    *,
    name: str = "",
    address: str = "",
    model: str = "",
    serial: str = "",
    version: str = "",
    mac: str = "",
    vendor: str = "Private",
) -> dict[str, Json]:
    return {
        "Address": address,
        "AudioInputChannels": 1,
        "DeviceClass": "IPC",
        "DeviceType": model,
        "Enable": False,
        "Encryption": 0,
        "HttpPort": 80,
        "HttpsPort": 443,
        "Mac": mac,
        "Name": name,
        "PoE": False,
        "PoEPort": 0,
        "Port": 37777,
        "ProtocolType": vendor,
        "RtspPort": 554,
        "SerialNo": serial,
        "UserName": "admin",
        "Password": "******",
        "Vendor": "Onvif" if vendor == "Onvif" else "General",
        "Version": version,
        "VideoInputChannels": 1,
        "VideoInputs": [
            {
                "BufDelay": 280,
                "Enable": True,
                "ExtraStreamUrl": "",
                "MainStreamUrl": "",
                "Name": name,
                "ServiceType": "AUTO",
            }
        ],
    }
