"""Recordings and saved clips in Home Assistant's media browser."""

from typing import override

from homeassistant.auth.models import User
from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .drivers.errors import DriverError
from .exceptions import translation_of
from .media_clips import ClipBranch
from .media_identifier import (
    ChannelIdentifier,
    ClipFolderIdentifier,
    ClipIdentifier,
    DayIdentifier,
    MediaIdentifier,
    PictureIdentifier,
    RecorderIdentifier,
    RecordingIdentifier,
    parse_identifier,
)
from .media_node import MediaNotFoundError, folder_node
from .media_recordings import RecordingBranch, visible_recorders
from .media_titles import Titles


async def async_get_media_source(hass: HomeAssistant) -> NvrMediaSource:
    """Set up the media source, once for all recorders that will ever be loaded."""
    return NvrMediaSource(hass)


class NvrMediaSource(MediaSource):
    """Recorder, channel, day, recordings; and saved clips as a branch of their own.

    It outlives reloads of recorders, so it keeps nothing of them.
    """

    name = "Network Video Recorder"

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return a node with its children.

        Raises:
            BrowseError: There is no such node for this user, or the recorder can't be asked.
        """
        try:
            return await self._browse(item.identifier)
        except MediaNotFoundError as error:
            raise _as(BrowseError, error.key) from error
        except DriverError as error:
            raise _as(BrowseError, *translation_of(error)) from error

    async def _browse(self, text: str) -> BrowseMediaSource:
        user, titles = _current_user(), await Titles.load(self.hass)
        if not text:
            return self._root(user, titles)
        recordings = RecordingBranch(self.hass, user, titles)
        clips = ClipBranch(self.hass, user, titles)
        match _parse(text):
            case RecorderIdentifier() as identifier:
                return recordings.recorder(identifier)
            case ChannelIdentifier() as identifier:
                return await recordings.channel(identifier)
            case DayIdentifier() as identifier:
                return await recordings.day(identifier)
            case ClipFolderIdentifier() as identifier:
                return await clips.folder(identifier)
            case _:
                raise MediaNotFoundError("media_not_a_folder")

    def _root(self, user: User | None, titles: Titles) -> BrowseMediaSource:
        root = folder_node(None, self.name)
        root.children = [
            *visible_recorders(self.hass, user),
            folder_node(ClipFolderIdentifier(), titles.word("media_folder", "clips")),
        ]
        return root

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where a recording or a clip plays.

        Raises:
            Unresolvable: There is no such recording or clip for this user, or the recorder can't be asked.
        """
        try:
            return await self._resolve(item)
        except MediaNotFoundError as error:
            raise _as(Unresolvable, error.key) from error
        except DriverError as error:
            raise _as(Unresolvable, *translation_of(error)) from error

    async def _resolve(self, item: MediaSourceItem) -> PlayMedia:
        user, titles = _current_user(), await Titles.load(self.hass)
        in_browser = user is not None and item.target_media_player is None
        match _parse(item.identifier):
            case RecordingIdentifier() as identifier:
                return await RecordingBranch(self.hass, user, titles).play(identifier)
            case (ClipIdentifier() | PictureIdentifier()) as identifier:
                clips = ClipBranch(self.hass, user, titles)
                return await clips.play(identifier, in_browser=in_browser)
            case _:
                raise MediaNotFoundError("media_not_playable")


def _current_user() -> User | None:
    """Return who browses; nobody when Home Assistant itself does, for an action or a player."""
    connection = current_connection.get()
    return None if connection is None else connection.user


def _parse(text: str) -> MediaIdentifier:
    try:
        return parse_identifier(text)
    except ValueError as error:
        raise MediaNotFoundError("media_not_found") from error


def _as[E: HomeAssistantError](
    kind: type[E], key: str, placeholders: dict[str, str] | None = None
) -> E:
    return kind(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
