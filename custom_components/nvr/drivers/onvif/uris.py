"""Where a profile's stream and its stills are: GetStreamUri and GetSnapshotUri (section 6 of the notes)."""

from xml.etree.ElementTree import Element

from .. import xml
from ..errors import NotSupportedError
from ..models import Right
from .question import Question
from .service import Service

# Over the RTSP connection itself: it passes where datagrams don't.
_INTERLEAVED = "RTSP"


def read_uri(answer: Element) -> str:
    """Read the address, which Media1 wraps. Raises NotSupportedError where there is none."""
    for path in (("MediaUri", "Uri"), ("Uri",)):
        if (uri := xml.text(answer, *path)) is not None:
            return uri
    raise NotSupportedError("the device names no address")


def stream_uri(profile: str, *, media2: bool) -> Question[str]:
    """Return the question for where a profile's stream is."""
    if media2:
        arguments: dict[str, object] = {"Protocol": _INTERLEAVED, "ProfileToken": profile}
    else:
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": _INTERLEAVED}}
        arguments = {"StreamSetup": setup, "ProfileToken": profile}
    return Question(
        service=Service.MEDIA2 if media2 else Service.MEDIA,
        operation="GetStreamUri",
        arguments=arguments,
        read=read_uri,
        right=Right.LIVE,
    )


def snapshot_uri(profile: str, *, media2: bool) -> Question[str]:
    """Return the question for where a profile's stills are."""
    return Question(
        service=Service.MEDIA2 if media2 else Service.MEDIA,
        operation="GetSnapshotUri",
        arguments={"ProfileToken": profile},
        read=read_uri,
        right=Right.LIVE,
    )
