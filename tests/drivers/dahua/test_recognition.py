"""Who answers, told before any login."""

import pytest

from custom_components.nvr.drivers.dahua.recognition import is_dahua
from tests.drivers.fake_web import FakeWeb, client, running

REALM = 'Digest realm="Login to 5e1f", qop="auth", nonce="{nonce}"'
OTHERS = 'Digest realm="DS-7608", qop="auth", nonce="{nonce}"'
CGI = "/cgi-bin/magicBox.cgi"


@pytest.mark.parametrize(
    ("challenges", "is_one"),
    [([REALM], True), (['Basic realm="x"', REALM], True), ([OTHERS], False)],
)
async def test_the_realm_tells(challenges: list[str], is_one: bool) -> None:
    async with running(FakeWeb(challenges=challenges)) as fake, client() as http:
        assert await is_dahua(fake.connection(), http) is is_one
        # Nobody logged in.
        assert not fake.logins


@pytest.mark.parametrize("guards_all", [False, True])
async def test_the_oldest_know_basic_only(guards_all: bool) -> None:
    fake = FakeWeb(challenges=['Basic realm="DVR"'])
    if not guards_all:
        fake.open_paths.add("/nothing-is-here")
    async with running(fake), client() as http:
        assert await is_dahua(fake.connection(), http) is not guards_all


@pytest.mark.parametrize(("body", "is_one"), [("name=NVR\r\n", True), ("<html/>", False)])
async def test_who_asks_nobody_is_known_by_his_answer(body: str, is_one: bool) -> None:
    fake = FakeWeb()
    fake.answer(CGI, body)
    fake.open_paths.add(CGI)
    async with running(fake), client() as http:
        assert await is_dahua(fake.connection(), http) is is_one


async def test_somebody_else_is_not() -> None:
    fake = FakeWeb()
    fake.open_paths.add(CGI)
    async with running(fake), client() as http:
        assert not await is_dahua(fake.connection(), http)
