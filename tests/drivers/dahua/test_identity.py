"""Who a device is, by what real ones answered (section 5 of the notes)."""

from pathlib import Path

import pytest

from custom_components.nvr.drivers.dahua.facts import Facts
from custom_components.nvr.drivers.dahua.identity import (
    DEFAULT_MANUFACTURER,
    DeviceClass,
    Identity,
    SystemInfo,
    manufacturer,
    normal_mac,
    read_firmware,
    read_mac,
    read_system_info,
    read_word,
)
from custom_components.nvr.drivers.dahua.tree import Tree, read_table

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "dahua"
recorded = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


@recorded
@pytest.mark.parametrize(
    ("device", "model", "serial", "kind"),
    [
        ("nvr5232-ei", "DH-NVR5232-4KS3/I", "BD04CE2PAJ3B9BF", DeviceClass.RECORDER),
        ("nvr608h-128-4ks3", "DH-NVR608H-128-4KS3/I", "AJ0C56APAZ4145B", DeviceClass.RECORDER),
        ("nvr6xx-4ks2", "NVR6XX-4KS2", "4C0048DPAJ8F3C9", DeviceClass.RECORDER),
        ("ipc-hdw5831r-ze", "IPC-HDW5831R-ZE", "4X7C5A1ZAG21L3F", DeviceClass.CAMERA),
        ("amcrest-ip4m-1041b", "IP4M-1041B", "12345", DeviceClass.CAMERA),
        ("vto2311r-wp", "DHI-VTO2311R-WP", "AD0578CPAJ36130", DeviceClass.CAMERA),
    ],
)
def test_real_devices(device: str, model: str, serial: str, kind: DeviceClass) -> None:
    body = (DEVICES / device / "magicBox.getSystemInfo.txt").read_bytes()
    identity = Identity(info=read_system_info(read_table(body)))
    recorder = identity.recorder()
    assert recorder is not None
    assert (recorder.model, recorder.serial) == (model, serial)
    assert identity.device_class(has_remotes=False) is kind


@recorded
def test_real_firmware() -> None:
    body = (DEVICES / "nvr5232-ei" / "magicBox.getSoftwareVersion.txt").read_bytes()
    assert read_firmware(read_table(body)) == "5.001.0000000.2.R build 2026-03-31"


def test_both_families_name_a_firmware_alike() -> None:
    parts = read_firmware({"version": {"Version": "2.8", "BuildDate": "2020-10-19"}})
    line = read_firmware(read_table(b"version=2.8 build:2020-10-19"))
    assert parts == line == "2.8 build 2020-10-19"
    assert read_firmware(read_table(b"version=2.8")) == "2.8"
    assert read_firmware(read_table(b"x=1")) is None


@pytest.mark.parametrize(
    ("vendor", "model", "brand"),
    [
        ("Amcrest", "x", "Amcrest"),
        ("Lorex", "x", "Lorex"),
        ("General", "IPC-X", "Dahua"),
        ("General", "IP4M-1041B", "Dahua"),
        (None, "IP4M-1041B", "Amcrest"),
        (None, "iNVD 9116 PE FT", "Intelbras"),
        (None, "DH-NVR5232-4KS3/I", "Dahua"),
    ],
)
def test_brands(vendor: str | None, model: str, brand: str) -> None:
    assert manufacturer(vendor, model) == brand


@pytest.mark.parametrize(
    ("identity", "has_remotes", "kind"),
    [
        (Identity(class_word="NVR"), False, DeviceClass.RECORDER),
        (Identity(class_word="XVR"), True, DeviceClass.HYBRID),
        (Identity(class_word="HCVR"), False, DeviceClass.HYBRID),
        (Identity(class_word="SD", info=SystemInfo(type="31")), True, DeviceClass.CAMERA),
        (Identity(info=SystemInfo(type="31")), False, DeviceClass.RECORDER),
        (Identity(info=SystemInfo(type="31", update="XVR5108")), True, DeviceClass.HYBRID),
        (Identity(info=SystemInfo(type="W461ASC")), False, DeviceClass.CAMERA),
        (Identity(info=SystemInfo(type="W461ASC")), True, DeviceClass.RECORDER),
        (Identity(serial="1"), False, DeviceClass.UNKNOWN),
        (Identity(serial="1"), True, DeviceClass.RECORDER),
    ],
)
def test_classes(identity: Identity, has_remotes: bool, kind: DeviceClass) -> None:
    assert identity.device_class(has_remotes=has_remotes) is kind


def test_a_number_is_no_model() -> None:
    assert SystemInfo(type="31").model == ""
    assert SystemInfo(type="31", update="NVR6XX").model == "NVR6XX"
    assert SystemInfo(type="IP Camera", update="IPC-X").model == "IPC-X"
    assert SystemInfo(type="IP Camera").model == "IP Camera"


def test_what_tells_one_from_another() -> None:
    nobody = Identity()
    assert nobody.recorder() is None
    named = Identity(name="House", mac="3c:ef:8c:00:00:01", info=SystemInfo(serial="0000"))
    recorder = named.recorder()
    assert recorder is not None
    assert (recorder.name, recorder.serial, recorder.mac) == ("House", "", "3c:ef:8c:00:00:01")


def test_nothing_stands_in_for_what_it_does_not_say() -> None:
    recorder = Identity(class_word="NVR", info=SystemInfo(type="31", serial="A")).recorder()
    assert recorder is not None
    assert (recorder.name, recorder.model, recorder.title) == ("", "", "")
    recorder = Identity(info=SystemInfo(type="IPC-X")).recorder()
    assert recorder is not None
    assert (recorder.name, recorder.title) == ("", "IPC-X")


def test_the_newer_form_and_single_words() -> None:
    assert read_system_info(read_table(b"info.deviceType=31\ninfo.serialNumber=A")).serial == "A"
    assert read_word(read_table(b"class=NVR")) == "NVR"
    assert read_word({"type": "NVR"}) == "NVR"
    assert read_word(None) is None
    # The call went well, and that is all that is said.
    assert read_word({"result": True}) is None
    assert read_word({"result": "House"}) == "House"


def test_the_default_interface_tells_the_address() -> None:
    table: Tree = {
        "DefaultInterface": "eth1",
        "eth0": {"PhysicalAddress": "02:00:00:00:00:01"},
        "eth1": {"PhysicalAddress": "02-00-00-00-00-02"},
    }
    assert read_mac(table) == "02:00:00:00:00:02"
    assert read_mac({"eth0": {"PhysicalAddress": "ff:ff:ff:ff:ff:ff"}}) is None
    assert normal_mac("00:00:00:00:00:00") is None


def test_a_device_that_says_nothing_is_still_of_its_maker() -> None:
    # As what was recorded of one says.
    assert Facts().state().recorder.manufacturer == DEFAULT_MANUFACTURER
