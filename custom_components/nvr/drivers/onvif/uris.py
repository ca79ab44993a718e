"""Where a profile's stream and its stills are: GetStreamUri and GetSnapshotUri (section 6 of the notes)."""

from collections import defaultdict
from collections.abc import Callable
from xml.etree.ElementTree import Element

from .. import xml
from ..budget import BudgetSpentError
from ..errors import DriverError, NotPermittedError, NotSupportedError
from ..inquiry import ABSENT
from ..models import Right
from .question import Question
from .service import Service
from .transport import Transport

# Over the RTSP connection itself: it passes where datagrams don't.
_INTERLEAVED = "RTSP"
# What Media2 calls datagrams. The address is the same, and how it is read is ours to choose.
_DATAGRAMS = "RtspUnicast"

type UriQuestion = Callable[[str], Question[str]]


def read_uri(answer: Element) -> str:
    """Read the address, which Media1 wraps. Raises NotSupportedError where there is none."""
    for path in (("MediaUri", "Uri"), ("Uri",)):
        if (uri := xml.text(answer, *path)) is not None:
            return uri
    raise NotSupportedError("the device names no address")


def stream_by_media1(profile: str) -> Question[str]:
    """Return Media1's question for where a profile's stream is."""
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": _INTERLEAVED}}
    return _stream(Service.MEDIA, {"StreamSetup": setup, "ProfileToken": profile})


def stream_by_media2(profile: str) -> Question[str]:
    """Return Media2's question for it."""
    return _stream(Service.MEDIA2, {"Protocol": _INTERLEAVED, "ProfileToken": profile})


def stream_by_datagrams(profile: str) -> Question[str]:
    """Return the same by its other protocol: some devices know only that word."""
    return _stream(Service.MEDIA2, {"Protocol": _DATAGRAMS, "ProfileToken": profile})


def _stream(service: Service, arguments: dict[str, object]) -> Question[str]:
    return Question(
        service=service,
        operation="GetStreamUri",
        arguments=arguments,
        read=read_uri,
        right=Right.LIVE,
    )


def stills_by_media1(profile: str) -> Question[str]:
    """Return Media1's question for where a profile's stills are."""
    return _stills(Service.MEDIA, profile)


def stills_by_media2(profile: str) -> Question[str]:
    """Return Media2's question for it."""
    return _stills(Service.MEDIA2, profile)


def _stills(service: Service, profile: str) -> Question[str]:
    return Question(
        service=service,
        operation="GetSnapshotUri",
        arguments={"ProfileToken": profile},
        read=read_uri,
        right=Right.LIVE,
    )


class Uris:
    """Asks for one kind of address in each way that there is; first in the one that the device answered last.

    A refusal in that way may be the profile's own matter or the way's, so the others are asked then, too. Which ones
    refused is kept until all have: a round that has no requests left goes on with the next.
    """

    def __init__(
        self, by_media2: tuple[UriQuestion, ...], by_media1: tuple[UriQuestion, ...]
    ) -> None:
        """Initialize; the ways are asked in their order."""
        self._ways = {True: by_media2, False: by_media1}
        self._answered: UriQuestion | None = None
        self._refused: defaultdict[str, dict[UriQuestion, DriverError]] = defaultdict(dict)

    @classmethod
    def of_streams(cls) -> Uris:
        """Return what asks where streams are."""
        return cls((stream_by_media2, stream_by_datagrams, stream_by_media1), (stream_by_media1,))

    @classmethod
    def of_stills(cls) -> Uris:
        """Return what asks where stills are."""
        return cls((stills_by_media2, stills_by_media1), (stills_by_media1,))

    async def ask(self, transport: Transport, profile: str, *, media2: bool) -> str:
        """Return the address that belongs to a profile, which is one of Media2 or of Media1.

        Raises DriverError: what the device said to the first way.
        """
        refused = self._refused[profile]
        for way in sorted(self._ways[media2], key=lambda one: one is not self._answered):
            if way in refused:
                continue
            try:
                uri = await transport.ask(way(profile))
            except BudgetSpentError, NotPermittedError:
                raise
            except ABSENT as err:
                refused[way] = err
            else:
                self._answered = way
                self._refused.pop(profile, None)
                return uri
        self._refused.pop(profile, None)
        raise next(iter(refused.values()))
