"""What is written into the pictures: the names that people gave their channels (GetOSDs, section 6 of the notes)."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from .question import Question
from .service import Service

MAX_TITLES = 1024
MAX_NAME = 255
_PLAIN = "plain"


def read_titles(answer: Element) -> Mapping[str, str]:
    """Read GetOSDs: the first plain text of each video source configuration."""
    found: dict[str, str] = {}
    for one in xml.children(answer, "OSDs")[:MAX_TITLES]:
        place = xml.text(one, "VideoSourceConfigurationToken")
        kind = xml.text(one, "TextString", "Type")
        title = xml.text(one, "TextString", "PlainText")
        if place is not None and title is not None and (kind or "").casefold() == _PLAIN:
            found.setdefault(place, title[:MAX_NAME])
    return found


def _titles(service: Service) -> Question[Mapping[str, str]]:
    return Question(service=service, operation="GetOSDs", read=read_titles, limits=LIST)


TITLES = _titles(Service.MEDIA)
# Devices of Profile T may know it here alone; both name the same video source configurations.
TITLES2 = _titles(Service.MEDIA2)
