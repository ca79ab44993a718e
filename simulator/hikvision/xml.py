"""Building and reading of ISAPI documents.

A document is written as nested mappings: `@x` is an attribute, `#text` the text of an element
that has attributes, a list repeats an element, None leaves it empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
import defusedxml.ElementTree

from .errors import Refusal
from .firmware import Firmware
from .traits.answers import Declaration, Encoding

type Value = str | int | bool | Mapping[str, Value] | Sequence[Mapping[str, Value]] | None
type Document = Mapping[str, Value]

MAX_REQUEST = 64 * 1024
_DECLARATIONS: Final = {
    Declaration.NORMAL: '<?xml version="1.0" encoding="UTF-8" ?>\n',
    Declaration.SINGLE_QUOTED: "<?xml version='1.0' encoding='UTF-8'?>\n",
    Declaration.MISSING: "",
}
_CODECS: Final = {Encoding.UTF_8: "utf-8", Encoding.GB2312: "gb18030"}
# Stands for an `&` that is to stay as it is; it occurs in no text.
_BARE: Final = "\ue000"
_TRIGGERS: Final = "EventTriggerList"
_NAMES: Final = frozenset({"name", "channelName", "deviceName"})
_ROOT = re.compile(rb"<[A-Za-z][^>]*>")
_LONE_AMPERSAND = re.compile(rb"&(?!\w+;|#\w+;)")
_XMLNS = re.compile(rb"""\sxmlns=["']([^"']*)["']""")


def render(root: str, content: Document, firmware: Firmware, *, declaration: bool = True) -> bytes:
    """Give a document's bytes, in the form in which the firmware answers."""
    marks = {"version": firmware.version, "xmlns": firmware.namespace}
    items = marks if firmware.marks_items else {}
    other = firmware.trigger_namespace if root == _TRIGGERS else None
    if (other := other or firmware.item_namespace) is not None:
        items = {"version": "2.0", "xmlns": other}
    element = Element(root, marks)
    _fill(element, content, items, firmware)
    indent(element, space="")
    text: str = tostring(element, encoding="unicode", short_empty_elements=False)
    text = text.replace(_BARE, "&")
    head = _DECLARATIONS[firmware.declaration] if declaration else ""
    return f"{head}{text}\n".encode(_CODECS[firmware.encoding])


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What a document has about it.

    Attributes:
        declaration: whether it begins with an XML declaration.
        version: whether its root has an attribute of that name.
        xmlns: the namespace that its root names, if any.
    """

    declaration: bool
    version: bool
    xmlns: str | None

    @property
    def attributes(self) -> bool:
        """Whether its root has any."""
        return self.version or self.xmlns is not None


def marks_of(body: bytes) -> Marks:
    """Read a document's marks from its text."""
    root = _ROOT.search(body)
    xmlns = _XMLNS.search(root[0]) if root is not None else None
    return Marks(
        declaration=body.lstrip().startswith(b"<?xml"),
        version=root is not None and b" version=" in root[0],
        xmlns=xmlns[1].decode(errors="replace") if xmlns is not None else None,
    )


def read(body: bytes, root: str, *, bare_ampersands: bool = False) -> Element:
    """Read a request's document, without its namespaces.

    Args:
        body: its bytes.
        root: the name of its root.
        bare_ampersands: whether `&` may stand for itself.

    Raises:
        Refusal: it is no XML, or another document than the one that belongs here.
    """
    if bare_ampersands:
        body = _LONE_AMPERSAND.sub(b"&amp;", body)
    try:
        element: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as err:
        raise Refusal.bad_format() from err
    for part in element.iter():
        part.tag = part.tag.rpartition("}")[2]
    if element.tag != root:
        raise Refusal.bad_content()
    return element


def _fill(element: Element, content: Value, marks: Mapping[str, str], firmware: Firmware) -> None:
    match content:
        case None:
            return
        case bool():
            element.text = "true" if content else "false"
        case str() if firmware.bare_ampersands and element.tag in _NAMES:
            element.text = content.replace("&", _BARE)
        case str() | int():
            element.text = str(content)
        case Mapping():
            for name, value in content.items():
                _add(element, name, value, marks, firmware)
        case _:
            raise TypeError(f"a list can't be the content of {element.tag}")


def _add(
    element: Element, name: str, value: Value, marks: Mapping[str, str], firmware: Firmware
) -> None:
    if name == "#text":
        _fill(element, value, marks, firmware)
    elif name == "@size" and isinstance(value, int):
        element.set("size", str(value + firmware.list_size_off))
    elif name.startswith("@"):
        element.set(name[1:], str(value))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            _fill(SubElement(element, name, dict(marks)), item, marks, firmware)
    else:
        _fill(SubElement(element, name), value, marks, firmware)
