"""Writing requests by the descriptions of the services that come with onvif-zeep-async.

Only requests are written by zeep. Its reader goes through an answer in the order of the schema and loses all that
comes behind one surprise (section 11 of the notes), so answers are read by the names of their elements instead.

Importing this takes about a second: ``soap`` does it in a thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
import onvif
from onvif.client import UsernameDigestTokenDtDiff
from onvif.settings import DEFAULT_SETTINGS
from onvif.transport import ASYNC_TRANSPORT
from zeep.wsdl import Document

from .question import Question, TopicFilter
from .service import Service
from .username_token import UsernameToken

CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
TOPICS = "http://www.onvif.org/ver10/topics"

_LIBRARY = Path(onvif.__file__).parent / "wsdl"
_OWN = Path(__file__).parent / "wsdl"
# The library describes nothing of Media2.
_FILES: Mapping[Service, tuple[Path, str]] = {
    Service.DEVICE: (_LIBRARY / "devicemgmt.wsdl", "DeviceBinding"),
    Service.MEDIA: (_LIBRARY / "media.wsdl", "MediaBinding"),
    Service.MEDIA2: (_OWN / "media2.wsdl", "Media2Binding"),
    Service.EVENTS: (_LIBRARY / "events.wsdl", "EventBinding"),
    Service.RECORDING: (_LIBRARY / "recording.wsdl", "RecordingBinding"),
    Service.SEARCH: (_LIBRARY / "search.wsdl", "SearchBinding"),
    Service.REPLAY: (_LIBRARY / "replay.wsdl", "ReplayBinding"),
}


@dataclass(frozen=True, slots=True)
class Description:
    """What the requests to one service look like; serves any number of devices."""

    service: Service
    document: Document

    @classmethod
    def load(cls, service: Service) -> Description:
        """Read it from its file, in a tenth of a second. Nothing is fetched from elsewhere."""
        path, _ = _FILES[service]
        return cls(service, Document(str(path), ASYNC_TRANSPORT, settings=DEFAULT_SETTINGS))

    def write(self, question: Question[Any], token: UsernameToken | None) -> bytes:
        """Return a request."""
        binding = self.document.bindings[f"{{{self.service.value}}}{_FILES[self.service][1]}"]
        arguments = {name: _argument(value) for name, value in question.arguments.items()}
        message = binding.get(question.operation).create(**arguments)
        envelope = message.content
        if token is not None:
            envelope, _ = _signature(token).apply(envelope, message.headers)
        return bytes(etree.tostring(envelope, encoding="utf-8", xml_declaration=True))


def _signature(token: UsernameToken) -> UsernameDigestTokenDtDiff:
    return UsernameDigestTokenDtDiff(
        token.username, token.password, dt_diff=token.offset, use_digest=True
    )


def _argument(value: object) -> object:
    """Return an argument as zeep takes it."""
    match value:
        case TopicFilter():
            return {"_value_1": [_topic_expression(value)]} if value.topics else {}
        case Mapping():
            return {name: _argument(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_argument(inner) for inner in value]
        case _:
            return value


def _topic_expression(wanted: TopicFilter) -> object:
    """Return the element that names topics; the prefix in its text has to be declared on it."""
    expression = etree.Element(
        f"{{{NOTIFICATION}}}TopicExpression",
        {"Dialect": CONCRETE_SET},
        nsmap={"wsnt": NOTIFICATION, "tns1": TOPICS},
    )
    expression.text = "|".join(wanted.topics)
    return expression
