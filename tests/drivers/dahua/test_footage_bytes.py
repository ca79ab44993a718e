"""What is looked for in footage as it arrives: the first wall clock, and a file among the parts of an answer."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
import random

import pytest

from custom_components.nvr.drivers.dahua.footage_time import first_wall, last_wall
from custom_components.nvr.drivers.dahua.multipart import file_in, is_multipart
from custom_components.nvr.drivers.errors import InvalidAnswerError

from .downloading import frame

NOON = datetime(2026, 7, 14, 12)
FILE = bytes(random.Random(7).randbytes(3000)) + b"\r\n--b\r\n--bo"
JSON_PART = b'--by\r\nContent-Type: application/json\r\n\r\n{"a": "--"}\r\n'


@pytest.mark.parametrize(
    "head", [b"", b"DAHUA" + bytes(1019), b"DHII" + bytes(40), b"DHAV", b"DHAVDHAV"]
)
def test_the_first_frame_tells_its_time(head: bytes) -> None:
    assert first_wall(head + frame(NOON) + frame(NOON + timedelta(seconds=1))) == NOON


@pytest.mark.parametrize("behind", [b"", b"dhav", frame(NOON)[:20], b"DHAV" + bytes(30)])
def test_the_last_frame_tells_its_time(behind: bytes) -> None:
    later = NOON + timedelta(minutes=1)
    # The last may be there in part only.
    for cut_off in 0, 100:
        content = frame(NOON) + frame(later)[: 4032 - cut_off]
        assert last_wall(content[50:] + behind) == later
    assert last_wall(behind) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"DHAV", frame(NOON)[:20], frame(NOON).replace(b"DHAV", b"DHIT"), b"\xff" * 100],
)
def test_what_holds_no_frame_tells_none(content: bytes) -> None:
    assert first_wall(content) is None


def test_frames_that_carry_no_time_are_passed_over() -> None:
    auxiliary = bytearray(frame(NOON))
    auxiliary[4] = 0xF1
    senseless = bytearray(frame(NOON))
    senseless[16:20] = b"\xff\xff\xff\xff"
    endless = bytearray(frame(NOON))
    endless[12:16] = b"\xff\xff\xff\xff"
    later = NOON + timedelta(minutes=1)
    assert first_wall(bytes(auxiliary + senseless + endless) + frame(later)) == later


async def chunks(*sent: bytes) -> AsyncIterator[bytes]:
    for chunk in sent:
        yield chunk


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


async def file_of(parts: list[bytes]) -> bytes:
    return b"".join([part async for part in file_in(parts[0], chunks(*parts[1:]))])


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
@pytest.mark.parametrize("length", [f"Content-Length: {len(FILE)}\r\n", ""])
@pytest.mark.parametrize("before", [JSON_PART, b""])
async def test_the_file_among_the_parts(size: int, length: str, before: bytes) -> None:
    head = f"--by\r\nContent-Type: application/http\r\n{length}\r\n".encode()
    body = b"\r\n" + before + head + FILE + b"\r\n--by--\r\n"
    assert await file_of(cut(body, size)) == FILE


async def test_an_answer_that_ends_without_a_boundary() -> None:
    body = b"--by\r\nContent-Type: video/dav\r\n\r\n" + FILE
    assert await file_of(cut(body, 50)) == FILE


@pytest.mark.parametrize(
    "body",
    [
        b"--by\r\n",
        b"--\r\n\r\n",
        JSON_PART + b"--by--\r\n",
        JSON_PART,
        JSON_PART * 1000,
        b"--by\r\nContent-Type: text/plain\r\n\r\n" + bytes(200_000),
        b"--by" + b"a" * 200_000,
    ],
)
async def test_an_answer_without_a_file(body: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        await file_of(cut(body, 1000))


def test_which_answers_have_parts() -> None:
    assert is_multipart("multipart/x-mixed-replace", b"")
    assert is_multipart("application/http", b"\r\n--by")
    assert not is_multipart("application/http", b"DHAV")
