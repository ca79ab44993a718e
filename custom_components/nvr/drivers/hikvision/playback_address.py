"""Addresses of recordings for playback over RTSP, in the forms that firmware differs about (section 12 of the notes)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
import re
from typing import override
from urllib.parse import urlsplit

from ..clock import DeviceClock
from ..models import Recording
from ..playable import Playable
from .download import cut
from .matches import uri_query

_TRACK = re.compile(r"/tracks/(\d{1,6})(?=[/?]|$)", re.IGNORECASE)
_SIGNS = re.compile(r"[-:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressForm:
    """One form of the address; without a ``path`` it is the device's own, with all that it wrote there."""

    name: str
    path: str = ""
    iso: bool = False


FORMS = (
    AddressForm(name="given"),
    AddressForm(name="slash", path="/Streaming/tracks/{track}/"),
    AddressForm(name="plain", path="/Streaming/tracks/{track}"),
    AddressForm(name="psia", path="/PSIA/streaming/tracks/{track}"),
    AddressForm(name="slash_iso", path="/Streaming/tracks/{track}/", iso=True),
    AddressForm(name="plain_iso", path="/Streaming/tracks/{track}", iso=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayableTrack(Playable):
    """A part of what a playback address stands for."""

    uri: str

    @classmethod
    def of(
        cls, recording: Recording, start: datetime, end: datetime, device: DeviceClock
    ) -> PlayableTrack:
        """Return the part of a recording between two moments (UTC)."""
        uri = cut(recording.token, start, end, device)
        query = _times(uri)
        return cls(
            uri=uri,
            first=_times(recording.token).get("starttime"),
            begin=query.get("starttime"),
            end=query.get("endtime"),
            asked=end - start,
        )

    @override
    def addresses(self, host: str, port: int, known: str | None) -> dict[str, str]:
        """Return the addresses on a server by the names of their forms, the one known to work alone or first.

        Other forms of the very same address are left out.
        """
        found: dict[str, str] = {}
        for form in sorted(FORMS, key=lambda entry: entry.name != known):
            local = self._local(form)
            if local is not None:
                address = f"rtsp://{host}:{port}{local}"
                if address not in found.values():
                    found[form.name] = address
        return found

    def _local(self, form: AddressForm) -> str | None:
        """Return path and query in a form, None where this address doesn't have what the form needs."""
        try:
            parts = urlsplit(self.uri)
        except ValueError:
            return None
        if not form.path:
            return f"{parts.path}?{parts.query}" if parts.path and parts.query else None
        track = _TRACK.search(parts.path)
        if track is None or self.begin is None or self.end is None:
            return None
        style = "%Y-%m-%dT%H:%M:%SZ" if form.iso else "%Y%m%dT%H%M%SZ"
        times = f"starttime={self.begin.strftime(style)}&endtime={self.end.strftime(style)}"
        return f"{form.path.format(track=track[1])}?{times}"


def _times(uri: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for name, value in uri_query(uri).items():
        if name.lower() in {"starttime", "endtime"}:
            with suppress(ValueError):
                compact = _SIGNS.sub("", value)[:15].upper()
                found[name.lower()] = datetime.strptime(compact, "%Y%m%dT%H%M%S")
    return found
