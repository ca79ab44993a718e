"""The encodings of each channel: ``/ISAPI/Streaming/channels`` (section 7 of the notes)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..figures import MAX_FPS, MAX_KBPS, MAX_PIXELS, codec_name, whole, within
from ..models import Stream, StreamName
from .channels import MAX_CHANNELS
from .transport import Document, Request

# A stream id is channel * 100 + type; type 4 is what the recorder transcodes itself.
CHANNEL_FACTOR = 100
STREAM_TYPES = {StreamName.MAIN: 1, StreamName.SUB: 2, StreamName.THIRD: 3}
STREAM_NAMES = {number: name for name, number in STREAM_TYPES.items()}
ECHO_TYPE = STREAM_TYPES[StreamName.THIRD]
STREAMS_PER_CHANNEL = 8
# The device counts hundredths of frames.
FPS_FACTOR = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSetting:
    """One entry of the list. ``title`` is the channel's name on cameras, the id on recorders."""

    id: int
    enabled: bool
    stream: Stream
    title: str | None = None

    @property
    def channel(self) -> int:
        """Number of the channel by the device's own count. Old cameras number streams from 1."""
        return self.id // CHANNEL_FACTOR or 1

    @property
    def type(self) -> int:
        """Place of the stream in its channel."""
        return self.id % CHANNEL_FACTOR

    def echoes(self, main: StreamSetting | None) -> bool:
        """Whether a third stream is but the main stream's answer under another id.

        Cameras without a third stream answer for it like that when it is asked for alone.
        """
        return (
            self.type == ECHO_TYPE
            and main is not None
            and replace(self.stream, name=StreamName.MAIN)
            == replace(main.stream, name=StreamName.MAIN)
        )


def read_streams(root: Element) -> Mapping[int, StreamSetting]:
    """Read a StreamingChannelList, or a single StreamingChannel."""
    found: dict[int, StreamSetting] = {}
    for element in xml.items(root, "StreamingChannel"):
        number = xml.integer(element, "id")
        if number is None or not 1 <= number < MAX_CHANNELS * CHANNEL_FACTOR:
            continue
        name = STREAM_NAMES.get(number % CHANNEL_FACTOR)
        if name is None or number in found:
            continue
        found[number] = StreamSetting(
            id=number,
            enabled=xml.boolean(element, "enabled") is not False,
            stream=_stream(element, name),
            title=xml.text(element, "channelName"),
        )
        if len(found) >= MAX_CHANNELS * STREAMS_PER_CHANNEL:
            break
    return found


STREAMS = Request(path="/ISAPI/Streaming/channels", decode=Document(read_streams), limits=LIST)
PROXIED_STREAMS = Request(
    path="/ISAPI/ContentMgmt/StreamingProxy/channels", decode=Document(read_streams), limits=LIST
)


def single_stream(number: int) -> Request[Mapping[int, StreamSetting]]:
    """Return the request for one stream."""
    return Request(path=f"/ISAPI/Streaming/channels/{number}", decode=Document(read_streams))


def _stream(element: Element, name: StreamName) -> Stream:
    video = xml.find(element, "Video")
    audio = xml.find(element, "Audio")
    sound = audio is not None and xml.boolean(audio, "enabled")
    audio_codec = xml.text(audio, "audioCompressionType") if audio is not None and sound else None
    if video is None:
        return Stream(name=name, audio_codec=audio_codec)
    fps = within(xml.number(video, "maxFrameRate"), MAX_FPS * FPS_FACTOR)
    return Stream(
        name=name,
        codec=codec_name(xml.text(video, "videoCodecType")),
        width=whole(xml.number(video, "videoResolutionWidth"), MAX_PIXELS),
        height=whole(xml.number(video, "videoResolutionHeight"), MAX_PIXELS),
        fps=None if fps is None else fps / FPS_FACTOR,
        bitrate_kbps=_bitrate(video),
        audio_codec=audio_codec,
    )


def _bitrate(video: Element) -> int | None:
    constant = (xml.text(video, "videoQualityControlType") or "").upper() == "CBR"
    order = ("constantBitRate", "vbrUpperCap")
    for name in order if constant else reversed(order):
        if (value := whole(xml.number(video, name), MAX_KBPS)) is not None:
            return value
    return None
