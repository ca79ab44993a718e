"""What devices say of what they record into, and whose that is."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.errors import InvalidAnswerError
from custom_components.nvr.drivers.models import StreamName
from custom_components.nvr.drivers.onvif.containers import (
    Container,
    Track,
    read_containers,
    read_information,
    read_recordings,
    read_summary,
    trailing_number,
)
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.jobs import Job
from custom_components.nvr.drivers.onvif.places_of_containers import ContainerPlace, places_of
from custom_components.nvr.drivers.onvif.profiles import Encoding, Profile
from custom_components.nvr.drivers.onvif.sources import VideoSource

from .answers import results, tree

NOON = datetime(2026, 7, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

INFORMATION = """
<tt:RecordingInformation><tt:Extra/><tt:RecordingStatus>Recording</tt:RecordingStatus>
<tt:Track><tt:TrackToken>v</tt:TrackToken><tt:TrackType>Video</tt:TrackType>
<tt:DataFrom>2026-07-24T10:00:00Z</tt:DataFrom><tt:DataTo>2026-07-24T12:00:00Z</tt:DataTo></tt:Track>
<tt:Track><tt:TrackToken>a</tt:TrackToken><tt:TrackType>Audio</tt:TrackType></tt:Track>
<tt:Source><tt:Name>Yard</tt:Name><tt:SourceId>VideoSource_1</tt:SourceId></tt:Source>
<tt:RecordingToken>R1</tt:RecordingToken></tt:RecordingInformation>
"""


def test_the_order_of_elements_means_nothing() -> None:
    [found] = read_containers(tree(results(INFORMATION, last=True)))
    assert found == Container(
        token="R1",
        source="VideoSource_1",
        source_name="Yard",
        # Where the container tells no times, its tracks do.
        earliest=NOON - 2 * HOUR,
        latest=NOON,
        tracks=(Track(token="v", kind="video"), Track(token="a", kind="audio")),
        writes=True,
    )
    assert found.is_video("v")
    assert found.is_video("nobody's")
    assert not found.is_video("a")


def test_a_clock_that_was_never_set_tells_nothing() -> None:
    [found] = read_containers(
        tree(
            "<tt:RecordingInformation><tt:RecordingToken>R1</tt:RecordingToken>"
            "<tt:EarliestRecording>1970-01-01T00:03:15Z</tt:EarliestRecording>"
            "<tt:LatestRecording>2026-07-24T12:00:00Z</tt:LatestRecording></tt:RecordingInformation>"
        )
    )
    assert (found.begins, found.ends) == (None, NOON)
    assert found.earliest_text == "1970-01-01T00:03:15Z"


def test_what_is_set_up_is_listed_without_times() -> None:
    [found] = read_recordings(
        tree(
            "<trc:RecordingItem><tt:RecordingToken>R1</tt:RecordingToken><tt:Configuration>"
            "<tt:Source><tt:SourceId/><tt:VideoSourceToken>VS1</tt:VideoSourceToken></tt:Source>"
            "</tt:Configuration><tt:Tracks><tt:Track><tt:TrackToken>v</tt:TrackToken>"
            "<tt:Configuration><tt:TrackType>Video</tt:TrackType></tt:Configuration></tt:Track>"
            "</tt:Tracks></trc:RecordingItem>"
        )
    )
    assert found == Container(
        token="R1", video_source="VS1", tracks=(Track(token="v", kind="video"),)
    )


@pytest.mark.parametrize("text", ["", "<tt:RecordingInformation/>"])
def test_information_without_a_name_is_none(text: str) -> None:
    with pytest.raises(InvalidAnswerError):
        read_information(tree(text))


def test_a_later_answer_adds_to_an_earlier_one() -> None:
    listed = Container(token="R1", video_source="VS1", tracks=(Track(token="v", kind="video"),))
    told = Container(token="R1", earliest=NOON, latest=NOON + HOUR, writes=False)
    merged = listed.merged(told)
    assert merged == Container(
        token="R1",
        video_source="VS1",
        tracks=listed.tracks,
        earliest=NOON,
        latest=NOON + HOUR,
        writes=False,
    )


def test_a_summary_of_nothing_tells_no_times() -> None:
    times = (
        "<tt:DataFrom>2026-07-24T12:00:00Z</tt:DataFrom>"
        "<tt:DataUntil>2026-07-24T13:00:00Z</tt:DataUntil>"
    )
    told = read_summary(
        tree(f"<tse:Summary>{times}<tt:NumberRecordings>2</tt:NumberRecordings></tse:Summary>")
    )
    assert (told.earliest, told.latest, told.count) == (NOON, NOON + HOUR, 2)
    none = read_summary(
        tree(f"<tse:Summary>{times}<tt:NumberRecordings>0</tt:NumberRecordings></tse:Summary>")
    )
    assert (none.earliest, none.latest, none.count) == (None, None, 0)


@pytest.mark.parametrize(
    ("name", "number"), [("Record_004", 4), ("R0", None), ("", None), ("R12345", None)]
)
def test_numbers_at_the_end_of_names(name: str, number: int | None) -> None:
    assert trailing_number(name) == number


def profile(token: str, source: str, width: int = 1920) -> Profile:
    encoding = Encoding(token=f"e{token}", codec="h264", width=width, height=1080)
    return Profile(token=token, name=token, source=source, encoding=encoding)


FACTS = Facts(
    sources=(VideoSource(token="VS_1"), VideoSource(token="VS_2")),
    profiles1=(
        profile("P1", "VS_1"),
        profile("P1sub", "VS_1", 640),
        profile("P2", "VS_2"),
    ),
)


@pytest.mark.parametrize(
    ("containers", "jobs", "expected"),
    [
        pytest.param(
            [Container(token="x", video_source="VS_2")], (), {"x": ContainerPlace(2)}, id="input"
        ),
        pytest.param(
            [Container(token="x")],
            (Job(token="j", recording="x", active=True, profiles=("P1sub",)),),
            {"x": ContainerPlace(1, StreamName.SUB)},
            id="job",
        ),
        pytest.param(
            [Container(token="x", source="VS_2")], (), {"x": ContainerPlace(2)}, id="source"
        ),
        pytest.param(
            [Container(token="x", source="P2")],
            (),
            {"x": ContainerPlace(2, StreamName.MAIN)},
            id="profile as source",
        ),
        pytest.param(
            [Container(token="RecordP2")],
            (),
            {"RecordP2": ContainerPlace(2, StreamName.MAIN)},
            id="profile in the name",
        ),
        pytest.param(
            [Container(token="Record_002"), Container(token="Record_001")],
            (),
            {"Record_002": ContainerPlace(2), "Record_001": ContainerPlace(1)},
            id="numbers",
        ),
        pytest.param(
            [Container(token="b1"), Container(token="a0")],
            (),
            {"a0": ContainerPlace(1), "b1": ContainerPlace(2)},
            id="numbers from 0",
        ),
        pytest.param(
            [Container(token="x", source_name="Cam 2"), Container(token="y", source_name="Cam 1")],
            (),
            {"x": ContainerPlace(2), "y": ContainerPlace(1)},
            id="numbers of names",
        ),
        pytest.param(
            [Container(token="x"), Container(token="y")],
            (),
            {"x": ContainerPlace(1), "y": ContainerPlace(2)},
            id="order",
        ),
        pytest.param(
            [Container(token="x", source="VS_1"), Container(token="y")],
            (),
            {"x": ContainerPlace(1), "y": ContainerPlace(2)},
            id="order of the others",
        ),
        pytest.param(
            [
                Container(token="x", source="VS_1"),
                Container(token="y", source="VS_2"),
                Container(token="z"),
            ],
            (),
            {"x": ContainerPlace(1), "y": ContainerPlace(2)},
            id="one that is left over",
        ),
        pytest.param(
            [
                Container(token="x", source="VS_1"),
                Container(token="y", source="VS_2"),
                Container(token="a"),
                Container(token="b"),
            ],
            (),
            {
                token: ContainerPlace(number)
                for token, number in zip("xyab", (1, 2) * 2, strict=True)
            },
            id="order of a second for each",
        ),
        pytest.param(
            [Container(token="x", source="VS_1"), Container(token="y"), Container(token="z")],
            (),
            {"x": ContainerPlace(1)},
            id="too many others",
        ),
        pytest.param(
            [Container(token="x"), Container(token="y"), Container(token="z")], (), {}, id="unknown"
        ),
        pytest.param(
            [
                Container(token="x", source="VS_1", earliest=NOON, latest=NOON + 9 * HOUR),
                Container(token="y", source="VS_1", earliest=NOON, latest=NOON + 8 * HOUR),
            ],
            (),
            {"x": ContainerPlace(1, StreamName.MAIN), "y": ContainerPlace(1, StreamName.SUB)},
            id="streams of one input",
        ),
        pytest.param(
            [
                Container(token="x", source="VS_1", earliest=NOON, latest=NOON + HOUR),
                Container(token="y", source="VS_1", earliest=NOON + HOUR, latest=NOON + 2 * HOUR),
            ],
            (),
            {"x": ContainerPlace(1), "y": ContainerPlace(1)},
            id="files of one input",
        ),
    ],
)
def test_whose_a_container_is(
    containers: list[Container], jobs: tuple[Job, ...], expected: dict[str, ContainerPlace]
) -> None:
    FACTS.jobs = jobs
    assert places_of(containers, FACTS) == expected


def test_all_is_the_only_channels() -> None:
    camera = Facts(sources=(VideoSource(token="VS_1"),))
    containers = [Container(token=f"SD_{number}") for number in range(5)]
    assert {place.channel for place in places_of(containers, camera).values()} == {1}
    assert len(places_of(containers, camera)) == 5
