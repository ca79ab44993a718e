"""Clients for tests that speak as Dahua's do, written from the protocol notes alone."""

import hashlib
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from simulator.box import RecorderBox
from simulator.core.digest import Scheme
from tests.simulator import exchange

PASSWORD = "s3cret & =%+:/"
USER = "admin"


class Answer(exchange.Answer):
    """What came back."""

    @property
    def fields(self) -> dict[str, str]:
        """Its lines by their keys."""
        lines = (line.partition("=") for line in self.text.splitlines() if "=" in line)
        return {key: value for key, _, value in lines}


class Cgi:
    """Asks by CGI."""

    def __init__(self, box: RecorderBox, *, user: str = USER, password: str = PASSWORD) -> None:
        """Ask a box as a user."""
        self._url = f"http://{box.address}"
        if Scheme.BASIC in box.recorder.accounts.policy.schemes:
            basic = {"Authorization": aiohttp.encode_basic_auth(user, password)}
            self.session = aiohttp.ClientSession(headers=basic)
        else:
            digest = aiohttp.DigestAuthMiddleware(user, password)
            self.session = aiohttp.ClientSession(middlewares=(digest,))

    async def get(self, path: str) -> Answer:
        """Ask for what is below /cgi-bin, as it is written."""
        url = URL(f"{self._url}/cgi-bin/{path}", encoded=True)
        async with self.session.get(url) as response:
            return Answer(
                status=response.status,
                headers=dict(response.headers),
                body=await response.read(),
            )

    async def post(self, path: str, params: object) -> Any:
        """Call a method below /cgi-bin/api."""
        async with self.session.post(f"{self._url}/cgi-bin/{path}", json=params) as response:
            assert response.status == 200
            return await response.json()

    async def ask(self, module: str, action: str, **query: object) -> Answer:
        """Ask a module for an action; `__` in a key is a dot."""
        pairs = [f"&{key.replace('__', '.')}={_quoted(value)}" for key, value in query.items()]
        return await self.get(f"{module}.cgi?action={action}{''.join(pairs)}")

    async def table(self, name: str) -> dict[str, str]:
        """Read a table of settings, its keys without what all begin with."""
        fields = (await self.ask("configManager", "getConfig", name=name)).fields
        return {key.removeprefix(f"table.{name}"): value for key, value in fields.items()}

    async def search(self, *, count: object = 100, **condition: object) -> list[dict[str, str]]:
        """Find all that fits, and give the object back."""
        finder = (await self.ask("mediaFileFind", "factory.create")).fields["result"]
        keys = {f"condition.{key}": value for key, value in condition.items()}
        found: list[dict[str, str]] = []
        try:
            begun = await self.ask("mediaFileFind", "findFile", object=finder, **keys)
            while begun.text.strip() == "OK":
                page = await self.ask("mediaFileFind", "findNextFile", object=finder, count=count)
                items = items_of(page)
                if not items:
                    break
                found += items
        finally:
            await self.ask("mediaFileFind", "close", object=finder)
            await self.ask("mediaFileFind", "destroy", object=finder)
        return found

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        await self.session.close()


class Rpc:
    """Calls by RPC2."""

    def __init__(self, box: RecorderBox, http: aiohttp.ClientSession) -> None:
        """Call a box over connections of a client's."""
        self._url = f"http://{box.address}"
        self._http = http
        self.session: str | int = 0
        self.id = 0

    async def post(self, path: str, method: str, params: object, **more: object) -> Any:
        """Call something, and give all of the answer."""
        self.id += 1
        content = {"method": method, "params": params, "id": self.id, "session": self.session}
        async with self._http.post(self._url + path, json={**content, **more}) as response:
            assert response.status == 200
            answer = await response.json()
        assert answer["id"] == self.id
        return answer

    async def call(self, method: str, params: object = None, **more: object) -> Any:
        """Call a method of somebody who is logged in."""
        return await self.post("/RPC2", method, params, **more)

    async def challenge(self, user: str = USER) -> Any:
        """Take the first step of a log-in."""
        self.session = 0
        params = {
            "userName": user, "password": "", "clientType": "Web3.0", "loginType": "Direct",
        }  # fmt: skip
        answer = await self.post("/RPC2_Login", "global.login", params)
        self.session = answer["session"]
        return answer

    async def prove(self, proof: str, user: str = USER) -> Any:
        """Take the second step of a log-in."""
        params = {
            "userName": user,
            "password": proof,
            "clientType": "Web3.0",
            "loginType": "Direct",
            "authorityType": "Default",
            "passwordType": "Default",
        }
        answer = await self.post("/RPC2_Login", "global.login", params)
        self.session = answer["session"]
        return answer

    async def log_in(self, password: str = PASSWORD, user: str = USER) -> Any:
        """Log in."""
        asked = (await self.challenge(user))["params"]
        return await self.prove(hashed(user, password, asked["realm"], asked["random"]), user)


def hashed(user: str, password: str, realm: str, random: str) -> str:
    """Hash a password as section 4 of the notes says."""
    return _md5(f"{user}:{random}:{_md5(f'{user}:{realm}:{password}')}")


def items_of(page: Answer) -> list[dict[str, str]]:
    """Read the items of a page."""
    items: dict[int, dict[str, str]] = {}
    for key, value in page.fields.items():
        if key.startswith("items["):
            place, _, name = key.removeprefix("items[").partition("].")
            items.setdefault(int(place), {})[name] = value
    return [items[place] for place in sorted(items)]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _quoted(value: object) -> str:
    return str(value).replace("%", "%25").replace(" ", "%20").replace("&", "%26")
