"""What devices call their inputs, encoders, profiles and recordings (sections 6 and 8.1 of the notes)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The style of one maker.

    Each is a template. In it stand: `c` number of the channel from 1, `s` number of the stream from 1, `c0` and `s0`
    the same from 0, `n` the place of the profile among all from 1, `role` the stream's name.

    Attributes:
        profile: token of a profile.
        profile_name: its name.
        source: token of an input.
        source_config: token of its configuration.
        source_name: name of that.
        encoder: token of an encoder's configuration.
        encoder_name: its name.
        recording: token of a recording.
        source_id: what a recording says where its pictures come from.
        video_track: token of its track of pictures.
        audio_track: token of its track of sound.
        meta_track: token of its track of metadata.
        job: token of the job that fills it.
        roles: names of the streams.
        live: path and query of live pictures.
        snapshot: path and query of pictures of now.
        replay: path and query of recordings, with `r` for the recording's token.
    """

    profile: str = "Profile_{n}"
    profile_name: str = "{role}Stream"
    source: str = "VideoSource_{c}"
    source_config: str = "VideoSourceToken_{c}"
    source_name: str = "VideoSourceConfig_{c}"
    encoder: str = "VideoEncoderToken_{n}"
    encoder_name: str = "VideoEncoder_{n}"
    recording: str = "OnvifRecordingToken_{n}"
    source_id: str = "SourceId_{n}"
    video_track: str = "videotracktoken_{n}"
    audio_track: str = "audiotracktoken_{n}"
    meta_track: str = "metadatatracktoken_{n}"
    job: str = "RecordJobToken_{n}"
    roles: tuple[str, ...] = ("main", "sub", "third")
    live: str = "/Streaming/Channels/{c}0{s}?transportmode=unicast&profile=Profile_{n}"
    snapshot: str = "/onvif-http/snapshot?Profile_{n}"
    replay: str = "/onvif/replay/{r}?onvifreplay=1"

    def of(self, template: str, *, channel: int, stream: int, number: int) -> str:
        """Fill a template in."""
        return template.format(
            c=channel,
            s=stream,
            c0=channel - 1,
            s0=stream - 1,
            n=number,
            role=self.roles[stream - 1],
            r="{r}",
        )


CAMERA: Final = Tokens()
"""A camera of the Hikvision family, with its card (devices/onvif/ipcam-sd-profile-g)."""

DAHUA: Final = Tokens(
    profile="MediaProfile{c0:03}{s0:02}",
    profile_name="MediaProfile_Channel{c}_{role}",
    source="{c0:03}00",
    source_config="{c0:03}00",
    source_name="VideoSourceConfig_Channel{c}",
    encoder="{c0:03}{s0:02}",
    encoder_name="VideoEncoderConfig_Channel{c}_{role}",
    recording="RecordMediaProfile{c0:03}{s0:02}",
    source_id="MediaProfile{c0:03}{s0:02}",
    video_track="VIDEO001",
    audio_track="AUDIO001",
    meta_track="META001",
    job="JobMediaProfile{c0:03}{s0:02}",
    roles=("MainStream", "SubStream1", "SubStream2"),
    live="/cam/realmonitor?channel={c}&subtype={s0}&unicast=true&proto=Onvif",
    snapshot="/onvifsnapshot/media_service/snapshot?channel={c}&subtype={s0}",
    replay="/cam/playback?token={r}&proto=Onvif",
)
"""A recorder of the Dahua family (devices/onvif/dahua-nvr-12ch)."""

HIKVISION: Final = Tokens(
    profile="ProfileToken{n:03}",
    profile_name="{role}Stream",
    source="VideoSourceToken{c:03}",
    source_config="VideoSourceConfigurationToken{c:03}",
    source_name="VideoSourceConfig{c:03}",
    encoder="VideoEncoderToken{n:03}",
    encoder_name="VideoEncoder{n:03}",
    recording="RecordingToken{c:03}",
    source_id="VideoSourceToken{c:03}",
    video_track="VideoTrack{c:03}",
    audio_track="AudioTrack{c:03}",
    meta_track="MetadataTrack{c:03}",
    job="RecordingJobToken{c:03}",
    live="/Streaming/Unicast/channels/{c}0{s}",
    snapshot="/onvif/snapshot?channel={c}0{s}",
    replay="/Streaming/tracks/{c}01?recording={r}",
)
"""A recorder of the Hikvision family."""

UNIVIEW: Final = Tokens(
    profile="media_profile{n}",
    profile_name="media_profile{n}",
    source="video_source_{c}",
    source_config="video_source_config{c}",
    encoder="video_encoder_config{n}",
    encoder_name="encoder_ch{c}_{role}",
    recording="Record_{c:03}",
    source_id="",
    video_track="VIDEO001",
    audio_track="AUDIO001",
    meta_track="META001",
    job="Job_{c:03}",
    live="/unicast/c{c}/s{s0}/live",
    snapshot="/onvif/snapshot/c{c}/s{s0}",
    replay="/c{c}/b0/e0/replay/{r}",
)
"""A recorder of the Uniview family (devices/onvif/uniview-profile-g tells its recordings' names alone)."""

AXIS: Final = Tokens(
    profile="profile_{s}_h264",
    profile_name="profile_{s} h264",
    source="{c0}",
    source_config="{c0}",
    source_name="user{c0}",
    encoder="default_{s}_h264",
    encoder_name="default_{s} h264",
    source_id="",
    video_track="VIDEO001",
    audio_track="AUDIO001",
    meta_track="META001",
    live="/onvif-media/media.amp?profile=profile_{s}_h264&sessiontimeout=60&streamtype=unicast",
    snapshot="/onvif-cgi/jpg/image.cgi?profile=profile_{s}_h264",
    replay="/onvif-media/record/play.amp?onvifreplayid={r}&onvifreplayext=1&streamtype=unicast"
    "&session_timeout=30",
)
"""A camera of Axis (devices/onvif/axis-profile-g), whose recordings are called after their beginning."""

ENCODER: Final = Tokens(
    profile="MediaProfile_{c0}_{s0}",
    profile_name="Input {c}",
    source="VideoSource{c0}",
    source_config="VideoSourceConfig{c0}",
    source_name="Input {c}",
    encoder="VideoEncoder{n}",
    live="/live/{c}/{s}",
    snapshot="/snap.jpg?input={c}",
)
"""An encoder for analogue cameras (devices/onvif/encoder-4ch)."""
