"""Home Assistant's REST and WebSocket interface, as any client speaks it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from typing import Any, Self

import aiohttp

CLIENT_NAME = "demo"
TOKEN_DAYS = 1
# Making and checking a clip on a slow machine is within this.
ANSWER_TIMEOUT_S = 240.0


class ApiError(Exception):
    """Home Assistant refused something.

    Attributes:
        status: the HTTP status, or None for the WebSocket.
        answer: what it said.
    """

    def __init__(self, what: str, status: int | None, answer: Any) -> None:
        super().__init__(f"{what}: {status} {answer}" if status else f"{what}: {answer}")
        self.status = status
        self.answer = answer


@dataclass(frozen=True)
class Account:
    """Who logs in to Home Assistant."""

    name: str
    username: str
    password: str


class WebSocket:
    """One authenticated WebSocket connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, heard: list[str]) -> None:
        self._socket = socket
        self._heard = heard
        self._last_id = 0

    async def authenticate(self, token: str) -> None:
        """Answer Home Assistant's first question."""
        await self._receive()
        await self._socket.send_json({"type": "auth", "access_token": token})
        answer = await self._receive()
        if answer["type"] != "auth_ok":
            raise ApiError("WebSocket login", None, answer)

    async def call(self, kind: str, **fields: Any) -> Any:
        """Send a command and return its result.

        Raises:
            ApiError: Home Assistant answered with an error.
        """
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "type": kind} | fields)
        while True:
            answer = await self._receive()
            if answer.get("id") == self._last_id and answer["type"] == "result":
                break
        if not answer["success"]:
            raise ApiError(kind, None, answer["error"])
        return answer["result"]

    async def subscribe(self, kind: str, *many: Mapping[str, Any]) -> AsyncIterator[Any]:
        """Send a command that subscribes, once for each set of fields, and return all their events.

        Use a connection for this alone.
        """
        for fields in many:
            await self.call(kind, **fields)
        return self._events()

    async def _receive(self) -> Any:
        text = await self._socket.receive_str()
        self._heard.append(text)
        return json.loads(text)

    async def _events(self) -> AsyncIterator[Any]:
        while True:
            answer = await self._receive()
            if answer["type"] == "event":
                yield answer["event"]


class Api:
    """A logged-in client of one Home Assistant.

    Attributes:
        url: where it is, without a slash at the end.
        token: what logs it in.
        heard: all text that was answered, in order.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession, token: str) -> None:
        self.url = url
        self.token = token
        self.heard: list[str] = []
        self._session = session

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session without our login, for addresses that carry their own signature."""
        return self._session

    async def request(
        self, method: str, path: str, *, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Any:
        """Make a REST request and return the decoded answer, bytes if it is no JSON.

        Raises:
            ApiError: the status is not a success.
        """
        async with self._session.request(
            method,
            self.url + path,
            json=body,
            params=params,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S),
        ) as response:
            answer: Any = await response.read()
            if response.content_type == "application/json":
                text = answer.decode()
                self.heard.append(text)
                answer = json.loads(text)
            if not response.ok:
                raise ApiError(f"{method} {path}", response.status, answer)
            return answer

    async def get(self, path: str, **params: str) -> Any:
        """GET a path."""
        return await self.request("GET", path, params=params)

    async def post(self, path: str, **fields: Any) -> Any:
        """POST fields as JSON to a path."""
        return await self.request("POST", path, body=fields)

    async def action(self, domain: str, name: str, **data: Any) -> Any:
        """Perform an action and return its response."""
        answer = await self.request(
            "POST",
            f"/api/services/{domain}/{name}",
            body=data,
            params={"return_response": ""},
        )
        return answer["service_response"]

    async def state(self, entity_id: str) -> Any:
        """Return an entity's state object, None if there is no such entity."""
        try:
            return await self.get(f"/api/states/{entity_id}")
        except ApiError as err:
            if err.status == 404:
                return None
            raise

    async def states(self) -> list[Any]:
        """Return all state objects."""
        answer: list[Any] = await self.get("/api/states")
        return answer

    @asynccontextmanager
    async def websocket(self) -> AsyncIterator[WebSocket]:
        """Open a WebSocket connection of its own."""
        async with self._session.ws_connect(
            self.url + "/api/websocket", max_msg_size=0
        ) as connection:
            socket = WebSocket(connection, self.heard)
            await socket.authenticate(self.token)
            yield socket

    async def ask(self, kind: str, **fields: Any) -> Any:
        """Send one WebSocket command over a connection of its own."""
        async with self.websocket() as socket:
            return await socket.call(kind, **fields)

    @classmethod
    async def onboard(cls, url: str, session: aiohttp.ClientSession, account: Account) -> Self:
        """Make the first account of a fresh Home Assistant and log in as it."""
        client_id = url + "/"
        async with session.post(
            url + "/api/onboarding/users",
            json={
                "name": account.name,
                "username": account.username,
                "password": account.password,
                "client_id": client_id,
                "language": "en",
            },
        ) as response:
            if not response.ok:
                raise ApiError("onboarding", response.status, await response.text())
            code = (await response.json())["auth_code"]
        async with session.post(
            url + "/auth/token",
            data={"grant_type": "authorization_code", "code": code, "client_id": client_id},
        ) as response:
            if not response.ok:
                raise ApiError("login", response.status, await response.text())
            short_lived = (await response.json())["access_token"]
        token = await cls(url, session, short_lived).ask(
            "auth/long_lived_access_token", client_name=CLIENT_NAME, lifespan=TOKEN_DAYS
        )
        return cls(url, session, token)
