"""Lines and JSON become one tree, within bounds."""

import pytest

from custom_components.nvr.drivers.dahua import tree as tree_module
from custom_components.nvr.drivers.dahua.tree import (
    at,
    boolean,
    indexed,
    integer,
    named,
    number,
    read_answer,
    read_table,
    text,
)
from custom_components.nvr.drivers.errors import InvalidAnswerError

FOUND = (
    b"found=1\r\nitems[0].Flags[0]=Timing\r\nitems[0].Flags[1]=UnMarked\r\n"
    b"items[0].FilePath=/mnt/dvr/x[R][0@0][0].dav?a=b\r\nitems[0].Length=37617664.000000\r\n"
)


def test_lines_become_a_tree() -> None:
    tree = read_answer(FOUND)
    assert integer(tree, "found") == 1
    item = at(tree, "items", 0)
    assert [text(flag) for _, flag in indexed(item, "Flags")] == ["Timing", "UnMarked"]
    # Split at the first sign of equality only.
    assert text(item, "FilePath") == "/mnt/dvr/x[R][0@0][0].dav?a=b"
    assert integer(item, "Length") == 37617664


def test_json_is_read_the_same() -> None:
    tree = read_answer(b' {"items":[{"Flags":["Timing"],"Length":5.0,"On":true}]}')
    item = at(tree, "items", 0)
    assert [text(flag) for _, flag in indexed(item, "Flags")] == ["Timing"]
    assert (integer(item, "Length"), boolean(item, "On"), text(item, "On")) == (5, True, "true")


def test_gaps_between_numbers_stay() -> None:
    tree = read_table(b"table.T[9].Name=A\ntable.T[0].Name=B\n")
    assert [index for index, _ in indexed(tree, "table", "T")] == [0, 9]
    assert [*indexed(tree, "table", "nothing")] == []


def test_what_is_no_line_or_contradicts_is_left_out() -> None:
    tree = read_table(b"OK\r\n=5\r\na=1\r\na.b=2\r\nc.d=3\r\nc=4\r\n[[[=1\r\n" + b"x" * 300 + b"=1")
    assert tree == {"a": "1", "c": {"d": "3"}}


def test_old_code_pages_are_read() -> None:
    assert text(read_table("name=Küche".encode("cp1252")), "name") == "Küche"
    assert text(read_table("\ufeffname=Küche".encode()), "name") == "Küche"


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_broken_json_is_an_invalid_answer(body: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        read_answer(body)


@pytest.mark.parametrize("word", ["nan", "1e999", "", "yes?", "1" * 60, "0x10"])
def test_no_number_and_no_truth(word: str) -> None:
    tree = read_table(f"a={word}".encode())
    assert number(tree, "a") is None
    assert integer(tree, "a") is None
    assert boolean(tree, "a") is None


def test_texts_can_be_stored_and_shown() -> None:
    tree = read_answer(b'{"Name": "a\\u0000b\\ud800c\\u001b[31m", "n": ' + b"9" * 30 + b"}")
    name = text(tree, "Name")
    assert name == "ab?c[31m"
    assert integer(tree, "n") is None
    assert integer(read_table(b"n=1e300"), "n") is None


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "MAX_LINES", 3)
    tree = read_table(b"a=1\nb=2\nc=3\nd=4\n")
    assert [key for key, _ in named(tree)] == ["a", "b", "c"]
    deep = read_table(b".".join([b"a"] * 40) + b"=1\n")
    assert deep == {}
    assert [*indexed(read_table(b"t[9999]=1\nt[7]=2\n"), "t")] == [(7, "2")]
