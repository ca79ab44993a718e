"""Addresses of recordings for playback over RTSP, in the forms that firmware differs about (section 9 of the notes)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override
from urllib.parse import quote

from ..clock import DeviceClock
from ..models import Recording
from ..playable import Playable
from ..rtsp.description import Description
from ..rtsp.headers import parse_npt, range_by_npt
from ..rtsp.session import Started
from .digits import read_digits
from .download_ways import SUBTYPES, AskedSpan, is_loadable

BY_FILE = "file"
BY_FILE_RAW = "file_raw"
_BY_TIME = {"playback": "/cam/playback", "realmonitor": "/cam/realmonitor"}
# By what a file's offset is asked for.
OFFSET = "offset"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayableFile(Playable):
    """A part of a recording, by its times or by its file: ``offset`` is where in the file it begins."""

    part: AskedSpan
    path: str
    offset: timedelta

    @classmethod
    def of(
        cls, recording: Recording, start: datetime, end: datetime, device: DeviceClock
    ) -> PlayableFile:
        """Return the part of a recording between two moments (UTC)."""
        part = AskedSpan.of(recording, start, end, device)
        return cls(
            first=read_digits(recording.start_device),
            begin=part.begin,
            end=part.end,
            asked=end - start,
            part=part,
            path=recording.token if is_loadable(recording.token) else "",
            offset=max(start - recording.start, timedelta(0)),
        )

    @override
    def addresses(self, host: str, port: int, known: str | None) -> dict[str, str]:
        server = f"rtsp://{host}:{port}"
        found = {name: f"{server}{path}?{self._query}" for name, path in _BY_TIME.items()}
        if self.path:
            # The path's own slash behind that of the server.
            found[BY_FILE] = f"{server}/{quote(self.path, safe='/')}"
            found[BY_FILE_RAW] = f"{server}/{self.path}"
        by_file = (BY_FILE, BY_FILE_RAW)
        # Digits that name two moments play the one or the other; a file is what it is.
        order = sorted(
            found,
            key=lambda name: (self.part.ambiguous and name not in by_file, name != known),
        )
        return {name: found[name] for name in order}

    @override
    def ranges(self, form: str) -> Mapping[str, str | None]:
        if form in (BY_FILE, BY_FILE_RAW):
            return {OFFSET: range_by_npt(self.offset.total_seconds())}
        # The times stand in the address.
        return {"npt": range_by_npt(), "none": None}

    @override
    def begun(self, form: str, started: Started, description: Description) -> datetime | None:
        if form not in (BY_FILE, BY_FILE_RAW):
            return Playable.begun(self, form, started, description)
        played = parse_npt(started.range)
        if self.first is None or played is None:
            return None
        return self.first + timedelta(seconds=played[0])

    @property
    def _query(self) -> str:
        span = self.part
        times = f"starttime={_digits(span.begin)}&endtime={_digits(span.end)}"
        return f"channel={span.channel}&subtype={SUBTYPES[span.stream]}&{times}"


def _digits(moment: datetime) -> str:
    return moment.strftime("%Y_%m_%d_%H_%M_%S")
