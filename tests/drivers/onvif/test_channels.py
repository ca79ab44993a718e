"""From inputs and profiles to channels and streams."""

from collections.abc import Sequence

import pytest

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.models import DiskState, OfflineReason, StreamName
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.jobs import Job, read_job_state, read_jobs
from custom_components.nvr.drivers.onvif.profiles import (
    Encoding,
    Profile,
    read_profiles1,
    read_profiles2,
)
from custom_components.nvr.drivers.onvif.properties import Property, read_properties
from custom_components.nvr.drivers.onvif.sources import (
    VideoSource,
    given_name,
    in_order,
    numbers,
    read_sources,
)
from custom_components.nvr.drivers.onvif.titles import read_titles


def _profile(
    token: str, source: str = "s", size: tuple[int, int] | None = None, **more: str
) -> Profile:
    encoding = None
    if size is not None:
        encoding = Encoding(
            token=more.get("encoder", f"e {token}"),
            codec=more.get("codec", "H.264"),
            width=size[0],
            height=size[1],
        )
    return Profile(
        token=token, name=token, source=source, configuration=f"c {source}", encoding=encoding
    )


@pytest.mark.parametrize(
    ("tokens", "profiles", "expected"),
    [
        (["00000", "00100", "00300"], ["MediaProfile00000"], [1, 2, 4]),
        (["VideoSource_1", "VideoSource_3"], [], [1, 3]),
        (["VideoSourceToken001", "VideoSourceToken002"], [], [1, 2]),
        (["VideoSource0", "VideoSource1", "VideoSource7"], [], [1, 2, 8]),
        (["VideoSource000", "VideoSource001"], [], [1, 2]),
        # Not all have one, or not one each, or one that is none.
        (["a1", "b"], [], [1, 2]),
        (["a1", "b1"], [], [1, 2]),
        (["a998", "b999"], [], [1, 2]),
        # Numbers alone may be anything.
        (["0"], [], [1]),
        (["00000", "00100"], [], [1, 2]),
    ],
)
def test_numbers_of_channels(
    tokens: Sequence[str], profiles: list[str], expected: list[int]
) -> None:
    named = numbers(tuple(tokens), [_profile(name) for name in profiles])
    assert [named[token] for token in tokens] == expected


def test_the_largest_is_the_main_stream() -> None:
    small, large = _profile("a", size=(640, 360)), _profile("b", size=(1920, 1080))
    picture = _profile("c", size=(3840, 2160), codec="MJPEG")
    assert in_order([picture, small, large]) == [large, small, picture]


def test_without_sizes_the_order_of_the_device_stands() -> None:
    told = [_profile("a", size=(640, 360)), _profile("b"), _profile("c")]
    assert in_order(told) == told


def test_profiles_with_one_encoder_are_one_stream() -> None:
    first = _profile("a", size=(640, 360), encoder="e")
    assert in_order([first, _profile("b", size=(640, 360), encoder="e")]) == [first]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Front door", "Front door"),
        ("VideoSourceConfig_Channel1", None),
        ("Channel 3", None),
        ("vscfg0", None),
        ("c s", None),
        ("", None),
    ],
)
def test_names_that_somebody_gave(name: str, given: str | None) -> None:
    profile = Profile(token="p", name="p", source="s", configuration="c s", source_name=name)
    assert given_name([profile]) == given


def test_profiles_of_media1() -> None:
    answer = xml.parse(
        b"<R><Profiles token='p'><Name>x</Name>"
        b"<VideoEncoderConfiguration token='e'><H265/><Resolution><Width>2560</Width><Height>1440</Height>"
        b"</Resolution></VideoEncoderConfiguration>"
        b"<VideoSourceConfiguration token='c'><SourceToken>s</SourceToken></VideoSourceConfiguration>"
        b"</Profiles><Profiles token='q'><Name>no picture</Name></Profiles>"
        b"<Profiles><VideoSourceConfiguration token='c'/></Profiles>"
        b"<Profiles token='r'><VideoSourceConfiguration token='c'/></Profiles>"
        b"<Profiles token='t'><VideoSourceConfiguration/></Profiles></R>"
    )
    first, other = read_profiles1(answer)
    assert first.source == "s"
    assert first.encoding == Encoding(token="e", codec="H.265", width=2560, height=1440)
    # Where the input is not named, what takes it stands for it.
    assert other.source == "c"
    assert other.name == "r"
    assert other.encoding is None


def test_profiles_of_media2() -> None:
    answer = xml.parse(
        b"<R><Profiles token='p'><Configurations><VideoSource token='c'><SourceToken>s</SourceToken></VideoSource>"
        b"<VideoEncoder token='e'><Encoding>JPEG</Encoding><RateControl><FrameRateLimit>12.5</FrameRateLimit>"
        b"<BitrateLimit>99999999999</BitrateLimit></RateControl></VideoEncoder>"
        b"<AudioEncoder token='a'><Encoding>MP4A-LATM</Encoding></AudioEncoder></Configurations></Profiles>"
        b"<Profiles token='bare'/></R>"
    )
    (profile,) = read_profiles2(answer)
    assert profile.encoding is not None
    assert (profile.encoding.codec, profile.encoding.fps, profile.encoding.kbps) == (
        "MJPEG",
        12.5,
        None,
    )
    assert profile.audio_codec == "MP4A-LATM"


def test_inputs_that_show_nothing() -> None:
    answer = xml.parse(
        b"<R><VideoSources token='a'><Framerate>25</Framerate><Resolution><Width>0</Width><Height>0</Height>"
        b"</Resolution></VideoSources><VideoSources token='b'><Framerate>25</Framerate></VideoSources>"
        b"<VideoSources token='c'/><VideoSources/></R>"
    )
    sources = read_sources(answer)
    assert [one.has_picture for one in sources] == [False, True, None]
    facts = Facts(sources=sources)
    state = facts.state()
    assert [channel.online for channel in state.channels] == [False, None, None]
    assert state.channels[0].reason is OfflineReason.NO_VIDEO


def test_titles_are_what_is_written_into_the_picture() -> None:
    osd = "<OSDs><VideoSourceConfigurationToken>{}</VideoSourceConfigurationToken><TextString><Type>{}</Type><PlainText>{}</PlainText></TextString></OSDs>"
    inside = (
        osd.format("c s", "DateAndTime", "x")
        + osd.format("c s", "Plain", "Gate")
        + osd.format("c s", "Plain", "2nd")
    )
    facts = Facts(
        profiles2=(_profile("p"),), titles=read_titles(xml.parse(f"<R>{inside}</R>".encode()))
    )
    assert facts.state().channels[0].name == "Gate"


def test_jobs() -> None:
    # devices/onvif/axis-profile-g, shortened
    answer = xml.parse(
        b"<R><JobItem><JobToken>j</JobToken><JobConfiguration><RecordingToken>r</RecordingToken><Mode>Active</Mode>"
        b"<Source><SourceToken Type='http://www.onvif.org/ver10/schema/Profile'><Token>p</Token></SourceToken></Source>"
        b"<Source><SourceToken Type='http://www.onvif.org/ver10/schema/Receiver'><Token>x</Token></SourceToken></Source>"
        b"<Source/></JobConfiguration></JobItem><JobItem><JobToken>k</JobToken></JobItem></R>"
    )
    assert read_jobs(answer) == (Job(token="j", recording="r", active=True, profiles=("p",)),)
    state = "<R><State><State>{}</State></State></R>"
    words = {"Active": True, "PartiallyActive": True, "Idle": False, "Error": False, "Odd": None}
    for word, writes in words.items():
        assert read_job_state(xml.parse(state.format(word).encode())) is writes


def test_a_channel_is_recorded_by_any_of_its_jobs() -> None:
    facts = Facts(
        profiles2=(_profile("p", "s1"), _profile("q", "s2"), _profile("r", "s3")),
        jobs=(
            Job(token="a", recording="x", active=True, profiles=("p",)),
            Job(token="b", recording="x", active=False, profiles=("p",)),
            Job(token="c", recording="y", active=False, profiles=("q",)),
            Job(token="d", recording="z", active=True),
        ),
        writing={"a": True, "d": False},
        channels_of_recordings={"z": 3},
    )
    assert [channel.recording for channel in facts.state().channels] == [True, False, False]
    # Told to, and nobody knows whether it does.
    facts.writing.clear()
    assert [channel.recording for channel in facts.state().channels] == [False, False, None]
    facts.recordings_written["z"] = True
    assert facts.state().channels[2].recording is True


def _message(topic: str, source: str, data: str, operation: str = "Initialized") -> str:
    return (
        f"<NotificationMessage><Topic>{topic}</Topic><Message><Message PropertyOperation='{operation}'>"
        f"<Source>{source}</Source><Data>{data}</Data></Message></Message></NotificationMessage>"
    )


def _item(name: str, value: str) -> str:
    return f"<SimpleItem Name='{name}' Value='{value}'/>"


def _told(*messages: str) -> tuple[Property, ...]:
    return read_properties(xml.parse(f"<R>{''.join(messages)}</R>".encode()))


def test_what_events_tell() -> None:
    facts = Facts(profiles2=(_profile("p", "s1"), _profile("q", "s2")))
    lost, job, storage = (
        "tns1:VideoSource/tnsx:SignalLoss",
        "tns1:RecordingConfig/JobState",
        "tns1:Device/HardwareFailure/StorageFailure",
    )
    facts.take_properties(
        _told(
            _message(lost, _item("Source", "s1"), _item("State", "true")),
            # By how it is taken.
            _message(lost, _item("VideoSourceConfigurationToken", "c s2"), _item("State", "0")),
            _message(job, _item("RecordingJobToken", "j"), _item("State", "Active")),
            _message(storage, _item("Token", "Disk_2"), _item("Failed", "1")),
            _message(storage, _item("Token", "Disk_5"), _item("Failed", "false")),
            _message(lost, "", _item("State", "true")),
            _message(lost, _item("Source", "s2"), _item("State", "true"), "Deleted"),
            "<NotificationMessage/>",
        )
    )
    state = facts.state()
    assert [channel.online for channel in state.channels] == [False, True]
    assert facts.writing == {"j": True}
    assert {disk.number: disk.state for disk in state.disks} == {
        2: DiskState.FAILED,
        5: DiskState.OK,
    }
    assert "disks" not in {entry.what for entry in state.missing}


def test_events_that_name_one_input_whichever_they_mean_tell_nothing() -> None:
    facts = Facts(profiles2=(_profile("p", "s1"), _profile("q", "s2")))
    told = [
        _message("VideoSource/SignalLoss", _item("Source", "s1"), _item("State", word))
        for word in ("false", "true")
    ]
    facts.take_properties(_told(*told))
    assert [channel.online for channel in facts.state().channels] == [None, None]


def test_streams_by_their_names() -> None:
    profiles = tuple(
        _profile(name, size=(size, size)) for name, size in (("a", 9), ("b", 7), ("c", 5), ("d", 3))
    )
    (place,) = Facts(profiles2=profiles).places()
    assert [stream.token for stream in place.profiles] == ["a", "b", "c"]
    third = place.profile(StreamName.THIRD)
    assert third is not None
    assert third.token == "c"
    (bare,) = Facts(sources=(VideoSource(token="s"),)).places()
    assert bare.profile(StreamName.MAIN) is None
