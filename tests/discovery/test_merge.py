"""Which answers are one device, and which devices are shown."""

from dataclasses import replace
from ipaddress import IPv4Network

from custom_components.nvr.discovery.merge import (
    MAX_ANSWERS,
    MAX_ANSWERS_OF_ONE,
    MAX_DEVICES,
    merge,
)
from custom_components.nvr.discovery.models import Answer, DeviceKind, FoundDevice, Protocol

SADP = Answer(
    protocol=Protocol.SADP,
    host="192.0.2.64",
    named_host="192.0.2.64",
    port=80,
    model="DS-7608NI-K2",
    firmware="V4.22",
    serial="DS-7608NI-K2-1",
    mac="4c:bd:8f:00:00:01",
    kind=DeviceKind.RECORDER,
)
DHDISCOVER = Answer(
    protocol=Protocol.DHDISCOVER,
    host="192.0.2.108",
    port=80,
    name="Villa",
    model="NVR5216",
    serial="8A0B1C2PAZ00001",
    mac="3c:ef:8c:00:00:01",
    kind=DeviceKind.RECORDER,
)
ONVIF = Answer(
    protocol=Protocol.WS_DISCOVERY,
    host="192.0.2.64",
    port=8000,
    https=False,
    name="Front door",
    model="IPC",
    endpoint="urn:uuid:1",
)
CAMERA = replace(
    SADP, host="192.0.2.65", named_host="192.0.2.65", serial="DS-2CD-1", mac=None, model="DS-2CD",
    kind=DeviceKind.CAMERA,
)  # fmt: skip


def test_one_device_with_two_protocols_is_one_by_its_vendors_driver() -> None:
    assert merge([ONVIF, SADP]) == (
        FoundDevice(
            vendor="hikvision",
            host="192.0.2.64",
            port=80,
            https=False,
            name="Front door",
            model="DS-7608NI-K2",
            firmware="V4.22",
            serial="DS-7608NI-K2-1",
            mac="4c:bd:8f:00:00:01",
            endpoint="urn:uuid:1",
            kind=DeviceKind.RECORDER,
            protocols=frozenset({Protocol.SADP, Protocol.WS_DISCOVERY}),
        ),
    )
    [found] = merge([replace(ONVIF, host="192.0.2.108"), DHDISCOVER])
    assert (found.vendor, found.name, found.port) == ("dahua", "Villa", 80)


def test_the_same_mac_address_is_the_same_device_wherever_it_answers_from() -> None:
    [found] = merge([SADP, replace(ONVIF, host="198.51.100.2", mac=SADP.mac)])
    assert (found.host, found.other_hosts) == ("192.0.2.64", ("198.51.100.2",))


def test_a_device_that_answers_often_and_everywhere_is_one() -> None:
    again = replace(SADP, host="198.51.100.2")
    assert merge([again, SADP, SADP, again]) == merge([SADP, again])
    [found] = merge([again, SADP])
    # Where it says it is, before where it was heard from as well.
    assert (found.host, found.other_hosts) == ("192.0.2.64", ("198.51.100.2",))


def test_endpoints_tell_onvif_devices_apart_unless_they_are_new_each_time() -> None:
    other = replace(ONVIF, endpoint="urn:uuid:2", port=8001)
    assert len(merge([ONVIF, other])) == 2
    assert len(merge([ONVIF, replace(other, port=ONVIF.port)])) == 1
    assert len(merge([ONVIF, replace(ONVIF, host="192.0.2.99")])) == 1


def test_two_devices_behind_one_address_are_two() -> None:
    neighbour = replace(SADP, serial="DS-7608NI-K2-2", mac="4c:bd:8f:00:00:02", port=81)
    assert {one.port for one in merge([SADP, neighbour])} == {80, 81}
    other_maker = replace(DHDISCOVER, host=SADP.host, port=82)
    assert {one.vendor for one in merge([SADP, other_maker])} == {"hikvision", "dahua"}


def test_a_device_without_a_serial_is_known_by_its_mac_address() -> None:
    bare = replace(SADP, serial=None)
    assert len(merge([bare, replace(bare, mac="4c:bd:8f:00:00:02")])) == 2
    assert [one.key for one in merge([bare, bare])] == [SADP.mac]
    assert [one.key for one in merge([SADP])] == [SADP.serial]
    assert [one.key for one in merge([ONVIF])] == [ONVIF.endpoint]
    assert [one.key for one in merge([replace(ONVIF, endpoint=None)])] == [ONVIF.host]


def test_recorders_come_first_then_in_order_of_their_addresses() -> None:
    found = merge(
        [
            CAMERA,
            replace(ONVIF, host="192.0.2.9"),
            replace(ONVIF, host="192.0.2.10", endpoint="urn:uuid:2"),
            DHDISCOVER,
            SADP,
        ]
    )
    assert [one.host for one in found] == [
        "192.0.2.64",
        "192.0.2.108",
        "192.0.2.9",
        "192.0.2.10",
        "192.0.2.65",
    ]


def test_what_is_never_empty_is_a_name() -> None:
    assert merge([replace(ONVIF, name=None)])[0].name == "IPC"
    assert merge([replace(ONVIF, name=None, model=None)])[0].name == "192.0.2.64"


def test_a_device_that_nobody_set_up_says_so() -> None:
    [found] = merge([replace(SADP, needs_setup=True), ONVIF])
    assert found.needs_setup


def test_a_camera_whose_recorder_passes_on_what_it_says_is_not_shown() -> None:
    passed_on = replace(CAMERA, host=SADP.host, named_host="192.168.254.2")
    assert [one.serial for one in merge([passed_on, SADP])] == [SADP.serial]
    # Without a recorder there, it has two addresses.
    assert [one.serial for one in merge([passed_on])] == [CAMERA.serial]


def test_a_camera_in_another_network_than_ours_is_behind_a_recorder() -> None:
    inner = replace(CAMERA, host="192.168.254.2", named_host="192.168.254.2")
    home = [IPv4Network("192.0.2.0/24")]
    assert [one.serial for one in merge([inner, SADP], home)] == [SADP.serial]
    assert len(merge([inner, SADP], [*home, IPv4Network("192.168.254.0/24")])) == 2
    # Nobody knows how large our networks are; there is no recorder; its address is its maker's.
    assert len(merge([inner, SADP])) == 2
    assert len(merge([inner, SADP], [IPv4Network("192.0.2.5/32")])) == 2
    assert len(merge([inner], home)) == 1
    assert len(merge([replace(inner, needs_setup=True), SADP], home)) == 2


def test_a_crowd_has_an_end() -> None:
    crowd = [replace(SADP, serial=f"{number}", mac=None, port=number) for number in range(1, 1000)]
    assert len(merge(crowd)) == MAX_DEVICES


def test_a_device_that_invents_addresses_of_its_own_has_few() -> None:
    everywhere = [replace(SADP, host=f"198.51.100.{number}") for number in range(1, 255)]
    [found] = merge(everywhere)
    assert 1 + len(found.other_hosts) == MAX_ANSWERS_OF_ONE


def test_what_is_said_after_a_crowd_is_not_compared_with_it() -> None:
    crowd = [replace(SADP, serial=f"{number}", mac=None) for number in range(MAX_ANSWERS)]
    assert {one.name for one in merge([*crowd[1:], ONVIF])} >= {ONVIF.name}
    assert ONVIF.name not in {one.name for one in merge([*crowd, ONVIF])}
