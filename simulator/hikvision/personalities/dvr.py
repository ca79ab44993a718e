"""Recorders with video inputs of their own, with and without IP cameras beside them."""

from datetime import date, datetime, timedelta
from http import HTTPStatus

from simulator.core.accounts import LoginPolicy
from simulator.core.blueprint import Wall
from simulator.core.channels import Channel
from simulator.core.clock import Convention, Suffix
from simulator.core.disks import DiskState
from simulator.core.parts import (
    BOTH_STREAMS,
    CONTINUOUS,
    MAIN,
    MAIN_H265,
    MAIN_OLD,
    MOTION_ONLY,
    SUB,
    WITH_GAPS,
    WITH_MOTION,
    disks,
    inputs,
)
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.answers import NAMESPACE_NEW, NAMESPACE_OLD
from simulator.hikvision.traits.box import ChallengeBody, LockReport
from simulator.hikvision.traits.download import ClipCutting, DownloadForm
from simulator.hikvision.traits.events import Boundary
from simulator.hikvision.traits.search import NoMatches, OpenEnd, UnknownTrack, Wanted
from simulator.rtsp.traits import End, RtspTraits

from .blueprint import Blueprint, labels
from .parts import ip_channels


def _dvr_channels(now: datetime) -> list[Channel]:
    plans = (("Entrada", BOTH_STREAMS), ("Camera 02", CONTINUOUS), ("Terraza", WITH_MOTION))
    channels = inputs(plans, {1: MAIN_OLD, 2: SUB})
    # Nothing has been plugged in there for longer than the disks reach back.
    channels[1].lose(now - timedelta(days=400))
    return channels


DVR = Blueprint(
    name="dvr",
    quirks="3 analogue inputs of which one NO VIDEO, two empty IP slots; wall clock marked `Z`;"
    " the sub stream's recordings say that they are the main one's; POST without attributes;"
    " missing streams 400, pictures for anybody, an unknown track is invalid, triggers mix namespaces",
    identity=labels(
        number=5,
        title="Embedded Net DVR",
        model="DVR-THD30B-81-HIK",
        version="V4.71.410",
        built=date(2023, 7, 4),
        address="192.0.2.31",
        code="CCWR",
    ),
    channels=_dvr_channels,
    disks=lambda: disks(DiskState.OK, terabytes=2),
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        version="1.0",
        trigger_namespace=NAMESPACE_NEW,
        device_type="DVR",
        input_list=True,
        empty_ip_slots=2,
        idle_disks=True,
        working_status=False,
        missing_stream=HTTPStatus.BAD_REQUEST,
        open_pictures=True,
        unknown_track=UnknownTrack.INVALID,
        sub_labelled_main=True,
        no_matches=NoMatches.NO_LIST,
        download_forms=frozenset({DownloadForm.POST}),
        download_attributes=Wanted.REFUSED,
        download_by_time=False,
        download_type=None,
        keeps_settings=False,
        rtsp=RtspTraits(end=End.PLAYS_ON),
    ),
    login=LoginPolicy(
        realm="DVR-THD30B",
        challenge='Digest realm="{realm}", nonce="{nonce}", qop="auth", algorithm=MD5',
    ),
    clock=Wall(zone="America/Chicago", convention=Convention.WALL, suffix=Suffix.STANDARD),
    retention=timedelta(days=60),
)


def _hybrid_channels(_now: datetime) -> list[Channel]:
    plans = (
        ("Shop", BOTH_STREAMS),
        ("Till", WITH_MOTION),
        ("Yard", WITH_GAPS),
        ("Cellar", MOTION_ONLY),
    )
    cameras = (("Street", CONTINUOUS), ("Car park", MOTION_ONLY))
    return [
        *inputs(plans, {1: MAIN_OLD, 2: SUB}),
        *ip_channels(cameras, {1: MAIN_H265, 2: SUB}, network="192.0.2.", first=5),
    ]


HYBRID = Blueprint(
    name="hybrid",
    quirks="4 analogue inputs and 2 IP cameras whose ids go on from there, while events call them 33"
    " and 34; no more than a week at a time is searched; busy is 500; locks are told by"
    " AuthenticationFailed",
    identity=labels(
        number=6,
        title="Store",
        model="iDS-7204HUHI-M1/E",
        version="V4.75.011",
        built=date(2024, 6, 25),
        address="192.0.2.32",
        code="CCWR",
    ),
    channels=_hybrid_channels,
    disks=lambda: disks(DiskState.OK, DiskState.UNFORMATTED),
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        version="1.0",
        marks_items=True,
        device_type="DVR",
        input_list=True,
        busy=HTTPStatus.INTERNAL_SERVER_ERROR,
        lock_report=LockReport.AUTHENTICATION_FAILED,
        challenge_body=ChallengeBody.RESPONSE_STATUS,
        widest_search=timedelta(days=7),
        open_end=OpenEnd.NOW,
        calendar_edge_days=2,
        event_ip_base=28,
        event_boundary=Boundary.QUOTED,
        contacts=True,
        event_repeat_s=None,
        empty_post_count=True,
        rtsp=RtspTraits(
            end=End.FALLS_SILENT, max_playbacks=2, session_timeout=timedelta(seconds=30)
        ),
    ),
    login=LoginPolicy(realm="iDS-7204HUHI", lock_restarts=True),
)


def _hybrid_33_channels(_now: datetime) -> list[Channel]:
    plans = (("Gate", WITH_MOTION), ("Hall", CONTINUOUS))
    cameras = (("Roof", CONTINUOUS), ("Garden", MOTION_ONLY))
    return [
        *inputs(plans, {1: MAIN, 2: SUB}),
        *ip_channels(cameras, {1: MAIN, 2: SUB}, network="192.0.2.", first=33),
    ]


HYBRID_33 = Blueprint(
    name="hybrid-33",
    quirks="2 analogue inputs and 2 IP cameras with ids 33 and 34; streams are told one by one;"
    " says that it cuts out spans and doesn't",
    identity=labels(
        number=7,
        title="Office",
        model="DS-7204HQHI-K1",
        version="V4.30.122",
        built=date(2021, 5, 18),
        address="192.0.2.33",
        code="CCWR",
    ),
    channels=_hybrid_33_channels,
    disks=lambda: disks(DiskState.OK, DiskState.FAILED),
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        version="1.0",
        device_type="DVR",
        input_list=True,
        working_status=False,
        stream_list=False,
        download_by_time=False,
        download_claims=ClipCutting.CLAIMED,
        downloads=1,
    ),
    login=LoginPolicy(realm="DS-7204HQHI"),
    clock=Wall(zone="Asia/Kolkata"),
)

BLUEPRINTS = (DVR, HYBRID, HYBRID_33)
