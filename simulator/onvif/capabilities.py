"""What the device can, and where (sections 1 and 5 of the notes)."""

from collections.abc import Iterable, Mapping
from typing import Final

from .addresses import xaddr
from .device import Device
from .errors import Refusal
from .namespaces import PREFIX_OF, Service
from .operation import Call, Operation
from .traits.login import Proof
from .xml import Document, text_of

_VERSIONS: Final = {
    Service.DEVICE: (18, 12),
    Service.MEDIA: (2, 60),
    Service.MEDIA2: (16, 12),
    Service.EVENTS: (2, 60),
    Service.RECORDING: (16, 12),
    Service.SEARCH: (2, 42),
    Service.REPLAY: (2, 21),
}
# The services that GetCapabilities knows, by their names there; the later ones are in its Extension.
_CATEGORIES: Final = {
    Service.DEVICE: "Device",
    Service.EVENTS: "Events",
    Service.MEDIA: "Media",
}
_LATER: Final = {
    Service.RECORDING: "Recording",
    Service.SEARCH: "Search",
    Service.REPLAY: "Replay",
}
_MAX_STRING: Final = 64
MAX_PULL_POINTS: Final = 10


def operations() -> Iterable[Operation]:
    """Give the operations."""
    yield Operation(Service.DEVICE, "GetServices", services, open=True)
    yield Operation(Service.DEVICE, "GetCapabilities", capabilities, open=True)
    for service in Service:
        yield Operation(service, "GetServiceCapabilities", service_capabilities, open=True)


def claimed(device: Device) -> list[Service]:
    """Give the services that the device says it has, in a fixed order."""
    return [each for each in Service if each in device.firmware.services]


async def services(device: Device, call: Call) -> Document:
    """List the services, with what each can where that is asked for."""
    detailed = text_of(call.body, "IncludeCapability") in {"true", "1"}
    return {"tds:Service": [_service(device, call, each, detailed) for each in claimed(device)]}


def _service(device: Device, call: Call, service: Service, detailed: bool) -> Document:
    major, minor = _VERSIONS[service]
    prefix = PREFIX_OF[service]
    known: Document = {f"{prefix}:Capabilities": details_of(device, service)}
    return {
        "tds:Namespace": service.value,
        "tds:XAddr": xaddr(device, call.request, service),
        **({"tds:Capabilities": known} if detailed else {}),
        "tds:Version": {"Major": major, "Minor": minor},
    }


async def service_capabilities(device: Device, call: Call) -> Document:
    """Tell what one service can."""
    prefix = PREFIX_OF[call.namespace]
    return {f"{prefix}:Capabilities": details_of(device, Service(call.namespace))}


def details_of(device: Device, service: Service) -> Document:
    """Tell what a service can, in attributes."""
    prefix = PREFIX_OF[service]
    match service:
        case Service.DEVICE:
            return {
                f"{prefix}:Network": {"@IPFilter": False, "@NTP": 1},
                f"{prefix}:Security": {
                    "@UsernameToken": Proof.TOKEN in device.firmware.proofs,
                    "@HttpDigest": Proof.DIGEST in device.firmware.proofs,
                },
                f"{prefix}:System": {"@DiscoveryResolve": False, "@DiscoveryBye": True},
            }
        case Service.MEDIA | Service.MEDIA2:
            profiles = {"@MaximumNumberOfProfiles": len(device.profiles)}
            streaming = {"@RTSPStreaming": True, "@RTPMulticast": False, "@RTP_RTSP_TCP": True}
            return {
                "@SnapshotUri": device.firmware.snapshots,
                "@OSD": device.firmware.titles,
                f"{prefix}:ProfileCapabilities": profiles,
                f"{prefix}:StreamingCapabilities": streaming,
            }
        case Service.EVENTS:
            return {
                "@WSSubscriptionPolicySupport": True,
                "@WSPullPointSupport": device.firmware.claims_pull_points,
                "@MaxPullPoints": MAX_PULL_POINTS,
            }
        case Service.RECORDING:
            recorded = [each.format.codec for each in device.profiles]
            return {
                "@DynamicRecordings": False,
                "@DynamicTracks": False,
                "@Encoding": " ".join(sorted({each.replace(".", "") for each in recorded})),
                "@MaxRecordings": len(recorded),
                "@MaxRecordingJobs": len(recorded),
            }
        case Service.SEARCH:
            return {"@MetadataSearch": False, "@GeneralStartEvents": False}
        case Service.REPLAY:
            rtsp = device.firmware.rtsp
            limit = rtsp.session_timeout.total_seconds()
            return {
                "@ReversePlayback": rtsp.reverse,
                "@SessionTimeoutRange": f"{limit:g} {limit:g}",
                "@RTP_RTSP_TCP": True,
            }


async def capabilities(device: Device, call: Call) -> Document:
    """Tell what it can as the oldest clients ask: Media2 has no place here."""
    category = text_of(call.body, "Category") or "All"
    known = {name: service for service, name in _CATEGORIES.items()}
    if (
        category != "All"
        and category not in known
        and category not in {"Analytics", "Imaging", "PTZ"}
    ):
        raise Refusal.invalid("InvalidArgVal", "No such category")
    told: dict[str, Document] = {}
    for service in claimed(device):
        name = _CATEGORIES.get(service)
        if name is not None and category in {"All", name}:
            address = xaddr(device, call.request, service)
            told[name] = {"XAddr": address, **_sketch(device, service)}
    if category != "All" and category not in told:
        raise Refusal("No such service", "ActionNotSupported", "NoSuchService", receiver=True)
    later = _extension(device, call)
    if category == "All" and later:
        told["Extension"] = later
    ordered = {name: told[name] for name in sorted(told, key=_place)}
    return {"tds:Capabilities": ordered}


def _place(name: str) -> int:
    return ("Device", "Events", "Media", "Extension").index(name)


def _extension(device: Device, call: Call) -> Document:
    told: dict[str, Mapping[str, str | bool | int]] = {}
    for service in claimed(device):
        name = _LATER.get(service)
        if name is None:
            continue
        more: dict[str, str | bool | int] = {"XAddr": xaddr(device, call.request, service)}
        if service is Service.RECORDING:
            more |= {
                "ReceiverSource": False,
                "MediaProfileSource": True,
                "DynamicRecordings": False,
                "DynamicTracks": False,
                "MaxStringLength": _MAX_STRING,
            }
        if service is Service.SEARCH:
            more["MetadataSearch"] = False
        told[name] = more
    return told


def _sketch(device: Device, service: Service) -> Document:
    """Tell what a service can, in the words of GetCapabilities."""
    match service:
        case Service.DEVICE:
            return {
                "Network": {
                    "IPFilter": False, "ZeroConfiguration": False, "IPVersion6": False, "DynDNS": False,
                },
                "System": {
                    "DiscoveryResolve": False,
                    "DiscoveryBye": True,
                    "RemoteDiscovery": False,
                    "SystemBackup": False,
                    "SystemLogging": False,
                    "FirmwareUpgrade": False,
                    "SupportedVersions": [{"Major": 18, "Minor": 12}, {"Major": 2, "Minor": 60}],
                },
                "IO": {"InputConnectors": 0, "RelayOutputs": 0},
                "Security": {
                    "TLS1.1": False,
                    "TLS1.2": False,
                    "OnboardKeyGeneration": False,
                    "AccessPolicyConfig": False,
                    "X.509Token": False,
                    "SAMLToken": False,
                    "KerberosToken": False,
                    "RELToken": False,
                },
            }  # fmt: skip
        case Service.EVENTS:
            return {
                "WSSubscriptionPolicySupport": True,
                "WSPullPointSupport": device.firmware.claims_pull_points,
                "WSPausableSubscriptionManagerInterfaceSupport": False,
            }
        case Service.MEDIA:
            return {
                "StreamingCapabilities": {
                    "RTPMulticast": False, "RTP_TCP": True, "RTP_RTSP_TCP": True,
                },
                "Extension": {
                    "ProfileCapabilities": {"MaximumNumberOfProfiles": len(device.profiles)}
                },
            }  # fmt: skip
        case _:
            return {}
