"""The branch of the media tree that shows what recorders have on disk."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource, PlayMedia
from homeassistant.core import HomeAssistant, callback

from .access import channel_cameras, may_access_channel
from .const import DOMAIN
from .coordinator import NvrConfigEntry
from .drivers.models import Channel, Recording
from .entries import loaded_entry
from .media_identifier import (
    MIME_HLS,
    ChannelIdentifier,
    DayIdentifier,
    RecorderIdentifier,
    RecordingIdentifier,
)
from .media_node import CHILDREN_LIMIT, MediaNotFoundError, folder_node, video_node
from .media_titles import Titles, day_title
from .playback_view import playlist_url
from .recorded_days import day_span, recorded_days
from .recordings import find_recordings
from .shared import async_get_shared
from .thumbnail_view import thumbnail_url

SEARCH_LIMIT = 10_000
"""Most recordings of a day looked at, to tell how many are not shown."""


@callback
def visible_recorders(hass: HomeAssistant, user: User | None) -> list[BrowseMediaSource]:
    """Return a node for each loaded recorder of which the user may see a channel."""
    entries: list[NvrConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    return [
        folder_node(RecorderIdentifier(entry.entry_id), entry.title)
        for entry in entries
        if any(
            may_access_channel(hass, user, entry, channel.number, POLICY_READ)
            for channel in entry.runtime_data.coordinator.data.channels
        )
    ]


class RecordingBranch:
    """Recorder, channel, day, recordings, as one user may see them."""

    def __init__(self, hass: HomeAssistant, user: User | None, titles: Titles) -> None:
        """Initialize."""
        self._hass = hass
        self._user = user
        self._titles = titles

    def recorder(self, identifier: RecorderIdentifier) -> BrowseMediaSource:
        """Return a recorder with its channels.

        Raises:
            MediaNotFoundError: It is not loaded.
        """
        entry = self._entry(identifier.entry_id)
        node = folder_node(identifier, entry.title)
        node.children_media_class = MediaClass.CHANNEL
        node.children = [
            self._channel_node(entry, channel)
            for channel in entry.runtime_data.coordinator.data.channels
            if may_access_channel(self._hass, self._user, entry, channel.number, POLICY_READ)
        ]
        return node

    async def channel(self, identifier: ChannelIdentifier) -> BrowseMediaSource:
        """Return a channel with the days on which it recorded, the newest first.

        Raises:
            MediaNotFoundError: There is none for this user.
            DriverError: The recorder can't be asked.
        """
        entry, channel = self._channel(identifier.entry_id, identifier.channel)
        data = entry.runtime_data
        extent = data.coordinator.data.extents.get(channel.number)
        days = await recorded_days(data.driver, channel.number, extent.oldest if extent else None)
        node = self._channel_node(entry, channel)
        node.children_media_class = MediaClass.DIRECTORY
        node.children = [
            folder_node(DayIdentifier(entry.entry_id, channel.number, day), day_title(day))
            for day in days
        ]
        return node

    async def day(self, identifier: DayIdentifier) -> BrowseMediaSource:
        """Return a day with its recordings, the newest first.

        Raises:
            MediaNotFoundError: There is no such channel for this user.
            DriverError: The recorder can't be asked.
        """
        entry, channel = self._channel(identifier.entry_id, identifier.channel)
        start, end = day_span(identifier.day)
        found = await find_recordings(
            entry.runtime_data.driver, channel.number, start, end, limit=SEARCH_LIMIT
        )
        if found.error is not None and not found.recordings:
            raise found.error
        node = folder_node(identifier, day_title(identifier.day))
        node.children_media_class = MediaClass.VIDEO
        newest = found.recordings[::-1]
        node.children = []
        for recording in newest[:CHILDREN_LIMIT]:
            child = RecordingIdentifier.of(entry.entry_id, recording)
            title = self._titles.recording(
                recording.start,
                recording.duration,
                recording.kinds,
                widely_played=self._is_widely_played(entry, recording),
            )
            node.children.append(video_node(child, title, thumbnail_url(child)))
        node.not_shown = max(0, len(newest) - CHILDREN_LIMIT)
        return node

    async def play(self, identifier: RecordingIdentifier) -> PlayMedia:
        """Return where a recording plays; the recorder is asked whether it still has it.

        Raises:
            MediaNotFoundError: There is no such channel for this user.
            DriverError: The recorder can't be asked, or has the recording no more.
        """
        entry, _ = self._channel(identifier.entry_id, identifier.channel)
        await async_get_shared(self._hass).playback.open(entry, identifier)
        return PlayMedia(playlist_url(identifier), MIME_HLS)

    def _is_widely_played(self, entry: NvrConfigEntry, recording: Recording) -> bool:
        """Tell whether every browser plays a recording, as far as that is known."""
        codecs = async_get_shared(self._hass).playback.codecs_expected(
            entry, recording.channel, recording.stream
        )
        return codecs is None or codecs.widely_played

    def _entry(self, entry_id: str) -> NvrConfigEntry:
        if (entry := loaded_entry(self._hass, entry_id)) is None:
            raise MediaNotFoundError("media_recorder_not_loaded")
        return entry

    def _channel(self, entry_id: str, number: int) -> tuple[NvrConfigEntry, Channel]:
        entry = self._entry(entry_id)
        channel = entry.runtime_data.coordinator.data.channel(number)
        if channel is None or not may_access_channel(
            self._hass, self._user, entry, number, POLICY_READ
        ):
            raise MediaNotFoundError
        return entry, channel

    def _channel_node(self, entry: NvrConfigEntry, channel: Channel) -> BrowseMediaSource:
        camera = next(
            (
                one.entity_id
                for one in channel_cameras(self._hass, entry, channel.number)
                if not one.disabled
            ),
            None,
        )
        return folder_node(
            ChannelIdentifier(entry.entry_id, channel.number),
            channel.name,
            None if camera is None else f"/api/camera_proxy/{camera}",
        )
