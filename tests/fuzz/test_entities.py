"""XML that no device needs, and that has harmed many a reader of XML, is refused."""

import tracemalloc

import pytest

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.errors import InvalidAnswerError

LAUGHS = b"".join(
    b'<!ENTITY lol%d "%s">' % (depth, b"&lol%d;" % (depth - 1) * 10) for depth in range(1, 10)
)
FILE = b'<!ENTITY file SYSTEM "file:///etc/passwd">'
HOSTILE = {
    "billion laughs": b'<!DOCTYPE a [<!ENTITY lol0 "lol">' + LAUGHS + b"]><a>&lol9;</a>",
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY a "%s">]><a>%s</a>'
    % (b"a" * 50_000, b"&a;" * 50_000),
    "a file": b"<!DOCTYPE a [" + FILE + b"]><a>&file;</a>",
    "an address": b'<!DOCTYPE a [<!ENTITY b SYSTEM "http://192.0.2.1/">]><a>&b;</a>',
    "a parameter": b'<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>',
    "a definition elsewhere": b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
    "a definition": b"<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
    "in another encoding": (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    ).encode("utf-16"),
    "behind a byte that is mended": b"\x01<!DOCTYPE a [" + FILE + b"]><a>&file; & b</a>",
    "depth": b"<a>" * 100_000,
    "breadth": b"<a>" + b"<b/>" * 300_000 + b"</a>",
    "attributes": b"<a " + b" ".join(b"b%d='c'" % number for number in range(100_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_little_memory(name: str) -> None:
    body = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(InvalidAnswerError):
            xml.parse(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < (64 << 20) + 20 * len(body)


def test_an_entity_that_nobody_defined_stands_for_nothing() -> None:
    with pytest.raises(InvalidAnswerError):
        xml.parse(b"<a>&unknown;</a>")
    # Devices forget to escape what an owner typed.
    assert xml.text(xml.parse(b"<a>Q&A;</a>")) == "Q&A;"
