"""Live pictures: a camera for each stream of each channel.

Video goes from the recorder to go2rtc or to the stream component by RTSP; stills come from the
recorder's own snapshots, or are pictures of that video where it has none.
"""

from collections.abc import Iterator
from functools import partial
from time import monotonic
from typing import override

from homeassistant.components.camera import Camera, CameraEntityFeature
from homeassistant.components.camera.helper import async_get_stream_image
from homeassistant.components.stream import Stream as VideoStream
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import NvrConfigEntry, NvrData
from .default_streams import default_stream
from .drivers.errors import CannotConnectError, DeviceBusyError, NotSupportedError
from .drivers.models import Channel, RecorderState, Stream, StreamName
from .entity import Candidate, NvrEntity, add_as_they_appear, unique_id
from .exceptions import translated_errors
from .places import StreamPlace, stream_places

# The driver bounds what is asked at once, and shares one snapshot among all who wait for it.
PARALLEL_UPDATES = 0

# A busy recorder skips a snapshot now and then; a picture this old still shows what goes on.
PICTURE_KEPT_SECONDS = 30


async def async_setup_entry(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the cameras of a recorder."""
    data = entry.runtime_data

    def is_hidden(place: StreamPlace) -> bool:
        channel = data.coordinator.data.channel(place.channel)
        return channel is not None and place.stream is not default_stream(channel, entry.options)

    def candidates(state: RecorderState) -> Iterator[Candidate]:
        # They are added one after the other, and people wait for those that they see.
        for place in sorted(camera_places(state), key=is_hidden):
            yield Candidate(
                unique_id=unique_id(state.recorder, place, ""),
                channel=place.channel,
                make=partial(NvrCamera, data, place),
            )

    add_as_they_appear(entry, async_add_entities, candidates)


def camera_places(state: RecorderState) -> tuple[StreamPlace, ...]:
    """Return the streams that get a camera.

    Of a channel that is offline a recorder often lists none; its main camera is there all the same,
    unavailable, so that its recordings can be asked for.
    """
    unlisted = (
        StreamPlace(channel.number, StreamName.MAIN)
        for channel in state.channels
        if not channel.streams
    )
    return (*stream_places(state), *unlisted)


class NvrCamera(NvrEntity[Stream], Camera):
    """One stream of a channel."""

    _attr_supported_features = CameraEntityFeature.STREAM
    place: StreamPlace

    def __init__(self, data: NvrData, place: StreamPlace) -> None:
        """Initialize."""
        super().__init__(data.coordinator, place, "")
        Camera.__init__(self)
        self._driver = data.driver
        self._picture: bytes | None = None
        self._picture_at = 0.0
        channel = self._channel
        self._attr_translation_key = place.stream.value
        if place.stream is StreamName.MAIN:
            self._attr_name = None
        if channel is not None:
            self._attr_brand = channel.manufacturer
            self._attr_model = channel.model
            self._attr_entity_registry_enabled_default = place.stream is default_stream(
                channel, data.coordinator.config_entry.options
            )

    @property
    def _channel(self) -> Channel | None:
        return self.coordinator.data.channel(self.place.channel)

    @property
    @override
    def available(self) -> bool:
        """Return whether the channel sends pictures, as far as anybody knows."""
        stream_fails = self.stream is not None and not self.stream.available
        return super().available and not self.channel_down and not stream_fails

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self._driver.on_refused_changed(self._refused_changed))

    @override
    async def async_will_remove_from_hass(self) -> None:
        await self._stop_stream()
        await super().async_will_remove_from_hass()

    @override
    async def stream_source(self) -> str | None:
        """Return the RTSP address, None while the recorder refuses us: others would go on trying it."""
        channel = self._channel
        return None if channel is None else self._driver.live_url(channel, self.place.stream)

    @override
    async def async_create_stream(self) -> VideoStream | None:
        stream = await super().async_create_stream()
        if stream is not None:
            stream.set_update_callback(partial(self._stream_changed, stream))
        return stream

    @callback
    def _stream_changed(self, stream: VideoStream) -> None:
        """Show a stream that fails, and ask the recorder at once whether it refuses us.

        Each further try of the stream may be a wrong password, and a recorder with many streams would
        count them all until the next poll. Its address may be wrong, too.
        """
        self.async_write_ha_state()
        if not stream.available:
            self._driver.note_live_failed()
            self.coordinator.config_entry.async_create_task(
                self.hass,
                self.coordinator.async_request_refresh(),
                f"{DOMAIN} {self.entity_id} failed",
            )

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return a picture of now, or of a moment ago when the recorder is too busy for one."""
        with translated_errors():
            try:
                picture = await self._driver.snapshot(
                    self.place.channel, self.place.stream, width=width, height=height
                )
            except CannotConnectError, DeviceBusyError:
                if self._picture is None or self._picture_age > PICTURE_KEPT_SECONDS:
                    raise
                return self._picture
            except NotSupportedError:
                streamed = await async_get_stream_image(self, width, height)
                if streamed is None:
                    raise
                return streamed
        self._picture = picture
        self._picture_at = monotonic()
        return picture

    @property
    def _picture_age(self) -> float:
        return monotonic() - self._picture_at

    @callback
    def _refused_changed(self) -> None:
        self.coordinator.config_entry.async_create_task(
            self.hass, self._follow_refusal(), f"{DOMAIN} {self.entity_id} refused"
        )

    async def _follow_refusal(self) -> None:
        """Withdraw our stream from the recorder, or offer it again, at its new address if it has one.

        Stream and go2rtc log in on their own, so each of their tries counts against our account.
        """
        if self.stream is not None and self.stream.source != await self.stream_source():
            await self._stop_stream()
        await self.async_refresh_providers()

    async def _stop_stream(self) -> None:
        if self.stream is None:
            return
        stream, self.stream = self.stream, None
        # A preloaded stream otherwise goes on; the user's preference is put back after.
        settings = stream.dynamic_stream_settings
        preload, settings.preload_stream = settings.preload_stream, False
        await stream.stop()
        settings.preload_stream = preload
