"""Many answers are few devices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from itertools import islice

from .models import Answer, DeviceKind, FoundDevice, Protocol

MAX_DEVICES = 256
# No device has more to say. Each answer is compared with all that are kept, so whoever invents them decides how long.
MAX_ANSWERS_OF_ONE = 16
MAX_ANSWERS = MAX_DEVICES * MAX_ANSWERS_OF_ONE
_WHOLE_ADDRESS = 32
# The deepest first: who speaks a vendor's own protocol is known better by that vendor's driver.
_DRIVERS = {
    Protocol.SADP: "hikvision",
    Protocol.DHDISCOVER: "dahua",
    Protocol.WS_DISCOVERY: "onvif",
}
_DEPTH = {protocol: depth for depth, protocol in enumerate(_DRIVERS)}
_ORDER = {DeviceKind.RECORDER: 0, None: 1, DeviceKind.CAMERA: 2}


@dataclass(slots=True)
class _Device:
    """The answers of one device, the deepest first."""

    answers: list[Answer] = field(default_factory=list)

    def said(self, answer: Answer) -> bool:
        """Return whether this device gave an answer, as far as can be told."""
        mine = [one for one in self.answers if one.protocol is answer.protocol]
        if mine:
            return any(_same_in_protocol(one, answer) for one in mine)
        return any(_same_across(one, answer) for one in self.answers)

    def add(self, answer: Answer) -> None:
        """Keep an answer that this device gave, unless it gave enough."""
        if len(self.answers) < MAX_ANSWERS_OF_ONE:
            self.answers.append(answer)

    @property
    def kind(self) -> DeviceKind | None:
        """What it is made for."""
        return next((one.kind for one in self.answers if one.kind is not None), None)

    def found(self) -> FoundDevice:
        """Return it as one."""
        answers = self.answers
        at_home = sorted(answers, key=lambda one: (_away(one), _number(one.host)))
        hosts = tuple(dict.fromkeys(one.host for one in at_home))
        there = [one for one in answers if one.host == hosts[0]]
        model = next((one.model for one in answers if one.model), None)
        return FoundDevice(
            vendor=_DRIVERS[answers[0].protocol],
            host=hosts[0],
            other_hosts=hosts[1:],
            port=next((one.port for one in there if one.port), None),
            https=next((one.https for one in there if one.https is not None), None),
            name=next((one.name for one in answers if one.name), None) or model or hosts[0],
            model=model,
            firmware=next((one.firmware for one in answers if one.firmware), None),
            serial=next((one.serial for one in answers if one.serial), None),
            mac=next((one.mac for one in answers if one.mac), None),
            endpoint=next((one.endpoint for one in answers if one.endpoint), None),
            kind=self.kind,
            needs_setup=any(one.needs_setup for one in answers),
            protocols=frozenset(one.protocol for one in answers),
        )


def merge(
    answers: Iterable[Answer], networks: Sequence[IPv4Network] = ()
) -> tuple[FoundDevice, ...]:
    """Return each device once, recorders first, without the cameras behind them.

    ``networks`` are those that we are in, where their sizes are known.
    """
    devices: list[_Device] = []
    # Each was asked twice, and most answer both times the same.
    for answer in islice(sorted(dict.fromkeys(answers), key=_sorting), MAX_ANSWERS):
        device = next((one for one in devices if one.said(answer)), None)
        if device is not None:
            device.add(answer)
        elif len(devices) < MAX_DEVICES:
            devices.append(_Device([answer]))
    shown = [one.found() for one in devices if not _is_behind(one, devices, networks)]
    return tuple(sorted(shown, key=_place))


def _same_in_protocol(one: Answer, other: Answer) -> bool:
    for mine, others in (
        (one.serial, other.serial),
        (one.mac, other.mac),
        (one.endpoint, other.endpoint),
    ):
        if mine is not None and others is not None:
            if mine == others:
                return True
            if one.protocol is not Protocol.WS_DISCOVERY:
                return False
    # Some make a new endpoint of themselves for each answer.
    return (one.host, one.port) == (other.host, other.port)


def _same_across(one: Answer, other: Answer) -> bool:
    if one.mac is not None and one.mac == other.mac:
        return True
    if one.host != other.host:
        return False
    # ONVIF may have a port of its own; two vendors' protocols on one host are two devices behind one address.
    return other.protocol is Protocol.WS_DISCOVERY or one.port == other.port


def _is_behind(
    device: _Device, devices: Sequence[_Device], networks: Sequence[IPv4Network]
) -> bool:
    """Return whether it is a camera that only a recorder reaches, by its inner network.

    Recorders pass on what such cameras say, or the question to them.
    """
    if device.kind is DeviceKind.RECORDER:
        return False
    recorders = {
        answer.host
        for one in devices
        if one is not device and one.kind is DeviceKind.RECORDER
        for answer in one.answers
    }
    passed_on = all(one.host in recorders and _away(one) for one in device.answers)
    known = [network for network in networks if network.prefixlen < _WHOLE_ADDRESS]
    if passed_on or not (recorders and known) or len(known) < len(networks):
        return passed_on
    if any(one.needs_setup for one in device.answers):
        # It has its maker's address as long as nobody gave it another.
        return False
    return not any(IPv4Address(one.host) in network for one in device.answers for network in known)


def _away(answer: Answer) -> bool:
    """Return whether it says to have another address than it answered from."""
    return answer.named_host is not None and answer.named_host != answer.host


def _number(host: str) -> int:
    return int(IPv4Address(host))


def _sorting(answer: Answer) -> tuple[int, bool, int, int]:
    return (_DEPTH[answer.protocol], _away(answer), _number(answer.host), answer.port or 0)


def _place(found: FoundDevice) -> tuple[int, int, int]:
    return (_ORDER[found.kind], _number(found.host), found.port or 0)
