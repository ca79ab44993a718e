"""The page that tells what a trial of a recorder showed, and what to do about what won't work."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .default_streams import BROWSER_CODECS
from .drivers.models import Channel, Disk, DiskState, RecorderState, Right, Stream
from .trial import Trial
from .trust import readable_fingerprint

NAME_LIMIT = 64
BYTES_PER_GIGABYTE = 1_000_000_000

CLOCK_TOLERANCE = timedelta(seconds=5)
"""Clips are cut by a clock that is wrong, too; but people look for things at the wrong time."""

# Every font has them.
YES, NO, OPEN = "✓", "✗", "?"

_RIGHTS = (Right.SETTINGS, Right.LIVE, Right.PLAYBACK, Right.DOWNLOAD)
_WELL = frozenset({DiskState.OK, DiskState.SLEEPING, DiskState.UNKNOWN})


def literal(text: str) -> str:
    """Return what a device tells as text that Markdown shows as it is, of bounded length."""
    kept = " ".join(text.split())[:NAME_LIMIT]
    return "".join(one if one.isalnum() or one == " " else f"&#{ord(one)};" for one in kept)


@dataclass(frozen=True, slots=True)
class Report:
    """Writes the page, in the language of Home Assistant."""

    translations: Mapping[str, str]

    @classmethod
    async def load(cls, hass: HomeAssistant) -> Report:
        """Return one with all words at hand."""
        return cls(await async_get_translations(hass, hass.config.language, "selector", [DOMAIN]))

    def word(self, selector: str, option: str, **given: str) -> str:
        """Return a translated text."""
        key = f"component.{DOMAIN}.selector.{selector}.options.{option}"
        return self.translations.get(key, option).format(**given)

    def write(self, trial: Trial, pictures: Mapping[int, str]) -> str:
        """Return the page as Markdown; ``pictures`` are the addresses of those that there are, by channel."""
        recorder = trial.state.recorder
        made = " ".join(
            literal(one)
            for one in (recorder.manufacturer, recorder.model, recorder.firmware)
            if one
        )
        alerts = (
            f'<ha-alert alert-type="warning">{problem}</ha-alert>'
            for problem in self.problems(trial)
        )
        return "\n\n".join(
            (
                f"**{literal(recorder.title)}** {made}",
                "\n".join(self._facts(trial)),
                "\n".join(self._channels(trial, pictures)),
                *alerts,
            )
        )

    def problems(self, trial: Trial) -> Iterator[str]:
        """Say of each thing that won't work what to do about it."""
        state = trial.state
        for right in _RIGHTS:
            if trial.rights[right] is False:
                yield self.word("problem", f"no_right_{right.value}")
        if trial.refused_apart:
            yield self.word("problem", "refused_apart")
        offset = state.clock.offset
        if offset is not None and abs(offset) > CLOCK_TOLERANCE:
            yield self.word("problem", "clock")
        if _has_no_disk(state):
            yield self.word("problem", "no_disk")
        for disk in state.disks:
            if disk.state not in _WELL:
                yield self.word("problem", "disk", disk=str(disk.number))
        unplayed = [
            one for one in state.channels if one.streams and not any(map(_is_played, one.streams))
        ]
        if unplayed:
            yield self.word("problem", "codec", channels=_names(unplayed))
        silent = [one for one in state.channels if one.online is False]
        if silent:
            yield self.word("problem", "offline", channels=_names(silent))
        if not trial.connection.tls:
            yield self.word("problem", "plain")

    def _facts(self, trial: Trial) -> Iterator[str]:
        yield "| | |"
        yield "|---|---|"
        facts = (
            ("clock", self._clock(trial.state.clock.offset)),
            ("rights", " · ".join(self._rights(trial))),
            ("disks", " · ".join(self._disks(trial.state))),
        )
        for name, value in facts:
            yield f"| **{self.word('report', name)}** | {value} |"
        if (fingerprint := trial.connection.fingerprint) is not None:
            # Trusted from now on, and nobody was asked: here it can be compared before the recorder is kept.
            yield f"| **{self.word('report', 'certificate')}** | SHA-256 {_in_lines(fingerprint)} |"

    def _clock(self, offset: timedelta | None) -> str:
        if offset is None:
            return f"{OPEN} {self.word('report', 'clock_unknown')}"
        seconds = round(offset.total_seconds())
        if abs(offset) <= CLOCK_TOLERANCE:
            return f"{YES} {self.word('report', 'clock_right')} ({seconds:+d} s)"
        way = "clock_fast" if seconds > 0 else "clock_slow"
        span = str(timedelta(seconds=abs(seconds)))
        return f"{NO} {self.word('report', way, span=span)}"

    def _rights(self, trial: Trial) -> Iterator[str]:
        for right in _RIGHTS:
            sign = {True: YES, False: NO, None: OPEN}[trial.rights[right]]
            yield f"{sign} {self.word('right', right.value)}"

    def _disks(self, state: RecorderState) -> Iterator[str]:
        yield from map(self._disk, state.disks)
        if not state.disks:
            yield NO if _has_no_disk(state) else OPEN

    def _disk(self, disk: Disk) -> str:
        sign = YES if disk.state in _WELL else NO
        size = ""
        if disk.capacity_bytes is not None:
            size = f" {disk.capacity_bytes / BYTES_PER_GIGABYTE:,.0f} GB"
        return f"{sign} {disk.number}:{size} {self.word('disk_state', disk.state.value)}"

    def _channels(self, trial: Trial, pictures: Mapping[int, str]) -> Iterator[str]:
        heads = (self.word("report", name) for name in ("picture", "channel", "streams"))
        yield f"| {' | '.join(heads)} |"
        yield "|---|---|---|"
        for channel in trial.state.channels:
            address = pictures.get(channel.number)
            shown = OPEN if channel.online is not False else NO
            if address is not None:
                shown = f'<img src="{address}" alt="">'
            streams = " · ".join(map(self._stream, channel.streams)) or OPEN
            yield f"| {shown} | {channel.number} · {literal(channel.name)} | {streams} |"

    def _stream(self, stream: Stream) -> str:
        size = (
            f" {stream.width}\N{MULTIPLICATION SIGN}{stream.height}"
            if stream.width and stream.height
            else ""
        )
        codec = literal(stream.codec) if stream.codec else OPEN
        sign = YES if _is_played(stream) else NO
        return f"{sign} {self.word('stream', stream.name.value)} {codec}{size}"


def _in_lines(fingerprint: str) -> str:
    """Return a fingerprint with places where a narrow page may break it."""
    pairs = readable_fingerprint(fingerprint).split(":")
    return " ".join(":".join(each) for each in batched(pairs, 8, strict=False))


def _has_no_disk(state: RecorderState) -> bool:
    """Whether it says so: not every recorder tells of its disks, or tells everybody."""
    return not (state.disks or any(one.what == "disks" for one in state.missing))


def _is_played(stream: Stream) -> bool:
    """Whether every browser plays it; a codec that isn't told gets the benefit of the doubt."""
    return stream.codec is None or stream.codec in BROWSER_CODECS


def _names(channels: Iterable[Channel]) -> str:
    return ", ".join(literal(channel.name) for channel in channels)
