"""A small client, written for these tests alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element

import aiohttp
import defusedxml.ElementTree

from tests.simulator import exchange

PASSWORD = "p@ss:w/rd?#%1"
GUID = "C85AB0C7-F380-0001-E33B-A030EEB671F0"


class Answer(exchange.Answer):
    """What came back."""

    @property
    def root(self) -> Element:
        """The document, without namespaces."""
        element: Element = defusedxml.ElementTree.fromstring(self.body)
        for part in element.iter():
            part.tag = part.tag.rpartition("}")[2]
        return element

    @property
    def sub_status(self) -> str | None:
        """Why it was refused."""
        return self.root.findtext("subStatusCode")


@dataclass(kw_only=True)
class Query:
    """The parts of a search; the order of the fields is that of the document."""

    search_id: str = GUID
    tracks: list[int] = field(default_factory=lambda: [101])
    list_name: str = "trackList"
    start: datetime
    end: datetime
    results: int = 40
    position: int = 0
    position_name: str = "searchResultPostion"
    words: list[str] = field(default_factory=list)
    declaration: bool = True
    attributes: str = ""
    suffix: str = "Z"

    def document(self) -> str:
        """Write it."""
        tracks = "".join(f"<trackID>{track}</trackID>" for track in self.tracks)
        words = "".join(
            f"<metadataDescriptor>//recordType.meta.std-cgi.com{word}</metadataDescriptor>"
            for word in self.words
        )
        return (
            ('<?xml version="1.0" encoding="utf-8"?>' if self.declaration else "")
            + f"<CMSearchDescription{self.attributes}>"
            f"<searchID>{self.search_id}</searchID><{self.list_name}>{tracks}</{self.list_name}>"
            f"<timeSpanList><timeSpan><startTime>{self.start:%Y-%m-%dT%H:%M:%S}{self.suffix}</startTime>"
            f"<endTime>{self.end:%Y-%m-%dT%H:%M:%S}{self.suffix}</endTime></timeSpan></timeSpanList>"
            f"<maxResults>{self.results}</maxResults>"
            f"<{self.position_name}>{self.position}</{self.position_name}>"
            + (f"<metadataList>{words}</metadataList>" if words else "")
            + "</CMSearchDescription>"
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """One match of a search."""

    track: int
    start: datetime
    end: datetime
    address: str
    name: str
    word: str


class Isapi:
    """Speaks to one box."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Use a session that signs in."""
        self.session = session

    async def ask(self, method: str, path: str, body: str | None = None) -> Answer:
        """Make a request."""
        async with self.session.request(method, f"/ISAPI/{path}", data=body) as response:
            return Answer(
                status=response.status,
                headers=dict(response.headers),
                body=await response.read(),
            )

    async def get(self, path: str) -> Answer:
        """Read something."""
        return await self.ask("GET", path)

    async def search(self, query: Query) -> Answer:
        """Ask for a page."""
        return await self.ask("POST", "ContentMgmt/search", query.document())

    async def found(self, query: Query) -> list[Found]:
        """Ask for all pages."""
        matches: list[Found] = []
        more = True
        while more:
            query.position = len(matches)
            root = (await self.search(query)).root
            matches += read_matches(root)
            more = root.findtext("responseStatusStrg") == "MORE"
        return matches

    async def download(self, address: str, method: str = "POST") -> Answer:
        """Fetch footage."""
        escaped = address.replace("&", "&amp;")
        document = f"<downloadRequest><playbackURI>{escaped}</playbackURI></downloadRequest>"
        return await self.ask(method, "ContentMgmt/download", document)


def read_matches(root: Element) -> Iterator[Found]:
    """Read the matches of a search answer."""
    for item in root.iterfind("matchList/searchMatchItem"):
        texts = {part.tag: part.text or "" for part in item.iter()}
        yield Found(
            track=int(texts["trackID"]),
            start=datetime.fromisoformat(texts["startTime"].removesuffix("Z")),
            end=datetime.fromisoformat(texts["endTime"].removesuffix("Z")),
            address=texts["playbackURI"],
            name=texts["name"],
            word=texts["metadataDescriptor"].rpartition("/")[2],
        )
