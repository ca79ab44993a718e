"""The branch of the media tree that shows the library of saved clips."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource, PlayMedia
from homeassistant.core import HomeAssistant

from .access import may_access_clip
from .clip_view import clip_thumbnail_url, clip_url
from .footage.codecs import HEVC, read_clip
from .library.clip import SavedClip, channel_number
from .library.folder import ClipFolder
from .media_identifier import MIME_HLS, ClipFolderIdentifier, SavedIdentifier, saved_identifier
from .media_node import CHILDREN_LIMIT, MediaNotFoundError, folder_node, video_node
from .media_titles import Titles, day_title
from .playback_view import clip_playlist_url
from .shared import DATA_LIBRARY

SAMPLES = 10
"""How many clips of a folder are looked at for a note."""


class ClipBranch:
    """Recorder, channel, day, clips, as one user may see them. Clips outlive their recorders."""

    def __init__(self, hass: HomeAssistant, user: User | None, titles: Titles) -> None:
        """Initialize."""
        self._hass = hass
        self._user = user
        self._titles = titles
        self._folder: ClipFolder = hass.data[DATA_LIBRARY]

    async def folder(self, identifier: ClipFolderIdentifier) -> BrowseMediaSource:
        """Return a folder of the library with what is in it.

        Raises:
            MediaNotFoundError: There is no such folder for this user.
        """
        recorder, channel, day = identifier.recorder, identifier.channel, identifier.day
        if recorder is None:
            return await self._root(identifier)
        if channel is None:
            return await self._recorder(identifier, recorder)
        if day is None:
            return await self._channel(identifier, recorder, channel)
        return await self._day(identifier, recorder, channel, day)

    async def play(self, identifier: SavedIdentifier, *, in_browser: bool) -> PlayMedia:
        """Return where a clip plays, or a picture is shown.

        Not every browser decodes H.265: in browsers such a clip plays in parts, from which each takes what it can.

        Raises:
            MediaNotFoundError: There is no such file for this user.
        """
        clip = await self._hass.async_add_executor_job(self._folder.find, identifier.path)
        if clip is None or not self._visible(clip):
            raise MediaNotFoundError
        if in_browser:
            file = self._folder.file(identifier.path)
            if not await self._hass.async_add_executor_job(_is_widely_played, file):
                return PlayMedia(clip_playlist_url(identifier.path), MIME_HLS)
        return PlayMedia(
            clip_url(identifier.path),
            identifier.mime_type,
            path=self._folder.file(identifier.path),
        )

    async def _root(self, identifier: ClipFolderIdentifier) -> BrowseMediaSource:
        samples = await self._hass.async_add_executor_job(self._recorder_samples)
        title = self._titles.word("media_folder", "clips")
        return self._node_of(
            identifier,
            title,
            (
                folder_node(
                    ClipFolderIdentifier(recorder),
                    next((clip.note.recorder for clip in clips if clip.note), recorder),
                )
                for recorder, clips in samples
                if any(map(self._visible, clips))
            ),
        )

    async def _recorder(self, identifier: ClipFolderIdentifier, recorder: str) -> BrowseMediaSource:
        samples = await self._hass.async_add_executor_job(self._channel_samples, recorder)
        seen = [clip for clip in samples if self._visible(clip)]
        if not seen:
            raise MediaNotFoundError
        return self._node_of(
            identifier,
            seen[0].note.recorder if seen[0].note else recorder,
            (
                folder_node(ClipFolderIdentifier(recorder, clip.path.channel), _channel_title(clip))
                for clip in seen
            ),
        )

    async def _channel(
        self, identifier: ClipFolderIdentifier, recorder: str, channel: str
    ) -> BrowseMediaSource:
        sample = await self._hass.async_add_executor_job(self._sample, recorder, channel)
        if sample is None or not self._visible(sample):
            raise MediaNotFoundError
        days = await self._hass.async_add_executor_job(self._folder.days, recorder, channel)
        return self._node_of(
            identifier,
            _channel_title(sample),
            (
                folder_node(ClipFolderIdentifier(recorder, channel, day), day_title(day))
                for day in days
            ),
        )

    async def _day(
        self, identifier: ClipFolderIdentifier, recorder: str, channel: str, day: date
    ) -> BrowseMediaSource:
        clips, more = await self._hass.async_add_executor_job(
            self._folder.clips, recorder, channel, day, CHILDREN_LIMIT
        )
        node = self._node_of(
            identifier,
            day_title(day),
            (
                video_node(
                    saved_identifier(clip.path),
                    self._clip_title(clip),
                    clip_thumbnail_url(clip.path),
                )
                for clip in clips
                if self._visible(clip)
            ),
            MediaClass.VIDEO,
        )
        if not node.children:
            raise MediaNotFoundError
        node.not_shown = more
        return node

    def _recorder_samples(self) -> list[tuple[str, list[SavedClip]]]:
        return [
            (recorder, self._channel_samples(recorder)) for recorder in self._folder.recorders()
        ]

    def _channel_samples(self, recorder: str) -> list[SavedClip]:
        samples = (self._sample(recorder, channel) for channel in self._folder.channels(recorder))
        return [clip for clip in samples if clip is not None]

    def _sample(self, recorder: str, channel: str) -> SavedClip | None:
        """Return a young clip of a channel: its note, if it has one, tells whose folder this is."""
        for day in self._folder.days(recorder, channel)[:1]:
            clips, _ = self._folder.clips(recorder, channel, day, SAMPLES)
            return next((clip for clip in clips if clip.note), next(iter(clips), None))
        return None

    def _visible(self, clip: SavedClip) -> bool:
        return may_access_clip(self._hass, self._user, clip.path, clip.note, POLICY_READ)

    def _clip_title(self, clip: SavedClip) -> str:
        if clip.note is None:
            return f"{clip.path.time} {clip.path.file}"
        if clip.path.is_picture:
            return self._titles.picture(clip.note.start, clip.note.kinds)
        return self._titles.recording(
            clip.note.start,
            clip.note.duration,
            clip.note.kinds,
            widely_played=clip.note.video_codec != HEVC,
        )

    @staticmethod
    def _node_of(
        identifier: ClipFolderIdentifier,
        title: str,
        children: Iterable[BrowseMediaSource],
        children_class: MediaClass = MediaClass.DIRECTORY,
    ) -> BrowseMediaSource:
        node = folder_node(identifier, title)
        node.children_media_class = children_class
        node.children = list(children)
        return node


def _channel_title(clip: SavedClip) -> str:
    if clip.note is not None:
        return clip.note.channel_name
    return clip.path.channel.removeprefix(f"{channel_number(clip.path.channel)}_")


def _is_widely_played(file: Path) -> bool:
    """Tell whether every browser plays a file of the library."""
    try:
        codecs, _ = read_clip(file)
    except OSError, ValueError:
        # A picture; or a video that somebody else put there, of which nothing else is known.
        return True
    return codecs.widely_played
