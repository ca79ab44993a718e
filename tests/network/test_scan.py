"""A scan of a network of machines, each of which answers for itself."""

import asyncio

import pytest

from custom_components.nvr.discovery.models import DeviceKind, FoundDevice, Protocol
from custom_components.nvr.discovery.scan import scan

from .conftest import Recorders
from .home import SUBNET, Machine

# Nothing here takes longer to answer; what is waited for is the second round of questions.
SECONDS = 1.0


async def scanned(asker: Machine) -> dict[str, FoundDevice]:
    found = await scan([f"{asker.address}/{SUBNET.prefixlen}"], seconds=SECONDS)
    assert len({device.host for device in found}) == len(found), "a device is offered once"
    return {device.host: device for device in found}


async def test_recorders_and_cameras_of_all_makers_are_found(
    asker: Machine, recorders: Recorders
) -> None:
    plugged = {
        "10.10.10.21": await recorders.plug("hikvision/current", 21),
        "10.10.10.22": await recorders.plug("hikvision/camera", 22),
        "10.10.10.31": await recorders.plug("dahua/nvr", 31),
        "10.10.10.32": await recorders.plug("dahua/camera", 32),
        "10.10.10.41": await recorders.plug("onvif/nvr", 41),
        "10.10.10.42": await recorders.plug("onvif/camera", 42),
    }
    found = await scanned(asker)
    assert found.keys() == plugged.keys()
    for host, box in plugged.items():
        device, identity = found[host], box.recorder.identity
        assert device.port in {box.http_port, None}, "the usual one need not be told"
        assert not device.needs_setup
        assert device.model == identity.model
    assert [found[host].vendor for host in plugged] == [
        *("hikvision", "hikvision", "dahua", "dahua", "onvif", "onvif")
    ]
    assert found["10.10.10.21"].mac == plugged["10.10.10.21"].recorder.identity.mac
    kinds = {host: device.kind for host, device in found.items()}
    assert kinds["10.10.10.21"] is kinds["10.10.10.31"] is DeviceKind.RECORDER
    assert kinds["10.10.10.22"] is kinds["10.10.10.32"] is DeviceKind.CAMERA


@pytest.mark.parametrize("personality", ["hikvision/current", "dahua/nvr"])
async def test_a_device_that_speaks_onvif_too_is_found_once_with_its_makers_driver(
    asker: Machine, recorders: Recorders, personality: str
) -> None:
    box = await recorders.plug(personality, 21)
    await recorders.plug("onvif/nvr", 21, mac=box.recorder.identity.mac, ports=(8000, 8554))
    await recorders.plug("onvif/camera", 41)
    found = await scanned(asker)
    assert found.keys() == {"10.10.10.21", "10.10.10.41"}
    device = found["10.10.10.21"]
    assert device.vendor == personality.partition("/")[0]
    assert device.port == box.http_port
    assert len(device.protocols) == 2
    assert Protocol.WS_DISCOVERY in device.protocols


async def test_recorders_come_before_cameras(asker: Machine, recorders: Recorders) -> None:
    await recorders.plug("hikvision/camera", 21)
    await recorders.plug("dahua/camera", 22)
    await recorders.plug("hikvision/old", 31)
    await recorders.plug("dahua/nvr", 32)
    assert [*await scanned(asker)] == [f"10.10.10.{number}" for number in (31, 32, 21, 22)]


async def test_nothing_is_found_on_a_network_of_others(
    asker: Machine, recorders: Recorders
) -> None:
    assert await scanned(asker) == {}


async def test_devices_hear_questions_alone(asker: Machine, recorders: Recorders) -> None:
    boxes = [await recorders.plug("hikvision/current", 21), await recorders.plug("dahua/nvr", 31)]
    await scanned(asker)
    for box in boxes:
        assert not [*box.recorder.requests], "nobody is asked by HTTP"
        assert box.recorder.accounts.failed_logins == 0


async def test_what_is_asked_from_elsewhere_is_answered_there(
    asker: Machine, recorders: Recorders
) -> None:
    """Two that ask at once disturb each other as little as they disturb those that are found."""
    await recorders.plug("hikvision/current", 21)
    await recorders.plug("dahua/nvr", 31)
    one, other = await asyncio.gather(scanned(asker), scanned(asker))
    assert one.keys() == other.keys() == {"10.10.10.21", "10.10.10.31"}
