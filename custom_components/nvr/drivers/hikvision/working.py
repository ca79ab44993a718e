"""What newer recorders tell of all channels in one answer: ``/ISAPI/System/workingstatus``.

Seen on DS-7732NI-I4(B); every field is optional and the unit of ``bitRate`` varies (section 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from .channels import MAX_CHANNEL_ID
from .transport import Document, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingChannel:
    """One channel at work. None means that the recorder does not say."""

    online: bool | None = None
    signal: bool | None = None
    recording: bool | None = None
    bits_flow: bool | None = None

    @property
    def sends_pictures(self) -> bool | None:
        """Whether pictures arrive from the channel."""
        if self.signal is False or self.bits_flow is False:
            return False
        return True if self.signal or self.bits_flow else None


def read_working(root: Element) -> Mapping[int, WorkingChannel]:
    """Read a WorkingStatus or a ChanStatusList."""
    found: dict[int, WorkingChannel] = {}
    for name in "ChanStatus", "ChanStatusList":
        for element in xml.items(root, name):
            number = xml.integer(element, "chanNo")
            if number is None or not 1 <= number <= MAX_CHANNEL_ID:
                continue
            signal = xml.integer(element, "signal")
            rate = xml.number(element, "bitRate")
            found[number] = WorkingChannel(
                online=xml.boolean(element, "online"),
                # 0 is a normal signal.
                signal=None if signal is None else signal == 0,
                recording=xml.boolean(element, "record"),
                bits_flow=None if rate is None else rate > 0,
            )
    return found


WORKING_STATUS = Request(
    path="/ISAPI/System/workingstatus?format=json", decode=Document(read_working), limits=LIST
)
