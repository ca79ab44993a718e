"""Writing requests by the descriptions of the services that come with onvif-zeep-async.

Only requests are written by zeep. Its reader goes through an answer in the order of the schema and loses all that
comes behind one surprise (section 11 of the notes), so answers are read by the names of their elements instead.

Importing this takes about a second: ``soap`` does it in a thread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from lxml import etree
import onvif
from onvif.client import UsernameDigestTokenDtDiff
from onvif.settings import DEFAULT_SETTINGS
from onvif.transport import ASYNC_TRANSPORT
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import SoapOperation as Operation

from ..errors import InvalidAnswerError
from .question import Question, Span, TopicFilter
from .service import Service
from .username_token import UsernameToken

CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
TOPICS = "http://www.onvif.org/ver10/topics"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"

# What is parsed by this was written by ourselves, of what had been read within bounds.
_REFERENCES = etree.XMLParser(resolve_entities=False, no_network=True)

_LIBRARY = Path(onvif.__file__).parent / "wsdl"
_OWN = Path(__file__).parent / "wsdl"
# The library describes nothing of Media2.
_FILES: Mapping[Service, Path] = {
    Service.DEVICE: _LIBRARY / "devicemgmt.wsdl",
    Service.MEDIA: _LIBRARY / "media.wsdl",
    Service.MEDIA2: _OWN / "media2.wsdl",
    Service.EVENTS: _LIBRARY / "events.wsdl",
    Service.RECORDING: _LIBRARY / "recording.wsdl",
    Service.SEARCH: _LIBRARY / "search.wsdl",
    Service.REPLAY: _LIBRARY / "replay.wsdl",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A request, and what it is called in its content type."""

    body: bytes
    action: str


@dataclass(frozen=True, slots=True)
class Description:
    """What the requests to one service look like; serves any number of devices."""

    operations: Mapping[str, Operation]

    @classmethod
    def load(cls, service: Service) -> Description:
        """Read it from its file, in a tenth of a second. Nothing is fetched from elsewhere."""
        document = Document(str(_FILES[service]), ASYNC_TRANSPORT, settings=DEFAULT_SETTINGS)
        found: dict[str, Operation] = {}
        for binding in document.bindings.values():
            for name, operation in binding.all().items():
                found.setdefault(name, operation)
        return cls(found)

    def action(self, question: Question[Any]) -> str:
        """Return what a request is called in its content type."""
        action: str = self.operations[question.operation].soapaction
        return action

    def write(self, question: Question[Any], token: UsernameToken | None) -> Written:
        """Return a request."""
        operation = self.operations[question.operation]
        arguments = {name: _argument(value) for name, value in question.arguments.items()}
        message = operation.create(**arguments)
        envelope = message.content
        for name, text in _spans(question.arguments):
            # zeep makes minutes of sixty seconds.
            for element in envelope.iter(f"{{*}}{name}"):
                element.text = text
        if question.address is not None:
            _address(envelope, question, operation.soapaction)
        if token is not None:
            envelope, _ = _signature(token).apply(envelope, message.headers)
        return Written(
            body=bytes(etree.tostring(envelope, encoding="utf-8", xml_declaration=True)),
            action=operation.soapaction,
        )


def _address(envelope: Any, question: Question[Any], action: str) -> None:
    """Say in a request where it goes, and what the device wants to see there."""
    head = envelope.find(f"{{{ENVELOPE}}}Header")
    if head is None:
        head = etree.Element(f"{{{ENVELOPE}}}Header")
        envelope.insert(0, head)
    for name, value in (
        ("Action", action),
        ("MessageID", f"urn:uuid:{uuid4()}"),
        ("To", question.to),
    ):
        etree.SubElement(head, f"{{{ADDRESSING}}}{name}", nsmap={"wsa": ADDRESSING}).text = value
    for text in question.references:
        try:
            reference = etree.fromstring(text, _REFERENCES)
        except etree.XMLSyntaxError as err:
            raise InvalidAnswerError("the device wants to see what can't be written") from err
        reference.set(f"{{{ADDRESSING}}}IsReferenceParameter", "true")
        head.append(reference)


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


def _spans(arguments: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the spans of time among arguments, by their names."""
    for name, value in arguments.items():
        if isinstance(value, Span):
            yield name, value
        elif isinstance(value, Mapping):
            yield from _spans(value)


def _topic_expression(wanted: TopicFilter) -> object:
    """Return the element that names topics; the prefix in its text has to be declared on it."""
    expression = etree.Element(
        f"{{{NOTIFICATION}}}TopicExpression",
        {"Dialect": CONCRETE_SET},
        nsmap={"wsnt": NOTIFICATION, "tns1": TOPICS},
    )
    expression.text = "|".join(wanted.topics)
    return expression
