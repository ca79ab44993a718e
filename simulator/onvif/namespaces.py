"""The languages within ONVIF: services, and what else has a namespace (section 1 of the notes)."""

from enum import StrEnum
from typing import Final


class Service(StrEnum):
    """What a device offers, by the namespace that its messages are in."""

    DEVICE = "http://www.onvif.org/ver10/device/wsdl"
    MEDIA = "http://www.onvif.org/ver10/media/wsdl"
    MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
    EVENTS = "http://www.onvif.org/ver10/events/wsdl"
    RECORDING = "http://www.onvif.org/ver10/recording/wsdl"
    SEARCH = "http://www.onvif.org/ver10/search/wsdl"
    REPLAY = "http://www.onvif.org/ver10/replay/wsdl"


SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
IMAGING: Final = "http://www.onvif.org/ver20/imaging/wsdl"
"""A service that only recorded devices have."""
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
NOTIFICATION: Final = "http://docs.oasis-open.org/wsn/b-2"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
DISCOVERY: Final = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
DISCOVERY_ADDRESSING: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

PREFIXES: Final = {
    "tds": Service.DEVICE.value,
    "trt": Service.MEDIA.value,
    "tr2": Service.MEDIA2.value,
    "tev": Service.EVENTS.value,
    "timg": IMAGING,
    "trc": Service.RECORDING.value,
    "tse": Service.SEARCH.value,
    "trp": Service.REPLAY.value,
    "tt": SCHEMA,
    "ter": "http://www.onvif.org/ver10/error",
    "tns1": "http://www.onvif.org/ver10/topics",
    "wsnt": NOTIFICATION,
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "wsa": ADDRESSING,
    "wsse": WSSE,
    "wsu": WSU,
    "xsd": "http://www.w3.org/2001/XMLSchema",
}
"""What stands before the names of elements, and for which namespace."""
PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
