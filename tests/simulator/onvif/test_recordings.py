"""Recordings, their jobs, and where they are played (sections 8.1 and 9 of the notes)."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.onvif.containers import container_of, containers
from simulator.onvif.traits.box import Hosts
from simulator.onvif.traits.recording import Begin, Contents, SourceHint

from ..plugged import change
from .client import SETUP, TRC, TRP, TSE, TT, Soap, face_of, instant
from .test_device import paths

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "onvif"


async def test_one_for_each_recorded_stream(soap: Soap) -> None:
    reply = await soap.ask(TRC, "GetRecordings")
    tokens = reply.texts("RecordingToken")
    assert tokens[:2] == ["RecordMediaProfile00000", "RecordMediaProfile00100"]
    # Channel 5 records both of its streams.
    assert "RecordMediaProfile00401" in tokens
    assert len(tokens) == 9
    assert reply.texts("TrackType")[:3] == ["Video", "Audio", "Metadata"]


async def test_jobs_name_the_profile(soap: Soap) -> None:
    reply = await soap.ask(TRC, "GetRecordingJobs")
    job = reply.all("JobItem")[1]
    assert job.findtext(f".//{{{TT}}}RecordingToken") == "RecordMediaProfile00100"
    assert job.findtext(f".//{{{TT}}}Token") == "MediaProfile00100"
    token = job.findtext(f"{{{TT}}}JobToken")
    state = await soap.ask(TRC, "GetRecordingJobState", f"<JobToken>{token}</JobToken>")
    assert {*state.texts("State")} - {""} == {"Active"}


async def test_state_of_jobs(soap: Soap, box: RecorderBox) -> None:
    async def state(channel: int) -> str:
        token = f"<JobToken>JobMediaProfile{channel - 1:03}00</JobToken>"
        return (await soap.ask(TRC, "GetRecordingJobState", token)).texts("State")[1]

    assert await state(8) == "Error"
    assert await state(3) == "Active"
    box.recorder.channels[3].lose(box.recorder.now(), OfflineReason.UNREACHABLE)
    assert await state(3) == "Error"
    refused = await soap.ask(TRC, "GetRecordingJobState", "<JobToken>none</JobToken>")
    assert refused.subcodes[1:] == ["InvalidArgVal", "NoRecordingJob"]


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (SourceHint.TOKEN, {"VideoSourceToken": "00100", "SourceId": "SourceId_3"}),
        (SourceHint.ID, {"SourceId": "MediaProfile00100"}),
        (SourceHint.JOB, {"SourceId": "SourceId_3"}),
    ],
)
async def test_by_what_the_input_is_found(
    soap: Soap, box: RecorderBox, hint: SourceHint, told: dict[str, str]
) -> None:
    change(box, source_hint=hint)
    reply = await soap.ask(TRC, "GetRecordings")
    source = reply.all("Source")[1]
    found = {each.tag.partition("}")[2]: each.text for each in source}
    assert found | told == found
    assert ("VideoSourceToken" in found) == (hint is SourceHint.TOKEN)


async def test_no_jobs_and_empty_sources(soap: Soap, box: RecorderBox) -> None:
    change(box, source_hint=SourceHint.NUMBER, empty_sources=True)
    assert not (await soap.ask(TRC, "GetRecordingJobs")).all("JobItem")
    reply = await soap.ask(TRC, "GetRecordings")
    assert {*reply.texts("SourceId")} == {""}


async def test_information(soap: Soap, box: RecorderBox) -> None:
    token = "<RecordingToken>RecordMediaProfile00000</RecordingToken>"
    reply = await soap.ask(TSE, "GetRecordingInformation", token)
    now = box.recorder.now() + box.recorder.clock.offset
    age = now - instant(reply.text("EarliestRecording"))
    assert timedelta(days=29) < age <= timedelta(days=30)
    assert now - instant(reply.text("LatestRecording")) < timedelta(seconds=5)
    assert reply.text("RecordingStatus") == "Recording"
    lost = await soap.ask(TSE, "GetRecordingInformation", token.replace("000<", "700<"))
    assert lost.text("RecordingStatus") == "Stopped"
    assert now - instant(lost.text("LatestRecording")) >= timedelta(days=2)
    refused = await soap.ask(TSE, "GetRecordingInformation", token.replace("000<", "x<"))
    assert refused.subcodes[1:] == ["InvalidArgVal", "NoRecording"]


async def test_summary(soap: Soap, box: RecorderBox) -> None:
    reply = await soap.ask(TSE, "GetRecordingSummary")
    assert reply.text("NumberRecordings") == "9"
    assert instant(reply.text("DataFrom")) < instant(reply.text("DataUntil"))
    change(box, begin=Begin.EPOCH)
    epoch = await soap.ask(TSE, "GetRecordingSummary")
    assert epoch.text("DataFrom") == "1970-01-01T00:03:15Z"
    change(box, begin=Begin.UNTOLD, status_unknown=True)
    token = "<RecordingToken>RecordMediaProfile00000</RecordingToken>"
    untold = await soap.ask(TSE, "GetRecordingInformation", token)
    assert not untold.all("EarliestRecording")
    assert untold.text("RecordingStatus") == "Unknown"


async def test_how_it_is_coded(soap: Soap) -> None:
    asked = "<RecordingTokens>RecordMediaProfile00500</RecordingTokens><Time>2026-11-20T00:00:00Z</Time>"
    reply = await soap.ask(TSE, "GetMediaAttributes", asked)
    assert reply.texts("Encoding") == ["H265", "MP4A-LATM"]
    assert reply.text("Width") == "2560"


async def test_where_it_is_played(soap: Soap, box: RecorderBox) -> None:
    setup = SETUP.format(ns=TRP)
    token = "<RecordingToken>RecordMediaProfile00401</RecordingToken>"
    url = (await soap.ask(TRP, "GetReplayUri", setup + token)).text("Uri")
    parts = urlsplit(url)
    assert (parts.scheme, parts.port) == ("rtsp", box.rtsp_port)
    found = container_of(face_of(box).device, f"{parts.path}?{parts.query}")
    assert found is not None
    assert (found.channel, found.stream, found.token) == (5, 2, "RecordMediaProfile00401")
    assert container_of(face_of(box).device, f"{parts.path}?{parts.query}0") is None
    refused = await soap.ask(TRP, "GetReplayUri", f"{setup}<RecordingToken>x</RecordingToken>")
    assert (refused.status, refused.subcodes) == (400, ["Sender", "InvalidArgVal", "NoRecording"])
    change(box, stream_hosts=Hosts.OWN)
    other = (await soap.ask(TRP, "GetReplayUri", setup + token)).text("Uri")
    assert urlsplit(other).netloc == "192.0.2.71"


async def test_each_file_may_be_a_recording(soap: Soap, box: RecorderBox) -> None:
    box.recorder.schedule.retention = timedelta(hours=6)
    change(box, contents=Contents.CLIPS)
    device = face_of(box).device
    found = containers(device)
    assert len(found) > 100
    reply = await soap.ask(TRC, "GetRecordings")
    assert reply.texts("RecordingToken") == [each.token for each in found]
    for known in found[:: len(found) // 7]:
        assert known.token.startswith("SD_DISK_2026112")
        begin = (
            f"{known.clip.start + box.recorder.clock.offset:%Y%m%d_%H%M%S}" if known.clip else ""
        )
        assert begin in known.token
        inner = f"<RecordingToken>{known.token}</RecordingToken>"
        told = await soap.ask(TSE, "GetRecordingInformation", inner)
        assert told.text("RecordingToken") == known.token
    unknown = "<RecordingToken>SD_DISK_20200422_123501_A2388AB3</RecordingToken>"
    refused = await soap.ask(TSE, "GetRecordingInformation", unknown)
    assert refused.subcodes[2] == "NoRecording"
    jobs = (await soap.ask(TRC, "GetRecordingJobs")).texts("JobToken")
    assert {*jobs} == {each.token for each in found if each.clip is not None and each.clip.open}


async def test_footage_of_a_recording(box: RecorderBox) -> None:
    (known,) = [each for each in containers(face_of(box).device) if each.channel == 2]
    end = box.recorder.now()
    start = end - timedelta(days=1)
    spans = [*known.spans(start, end)]
    assert spans == [*box.recorder.schedule.spans(2, 1, start, end)]
    changes = [*known.changes(start, end)]
    assert [present for _, present in changes] == [
        bool(number % 2) for number in range(len(changes))
    ]
    assert known.has_footage(spans[0][0])
    assert not known.has_footage(spans[0][1] + timedelta(seconds=1))
    assert known.latest is not None
    assert known.latest == spans[-1][1]


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
@pytest.mark.parametrize(
    ("folder", "name", "namespace", "inner"),
    [
        ("axis-profile-g/recording_GetRecordings", "GetRecordings", TRC, ""),
        ("axis-profile-g/recording_GetRecordingJobs", "GetRecordingJobs", TRC, ""),
        ("uniview-profile-g/search_GetRecordingSummary", "GetRecordingSummary", TSE, ""),
    ],
)
async def test_tells_what_real_devices_tell(
    soap: Soap, folder: str, name: str, namespace: str, inner: str
) -> None:
    dump = (DEVICES / f"{folder}.xml").read_bytes()
    real = paths(defusedxml.ElementTree.fromstring(dump))
    ours = paths((await soap.ask(namespace, name, inner)).root)
    assert {each for each in ours ^ real if not each.endswith(("Header", "Envelope"))} == set()
