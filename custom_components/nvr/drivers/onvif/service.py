"""The services of ONVIF by their namespaces (section 1 of the notes)."""

from enum import StrEnum


class Service(StrEnum):
    """A service; its value is the namespace of its messages."""

    DEVICE = "http://www.onvif.org/ver10/device/wsdl"
    MEDIA = "http://www.onvif.org/ver10/media/wsdl"
    MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
    EVENTS = "http://www.onvif.org/ver10/events/wsdl"
    RECORDING = "http://www.onvif.org/ver10/recording/wsdl"
    SEARCH = "http://www.onvif.org/ver10/search/wsdl"
    REPLAY = "http://www.onvif.org/ver10/replay/wsdl"
