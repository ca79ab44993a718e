"""What all modules of the face share: the recorder, its firmware, and its answers' form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
import json

from aiohttp import web

from simulator.core import device
from simulator.core.channels import Channel, ChannelState
from simulator.footage.program_stream import ProgramStream
from simulator.footage.source import FootageSource

from .errors import BUSY, DONE, Refusal
from .firmware import Firmware
from .searches import Searches
from .traits.answers import ErrorBody
from .xml import MAX_REQUEST, Document, render

XML_TYPE = 'application/xml; charset="UTF-8"'
SIDS_PER_CHANNEL = 100

type Json = str | int | bool | Mapping[str, Json] | list[Json] | None


@dataclass
class Device(device.Device[Firmware]):
    """One simulated Hikvision recorder.

    Attributes:
        searches: those that are being paged through.
        searching: how many searches are being answered.
        downloads: how many are running.
        transfers: how many were begun.
        tokens: those given out for downloads.
        pictures: how many pictures are being taken.
        pictures_asked: how many were asked for.
        event_streams: how many event streams are open.
        held_slots: until when slots of event streams that ended stay taken, true UTC.
        motionless: channels on which motion is not looked for.
    """

    searches: Searches = field(default_factory=Searches)
    searching: int = 0
    downloads: int = 0
    transfers: int = 0
    tokens: set[str] = field(default_factory=set)
    pictures: int = 0
    pictures_asked: int = 0
    event_streams: int = 0
    held_slots: list[datetime] = field(default_factory=list)
    motionless: set[int] = field(default_factory=set)
    _footage: dict[tuple[FootageSource, bool, bool], ProgramStream] = field(default_factory=dict)

    @property
    def is_camera(self) -> bool:
        """Whether it is a camera that records to its own card."""
        return self.firmware.device_type.startswith("IP")

    def footage(self, channel: int, stream: int) -> ProgramStream:
        """Give the footage of a stream as the device writes it to its disks."""
        source = self.recorder.source(channel, stream)
        key = source, self.firmware.footage_head, self.firmware.time_descriptor
        if key not in self._footage:
            self._footage[key] = ProgramStream(
                source,
                wall=self.recorder.clock.wall,
                head=self.firmware.footage_head,
                time_descriptor=self.firmware.time_descriptor,
            )
        return self._footage[key]

    def xml(self, root: str, content: Document, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
        """Answer with a document."""
        body = render(root, content, self.firmware)
        return web.Response(body=body, status=status, headers={"Content-Type": XML_TYPE})

    def json(self, content: Json) -> web.Response:
        """Answer with JSON."""
        return web.json_response(content, dumps=lambda value: json.dumps(value, ensure_ascii=False))

    def refuse(self, path: str, refusal: Refusal) -> web.Response:
        """Answer with a ResponseStatus."""
        content: Document = {
            "requestURL": path,
            "statusCode": refusal.code,
            "statusString": refusal.status_string,
            "subStatusCode": refusal.sub_status,
            **({} if refusal.description is None else {"description": refusal.description}),
        }
        firmware = self.firmware
        http = firmware.busy if refusal.code == BUSY else refusal.http
        if firmware.errors_as_ok:
            http = HTTPStatus.OK
        if refusal.code not in DONE:
            match firmware.error_body:
                case ErrorBody.HTML:
                    return html_page(http)
                case ErrorBody.EMPTY:
                    return web.Response(status=http)
                case ErrorBody.RESPONSE_STATUS:
                    pass
        return self.xml("ResponseStatus", content, http)

    def stream(self, sid: str) -> tuple[Channel, int]:
        """Give channel and stream of a stream id.

        Raises:
            Refusal: there is no such stream, or its camera is offline.
        """
        channel, stream = self.numbers(sid)
        if channel.state is ChannelState.OFFLINE:
            raise Refusal.not_supported()
        if stream not in channel.streams:
            raise Refusal.missing(self.firmware.missing_stream)
        return channel, stream

    def numbers(self, sid: str) -> tuple[Channel, int]:
        """Give channel and stream number of a stream or track id, whether there is such a stream or not.

        Raises:
            Refusal: there is no such channel.
        """
        if not (sid.isascii() and sid.isdecimal()):
            raise Refusal.not_supported()
        number, stream = divmod(int(sid), SIDS_PER_CHANNEL)
        return self.channel(number), stream

    def channel(self, number: int) -> Channel:
        """Give a channel.

        Raises:
            Refusal: there is no such channel.
        """
        channel = self.recorder.channels.get(number)
        if channel is None:
            raise Refusal.not_supported()
        return channel


def html_page(status: HTTPStatus) -> web.Response:
    """Answer with the page of a web server."""
    text = f"<!DOCTYPE html><html><head><title>{status}</title></head><body>{status.phrase}"
    return web.Response(status=status, text=f"{text}</body></html>", content_type="text/html")


async def body_of(request: web.Request) -> bytes:
    """Read a request's body.

    Raises:
        Refusal: there is none, or too much of it.
    """
    length = request.content_length
    # Chunked bodies are refused by some firmware; a client has to say how long its body is.
    if length is None or not 0 < length <= MAX_REQUEST:
        raise Refusal.bad_format()
    return await request.content.readexactly(length)
