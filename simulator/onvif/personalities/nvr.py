"""Recorders."""

from datetime import date, datetime, timedelta
from http import HTTPStatus

from simulator.core.blueprint import Wall
from simulator.core.channels import Channel, OfflineReason
from simulator.core.disks import DiskState
from simulator.core.parts import (
    BOTH_STREAMS,
    CONTINUOUS,
    MAIN,
    MAIN_H265,
    MOTION_ONLY,
    SUB,
    WITH_GAPS,
    WITH_MOTION,
    disks,
)
from simulator.onvif.firmware import Firmware
from simulator.onvif.tokens import DAHUA, HIKVISION, UNIVIEW
from simulator.onvif.traits.answers import Declaration, Names, TimeText
from simulator.onvif.traits.box import Clock, Hosts, Layout
from simulator.onvif.traits.events import MotionTopic
from simulator.onvif.traits.login import Proof
from simulator.onvif.traits.media import HiddenCodec, Offline
from simulator.onvif.traits.playback import rtsp
from simulator.onvif.traits.recording import Begin, SourceHint
from simulator.onvif.traits.search import Backward

from .blueprint import Blueprint, labels
from .parts import SUB_H265, THIRD, ip_channels, login

_PLANS = (
    ("Gate", WITH_MOTION),
    ("Drive", WITH_GAPS),
    ("Garden", CONTINUOUS),
    ("Garage", MOTION_ONLY),
    ("Hall", BOTH_STREAMS),
    ("Terrace 4K", CONTINUOUS),
    ("Roof", CONTINUOUS),
    ("Cellar", CONTINUOUS),
)


def _nvr(now: datetime) -> list[Channel]:
    found = ip_channels(_PLANS, {1: MAIN, 2: SUB})
    found[5].streams = {1: MAIN_H265, 2: SUB_H265}
    found[7].lose(now - timedelta(days=2), OfflineReason.UNREACHABLE)
    return found


def _digest(_now: datetime) -> list[Channel]:
    plans = (
        ("车库", WITH_MOTION),
        ("大门", CONTINUOUS),
        ("Yard 4K", MOTION_ONLY),
        ("仓库", WITH_GAPS),
    )
    found = ip_channels(plans, {1: MAIN, 2: SUB})
    found[1].streams = {1: MAIN, 2: SUB, 3: THIRD}
    found[2].streams = {1: MAIN_H265, 2: SUB_H265}
    return found


NVR = Blueprint(
    name="nvr",
    quirks="a recorder with Profile G, one recording for each stream, called after its profile; H.265"
    " (channel 6) is seen by Media2 alone; channel 8 is offline since two days and listed",
    identity=labels(
        number=1,
        title="House",
        model="NVR5208-G",
        version="4.001.0000000.3",
        built=date(2024, 5, 14),
        address="192.0.2.71",
    ),
    channels=_nvr,
    disks=lambda: disks(DiskState.OK, DiskState.OK),
    firmware=Firmware(
        manufacturer="Example",
        tokens=DAHUA,
        source_hint=SourceHint.ID,
        hidden_main=HiddenCodec.NO_ENCODING,
        hidden_sub=HiddenCodec.NO_ENCODER,
        rtsp=rtsp(),
    ),
    login=login("NVR5208-G"),
    clock=Wall(zone="Europe/Berlin", offset=timedelta(seconds=3)),
    retention=timedelta(days=30),
)

DIGEST = Blueprint(
    name="digest",
    quirks="a recorder that takes HTTP digest alone; what it calls UTC is local time, and its clock is set by"
    " hand; says that H.265 (channel 3) is H.264; names in GBK; channel 2 has a third stream; inputs are named in its recordings; the first"
    " network interface is the same on all units; searches stay open when all is told; prefixes of"
    " subscriptions' addresses aren't declared, and their port is there twice",
    identity=labels(
        number=4,
        title="Workshop",
        model="DS-7604-G",
        version="V4.60.005",
        built=date(2022, 3, 9),
        address="192.0.2.74",
    ),
    channels=_digest,
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        manufacturer="Example",
        tokens=HIKVISION,
        proofs=frozenset({Proof.DIGEST}),
        refusal_status=HTTPStatus.UNAUTHORIZED,
        layout=Layout.NAMES,
        clock=Clock.LOCAL_AS_UTC,
        manual_clock=True,
        dummy_interface=True,
        names=Names.GBK,
        undeclared_prefixes=True,
        hidden_main=HiddenCodec.H264,
        hidden_sub=HiddenCodec.H264,
        source_hint=SourceHint.TOKEN,
        forgets_completed=False,
        backward=Backward.NOTHING,
        subscription_hosts=Hosts.DOUBLE_PORT,
        pulling_extends=False,
        rtsp=rtsp(max_playbacks=2),
    ),
    login=login("DS-7604-G"),
    clock=Wall(zone="Asia/Shanghai"),
    retention=timedelta(days=14),
)

CONTAINERS = Blueprint(
    name="containers",
    quirks="a recorder that tells its recordings and no events of them, has no job, no summary, no single"
    " recording's information; all services in one place; crashes when all types are asked for; times with a"
    " dash; no XML declaration; the first instant of recordings isn't told; answers to discovery break off",
    identity=labels(
        number=5,
        title="Barn",
        model="NVR302-G",
        version="B3304P12",
        built=date(2021, 10, 4),
        address="192.0.2.75",
    ),
    channels=lambda _now: ip_channels(
        (("Stable", CONTINUOUS), ("Hayloft", WITH_GAPS), ("Pasture", WITH_MOTION)),
        {1: MAIN, 2: SUB},
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        manufacturer="Example",
        tokens=UNIVIEW,
        layout=Layout.SINGLE,
        declaration=Declaration.MISSING,
        time_text=TimeText.DASHED,
        absent=frozenset(
            {
                "GetRecordingSummary",
                "GetRecordingInformation",
                "GetMediaAttributes",
                "GetRecordingJobState",
            }
        ),
        all_types=False,
        offline=Offline.UNLISTED,
        source_hint=SourceHint.NUMBER,
        begin=Begin.UNTOLD,
        finds_events=False,
        motion_topic=MotionTopic.BOTH,
        discovery_broken=True,
        rtsp=rtsp(),
    ),
    login=login("NVR302-G"),
    clock=Wall(zone="America/Chicago", offset=timedelta(seconds=-40)),
    retention=timedelta(days=10),
)

BLUEPRINTS = (NVR, DIGEST, CONTAINERS)
