"""Answers without a length, on connections that stay open."""

import asyncio

from aiohttp import web
import pytest

from custom_components.nvr.drivers import answer as answer_module
from custom_components.nvr.drivers.answer import Limits
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.http import RecorderSession

from .fake_web import FakeWeb, open_ended

SHORT = Limits(max_bytes=1000, seconds=2.0)
OK = b"HTTP/1.1 200 OK"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_module, "END_SECONDS", 0.05)
    monkeypatch.setattr(answer_module, "REFUSAL_IDLE_SECONDS", 0.05)


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<x:a xmlns:x="y"><b/></x:a>\r\n',
        b'{"a": {"b": 1}}',
        b"<!DOCTYPE html><HTML><p></html>\n",
        b"\xff\xd8\xff\xe0picture\xff\xd9",
    ],
)
@pytest.mark.parametrize(
    "head",
    [OK, b"HTTP/1.1 404 Not Found", OK + b"\r\nContent-Length: 900"],
    ids=["open", "refused", "overstated"],
)
async def test_a_document_ends_with_its_root(
    session: RecorderSession, fake: FakeWeb, head: bytes, body: bytes
) -> None:
    fake.routes["/open"] = open_ended(head, body)
    assert (await session.request("GET", "/open", limits=SHORT)).body == body
    # What may still come on that connection belongs to no other answer.
    assert (await session.request("GET", "/a")).body == b"<a/>"


@pytest.mark.parametrize(
    "body", [b"<a><b></b>", b'{"a": {}', b"<a>text", b"", b"\xff\xd8\xff\xd9x"]
)
async def test_a_document_without_its_end_is_none(
    session: RecorderSession, fake: FakeWeb, body: bytes
) -> None:
    fake.routes["/open"] = open_ended(OK, body)
    limits = Limits(max_bytes=1000, seconds=0.3)
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/open", limits=limits)


async def test_a_pause_behind_an_element_is_no_end(session: RecorderSession, fake: FakeWeb) -> None:
    async def in_two(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"<a><b></b>")
        await asyncio.sleep(0.2)
        await response.write(b"</a>")
        return response

    fake.routes["/open"] = in_two
    answer = await session.request("GET", "/open", limits=SHORT)
    assert answer.body == b"<a><b></b></a>"


@pytest.mark.parametrize("body", [b"", b"<html>401</html>", b"Unauthorized"])
async def test_a_challenge_without_an_end_is_answered(
    session: RecorderSession, fake: FakeWeb, body: bytes
) -> None:
    known = fake.routes["/a"]
    challenge = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest qop="auth", realm="DS-1", nonce="nonce1"'
    # Open to all as far as the fake is concerned, so that the challenge is ours.
    fake.open_paths = {"/a"}

    async def handler(request: web.Request) -> web.StreamResponse:
        if fake.seen[-1].authorization:
            return await known(request)
        return await open_ended(challenge, body)(request)

    fake.routes["/a"] = handler
    assert (await session.request("GET", "/a", limits=SHORT)).body == b"<a/>"
