"""Reading the XML and JSON that devices send, by local names and within bounds.

Section 4 of the protocol notes lists what differs: namespaces, declarations, bare ampersands, lying
``size`` attributes, numbers wrapped in newlines.
"""

from collections.abc import Iterator
from functools import lru_cache
import json
import re
from typing import Any, override
from xml.etree.ElementTree import Element, TreeBuilder, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from .driver import JsonValue
from .errors import InvalidAnswerError

MAX_DEPTH = 64
MAX_ELEMENTS = 200_000
MAX_TEXT = 4096
KEPT_NAMES = 512
LONGEST_KEPT_NAME = 128

# Lone halves of characters, too, which JSON can tell of.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*")
# What stands before names of elements and attributes, and where it is said what that is.
_PREFIX_USED = re.compile(r"</?([A-Za-z_][\w.-]*):|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=")
_PREFIX_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.-]*)\s*=")
_RESERVED_PREFIXES = frozenset({"xml", "xmlns"})
MAX_PREFIXES = 64


class _BrokenXmlError(InvalidAnswerError):
    """The XML is not well-formed; it may be mended."""


class _BoundedBuilder(TreeBuilder):
    """Builds a tree of bounded depth and size."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    @override
    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise InvalidAnswerError("the answer is nested too deep or holds too much")
        return super().start(tag, attrs)

    @override
    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parse(body: bytes) -> Element:
    """Return the root of an answer, XML or JSON. Raises InvalidAnswerError."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n\x00")[:1]
    if start in (b"{", b"["):
        return _parse_json(body)
    if start != b"<":
        raise InvalidAnswerError("the answer is no XML")
    try:
        return _parse_xml(body)
    except _BrokenXmlError:
        return _parse_xml(_mended(body))


def from_json(name: str, value: JsonValue) -> Element:
    """Turn JSON into an element: ``@x`` are attributes, ``#text`` is text, a list repeats its element.

    Raises InvalidAnswerError where it is nested too deep.
    """
    return _element(name, value, 0)


def to_bytes(element: Element) -> bytes:
    """Write an element as a document."""
    return bytes(tostring(element, encoding="utf-8", xml_declaration=True))


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _folded(element: Element) -> str:
    """Return an element's name for comparison: a page of recordings has a thousand elements of twenty names."""
    tag = element.tag
    return _kept_folded(tag) if len(tag) <= LONGEST_KEPT_NAME else _kept_folded.__wrapped__(tag)


@lru_cache(KEPT_NAMES)
def _kept_folded(tag: str) -> str:
    return tag.rpartition("}")[2].casefold()


def children(element: Element, name: str) -> list[Element]:
    """Return the children of that name."""
    wanted = name.casefold()
    return [child for child in element if _folded(child) == wanted]


def find(element: Element, *path: str) -> Element | None:
    """Return the first element along a path of names, None where there is none."""
    if not path:
        return element
    for child in children(element, path[0]):
        if (found := find(child, *path[1:])) is not None:
            return found
    return None


def items(root: Element, name: str) -> Iterator[Element]:
    """Yield the items of a list, however deep it sits; a single item as root is a list of one."""
    wanted = name.casefold()
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if _folded(element) == wanted:
            yield element
        else:
            waiting.extend(reversed(element))


def text(element: Element, *path: str) -> str | None:
    """Return the text along a path without white space around it, None where missing or empty."""
    found = find(element, *path)
    if found is None or found.text is None:
        return None
    return _CONTROL.sub("", found.text[:MAX_TEXT]).strip() or None


def number(element: Element, *path: str) -> float | None:
    """Return a finite number along a path, None where it is missing or none."""
    try:
        value = float(text(element, *path) or "")
    except ValueError:
        return None
    return value if abs(value) < 1e18 else None


def integer(element: Element, *path: str) -> int | None:
    """Return a number along a path without its fraction."""
    value = number(element, *path)
    return None if value is None else int(value)


def boolean(element: Element, *path: str) -> bool | None:
    """Return a truth value along a path in any of the spellings seen, None for anything else."""
    match (text(element, *path) or "").casefold():
        case "true" | "1" | "yes":
            return True
        case "false" | "flase" | "0" | "no":
            return False
        case _:
            return None


def _parse_xml(body: bytes) -> Element:
    try:
        parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
        parser.feed(body)
        root = parser.close()
    except DefusedXmlException as err:
        raise InvalidAnswerError(f"XML that no device needs: {type(err).__name__}") from err
    except (SyntaxError, ValueError, LookupError) as err:
        raise _BrokenXmlError(f"broken XML: {type(err).__name__}") from err
    if not isinstance(root, Element):
        raise _BrokenXmlError("broken XML: no root")
    return root


def _mended(body: bytes) -> bytes:
    """Return broken XML with the faults mended that devices are known for."""
    try:
        document = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Very old firmware answers in GB2312 whatever its declaration says.
        document = body.decode("gb18030", errors="replace")
    document = _DECLARATION.sub("", _CONTROL.sub("", document))
    document = _BARE_AMPERSAND.sub("&amp;", document)
    if match := _ROOT.search(document):
        end = f"</{match[1]}>"
        stop = document.rfind(end)
        if stop >= 0:
            document = document[match.start() : stop + len(end)]
    return _declared(document).encode()


def _declared(document: str) -> str:
    """Return a document with the prefixes declared that its firmware forgot: names count, whatever is before them."""
    used = {first or second for first, second in _PREFIX_USED.findall(document)}
    forgotten = used - set(_PREFIX_DECLARED.findall(document)) - _RESERVED_PREFIXES
    root = _ROOT.search(document)
    if root is None or not 0 < len(forgotten) <= MAX_PREFIXES:
        return document
    names = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in sorted(forgotten))
    return document[: root.end()] + names + document[root.end() :]


def _parse_json(body: bytes) -> Element:
    try:
        value = json.loads(body.decode("utf-8-sig", errors="replace").strip("\x00"))
    except (ValueError, RecursionError) as err:
        raise InvalidAnswerError("broken JSON") from err
    if isinstance(value, dict) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if isinstance(inner, dict):
            return from_json(name, inner)
    return from_json("json", value)


def _element(name: str, value: JsonValue, depth: int) -> Element:
    if depth > MAX_DEPTH:
        raise InvalidAnswerError("the answer is nested too deep")
    element = Element(name if _XML_NAME.fullmatch(name) else "item")
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("@"):
                # Namespaces stay behind: names are matched without them.
                if key != "@xmlns" and _XML_NAME.fullmatch(key[1:]):
                    element.set(key[1:], _scalar(inner))
            elif key == "#text":
                element.text = _scalar(inner)
            else:
                repeated = inner if isinstance(inner, list) else [inner]
                element.extend(_element(key, item, depth + 1) for item in repeated)
    elif isinstance(value, list):
        element.extend(_element("item", item, depth + 1) for item in value)
    else:
        element.text = _scalar(value)
    return element


def _scalar(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return _CONTROL.sub("", str(value))
