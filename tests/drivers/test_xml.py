"""Reading what devices send, broken as it may be."""

import pytest

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.errors import InvalidAnswerError


@pytest.mark.parametrize(
    "body",
    [
        b"<a><name>x</name></a>",
        b"<?xml version='1.0'?>\n<a xmlns='http://www.hikvision.com/ver20/XMLSchema'><name>x</name></a>",
        b"<a xmlns='urn:one'><name xmlns='urn:two'>\n x\n</name></a>",
        b"\xef\xbb\xbf<a><name>x</name></a>",
        b"<a><name>x</name></a>\x00\x00",
        b"<a><name>x</name></a><trailing",
        b"<a><other>R & D</other><name>x</name></a>",
        b"<w:a><w:name>x</w:name></w:a>",
        b"<a xmlns:s='urn:one'><s:other w:nil='1'/><w:name>x</w:name></a>",
        b"<a><other>\x01\x02</other><name>x</name></a>",
        b'{"a": {"name": "x"}}',
        b"<?xml version='1.0' encoding='UTF-8'?><a><other>\xb3\xb5\xbf\xe2</other><name>x</name></a>",
    ],
)
def test_what_devices_do_to_documents(body: bytes) -> None:
    root = xml.parse(body)
    assert xml.local(root) == "a"
    assert xml.text(root, "name") == "x"


def test_old_chinese_encodings_are_read() -> None:
    root = xml.parse("<a><name>车库</name></a>".encode("gb18030"))
    assert xml.text(root, "name") == "车库"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain text",
        b"<a>",
        b"<a><b></a>",
        b"{not json",
        b"<" * 1000,
        b"<a>" * 100 + b"</a>" * 100,
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_what_can_not_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        xml.parse(body)


def test_an_answer_of_too_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 100)
    with pytest.raises(InvalidAnswerError):
        xml.parse(b"<a>" + b"<b/>" * 100 + b"</a>")


def test_numbers_and_truths_in_all_their_spellings() -> None:
    root = xml.parse(
        b"<a><n>\n1117.457031</n><e/><w>many</w><t>TRUE</t><f>flase</f><o opt='true,false'>true</o>"
        b"<i>inf</i><h>99999999999999999999999</h></a>"
    )
    assert xml.number(root, "n") == 1117.457031
    assert xml.integer(root, "n") == 1117
    assert [xml.number(root, name) for name in ("e", "w", "i", "h", "none")] == [None] * 5
    assert [xml.boolean(root, name) for name in ("t", "f", "o", "w", "none")] == [
        True,
        False,
        True,
        None,
        None,
    ]


def test_a_path_goes_through_every_branch() -> None:
    root = xml.parse(b"<a><b/><b><c>x</c></b></a>")
    assert xml.text(root, "b", "c") == "x"
    assert xml.find(root) is root


def test_half_a_character_is_none() -> None:
    assert xml.text(xml.parse(b'{"a": "x\\ud800y"}'), "a") == "xy"


def test_json_turns_into_elements() -> None:
    root = xml.from_json(
        "root", {"@version": "2.0", "@xmlns": "urn:x", "item": [1, True, None], "odd key": "v"}
    )
    assert root.attrib == {"version": "2.0"}
    assert [xml.text(element) for element in xml.items(root, "item")] == ["1", "true", None, "v"]
