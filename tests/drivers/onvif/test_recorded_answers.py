"""What real devices answered of their recordings, read as the driver reads it."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from custom_components.nvr.drivers.errors import DriverError, NoFootageError, NotSupportedError
from custom_components.nvr.drivers.models import Connection, Right
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.catalogue import CONTAINERS
from custom_components.nvr.drivers.onvif.containers import Track, read_recordings, read_summary
from custom_components.nvr.drivers.onvif.envelope import read_answer
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.find_session import read_token
from custom_components.nvr.drivers.onvif.jobs import read_jobs
from custom_components.nvr.drivers.onvif.places_of_containers import places_of
from custom_components.nvr.drivers.onvif.sources import VideoSource
from custom_components.nvr.drivers.onvif.uris import read_uri
from tests.drivers.test_devices import SHARED

DEVICES = SHARED / "onvif"

pytestmark = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


def answer(folder: str, name: str, status: int = 200) -> Element:
    """Return what was answered to an operation, without its envelope."""
    [file] = Path(DEVICES / folder).glob(f"*_{name}.xml")
    operation = name.partition("_")[0]
    return read_answer(status, file.read_bytes(), operation, Right.PLAYBACK)


def test_a_camera_whose_clock_was_never_set() -> None:
    page = CONTAINERS.page("1").read(answer("ipcam-sd-profile-g", "GetRecordingSearchResults"))
    assert page.done
    [container] = page.items
    assert container.token == "OnvifRecordingToken_1"
    assert container.begins is None
    assert container.ends == datetime(2025, 3, 15, 16, 28, tzinfo=UTC)
    assert container.writes is False
    assert container.tracks == (
        Track(token="videotracktoken_1", kind="video"),
        Track(token="audiotracktoken_1", kind="audio"),
        Track(token="metadatatracktoken_1", kind="metadata"),
    )


def test_a_recorder_sums_up_what_it_has() -> None:
    summary = read_summary(answer("uniview-profile-g", "GetRecordingSummary"))
    assert summary.earliest is None
    assert summary.latest == datetime(2024, 12, 13, 8, 8, 49, tzinfo=UTC)
    assert summary.count == 8


def test_a_recorder_begins_a_search() -> None:
    assert read_token(answer("uniview-profile-g", "FindEvents")) == "SearchToken[1]"


def test_files_of_a_camera_are_of_its_only_channel() -> None:
    containers = read_recordings(answer("axis-profile-g", "GetRecordings"))
    assert [one.token for one in containers][:2] == [
        "SD_DISK_20200422_123501_A2388AB3",
        "SD_DISK_20200422_132613_45A883F5",
    ]
    assert containers[0].source_name == "paolo"
    assert all(one.is_video("VIDEO001") and not one.is_video("META001") for one in containers)
    jobs = read_jobs(answer("axis-profile-g", "GetRecordingJobs"))
    facts = Facts(sources=(VideoSource(token="0"),), jobs=jobs)
    assert {place.channel for place in places_of(containers, facts).values()} == {1}


def test_a_replays_address_leads_back_to_who_was_asked() -> None:
    uri = read_uri(answer("axis-profile-g", "GetReplayUri"))
    addresses = SafeAddresses(Connection(host="192.0.2.1", username="u", password="p"))
    assert addresses.rtsp(uri) == (
        "rtsp://192.0.2.1:554/onvif-media/record/play.amp?onvifreplayid="
        "SD_DISK_20200422_132655_67086B52&onvifreplayext=1&streamtype=unicast&session_timeout=30"
    )


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("GetReplayUri_NoRecording", NoFootageError),
        ("NotImplemented", NotSupportedError),
    ],
)
def test_refusals_are_told_by_their_codes(name: str, error: type[DriverError]) -> None:
    with pytest.raises(error):
        answer("faults", name, status=400)
