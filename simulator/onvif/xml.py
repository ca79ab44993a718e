"""Building and reading of SOAP messages.

What a message says is written as nested mappings: `@x` is an attribute, `#text` the text of an element that has
attributes, a list repeats an element, None leaves it empty. Names have a prefix of `namespaces.PREFIXES`; those without
are of the schema that all services share (`tt`), those that begin with a colon are in no namespace.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
import defusedxml.ElementTree

from .errors import Refusal
from .firmware import Firmware
from .namespaces import PREFIXES, SOAP
from .traits.answers import Declaration, Names, Prefix


class Name(str):
    """What somebody typed in."""

    __slots__ = ()


type Value = str | float | bool | Mapping[str, Value] | Sequence[Value] | None
type Document = Mapping[str, Value]

CONTENT_TYPE: Final = "application/soap+xml; charset=utf-8"
_DECLARATIONS: Final = {
    Declaration.UTF_8: '<?xml version="1.0" encoding="UTF-8"?>\n',
    Declaration.UTF_16: '<?xml version="1.0" encoding="utf-16"?>\n',
    Declaration.MISSING: "",
}
_SHARED: Final = "tt"
_UNKNOWN: Final = "http://www.example.com/2016/extension"
_UNDECLARED: Final = frozenset({"ter", "wsa"})
# Stands for whatever the envelope's prefix is; nothing in it is out of order.
_ENVELOPE: Final = "soap"


def envelope(content: Document, firmware: Firmware, header: Document | None = None) -> bytes:
    """Give the bytes of a message around what its body says, in the form in which the firmware speaks."""
    writer = _Writer(firmware)
    parts = {} if header is None else {"soap:Header": header}
    writer.element("soap:Envelope", {**parts, "soap:Body": content}, root=True)
    text = _DECLARATIONS[firmware.declaration] + writer.text
    return text.encode("utf-8", "surrogateescape")


def read_message(body: bytes) -> tuple[Element | None, Element]:
    """Read a message: its header, if it has one, and the one element of its body.

    Raises:
        Refusal: it is no SOAP.
    """
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as err:
        raise Refusal.malformed() from err
    inner = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or inner is None or len(inner) == 0:
        raise Refusal.malformed()
    return root.find(f"{{{SOAP}}}Header"), inner[0]


def split(tag: str) -> tuple[str, str]:
    """Give namespace and local name of an element's tag."""
    namespace, _, local = tag.rpartition("}")
    return namespace.removeprefix("{"), local


def text_of(element: Element, name: str) -> str | None:
    """Give the text of a descendant by its local name, None if there is none."""
    found = first(element, name)
    return None if found is None or found.text is None else found.text.strip()


def first(element: Element, name: str) -> Element | None:
    """Give the first descendant of a local name, None if there is none."""
    return next((each for each in element.iter() if split(each.tag)[1] == name), None)


def texts_of(element: Element, name: str) -> list[str]:
    """Give the texts of all descendants of a local name that have one."""
    found = (each for each in element.iter() if split(each.tag)[1] == name)
    return [each.text.strip() for each in found if each.text is not None]


class _Writer:
    """Writes one message."""

    def __init__(self, firmware: Firmware) -> None:
        self._firmware = firmware
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def element(
        self, name: str, value: Value, *, root: bool = False, parent: str = "", depth: int = 0
    ) -> None:
        """Write an element, and what is in it, below one of the namespace `parent`."""
        prefix, colon, local = name.rpartition(":")
        prefix = prefix if colon else _SHARED
        shown, marks = self._named(prefix, local, parent)
        if root:
            marks += self._declarations()
        children: list[tuple[str, Value]] = []
        text: Value = None
        match value:
            case Mapping():
                marks += "".join(
                    f" {key[1:]}={quoteattr(_plain(each))}"
                    for key, each in value.items()
                    if key.startswith("@")
                )
                text = value.get("#text")
                children = [item for item in value.items() if item[0][0] not in "@#"]
            case _:
                text = value
        self._parts.append(f"{self._indent(depth)}<{shown}{marks}")
        if not children and text is None:
            self._parts.append("/>")
            return
        self._parts.append(">")
        if text is not None:
            self._parts.append(self._escaped(text))
        for key, each in self._arranged(prefix, children):
            for item in _items(each):
                self.element(key, item, parent=prefix, depth=depth + 1)
        if children:
            self._parts.append(self._indent(depth))
        self._parts.append(f"</{shown}>")

    def _named(self, prefix: str, local: str, parent: str) -> tuple[str, str]:
        """Give an element's name as it is written, and the declaration that it needs."""
        if not prefix:
            return (
                local,
                ' xmlns=""' if parent and self._firmware.envelope is Prefix.DEFAULT else "",
            )
        if self._firmware.envelope is not Prefix.DEFAULT:
            shown = self._firmware.envelope if prefix == _ENVELOPE else prefix
            if prefix == "ext":
                return f"ext:{local}", f' xmlns:ext="{_UNKNOWN}"'
            return f"{shown}:{local}", ""
        if prefix == parent:
            return local, ""
        return local, f' xmlns="{_namespace(prefix)}"'

    def _declarations(self) -> str:
        left_out = _UNDECLARED if self._firmware.undeclared_prefixes else frozenset()
        declared = {name: uri for name, uri in PREFIXES.items() if name not in left_out}
        envelope_prefix = self._firmware.envelope or "s"
        declared[envelope_prefix] = SOAP
        return "".join(f' xmlns:{name}="{uri}"' for name, uri in declared.items())

    def _arranged(self, prefix: str, children: list[tuple[str, Value]]) -> list[tuple[str, Value]]:
        """Put what is in an element in the order in which the firmware does."""
        if prefix == _ENVELOPE:
            return children
        if self._firmware.reversed_elements:
            children.reverse()
        if self._firmware.unknown_elements and len(children) > 1:
            children = [("ext:Extra", {"@version": "1", "ext:Mode": "auto"}), *children]
        return children

    def _escaped(self, value: Value) -> str:
        text = escape(_plain(value))
        if not isinstance(value, Name):
            return text
        match self._firmware.names:
            case Names.GBK:
                return text.encode("gbk", "replace").decode("utf-8", "surrogateescape")
            case Names.CONTROL:
                return f"\x08{text}\x1b"
            case Names.UTF_8:
                return text

    def _indent(self, depth: int) -> str:
        return "\n" + "  " * depth if self._firmware.indented and depth else ""


def _namespace(prefix: str) -> str:
    if prefix == _ENVELOPE:
        return SOAP
    return PREFIXES.get(prefix, _UNKNOWN)


def _items(value: Value) -> Sequence[Value]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    return (value,)


def _plain(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            raise TypeError(f"{value!r} is no text")


def security_of(header: Element | None) -> Document | None:
    """Give the log-in of a question's header, as an answer may repeat it; None if it had none."""
    token = None if header is None else first(header, "UsernameToken")
    if token is None:
        return None
    return {"wsse:Security": {"wsse:UsernameToken": {"wsse:Username": text_of(token, "Username")}}}
