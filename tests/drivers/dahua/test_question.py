"""Requests as they go on the wire."""

from aiohttp import ClientSession, web
import pytest

from custom_components.nvr.drivers.dahua.cgi import Cgi
from custom_components.nvr.drivers.dahua.question import Call, CgiRequest
from custom_components.nvr.drivers.dahua.rpc_login import Challenge, old_digest
from custom_components.nvr.drivers.dahua.tree import text
from custom_components.nvr.drivers.errors import CannotConnectError, InvalidAnswerError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from tests.drivers.fake_web import FakeWeb

FIND = CgiRequest(
    module="mediaFileFind",
    action="findFile",
    args=(
        ("object", "1"),
        ("condition.Types[0]", "dav"),
        ("condition.StartTime", "2026-07-02 19:09:25"),
        ("condition.Events[0]", "*"),
    ),
)


def test_blanks_are_no_plus_and_brackets_stay() -> None:
    assert FIND.path == (
        "/cgi-bin/mediaFileFind.cgi?action=findFile&object=1&condition.Types[0]=dav"
        "&condition.StartTime=2026-07-02%2019:09:25&condition.Events[0]=*"
    )
    assert (FIND.method, FIND.body) == ("GET", None)


def test_what_could_end_a_value_is_encoded() -> None:
    request = CgiRequest(module="a", action="b", args=(("k", "1&x=2+3 #?"),))
    assert request.path == "/cgi-bin/a.cgi?action=b&k=1%26x%3D2%2B3%20%23%3F"
    assert CgiRequest(module="snapshot", action="", args=(("channel", "1"),)).path == (
        "/cgi-bin/snapshot.cgi?channel=1"
    )


def test_the_newer_form_posts_json() -> None:
    request = CgiRequest(module="A", action="b", json={"uniqueChannels": [-1]})
    assert (request.method, request.path) == ("POST", "/cgi-bin/api/A/b")
    assert request.body == b'{"uniqueChannels": [-1]}'


def test_messages_name_what_was_asked() -> None:
    assert (
        CgiRequest(module="c", action="getConfig", args=(("name", "NTP"),)).what
        == "c.getConfig NTP"
    )
    assert Call(method="c.getConfig", params={"name": "NTP"}).what == "c.getConfig NTP"


async def test_the_digest_is_of_the_very_bytes_that_are_sent(
    fake: FakeWeb, http: ClientSession
) -> None:
    lines: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        lines.append(request.raw_path)
        return web.Response(text="found=0\r\n")

    fake.routes["/cgi-bin/mediaFileFind.cgi"] = handler
    # The server holds the digest's uri against the request's line, byte by byte.
    answer = await Cgi(RecorderSession(fake.connection(), http, LoginGuard())).ask(FIND)
    assert text(answer, "found") == "0"
    assert lines == [FIND.path]


def test_the_password_of_rpc2_by_the_known_vector() -> None:
    challenge = Challenge(realm="Login to a0c50bcd05b2f03d067e530d9bf069af", random="1172275829")
    assert challenge.password("admin", "123") == "2E9AD6D2DB08E0882F376A622BC76B9A"


def test_other_ways_to_send_a_password() -> None:
    basic = Challenge(realm="r", random="1", encryption="Basic")
    assert basic.password("admin", "123") == "YWRtaW46MTIz"
    assert Challenge(realm="r", random="1", encryption="WatchNet").password("a", "b") is None
    # What is known of firmware that nobody changed: its factory password's hash.
    assert old_digest("admin") == "6QNMIQGe"
    assert (
        Challenge(realm="r", random="1", encryption="OldDigest").password("a", "admin")
        == "6QNMIQGe"
    )


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"table.Locales.DSTEnd.Month=11\r\ntable.Locales.DSTEnable=true\r\n", True),
        # The eleventh month has become the first.
        (b"table.Locales.DSTEnd.Month=1", False),
        (b"table.Locales.DSTEnable=true\r\ntable.Loc\x08les=1\r\n", False),
    ],
)
async def test_what_was_cut_or_garbled_is_no_answer(
    fake: FakeWeb, http: ClientSession, body: bytes, read: bool
) -> None:
    """Some devices announce more than they have; their last line ends all the same."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "900"})
        await response.prepare(request)
        await response.write(body)
        assert request.transport is not None
        request.transport.close()
        return response

    fake.routes["/cgi-bin/configManager.cgi"] = handler
    session = RecorderSession(fake.connection(), http, LoginGuard())
    asking = Cgi(session).ask(
        CgiRequest(module="configManager", action="getConfig", args=(("name", "Locales"),))
    )
    if read:
        assert text(await asking, "table", "Locales", "DSTEnable") == "true"
    else:
        with pytest.raises(CannotConnectError if b"\x08" not in body else InvalidAnswerError):
            await asking
