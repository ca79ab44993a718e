"""Frames as RTP packets, and what a session description says of them.

RFC 3550 (RTP), 6184 (H.264), 7798 (H.265), 3551 (G.711), 3640 (AAC), 4566 (SDP).
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
import secrets
from typing import Self

from .audio import AAC_RATE, AAC_RATE_INDEX, ADTS_HEADER_SIZE
from .formats import MILLISECONDS, AudioCodec, VideoCodec
from .source import AudioFrame, FootageSource, VideoFrame, to_milliseconds

VIDEO_RATE = 90000
# Of the payload: an Ethernet frame less all headers, with room for encryption.
_LARGEST_PAYLOAD = 1380
_VERSION, _MARKER = 0x80, 0x80
_SEQUENCES, _TIMESTAMPS = 1 << 16, 1 << 32
_VIDEO_TYPE = 96
_AUDIO_TYPES = {AudioCodec.ULAW: 0, AudioCodec.ALAW: 8, AudioCodec.AAC: 104}

_H264_FRAGMENT, _H264_TYPE, _H264_IMPORTANCE = 28, 0x1F, 0xE0
_H265_FRAGMENT, _H265_TYPE_SHIFT, _H265_TYPE, _H265_REST = 49, 1, 0x3F, 0x81
_FIRST, _LAST = 0x80, 0x40
# ITU-T H.264 and H.265, 7.3.2: filler data.
_H264_FILLER, _H265_FILLER = b"\x0c", b"\x4c\x01"
_FILLER, _FILLER_END = b"\xff", b"\x80"

_AAC_HEADERS_BITS, _AAC_INDEX_BITS = 16, 3
_AAC_OBJECT, _AAC_CHANNELS = 2, 1
_RTP_CLOCKS = {AudioCodec.ALAW: 8000, AudioCodec.ULAW: 8000, AudioCodec.AAC: AAC_RATE}

type Payloads = Callable[[VideoFrame | AudioFrame], Iterator[bytes]]


class Packetizer:
    """Turns the frames of one track into RTP packets.

    Attributes:
        sequence: number of the next packet.
        ssrc: identity of the track.
        rate: ticks of its clock in a second.
        offset: ticks by which its time stamps are ahead.
        sent: packets and bytes of payload so far.
    """

    def __init__(self, payload_type: int, rate: int, payloads: Payloads) -> None:
        """Initialize; `for_video` and `for_audio` know what to give."""
        self.sequence = secrets.randbelow(_SEQUENCES)
        self.ssrc = secrets.randbits(32)
        self._payload_type = payload_type
        self.rate = rate
        self.offset = 0
        self.sent = 0, 0
        self._payloads = payloads

    @classmethod
    def for_video(cls, source: FootageSource, *, fills: bool = False) -> Self:
        """Make the packets of a source's pictures.

        Args:
            source: whose.
            fills: whether what pictures don't need of the bit rate is filled up, as encoders of constant rate do.
        """
        form = source.format
        h265 = form.codec is VideoCodec.H265
        payloads = _h265_payloads if h265 else _h264_payloads
        if not fills:
            return cls(_VIDEO_TYPE, VIDEO_RATE, payloads)
        size = form.bitrate_kbps * form.interval_ms // 8
        head = _H265_FILLER if h265 else _H264_FILLER
        return cls(_VIDEO_TYPE, VIDEO_RATE, lambda frame: payloads(_filled(frame, size, head)))

    @classmethod
    def for_audio(cls, source: FootageSource) -> Self:
        """Make the packets of a source's sound.

        Raises:
            ValueError: if the source is silent.
        """
        codec = source.format.audio
        if codec is None:
            raise ValueError("the stream has no sound")
        aac = codec is AudioCodec.AAC
        return cls(
            _AUDIO_TYPES[codec], _RTP_CLOCKS[codec], _aac_payloads if aac else _plain_payloads
        )

    def timestamp(self, instant: datetime) -> int:
        """Give an instant in ticks of the track's clock."""
        ticks = to_milliseconds(instant) * self.rate // MILLISECONDS
        return (ticks + self.offset) % _TIMESTAMPS

    def packets(
        self, frame: VideoFrame | AudioFrame, shown: datetime | None = None
    ) -> Iterator[bytes]:
        """Give the packets of a frame, RTP headers included. The last one has the marker.

        Args:
            frame: what is sent.
            shown: the instant that its time stamp names; when it was taken, if None.
        """
        tail = self.timestamp(shown or frame.instant).to_bytes(4) + self.ssrc.to_bytes(4)
        payloads = self._payloads(frame)
        payload = next(payloads, None)
        while payload is not None:
            following = next(payloads, None)
            kind = self._payload_type | (_MARKER if following is None else 0)
            yield bytes((_VERSION, kind)) + self.sequence.to_bytes(2) + tail + payload
            self.sequence = (self.sequence + 1) % _SEQUENCES
            self.sent = self.sent[0] + 1, self.sent[1] + len(payload)
            payload = following


def _filled(frame: VideoFrame | AudioFrame, size: int, head: bytes) -> VideoFrame:
    """Give a picture with a unit of filler data behind it, if it is smaller than wanted."""
    assert isinstance(frame, VideoFrame)
    missing = size - sum(map(len, frame.nals)) - len(head) - len(_FILLER_END)
    if missing <= 0:
        return frame
    return replace(frame, nals=(*frame.nals, head + _FILLER * missing + _FILLER_END))


def _h264_payloads(frame: VideoFrame | AudioFrame) -> Iterator[bytes]:
    assert isinstance(frame, VideoFrame)
    for nal in frame.nals:
        if len(nal) <= _LARGEST_PAYLOAD:
            yield nal
            continue
        indicator, kind = nal[0] & _H264_IMPORTANCE | _H264_FRAGMENT, nal[0] & _H264_TYPE
        yield from _fragments(nal[1:], bytes((indicator,)), kind)


def _h265_payloads(frame: VideoFrame | AudioFrame) -> Iterator[bytes]:
    assert isinstance(frame, VideoFrame)
    for nal in frame.nals:
        if len(nal) <= _LARGEST_PAYLOAD:
            yield nal
            continue
        indicator = nal[0] & _H265_REST | _H265_FRAGMENT << _H265_TYPE_SHIFT
        kind = nal[0] >> _H265_TYPE_SHIFT & _H265_TYPE
        yield from _fragments(nal[2:], bytes((indicator, nal[1])), kind)


def _fragments(data: bytes, indicator: bytes, kind: int) -> Iterator[bytes]:
    room = _LARGEST_PAYLOAD - len(indicator) - 1
    for place in range(0, len(data), room):
        mark = _FIRST if place == 0 else _LAST if place + room >= len(data) else 0
        yield indicator + bytes((mark | kind,)) + data[place : place + room]


def _plain_payloads(frame: VideoFrame | AudioFrame) -> Iterator[bytes]:
    assert isinstance(frame, AudioFrame)
    yield frame.payload


def _aac_payloads(frame: VideoFrame | AudioFrame) -> Iterator[bytes]:
    assert isinstance(frame, AudioFrame)
    unit = frame.payload[ADTS_HEADER_SIZE:]
    yield _AAC_HEADERS_BITS.to_bytes(2) + (len(unit) << _AAC_INDEX_BITS).to_bytes(2) + unit


def media_lines(source: FootageSource) -> list[list[str]]:
    """Give the lines of a session description, by track: pictures, then sound if there is any.

    The address of the track (`a=control`) is the server's to add.
    """
    media = [_video_lines(source)]
    if source.format.audio:
        media.append(_audio_lines(source.format.audio))
    return media


def _video_lines(source: FootageSource) -> list[str]:
    form, sets = source.format, [b64encode(nal).decode() for nal in source.parameter_sets]
    if form.codec is VideoCodec.H265:
        parameters = ";".join(
            f"sprop-{name}={nal}" for name, nal in zip(("vps", "sps", "pps"), sets, strict=True)
        )
    else:
        level = source.parameter_sets[0][1:4].hex()
        parameters = (
            f"profile-level-id={level};packetization-mode=1;sprop-parameter-sets={','.join(sets)}"
        )
    return [
        f"m=video 0 RTP/AVP {_VIDEO_TYPE}",
        f"b=AS:{form.bitrate_kbps}",
        f"a=rtpmap:{_VIDEO_TYPE} {form.codec.replace('.', '')}/{VIDEO_RATE}",
        f"a=fmtp:{_VIDEO_TYPE} {parameters}",
        f"a=framerate:{form.fps:.6f}",
        f"a=x-dimensions:{form.width},{form.height}",
    ]


def _audio_lines(codec: AudioCodec) -> list[str]:
    kind, rate = _AUDIO_TYPES[codec], _RTP_CLOCKS[codec]
    lines = [f"m=audio 0 RTP/AVP {kind}", "b=AS:50"]
    if codec is not AudioCodec.AAC:
        name = "PCMA" if codec is AudioCodec.ALAW else "PCMU"
        return [*lines, f"a=rtpmap:{kind} {name}/{rate}"]
    # AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
    config = (_AAC_OBJECT << 4 | AAC_RATE_INDEX) << 4 | _AAC_CHANNELS
    parameters = (
        f"profile-level-id=15;streamtype=5;mode=AAC-hbr;config={config << 3:04x};"
        "SizeLength=13;IndexLength=3;IndexDeltaLength=3;Profile=1"
    )
    name = f"mpeg4-generic/{rate}/{_AAC_CHANNELS}"
    return [*lines, f"a=rtpmap:{kind} {name}", f"a=fmtp:{kind} {parameters}"]
