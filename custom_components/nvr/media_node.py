"""Nodes of the media tree as Home Assistant wants them."""

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource

from .const import DOMAIN
from .media_identifier import MediaIdentifier

CHILDREN_LIMIT = 1000
"""Most children shown of one node."""


class MediaNotFoundError(Exception):
    """There is no such node, or not for this user. ``key`` is that of a translated message."""

    def __init__(self, key: str = "media_not_found") -> None:
        """Initialize."""
        super().__init__(key)
        self.key = key


def folder_node(
    identifier: MediaIdentifier | None, title: str, thumbnail: str | None = None
) -> BrowseMediaSource:
    """Return a node that has children; None stands for the root."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=None if identifier is None else str(identifier),
        media_class=MediaClass.DIRECTORY if identifier is None else identifier.media_class,
        media_content_type="" if identifier is None else identifier.media_content_type,
        title=title,
        can_play=False,
        can_expand=True,
        thumbnail=thumbnail,
    )


def video_node(
    identifier: MediaIdentifier, title: str, thumbnail: str | None = None
) -> BrowseMediaSource:
    """Return a node that plays, or shows a picture."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=str(identifier),
        media_class=identifier.media_class,
        media_content_type=identifier.media_content_type,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=thumbnail,
    )
