"""The readers of RTSP, and of what both RTSP and HTTP say of logins."""

from functools import partial
from typing import Final, cast

from aiohttp import ClientResponse, hdrs
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from custom_components.nvr.drivers.digest import (
    RecorderAuth,
    is_stale as http_is_stale,
    offers_nonce,
)
from custom_components.nvr.drivers.errors import DriverError, InvalidAnswerError
from custom_components.nvr.drivers.rtsp.authentication import Authentication, is_stale
from custom_components.nvr.drivers.rtsp.description import control_url, parse_description
from custom_components.nvr.drivers.rtsp.headers import (
    parse_clock,
    parse_infos,
    parse_interleaved,
    parse_npt,
    parse_session,
)
from custom_components.nvr.drivers.rtsp.message import MessageParser
from custom_components.nvr.drivers.rtsp.packet import is_rtp, reported_time, says_goodbye
from custom_components.nvr.drivers.rtsp.replay import replay_mark
from tests.fuzz.reader import Reader
from tests.fuzz.reels import rtp_packets

_ADDRESS: Final = "rtsp://192.0.2.1:554/Streaming/tracks/101/?starttime=20260725T113034Z"
_DESCRIPTION: Final = (
    b"v=0\r\no=- 1109162014219182 1109162014219182 IN IP4 0.0.0.0\r\ns=RTSP Session\r\n"
    b"a=control:*\r\na=range:clock=20260725T113034Z-20260725T115800Z\r\n"
    b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=fmtp:96 profile-level-id=4D0014;packetization-mode=1;sprop-parameter-sets=Z0IAKeKQ,aM4=\r\n"
    b"a=control:rtsp://192.0.2.1/trackID=1\r\nm=audio 0 RTP/AVP 104\r\n"
    b"a=rtpmap:104 mpeg4-generic/16000/1\r\n"
    b"a=fmtp:104 profile-level-id=15; streamtype=5; mode=AAC-hbr; config=1408;SizeLength=13\r\n"
    b"a=control:trackID=2\r\na=Media_header:MEDIAINFO=494D4B48010100000400000110710110401F0000\r\n"
)
_REFUSAL: Final = (
    b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n"
    b'WWW-Authenticate: Digest realm="DS-7608", nonce="1a2b", stale="FALSE"\r\n'
    b'WWW-Authenticate: Basic realm="DS-7608"\r\n\r\n'
)
_ANSWERS: Final = (
    _REFUSAL,
    b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: "
    + str(len(_DESCRIPTION)).encode()
    + b"\r\n\r\n"
    + _DESCRIPTION,
    b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 1212;timeout=60\r\n"
    b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1\r\n\r\n"
    b"RTSP/1.0 200 OK\r\nCSeq: 4\r\nRTP-Info: url=rtsp://a;seq=1;rtptime=2\r\n\r\n$\0\0\x10"
    + bytes([0x80, 0x60])
    + bytes(14)
    + b"OPTIONS rtsp://a RTSP/1.0\r\nCSeq: 1\r\n\r\n",
)
_HEADERS: Final = (
    b"1212;timeout=60",
    b'RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00000000;mode="play"',
    b"clock=20260725T113034.50Z-",
    b"url=rtsp://192.0.2.1/a,b;c/trackID=1;seq=65535;rtptime=4294967295,url=x;seq=1",
    b'Digest realm="a\\"b", nonce="c", algorithm=SHA-256, qop="auth,auth-int", stale=true, opaque=""',
    b'Basic realm="x", Digest realm=y, nonce=z, algorithm="MD5-sess", domain="::"',
)
_WORDS: Final = (
    b"\r\n", b"\r\n\r\n", b"\n\n", b"RTSP/1.0 200 OK\r\n", b"RTSP/1.0 ", b"CSeq: ", b"Content-Length: ",
    b"Content-Length: -1\r\n", b"Content-Length: 999999999999\r\n", b"$\0", b"$\0\xff\xff", b"ANNOUNCE ", b"m=",
    b"a=", b"m=video 0 RTP/AVP 96\r\n", b"a=rtpmap:", b"a=fmtp:96 ", b"a=control:", b";", b",", b"=", b'"',
    b"\\", b"Digest ", b"Basic ", b"nonce=", b"timeout=", b"interleaved=", b"99999999999", "٣".encode(),
    "²".encode(), b"rtsp://[", b"://", b"clock=", b"seq=", b"rtptime=",
)  # fmt: skip
_LINES: Final = st.lists(
    st.one_of(
        st.sampled_from(_WORDS),
        st.sampled_from(_DESCRIPTION.splitlines(keepends=True)),
        st.integers().map(lambda number: str(number).encode()),
        st.binary(max_size=12),
    ),
    max_size=20,
).map(b"".join)


def _messages(data: bytes) -> None:
    parser = MessageParser()
    parser.channels = {0, 1}
    third = len(data) // 3
    for part in (data[:third], data[third : third + 1], data[third + 1 :]):
        parser.feed(part)


def _description(data: bytes) -> None:
    description = parse_description(data)
    for control in [description.control, *(track.control for track in description.tracks)]:
        control_url(_ADDRESS, control)
        control_url("", control)


def _headers(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    parse_session(text)
    parse_interleaved(text)
    parse_clock(text)
    parse_infos(text)
    parse_npt(text)


def _login(data: bytes) -> None:
    challenges = data.decode("utf-8", "replace").splitlines()
    is_stale(challenges)
    login = Authentication("admin", "secret")
    login.take(challenges)
    login.header("DESCRIBE", _ADDRESS)


class _Refusal:
    """What HTTP authentication reads of an answer."""

    status = 401
    url = URL("http://192.0.2.1/ISAPI/System/deviceInfo")

    def __init__(self, data: bytes) -> None:
        lines = data.decode("utf-8", "replace").splitlines()
        self.headers = CIMultiDict((hdrs.WWW_AUTHENTICATE, line) for line in lines)


def _http_login(data: bytes) -> None:
    refusal = cast("ClientResponse", _Refusal(data))
    login = RecorderAuth("admin", "secret")
    login.take(refusal)
    offers_nonce(refusal, "a")
    http_is_stale(refusal)


def _packet(data: bytes) -> None:
    is_rtp(data)
    says_goodbye(data)
    reported_time(data)
    replay_mark(data)


_of_lines: Final = partial(Reader, shapes=_LINES, words=_WORDS)
_of_rtsp: Final = partial(_of_lines, errors=(DriverError,))

SESSIONS: Final = (
    _of_rtsp(name="rtsp-messages", read=_messages, corpus=lambda: _ANSWERS),
    _of_rtsp(name="rtsp-description", read=_description, corpus=lambda: [_DESCRIPTION]),
    _of_rtsp(name="rtsp-headers", read=_headers, corpus=lambda: _HEADERS),
    _of_rtsp(name="rtsp-login", read=_login, corpus=lambda: _HEADERS),
    _of_lines(
        name="http-login",
        read=_http_login,
        corpus=lambda: _HEADERS,
        errors=(InvalidAnswerError,),
    ),
    Reader(
        name="rtcp",
        read=_packet,
        corpus=lambda: [packet.data for packet in rtp_packets()],
        words=(b"\x90", b"\x9f", b"\xab\xac\0\3", b"\xab\xac\xff\xff", bytes(8)),
    ),
)
