"""The ways to ask for a download that firmware differs about (section 13 of the notes)."""

from dataclasses import dataclass
import re
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from .dialects import DECLARATION, HIKVISION_NAMESPACE, ISAPI_NAMESPACE

PATH = "/ISAPI/ContentMgmt/download"
STREAMING_PATH = "/ISAPI/Streaming/channels/download"
BARE_PATH = "/ContentMgmt/download"
PSIA_PATH = "/PSIA/Custom/SelfExt/ContentMgmt/download"
PSIA_NAMESPACE = "http://urn:selfextension:psiaext-ver10-xsd"

_ISAPI = f' version="1.0" xmlns="{ISAPI_NAMESPACE}"'
_NAME_AND_SIZE = re.compile(r"&(?:name|size)=[^&]*")


@dataclass(frozen=True, slots=True)
class Verb:
    """One way to ask. With ``token`` the request carries one that the device gave a moment ago."""

    name: str
    method: str
    attributes: str = _ISAPI
    in_body: bool = True
    path: str = PATH
    token: bool = False
    with_port: bool = True

    def request(self, uri: str, token: str | None = None) -> tuple[str, bytes | None]:
        """Return path and body."""
        if not self.with_port:
            uri = without_port(uri)
        query = [] if self.in_body else [f"playbackURI={quote(uri, safe='')}"]
        if token is not None:
            query.append(f"token={quote(token, safe='')}")
        path = f"{self.path}?{'&'.join(query)}" if query else self.path
        if not self.in_body:
            return path, None
        body = (
            f"{DECLARATION}<downloadRequest{self.attributes}>"
            f"<playbackURI>{escape(uri)}</playbackURI></downloadRequest>"
        )
        return path, body.encode()


USUAL_VERBS = (
    Verb("post", "POST"),
    Verb("post_bare", "POST", attributes=""),
    Verb("get_body", "GET"),
    Verb("get_body_bare", "GET", attributes=""),
    Verb("get_query", "GET", in_body=False),
)
# Seen once, or only described.
RARE_VERBS = (
    Verb("post_hikvision", "POST", attributes=f' version="1.0" xmlns="{HIKVISION_NAMESPACE}"'),
    Verb("put", "PUT"),
    Verb("post_token", "POST", token=True),
    Verb("get_body_token", "GET", token=True),
    Verb("get_query_token", "GET", in_body=False, token=True),
    Verb("streaming", "POST", path=STREAMING_PATH),
    Verb("post_old", "POST", path=BARE_PATH),
    Verb("get_old", "GET", path=BARE_PATH),
    *(
        Verb(
            f"{method.lower()}_psia",
            method,
            path=PSIA_PATH,
            attributes=f' version="1.0" xmlns="{PSIA_NAMESPACE}"',
            with_port=False,
        )
        for method in ("GET", "POST")
    ),
)


def as_found(uri: str) -> str:
    """Return a playback address exactly as the search gave it."""
    return uri


def times_only(uri: str) -> str:
    """Return a playback address without the file's name and size: some look for these first, some for the times."""
    return _NAME_AND_SIZE.sub("", uri)


def track_only(uri: str) -> str:
    """Return a playback address with the file's name alone: some take the times for a part that isn't there."""
    head, _, query = uri.partition("?")
    kept = [part for part in query.split("&") if part.startswith("name=")]
    return f"{head}?{kept[0]}" if kept else uri


ADDRESSES = {"as_found": as_found, "times": times_only}
WHOLE_ADDRESSES = {**ADDRESSES, "name": track_only}


def without_port(uri: str) -> str:
    """Return a playback address whose host stands without its port."""
    try:
        split = urlsplit(uri)
        host = split.netloc.rpartition(":")[0] if split.port is not None else split.netloc
    except ValueError:
        return uri
    return split._replace(netloc=host).geturl()
