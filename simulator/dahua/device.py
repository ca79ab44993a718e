"""What all modules of the face share: the recorder, its firmware, and its answers' form."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from simulator.core import device
from simulator.core.channels import Channel

from .errors import InvalidRequestError, NoAuthorityError, Refusal
from .finders import Finders
from .firmware import Firmware
from .grammar import Json, flatten, has_escaped_brackets, read_query
from .instances import Instances, Lists
from .load import Load
from .media import Media
from .sessions import Sessions
from .traits.answers import Brackets


@dataclass
class Device(device.Device[Firmware]):
    """One simulated Dahua recorder.

    Attributes:
        sessions: those of RPC2.
        load: the requests by CGI that are being answered.
        finders: objects for searches, of CGI and RPC2 alike.
        instances: of RPC2's other services.
        lists: what services found that give a token for it.
        settings: what was set, by the key without `table.`.
        signed: so many requests by digest are being answered.
        media: what is being sent.
    """

    sessions: Sessions = field(init=False)
    load: Load = field(default_factory=Load)
    finders: Finders = field(default_factory=Finders)
    instances: Instances = field(default_factory=Instances)
    lists: Lists = field(default_factory=Lists)
    settings: dict[str, str] = field(default_factory=dict)
    signed: int = 0
    media: Media = field(default_factory=Media)

    def __post_init__(self) -> None:
        """Begin with nothing open, and again at each boot."""
        self.sessions = Sessions(self.recorder.now)
        self.recorder.rebooted.append(self._forget)

    def _forget(self) -> None:
        self.sessions.clear()
        self.finders.clear()
        self.instances.clear()
        self.lists.clear()
        self.load.recover()
        self.media.forget()

    @property
    def capacity(self) -> int:
        """So many rows the tables of channels have."""
        return max(self.firmware.capacity or 0, *self.recorder.channels)

    @property
    def is_camera(self) -> bool:
        """Whether it is a camera that records to its own card."""
        return self.firmware.camera

    @property
    def logged_in(self) -> int:
        """So many log-ins there are at the moment."""
        return self.signed + len(self.sessions.users(self.firmware.session_life))

    def setting(self, key: str) -> str | None:
        """Give what was set under a key such as `RecordMode[0].Mode`, None if nothing was."""
        return self.settings.get(key)

    def serves(self, channel: Channel) -> bool:
        """Say whether pictures of a channel are given on by this recorder."""
        return self.firmware.onvif_served or channel.number not in self.firmware.onvif

    def channel(self, text: str, base: int = 1) -> Channel:
        """Give a channel by the number that a request calls it.

        Args:
            text: the number as it was sent.
            base: the number of the first channel.

        Raises:
            Refusal: there is no such channel.
        """
        if not (text.isascii() and text.isdecimal()):
            raise Refusal.bad_request()
        channel = self.recorder.channels.get(int(text) - base + 1)
        if channel is None:
            raise Refusal.bad_request()
        return channel

    def pairs(self, request: web.Request) -> list[tuple[str, str]]:
        """Give the keys and values of a request's query, in order.

        Raises:
            Refusal: it isn't written as this firmware wants it.
        """
        raw = request.raw_path.partition("?")[2]
        if self.firmware.brackets is Brackets.RAW and has_escaped_brackets(raw):
            raise Refusal.bad_request()
        return read_query(raw, self.firmware.encoding)

    def query(self, request: web.Request) -> dict[str, str]:
        """Give the value of each key of a request's query, the first one where there are several.

        Raises:
            Refusal: it isn't written as this firmware wants it.
        """
        return dict(reversed(self.pairs(request)))

    def text(self, lines: Iterable[str], status: int = 200) -> web.Response:
        """Answer with lines."""
        end = self.firmware.line_end
        body = "".join(f"{line}{end}" for line in lines).encode(self.firmware.encoding, "replace")
        return web.Response(
            body=body, status=status, headers={"Content-Type": self.firmware.content_type}
        )

    def fields(self, content: Json, key: str = "") -> web.Response:
        """Answer with a value, written as lines below a key."""
        return self.text(flatten(key, content))

    def ok(self) -> web.Response:
        """Answer that it is done."""
        return self.text(["OK"])

    def refuse(self, refusal: Refusal) -> web.Response:
        """Answer with a refusal, in the words of this firmware."""
        match refusal:
            case InvalidRequestError():
                return self.text(refusal.lines, self.firmware.invalid_request)
            case NoAuthorityError():
                return self.text([self.firmware.authority], refusal.http)
            case _:
                return self.text(refusal.lines, refusal.http)
