"""A recorder as Home Assistant has it: its config entry, its cameras, its states."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from demo.api import Api
from demo.flow import go_through
from demo.recorders import USER, SimulatedRecorder

DOMAIN: Final = "nvr"
POLL_INTERVAL_S = 0.05
FIRST_STATES_LIMIT_S = 60.0


class SetupError(Exception):
    """A recorder could not be added."""


@dataclass(frozen=True)
class Entity:
    """An entity of ours, as the registry has it."""

    entity_id: str
    unique_id: str
    translation_key: str | None
    enabled: bool
    channel: str | None

    @property
    def platform(self) -> str:
        """The part of the id before the dot."""
        return self.entity_id.partition(".")[0]


@dataclass(frozen=True)
class Entry:
    """One recorder in Home Assistant.

    Attributes:
        created: when the entry was made: its set-up begins there.
        ready: when every entity had its first state.
        entities: all of them, enabled or not.
    """

    entry_id: str
    title: str
    created: datetime
    ready: datetime
    entities: tuple[Entity, ...]

    @property
    def setup_s(self) -> float:
        """Seconds from the start of set-up to the last first state."""
        return (self.ready - self.created).total_seconds()

    @property
    def cameras(self) -> dict[str, Entity]:
        """The enabled camera of each channel, by the channel's name."""
        return {
            entity.channel: entity
            for entity in self.entities
            if entity.platform == "camera" and entity.enabled and entity.channel is not None
        }

    def named(self, key: str, channel: str | None = None) -> Entity:
        """Return the entity with a translation key, of a channel or of the recorder."""
        for entity in self.entities:
            if entity.translation_key == key and entity.channel == channel:
                return entity
        raise LookupError(f"{self.title} has no entity {key} of {channel}")

    @classmethod
    async def add(cls, api: Api, recorder: SimulatedRecorder) -> Self:
        """Add a recorder by Home Assistant's REST interface and wait until all is there.

        Raises:
            SetupError: the flow did not end in an entry.
        """
        result = await go_through(api, DOMAIN, answers(recorder))
        if result["type"] != "create_entry":
            raise SetupError(f"{recorder.name}: {result.get('errors') or result.get('reason')}")
        return await cls.wait_ready(api, result["result"]["title"])

    async def remove(self, api: Api) -> None:
        """Remove the recorder from Home Assistant."""
        await api.request("DELETE", f"/api/config/config_entries/entry/{self.entry_id}")

    @classmethod
    async def wait_ready(cls, api: Api, title: str) -> Self:
        """Wait until an entry is loaded and every entity of it has its first state.

        Raises:
            SetupError: it takes too long.
        """
        lacking: Collection[str] = ["the entry"]
        try:
            async with asyncio.timeout(FIRST_STATES_LIMIT_S), api.websocket() as socket:
                while True:
                    entry = await _find(socket.call("config_entries/get", domain=DOMAIN), title)
                    if entry is not None and entry["state"] == "loaded":
                        entities = await _entities(api, entry["entry_id"])
                        lacking = await _without_state(api, entities)
                        if not lacking:
                            break
                    await asyncio.sleep(POLL_INTERVAL_S)
        except TimeoutError as err:
            raise SetupError(f"{title} is not complete: {', '.join(lacking)}") from err
        created = datetime.fromtimestamp(entry["created_at"], UTC)
        return cls(entry["entry_id"], title, created, datetime.now(UTC), entities)


def answers(recorder: SimulatedRecorder) -> dict[str, dict[str, Any]]:
    """Return the forms of the flow that adds a recorder, by their steps, as a user would fill them in."""
    return {
        "user": {"host": recorder.address},
        "credentials": {
            "username": USER,
            "password": recorder.password,
            "connection": {} if recorder.tells_ports else {"rtsp_port": recorder.rtsp_port},
        },
        "report": {"areas": False},
    }


def new_answers(recorder: SimulatedRecorder) -> dict[str, dict[str, Any]]:
    """Return the forms of the flow that changes how a recorder is reached, as a user would fill them in."""
    return {
        "reconfigure": {"host": recorder.address},
        "credentials": answers(recorder)["credentials"],
        "plain": {"next_step_id": "login"},
    }


async def _find(question: Any, title: str) -> Any:
    return next((entry for entry in await question if entry["title"] == title), None)


async def _entities(api: Api, entry_id: str) -> tuple[Entity, ...]:
    entities = await api.ask("config/entity_registry/list")
    devices = {each["id"]: each for each in await api.ask("config/device_registry/list")}

    def channel(device_id: str | None) -> str | None:
        device = devices.get(device_id, {})
        name: str | None = device.get("name")
        return name if device.get("via_device_id") else None

    return tuple(
        Entity(
            each["entity_id"],
            each["unique_id"],
            each["translation_key"],
            each["disabled_by"] is None,
            channel(each["device_id"]),
        )
        for each in entities
        if each["config_entry_id"] == entry_id
    )


async def _without_state(api: Api, entities: Collection[Entity]) -> list[str]:
    if not entities:
        return ["all entities"]
    known = {state["entity_id"] for state in await api.states()}
    return [
        entity.entity_id for entity in entities if entity.enabled and entity.entity_id not in known
    ]
