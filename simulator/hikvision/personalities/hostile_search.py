"""Recorders whose search is hard to get along with."""

from datetime import date, timedelta

from simulator.core.accounts import LoginPolicy
from simulator.core.blueprint import Wall
from simulator.core.clock import Convention, Suffix
from simulator.core.disks import DiskState
from simulator.core.parts import (
    BOTH_STREAMS,
    CONTINUOUS,
    MAIN,
    MAIN_OLD,
    MOTION_ONLY,
    SUB,
    UNRECORDED,
    WITH_GAPS,
    WITH_MOTION,
    disks,
)
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.answers import NAMESPACE_NEW
from simulator.hikvision.traits.box import RebootAnswer
from simulator.hikvision.traits.download import ClipCutting, DownloadForm
from simulator.hikvision.traits.playback import TrackForm
from simulator.hikvision.traits.search import (
    Ending,
    NoMatches,
    OffsetTimes,
    OpenEnd,
    PositionWord,
    SearchId,
    TrackList,
    Wanted,
)
from simulator.rtsp.traits import End, Gap, Reports, RtspTraits

from .blueprint import Blueprint, labels
from .parts import ip_channels

BRACES = Blueprint(
    name="braces",
    quirks="wants ids in capitals between braces, and neither declaration nor attributes nor filters;"
    " wall clock marked `Z`; whole files as Opaque/data, by GET with a body",
    identity=labels(
        number=12,
        title="NVR",
        model="DS-7616NXI-K2(D)",
        version="V4.84.101",
        built=date(2024, 9, 12),
        address="192.0.2.61",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(
        (("Porch", BOTH_STREAMS), ("Alley", WITH_MOTION), ("Spare", UNRECORDED)),
        {1: MAIN, 2: SUB},
        network="192.0.2.",
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        search_ids=SearchId.BRACES,
        search_declaration=Wanted.REFUSED,
        search_attributes=Wanted.REFUSED,
        search_filters=False,
        offset_times=OffsetTimes.REFUSED,
        download_forms=frozenset({DownloadForm.GET_BODY}),
        download_by_time=False,
        download_type="Opaque/data",
        track_forms=frozenset({TrackForm.SLASH}),
        rtsp=RtspTraits(reports=Reports.NOW, reverse=True),
    ),
    login=LoginPolicy(realm="DS-7616NXI-K2"),
    clock=Wall(zone="America/Denver", convention=Convention.WALL, suffix=Suffix.STANDARD),
)

FORGETFUL = Blueprint(
    name="forgetful",
    quirks="no word for the position counts: each page is the first; `trackIDList` alone, one track at"
    " a time; nothing found is OK",
    identity=labels(
        number=13,
        title="Clinic",
        model="DS-7604NI-K1",
        version="V4.21.005",
        built=date(2020, 8, 3),
        address="192.0.2.62",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(
        (("Door", CONTINUOUS), ("Desk", MOTION_ONLY)), {1: MAIN_OLD, 2: SUB}, network="192.0.2."
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        position_words=frozenset(),
        track_lists=frozenset({TrackList.TRACK_ID_LIST}),
        search_tracks=1,
        page_limit=50,
        results_refused=101,
        no_matches=NoMatches.OK,
        download_forms=frozenset({DownloadForm.GET_QUERY}),
        rtsp=RtspTraits(end=End.SAYS_BYE),
    ),
    login=LoginPolicy(realm="DS-7604NI-K1"),
)

ORDERLESS = Blueprint(
    name="orderless",
    quirks="results out of order, pages that overlap, only the right spelling of the position counts;"
    " wants `trackList`, version and the newer xmlns; truncated words of kinds",
    identity=labels(
        number=14,
        title="School",
        model="DS-7732NI-I4(B)",
        version="V4.50.010",
        built=date(2022, 2, 14),
        address="192.0.2.63",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(
        (("Yard", CONTINUOUS), ("Hall", WITH_MOTION), ("Gym", WITH_GAPS)),
        {1: MAIN_OLD, 2: SUB},
        network="192.0.2.",
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        position_words=frozenset({PositionWord.RIGHT}),
        track_lists=frozenset({TrackList.TRACK_LIST}),
        search_attributes=Wanted.WANTED,
        search_xmlns=NAMESPACE_NEW,
        shuffled=True,
        page_overlap=3,
        no_matches=NoMatches.WHITESPACE,
        descriptor_host="recordType.meta..com",
        download_forms=frozenset({DownloadForm.POST}),
        download_attributes=Wanted.WANTED,
        reboot_answer=RebootAnswer.REQUIRED,
        track_forms=frozenset({TrackForm.PLAIN}),
        track_form_status=454,
        reads_bare_ampersands=False,
        rtsp=RtspTraits(gap=Gap.REFUSED, gap_status=500),
    ),
    login=LoginPolicy(realm="DS-7732NI-I4"),
)

ENDLESS = Blueprint(
    name="endless",
    quirks="always more to come, and then nothing; ids are numbers; wants a declaration; open files end"
    " in six hours; new recordings are found five minutes late; playback from a gap hangs",
    identity=labels(
        number=15,
        title="Depot",
        model="DS-7108NI-Q1/M",
        version="V4.30.061",
        built=date(2021, 10, 22),
        address="192.0.2.66",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(
        (("Track 1", CONTINUOUS), ("Track 2", MOTION_ONLY)),
        {1: MAIN_OLD, 2: SUB},
        network="192.0.2.",
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        search_ids=SearchId.NUMBER,
        search_declaration=Wanted.WANTED,
        search_ending=Ending.MORE_EMPTY,
        no_matches=NoMatches.FAILED,
        open_end=OpenEnd.FAR,
        index_latency=timedelta(minutes=5),
        reboot_answer=RebootAnswer.CUT,
        rtsp=RtspTraits(gap=Gap.HANGS),
    ),
    login=LoginPolicy(realm="DS-7108NI"),
)

TURNING = Blueprint(
    name="turning",
    quirks="the last page comes again and again; ids without braces; searches take their time; a month"
    " at most; nothing found is not counted",
    identity=labels(
        number=16,
        title="Library",
        model="DS-7804N-R2",
        version="V4.84.031",
        built=date(2024, 5, 30),
        address="192.0.2.65",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(
        (("Stacks", CONTINUOUS), ("Door", WITH_MOTION)), {1: MAIN, 2: SUB}, network="192.0.2."
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        search_ids=SearchId.PLAIN,
        search_ending=Ending.MORE_AGAIN,
        search_s=0.2,
        searches_at_once=2,
        widest_search=timedelta(days=31),
        no_matches=NoMatches.NO_COUNT,
        download_claims=ClipCutting.DENIED,
    ),
    login=LoginPolicy(realm="DS-7804N-R2"),
)

BLUEPRINTS = (BRACES, FORGETFUL, ORDERLESS, ENDLESS, TURNING)
