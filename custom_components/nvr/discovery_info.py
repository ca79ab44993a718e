"""What Home Assistant is told of devices, by DHCP, SSDP and zeroconf, in our own words. Nothing of it is proven."""

from ipaddress import ip_address

from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import (
    ATTR_UPNP_FRIENDLY_NAME,
    ATTR_UPNP_MODEL_NAME,
    SsdpServiceInfo,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from yarl import URL

from .address import Address
from .discovery.models import FoundDevice
from .drivers.catalog import vendor_name
from .locating import OWN_DOORS, Door, Site

TEXT_LIMIT = 64
_IPV6 = 6


def device_of_dhcp(told: DhcpServiceInfo) -> FoundDevice:
    """Return the device that asked for an address."""
    return FoundDevice(
        vendor=None,
        host=told.ip,
        name=_text(told.hostname) or told.ip,
        mac=dr.format_mac(told.macaddress),
    )


def device_of_ssdp(told: SsdpServiceInfo) -> FoundDevice | None:
    """Return the device that described itself; None where it doesn't say where it is, or only for its link."""
    try:
        host = URL(told.ssdp_location or "").host
    except ValueError:
        return None
    if host is None or _leads_nowhere(host):
        return None
    return FoundDevice(
        vendor=None,
        host=host,
        name=_text(told.upnp.get(ATTR_UPNP_FRIENDLY_NAME)) or host,
        model=_text(told.upnp.get(ATTR_UPNP_MODEL_NAME)) or None,
    )


def device_of_zeroconf(told: ZeroconfServiceInfo) -> FoundDevice:
    """Return the device that announced a service."""
    name = told.name.removesuffix(f".{told.type}")
    # All protocols tell IPv4 addresses, so by these it is known to be one device; others may be all that it has.
    usable = sorted(
        (one for one in told.ip_addresses if not (one.is_link_local or one.is_unspecified)),
        key=lambda one: (one.version, one != told.ip_address),
    )
    host, *others = map(str, usable or [told.ip_address])
    return FoundDevice(
        vendor=None,
        host=host,
        other_hosts=tuple(others),
        port=told.port,
        name=_text(name) or host,
    )


def device_of_site(site: Site) -> FoundDevice:
    """Return the device that answers at one of several places behind an address."""
    return FoundDevice(
        vendor=site.vendor,
        host=site.connection.host,
        port=site.door.port,
        https=site.door.tls,
        name=vendor_name(site.vendor),
    )


def address_of(device: FoundDevice) -> Address:
    """Return where a device is; what it says of its web interface is left open, see `doors_of`."""
    return Address(device.host, None, None)


def doors_of(device: FoundDevice) -> tuple[Door, ...]:
    """Return where its web interface is, as it says: hardly any device names more than its plain one."""
    if device.port is None:
        return ()
    ways = (False, True) if device.https is None else (device.https,)
    doors = tuple(Door(device.port, tls) for tls in ways)
    return tuple(door for door in doors if door in OWN_DOORS) or doors


def label_of(device: FoundDevice) -> str:
    """Return what a device is listed as."""
    model = f" ({device.model})" if device.model and device.model != device.name else ""
    name = "" if device.name == device.host else f"{device.name}{model} · "
    return f"{name}{device.host}"


def is_same(one: FoundDevice, other: FoundDevice) -> bool:
    """Return whether what was told in two ways is one device."""
    if one.hosts & other.hosts:
        return True
    return any(
        mine is not None and mine == theirs
        for mine, theirs in (
            (one.serial, other.serial),
            (one.mac, other.mac),
            (one.endpoint, other.endpoint),
        )
    )


def _leads_nowhere(host: str) -> bool:
    """Return whether it is an IPv6 address that means nothing without the interface that it is told by, or is none."""
    try:
        address = ip_address(host)
    except ValueError:
        return ":" in host
    return address.version == _IPV6 and address.is_link_local


def _text(told: object) -> str:
    return " ".join(told.split())[:TEXT_LIMIT] if isinstance(told, str) else ""
