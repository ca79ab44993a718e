"""Does a saved clip show exactly what was asked for?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import av

from demo.api import Api
from demo.entry import Entry
from demo.recorders import RecorderChannel, SimulatedRecorder, Span
from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternReading

CLIP_LENGTH = timedelta(seconds=8)
# Neither a whole second nor a key frame.
LEAD = timedelta(seconds=3, milliseconds=370)
ROOM = timedelta(seconds=2)
SEARCHED = timedelta(days=2)
FIRST_BYTES = 100
PLAYLIST = "application/x-mpegURL"


@dataclass(frozen=True)
class Wish:
    """A clip that is asked for.

    Attributes:
        camera: entity to ask for it.
        channel: what it must show.
        start: true instant of the first picture.
        end: true instant at which the last picture ends.
        timed: whether the footage tells when it was filmed; to the second it is known in any case.
    """

    camera: str
    channel: RecorderChannel
    start: datetime
    end: datetime
    timed: bool = True


@dataclass(frozen=True)
class ClipMeasure:
    """What a saved clip turned out to be.

    Attributes:
        answer: what the action said.
        start_error_s: first picture shown against the asked start.
        end_error_s: end of the last picture shown against the asked end.
        frame_s: how long one picture is shown.
        faults: what is wrong with the file or the answer, in words.
    """

    answer: Any
    start_error_s: float
    end_error_s: float
    frame_s: float
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether it shows what was asked for, to the frame, and nothing is wrong with it."""
        return self.is_within(0.0)

    def is_within(self, slack_s: float) -> bool:
        """Say whether that is so give or take some seconds that nobody can know of."""
        worst = max(self.start_error_s, self.end_error_s)
        return worst <= self.frame_s + slack_s and not self.faults


async def wishes_around_change(entry: Entry, recorder: SimulatedRecorder) -> list[Wish]:
    """Choose a clip on either side of the change of the clocks, each within one recording.

    Where a channel has a codec that others don't have, a clip of it is chosen as well.
    """
    change = recorder.clock_change
    channels = recorder.channels.values()
    wishes = [
        await _wish(entry, recorder, channels, change - SEARCHED, change),
        await _wish(entry, recorder, channels, change, change + SEARCHED),
    ]
    seen = {wish.channel.codec for wish in wishes}
    if others := [channel for channel in channels if channel.codec not in seen]:
        wishes.append(await _wish(entry, recorder, others, change, change + SEARCHED))
    return wishes


async def _wish(
    entry: Entry,
    recorder: SimulatedRecorder,
    channels: Iterable[RecorderChannel],
    start: datetime,
    end: datetime,
) -> Wish:
    """Choose the shortest long enough recording near a change: an old recorder sends all of it."""
    best: tuple[Span, RecorderChannel] | None = None
    for channel in channels:
        if channel.name not in entry.cameras:
            continue
        for span in await recorder.recordings(channel.number, start, end):
            within = span.start >= start and span.end <= end
            if not within or span.end - span.start < LEAD + CLIP_LENGTH + ROOM:
                continue
            if best is None or span.end - span.start < best[0].end - best[0].start:
                best = span, channel
    if best is None:
        raise LookupError(f"{recorder.name} has no recording between {start} and {end}")
    span, channel = best
    asked = span.start + LEAD
    camera = entry.cameras[channel.name].entity_id
    return Wish(camera, channel, asked, asked + CLIP_LENGTH, recorder.footage_tells_time)


async def save_clip(api: Api, wish: Wish, **more: Any) -> Any:
    """Save a clip by the action and return its answer for the camera."""
    answers = await api.action(
        "nvr",
        "download_clip",
        entity_id=[wish.camera],
        start=wish.start.isoformat(),
        end=wish.end.isoformat(),
        **more,
    )
    return answers[wish.camera]


async def measure_clip(api: Api, wish: Wish) -> ClipMeasure:
    """Save a clip and look at every picture that a player shows of it."""
    answer = await save_clip(api, wish)
    file = Path(answer["path"])
    readings = list(shown(file))
    frame = timedelta(seconds=wish.channel.frame_s)
    faults = [
        *_picture_faults(readings, wish, frame),
        *_answer_faults(answer, file, wish),
        *await serving_faults(api, answer["media_content_id"], file),
    ]
    return ClipMeasure(
        answer=answer,
        start_error_s=abs((readings[0].instant - wish.start).total_seconds()),
        end_error_s=abs((readings[-1].instant + frame - wish.end).total_seconds()),
        frame_s=wish.channel.frame_s,
        faults=tuple(faults),
    )


def shown(file: Path) -> Iterator[PatternReading]:
    """Read the pictures that a player shows: what the edit list hides is decoded but not shown."""
    with av.open(file) as container:
        for frame in container.decode(video=0):
            yield pattern_of(frame)


def _picture_faults(readings: list[PatternReading], wish: Wish, frame: timedelta) -> Iterator[str]:
    if {reading.channel for reading in readings} != {wish.channel.number}:
        yield "shows another channel"
    for one, next_one in pairwise(readings):
        if next_one.instant - one.instant != frame:
            yield f"from {one.instant} to {next_one.instant} is not one picture"


def _answer_faults(answer: Any, file: Path, wish: Wish) -> Iterator[str]:
    content = file.read_bytes()
    if answer["size"] != len(content):
        yield "the size is wrong"
    if answer["sha256"] != sha256(content).hexdigest():
        yield "the SHA-256 is wrong"
    if abs(answer["duration"] - (wish.end - wish.start).total_seconds()) > wish.channel.frame_s:
        yield f"the duration is said to be {answer['duration']}"
    if (wish.timed and not answer["exact"]) or answer["missing"]:
        yield f"it is said to be inexact or incomplete: {answer['missing']}"
    if content.find(b"moov") > content.find(b"mdat"):
        yield "the index comes after the pictures"
    codecs = {"H.264": (b"avc1",), "H.265": (b"hvc1",)}
    if not any(tag in content for tag in codecs[wish.channel.codec]):
        yield "the codec's tag is not one that phones know"
    if list(file.parent.glob(".*")):
        yield "half a file stayed beside it"


async def serving_faults(api: Api, media_content_id: str, file: Path) -> list[str]:
    """Fetch a clip as a player does: a signed address, HEAD, a range; and once without a login.

    One that not every browser decodes is played in parts, of which there is a playlist.
    """
    played = await api.ask("media_source/resolve_media", media_content_id=media_content_id)
    url = api.url + played["url"]
    faults = []
    if played["mime_type"] == PLAYLIST:
        async with api.session.get(url) as response:
            if not (await response.read()).startswith(b"#EXTM3U"):
                faults.append(f"its playlist answers {response.status}")
    else:
        faults += await _file_faults(api, played, url, file.read_bytes())
    async with api.session.get(url.partition("?")[0]) as response:
        if response.status not in {401, 403}:
            faults.append(f"without a login it answers {response.status}")
    return faults


async def _file_faults(api: Api, played: Any, url: str, content: bytes) -> list[str]:
    faults = []
    async with api.session.head(url) as response:
        if not response.ok or response.content_length != len(content):
            faults.append(f"HEAD answers {response.status}, {response.content_length} bytes")
    ranged = {"Range": f"bytes=0-{FIRST_BYTES - 1}"}
    async with api.session.get(url, headers=ranged) as response:
        if response.status != 206 or await response.read() != content[:FIRST_BYTES]:
            faults.append(f"a range answers {response.status}")
    if played["mime_type"] != "video/mp4":
        faults.append(f"it is said to be {played['mime_type']}")
    return faults
