"""Documents of recorded devices: read, written, and made of what a source turned into dictionaries."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None

DECLARATION = '<?xml version="1.0" encoding="UTF-8" ?>\n'
_ATTRIBUTE, _TEXT = "@", "#text"


def read(body: bytes) -> Element | None:
    """Read a document, None where it is none."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except ParseError, DefusedXmlException, ValueError:
        return None
    return root


def local(element: Element) -> str:
    """Give an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element, name: str) -> str | None:
    """Give the text of the first child of a name, None where there is none."""
    for child in element:
        if local(child).casefold() == name.casefold():
            return (child.text or "").strip()
    return None


def items(root: Element, name: str) -> Iterator[Element]:
    """Give the elements of a name, however deep they are."""
    return (part for part in root.iter() if local(part) == name)


def write(element: Element) -> bytes:
    """Write a document; namespaces stand where they change, without prefixes."""
    return (DECLARATION + _written(element, "")).encode()


def wrapped(name: str, parts: list[Element]) -> bytes:
    """Write a list made of its items."""
    space = _space(parts[0]) if parts else ""
    inner = "".join(_written(part, space) for part in parts)
    marks = f' version="2.0" xmlns={quoteattr(space)}' if space else ""
    return f"{DECLARATION}<{name}{marks}>{inner}</{name}>".encode()


def from_dictionary(content: Mapping[str, Json]) -> bytes:
    """Write what a source turned into a dictionary.

    `@x` is an attribute, `#text` the text beside attributes, a list a repeated element, and null
    an empty one.
    """
    return (
        DECLARATION + "".join(_element(name, value) for name, value in content.items())
    ).encode()


def _element(name: str, value: Json) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if not isinstance(value, dict):
        return f"<{name}>{_text(value)}</{name}>"
    attributes = "".join(
        f" {key.removeprefix(_ATTRIBUTE)}={quoteattr(_plain(inner))}"
        for key, inner in value.items()
        if key.startswith(_ATTRIBUTE)
    )
    inner = "".join(
        _text(part) if key == _TEXT else _element(key, part)
        for key, part in value.items()
        if not key.startswith(_ATTRIBUTE)
    )
    return f"<{name}{attributes}>{inner}</{name}>"


def _text(value: Json) -> str:
    return escape(_plain(value))


def _plain(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _space(element: Element) -> str:
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def _written(element: Element, around: str) -> str:
    space = _space(element)
    marks = f" xmlns={quoteattr(space)}" if space != around else ""
    marks += "".join(f" {key}={quoteattr(value)}" for key, value in element.items())
    inner = escape(element.text or "") + "".join(
        _written(part, space) + escape(part.tail or "") for part in element
    )
    return f"<{local(element)}{marks}>{inner}</{local(element)}>"
