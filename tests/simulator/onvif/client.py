"""A client for tests that speaks SOAP, written from the protocol notes alone."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
import hashlib
import itertools
from types import TracebackType
from typing import Final, Self
from xml.etree.ElementTree import Element

import aiohttp
import defusedxml.ElementTree

from simulator.box import RecorderBox
from simulator.onvif.face import OnvifFace

PASSWORD = "s3cret & =%+:/<ä>"
USER = "admin"

TDS: Final = "http://www.onvif.org/ver10/device/wsdl"
TRT: Final = "http://www.onvif.org/ver10/media/wsdl"
TR2: Final = "http://www.onvif.org/ver20/media/wsdl"
TEV: Final = "http://www.onvif.org/ver10/events/wsdl"
TRC: Final = "http://www.onvif.org/ver10/recording/wsdl"
TSE: Final = "http://www.onvif.org/ver10/search/wsdl"
TRP: Final = "http://www.onvif.org/ver10/replay/wsdl"
WSNT: Final = "http://docs.oasis-open.org/wsn/b-2"
TT: Final = "http://www.onvif.org/ver10/schema"
SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
SETUP: Final = (
    '<StreamSetup xmlns="{ns}"><Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>'
    '<Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol></Transport>'
    "</StreamSetup>"
)
_numbers = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def root(self) -> Element:
        """Its document."""
        found: Element = defusedxml.ElementTree.fromstring(self.body)
        return found

    @property
    def content(self) -> Element:
        """The one element of its body."""
        body = self.root.find(f"{{{SOAP}}}Body")
        assert body is not None
        return body[0]

    @property
    def subcodes(self) -> list[str]:
        """The codes of a fault, the outer one first, without their prefixes."""
        values = list(self.content.iter(f"{{{SOAP}}}Value"))
        return [(value.text or "").partition(":")[2] for value in values]

    def texts(self, name: str) -> list[str]:
        """The texts of all elements of a local name."""
        return [(each.text or "").strip() for each in self.all(name)]

    def text(self, name: str) -> str:
        """The text of the one element of a local name."""
        (found,) = self.texts(name)
        return found

    def all(self, name: str) -> list[Element]:
        """All elements of a local name."""
        return [each for each in self.content.iter() if each.tag.rpartition("}")[2] == name]


def token(
    password: str = PASSWORD,
    *,
    created: str | None = None,
    nonce: bytes | None = None,
    user: str = USER,
    at: datetime | None = None,
) -> str:
    """Sign a message as section 3 of the notes says."""
    nonce = nonce or f"nonce {next(_numbers)}".encode()
    created = created or f"{at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    sha = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return (
        f'<wsse:Security xmlns:wsse="{_WSS}wssecurity-secext-1.0.xsd" '
        f'xmlns:wsu="{_WSS}wssecurity-utility-1.0.xsd"><wsse:UsernameToken>'
        f"<wsse:Username>{user}</wsse:Username>"
        f'<wsse:Password Type="{_WSS}username-token-profile-1.0#PasswordDigest">'
        f"{base64.b64encode(sha.digest()).decode()}</wsse:Password>"
        f'<wsse:Nonce EncodingType="{_WSS}soap-message-security-1.0#Base64Binary">'
        f"{base64.b64encode(nonce).decode()}</wsse:Nonce>"
        f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )


class Soap:
    """Asks a box."""

    def __init__(self, box: RecorderBox, *, password: str = PASSWORD, user: str = USER) -> None:
        """Ask a box as a user."""
        self._box = box
        self._password, self._user = password, user
        self.http = aiohttp.ClientSession()
        digest = aiohttp.DigestAuthMiddleware(user, password)
        self.digest = aiohttp.ClientSession(middlewares=(digest,))

    async def ask(
        self, namespace: str, name: str, inner: str = "", header: str = "", path: str = ""
    ) -> Reply:
        """Ask for an operation, signed by a token by the device's own clock."""
        now = self._box.recorder.now() + self._box.recorder.clock.offset
        signed = token(self._password, user=self._user, at=now)
        return await self.bare(namespace, name, inner, signed + header, path)

    async def bare(
        self, namespace: str, name: str, inner: str = "", header: str = "", path: str = ""
    ) -> Reply:
        """Ask for an operation with nothing but the header that is given."""
        body = (
            f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>'
            f'<{name} xmlns="{namespace}" xmlns:tt="{TT}">{inner}</{name}></s:Body></s:Envelope>'
        )
        return await self.post(body.encode(), path)

    async def post(
        self, body: bytes, path: str = "", http: aiohttp.ClientSession | None = None
    ) -> Reply:
        """Send bytes."""
        url = path or f"http://{self._box.address}/onvif/device_service"
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        async with (http or self.http).post(url, data=body, headers=headers) as response:
            return Reply(
                status=response.status,
                headers=dict(response.headers),
                body=await response.read(),
            )

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        await self.http.close()
        await self.digest.close()


def face_of(box: RecorderBox) -> OnvifFace:
    """Give a box's face."""
    face = box.personality.face
    assert isinstance(face, OnvifFace)
    return face


def instant(text: str) -> datetime:
    """Read an instant of an answer."""
    assert text.endswith("Z")
    return datetime.fromisoformat(text)
