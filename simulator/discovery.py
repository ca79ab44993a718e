"""Letting a recorder in a box be found on the network, in its maker's words."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

from .box import RecorderBox
from .dahua import discovery as dahua
from .dahua.face import DahuaFace
from .hikvision import sadp as hikvision
from .hikvision.face import HikvisionFace
from .onvif import discovery as onvif
from .onvif.face import OnvifFace


def discoverable(box: RecorderBox, interface: str) -> AbstractAsyncContextManager[None]:
    """Let a recorder be found on a network interface for the duration of the block.

    Args:
        box: what is found; it listens already, for the answers tell its ports.
        interface: address of the interface, which the answers tell as the recorder's.

    Raises:
        OSError: the makers' groups can't be joined there.
    """
    match box.personality.face:
        case HikvisionFace() as face:
            return hikvision.discoverable(face, replace(hikvision.NETWORK, interface=interface))
        case DahuaFace() as face:
            return dahua.discoverable(face, replace(dahua.NETWORK, interface=interface))
        case OnvifFace() as face:
            return onvif.discoverable(face, replace(onvif.NETWORK, interface=interface))
        case _:
            return nullcontext()
