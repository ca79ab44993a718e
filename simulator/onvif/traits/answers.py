"""Traits of messages: their form, and what may be wrong with it (sections 2 and 14 of the notes)."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class Declaration(StrEnum):
    """What an XML document says of itself."""

    UTF_8 = "UTF-8"
    UTF_16 = "utf-16"
    """Though its bytes are UTF-8, as an analogue encoder's (devices/onvif/encoder-4ch)."""
    MISSING = "missing"


class Prefix(StrEnum):
    """What the envelope's namespace is called, which differs by who wrote the SOAP stack."""

    SHORT = "s"
    ENV = "env"
    SOAP_ENV = "SOAP-ENV"
    DEFAULT = ""
    """No prefixes at all: each element names its own namespace where it changes."""


class Names(StrEnum):
    """How what people typed in is written."""

    UTF_8 = "UTF-8"
    GBK = "GBK"
    """Whatever the declaration says."""
    CONTROL = "control characters"
    """Some are between the letters, which no XML may hold."""


class TimeText(StrEnum):
    """How instants are written."""

    ISO = "iso"
    DASHED = "dashed"
    """A dash instead of the `T`."""
    UNPADDED = "unpadded"
    """Without leading zeros."""


@dataclass(frozen=True, kw_only=True)
class AnswerTraits:
    """How messages look.

    Attributes:
        declaration: what they say of their encoding.
        envelope: the prefix of the envelope's elements.
        names: how names are encoded.
        time_text: how instants of recordings and events are written.
        indented: whether elements stand on lines of their own.
        reversed_elements: whether elements come in the reverse of the schema's order.
        unknown_elements: whether there are elements, in front, that no schema knows.
        echoes_security: whether answers repeat the log-in of the question, as devices/onvif/generic-camera.
        undeclared_prefixes: whether the prefixes of errors and of addresses aren't declared.
        empty_answers: operations that are answered by 200 and nothing.
        empty_bodies: operations that are answered by an envelope around nothing.
        fault_status: of all errors; None for 400 where the client is to blame, 500 else.
        absent: operations of its services that it hasn't.
        absent_as_sender: whether those are the client's fault (devices/onvif/faults).
    """

    declaration: Declaration = Declaration.UTF_8
    envelope: Prefix = Prefix.SHORT
    names: Names = Names.UTF_8
    time_text: TimeText = TimeText.ISO
    indented: bool = False
    reversed_elements: bool = False
    unknown_elements: bool = False
    echoes_security: bool = False
    undeclared_prefixes: bool = False
    empty_answers: frozenset[str] = frozenset()
    empty_bodies: frozenset[str] = frozenset()
    fault_status: HTTPStatus | None = None
    absent: frozenset[str] = frozenset()
    absent_as_sender: bool = False
