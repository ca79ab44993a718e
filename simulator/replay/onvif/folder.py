"""The form in which answers of ONVIF devices were recorded.

Each file holds one message. What it answers stands in it: the one element of its body is called after the
operation. A fault doesn't say that, so its file is named after service, operation and fault
(`replay_GetReplayUri_NoRecording.xml`); where there is no operation, it is how the device refuses what it doesn't have.
"""

from http import HTTPStatus
from pathlib import Path
import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
import defusedxml.ElementTree

from simulator.onvif.namespaces import IMAGING, SOAP, Service
from simulator.onvif.xml import split, text_of
from simulator.replay.files import read_answer, recorded_files

from .recording import Answer, Key, Recording

_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENVELOPE: Final = f"{{{SOAP}}}Envelope"
_BODY: Final = f"{{{SOAP}}}Body"
_FAULT: Final = f"{{{SOAP}}}Fault"
_RESPONSE: Final = "Response"
_RECEIVER: Final = "Receiver"
_SERVICES: Final = {
    "device": Service.DEVICE,
    "media1": Service.MEDIA,
    "media2": Service.MEDIA2,
    "events": Service.EVENTS,
    "imaging": IMAGING,
    "recording": Service.RECORDING,
    "search": Service.SEARCH,
    "replay": Service.REPLAY,
}


def is_onvif(folder: Path) -> bool:
    """Say whether the files of a folder hold messages of SOAP.

    Raises:
        OSError: the folder can't be read.
    """
    return any(_content(read_answer(file)[1]) is not None for file in recorded_files(folder))


def read_folder(folder: Path) -> Recording:
    """Read all messages in a folder and its folders. Files that hold none are passed over.

    Raises:
        OSError: the folder can't be read.
    """
    recording = Recording(folder.resolve().name)
    for file in recorded_files(folder):
        status, body = read_answer(file)
        content = _content(body)
        if content is None:
            continue
        namespace, name = split(content.tag)
        if content.tag == _FAULT:
            recording.add_refusal(_refused(file), Answer(body, status or _status(content)))
        elif name.endswith(_RESPONSE):
            recording.add((namespace, name.removesuffix(_RESPONSE)), Answer(body))
    return recording


def _content(body: bytes) -> Element | None:
    """Give the one element of a message's body, None where it is no message.

    What a message declares of its encoding may be wrong (devices/onvif/encoder-4ch).
    """
    text = _DECLARATION.sub("", body.decode("utf-8", errors="replace"))
    try:
        root: Element = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except ParseError, DefusedXmlException, ValueError:
        return None
    inner = root.find(_BODY) if root.tag == _ENVELOPE else None
    return None if inner is None or len(inner) == 0 else inner[0]


def _refused(file: Path) -> Key | None:
    """Give what a refusal was the answer to, by its file's name; None for any operation."""
    service, _, rest = file.stem.partition("_")
    operation, _, fault = rest.partition("_")
    namespace = _SERVICES.get(service.casefold())
    return (namespace, operation) if namespace is not None and fault else None


def _status(fault: Element) -> HTTPStatus:
    """Give the status that a fault comes with (section 2 of the notes)."""
    receiver = (text_of(fault, "Value") or "").endswith(_RECEIVER)
    return HTTPStatus.INTERNAL_SERVER_ERROR if receiver else HTTPStatus.BAD_REQUEST
