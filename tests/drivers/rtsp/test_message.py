"""Bytes of an RTSP connection become answers, requests and packets, or an error within bounds."""

from hypothesis import given, strategies as st
import pytest

from custom_components.nvr.drivers.errors import InvalidAnswerError
from custom_components.nvr.drivers.rtsp.message import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_JUNK_BYTES,
    MAX_LINE_BYTES,
    Frame,
    Item,
    MessageParser,
    Response,
    ServerRequest,
)

from .scripted_server import frame, rtp

OK = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\nbody"
PACKET = frame(0, rtp(1))


def parsed(data: bytes, *, step: int | None = None) -> list[Item]:
    parser = MessageParser()
    parser.channels |= {0, 1}
    step = step or max(len(data), 1)
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    return [item for piece in pieces for item in parser.feed(piece)]


@pytest.mark.parametrize("step", [None, 1, 7])
def test_answers_packets_and_requests_in_any_pieces(step: int | None) -> None:
    asked = b"OPTIONS rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    answer, first, request, second = parsed(OK + PACKET + asked + frame(1, b"report 1"), step=step)
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason, answer.sequence, answer.body) == (200, "OK", 3, b"body")
    assert isinstance(first, Frame)
    assert (first.channel, first.payload, first.raw) == (0, rtp(1), PACKET)
    assert isinstance(request, ServerRequest)
    assert (request.method, request.url) == ("OPTIONS", "rtsp://host/")
    assert isinstance(second, Frame)
    assert second.channel == 1


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        (b"RTSP/1.0 200\nCSeq:3\nA: 1\n\n", {"CSeq": "3", "A": "1"}),
        (b"RTSP/1.1 200 OK\r\nA: one,\r\n\ttwo\r\n\r\n", {"A": "one, two"}),
        (b"RTSP/1.0 200 OK\r\nno header\r\n: none\r\nA: 1\r\n\r\n", {"A": "1"}),
        (b"RTSP/1.0 200 OK\r\nA: 1\rB: 2\r\n\r\n", {"A": "1 B: 2"}),
        (b"RTSP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", {"Content-Length": "0"}),
    ],
    ids=["line feeds alone", "folded", "lines that are none", "bare return", "any case"],
)
def test_heads_as_servers_write_them(head: bytes, headers: dict[str, str]) -> None:
    (answer,) = parsed(head)
    assert isinstance(answer, Response)
    assert {name: answer.headers[name] for name in headers} == headers
    assert len(answer.headers) == len(headers)


@pytest.mark.parametrize(
    "junk",
    [
        b"\r\n",
        b"\x00\x01\x02",
        b"$\x09\x00\x04junk",
        b"$",
        b"$\x00\x00",
        b"$\x00\xff\xff\x00",
        b"NONSENSE of a log\r\n",
        b"HELLO\n",
        b"RTSPnot\r\n",
        b"R",
    ],
)
def test_junk_between_packets_is_passed_over(junk: bytes) -> None:
    found = parsed(PACKET + b"\x00" + junk + PACKET + OK)
    assert [type(item) for item in found] == [Frame, Frame, Response]
    assert found[1] == Frame(PACKET)


def test_junk_has_an_end() -> None:
    assert not parsed(bytes(MAX_JUNK_BYTES))
    with pytest.raises(InvalidAnswerError):
        parsed(bytes(MAX_JUNK_BYTES + 1))
    # Between packets it may be any amount in sum.
    assert len(parsed((bytes(1000) + PACKET) * 200)) == 200


@pytest.mark.parametrize(
    "data",
    [
        b"RTSP/1.0 200 OK\r\n" + b"A: 1\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"A: 1\r\n" * MAX_HEAD_BYTES,
        b"RTSP/1.0 200 OK\r\nA: " + b"1" * (MAX_LINE_BYTES + 1) + b"\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        "RTSP/1.0 200 OK\r\nContent-Length: ٤\r\n\r\n".encode(),
    ],
    ids=["headers", "head", "line", "negative", "no number", "body", "other digits"],
)
def test_what_breaks_the_bounds_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        parsed(data)


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_end_in_items_or_our_error(data: bytes, step: int) -> None:
    try:
        whole, pieces = parsed(PACKET + data), parsed(PACKET + data, step=step)
    except InvalidAnswerError:
        return
    assert whole == pieces
    assert whole[0] == Frame(PACKET)
