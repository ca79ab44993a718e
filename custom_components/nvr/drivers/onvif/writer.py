"""Writing requests by the descriptions of the services that come with onvif-zeep-async.

Only requests are written by zeep. Its reader goes through an answer in the order of the schema and loses all that
comes behind one surprise (section 11 of the notes), so answers are read by the names of their elements instead.

Importing this takes about a second: ``soap`` does it in a thread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
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


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a service is described, and under which names."""

    file: Path
    bindings: tuple[str, ...]


_SOURCES: Mapping[Service, _Source] = {
    Service.DEVICE: _Source(_LIBRARY / "devicemgmt.wsdl", ("DeviceBinding",)),
    Service.MEDIA: _Source(_LIBRARY / "media.wsdl", ("MediaBinding",)),
    # The library describes nothing of Media2.
    Service.MEDIA2: _Source(_OWN / "media2.wsdl", ("Media2Binding",)),
    Service.EVENTS: _Source(
        _LIBRARY / "events.wsdl",
        ("EventBinding", "PullPointSubscriptionBinding", "SubscriptionManagerBinding"),
    ),
    Service.RECORDING: _Source(_LIBRARY / "recording.wsdl", ("RecordingBinding",)),
    Service.SEARCH: _Source(_LIBRARY / "search.wsdl", ("SearchBinding",)),
    Service.REPLAY: _Source(_LIBRARY / "replay.wsdl", ("ReplayBinding",)),
}
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A request, and what it is called in its content type."""

    body: bytes
    action: str


@dataclass(frozen=True, slots=True)
class Description:
    """What the requests to one service look like; serves any number of devices."""

    operations: Mapping[str, Operation]

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


def describe() -> Mapping[Service, Description]:
    """Read the descriptions of all services from their files, in an eighth of a second; nothing is fetched.

    All in one document share the types that they have in common. Those are most of each, and read for each service
    they took four times the memory and three times the time.
    """
    document = Document(
        BytesIO(_index()), ASYNC_TRANSPORT, base=str(_OWN), settings=DEFAULT_SETTINGS
    )
    found: dict[Service, dict[str, Operation]] = {}
    for service in Service:
        ports = document.services[service.name].ports
        found[service] = {
            name: operation
            for binding in _SOURCES[service].bindings
            for name, operation in ports[binding].binding.all().items()
        }
    return {service: Description(operations) for service, operations in found.items()}


def _index() -> bytes:
    """Return a description that consists of all of them."""
    prefixes = {service: service.name.lower() for service in Service}
    root = etree.Element(
        f"{{{_WSDL}}}definitions", nsmap={prefix: str(one) for one, prefix in prefixes.items()}
    )
    for service, source in _SOURCES.items():
        etree.SubElement(
            root, f"{{{_WSDL}}}import", namespace=str(service), location=str(source.file)
        )
    for service, source in _SOURCES.items():
        offered = etree.SubElement(root, f"{{{_WSDL}}}service", name=service.name)
        for binding in source.bindings:
            port = etree.SubElement(
                offered,
                f"{{{_WSDL}}}port",
                name=binding,
                binding=f"{prefixes[service]}:{binding}",
            )
            # Each device tells its own.
            etree.SubElement(port, f"{{{_SOAP12}}}address", location="")
    return bytes(etree.tostring(root))


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
