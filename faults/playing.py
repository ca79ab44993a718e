"""Plays a recording as a player does: playlist, beginning, and jumps."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any, Self

from aiohttp import ClientTimeout
import av
from av.error import FFmpegError

from demo.api import Api
from demo.recorders import RecorderChannel
from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternError

# Players try again a part that is answered by 503, and so does ours for a while.
TRIES = 8
PAUSE_S = 1.5
ANSWER_LIMIT_S = 60.0
JUMPS = 2
# A recording's start is told in whole seconds of the recorder's clock, and those of the answer; where
# footage carries no clock, its first picture is some place in a group of pictures.
TOLERANCE = timedelta(seconds=3.5)


@dataclass(slots=True)
class Played:
    """What parts of a recording showed.

    Attributes:
        wrong: what must not be, in words.
        stills: parts that show one picture of another place, as those do beyond the end of the footage.
        damaged: parts with a picture that can't be read, as a recorder may have sent it.
    """

    wrong: list[str] = field(default_factory=list)
    stills: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """All that is not as it should be, for whatever reason."""
        return [*self.wrong, *self.stills, *self.damaged]

    def __iadd__(self, other: Played) -> Self:
        self.wrong += other.wrong
        self.stills += other.stills
        self.damaged += other.damaged
        return self


async def play(api: Api, recording: Any, channel: RecorderChannel, random: Random) -> Played | None:
    """Play a recording from a search's answer: its first part, then others here and there.

    Returns:
        What it showed; None if it did not play, which the answers said by 503.
    """
    media = await api.ask(
        "media_source/resolve_media", media_content_id=recording["media_content_id"]
    )
    lines = await _playlist(api, media["url"])
    if _is_choice(lines):
        # Players choose the coding that they can decode; ours decodes all.
        lines = await _playlist(api, random.choice(_addresses(lines)))
    if not lines:
        return None
    parts = _addresses(lines)
    head = next(line for line in lines if line.startswith("#EXT-X-MAP")).split('"')[1]
    start = datetime.fromisoformat(recording["start"])
    played = Played()
    for number in [0, *(random.randrange(len(parts)) for _ in range(JUMPS))]:
        beginning, part = await _fetch(api, head), await _fetch(api, parts[number])
        if beginning is None or part is None:
            return played if played.all else None
        played += await asyncio.to_thread(look, beginning + part, start, channel)
    return played


async def _playlist(api: Api, path: str) -> list[str]:
    """Fetch a playlist and return its lines, none if it can't be had for now."""
    content = await _fetch(api, path)
    return [] if content is None else content.decode().splitlines()


def _is_choice(lines: Sequence[str]) -> bool:
    return any(line.startswith("#EXT-X-STREAM-INF") for line in lines)


def _addresses(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.startswith("/")]


async def _fetch(api: Api, path: str) -> bytes | None:
    """Fetch what a signed address names; None if it can't be had for now."""
    for _ in range(TRIES):
        async with api.session.get(
            api.url + path, timeout=ClientTimeout(total=ANSWER_LIMIT_S)
        ) as response:
            if response.ok:
                return await response.read()
            if response.status < 500 and response.status != 404:
                raise ValueError(f"a player is answered {response.status}")
        await asyncio.sleep(PAUSE_S)
    return None


def look(content: bytes, start: datetime, channel: RecorderChannel) -> Played:
    """Compare the pictures of a part with their places on the recording's time line. Blocks."""
    try:
        shown = _pictures(content)
    except PatternError as error:
        return Played(damaged=[f"a part can't be read: {error}"])
    except (FFmpegError, ValueError) as error:
        return Played([f"a part can't be played: {type(error).__name__} {error}"])
    if not shown:
        return Played(["a part has no picture"])
    for position, number, instant in shown:
        if number != channel.number:
            return Played([f"a part shows channel {number}"])
        away = instant - start - position
        if abs(away) > TOLERANCE:
            said = [f"at {position} a part shows what was {away} away"]
            is_still = len({instant for _, _, instant in shown}) == 1
            return Played(stills=said) if is_still else Played(said)
    return Played()


def _pictures(content: bytes) -> Sequence[tuple[timedelta, int, datetime]]:
    """Return place, channel and instant of the pictures."""
    found = []
    with av.open(BytesIO(content), "r") as container:
        for frame in container.decode(video=0):
            if frame.time is None:
                raise ValueError("a picture has no time")
            reading = pattern_of(frame)
            found.append((timedelta(seconds=frame.time), reading.channel, reading.instant))
    return found
