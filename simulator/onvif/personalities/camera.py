"""Cameras and encoders."""

from datetime import date, timedelta

from simulator.core.blueprint import Wall
from simulator.core.disks import DiskState
from simulator.core.parts import (
    CONTINUOUS,
    MAIN,
    MAIN_OLD,
    SUB,
    UNRECORDED,
    WITH_MOTION,
    disks,
    inputs,
)
from simulator.onvif.firmware import Firmware
from simulator.onvif.namespaces import Service
from simulator.onvif.tokens import (
    AXIS as AXIS_TOKENS,
    CAMERA as CAMERA_TOKENS,
    ENCODER as ENCODER_TOKENS,
)
from simulator.onvif.traits.answers import Prefix
from simulator.onvif.traits.box import Clock as BoxClock, Layout
from simulator.onvif.traits.events import MotionTopic
from simulator.onvif.traits.login import Proof
from simulator.onvif.traits.playback import rtsp
from simulator.onvif.traits.recording import Begin, Contents
from simulator.onvif.traits.search import Filtering
from simulator.rtsp.extension import Extension
from simulator.rtsp.replay import ReplayTraits, Without

from .blueprint import Blueprint, labels
from .parts import card, login

CAMERA = Blueprint(
    name="camera",
    quirks="a camera with a card and Profile G: one recording, whose first instant is of 1970; tokens alone;"
    " paths without `_service`; no names in pictures; one"
    " replay at a time, from the beginning for whoever doesn't require it, the time in the first packets alone",
    identity=labels(
        number=2,
        title="Yard",
        model="CS-H8c",
        version="V5.3.8 build 250612",
        built=date(2025, 6, 12),
        address="192.0.2.72",
    ),
    channels=lambda _now: inputs((("Yard", WITH_MOTION),), {1: MAIN, 2: SUB}),
    disks=card,
    firmware=Firmware(
        manufacturer="Example",
        tokens=CAMERA_TOKENS,
        layout=Layout.NAMES,
        envelope=Prefix.ENV,
        proofs=frozenset({Proof.TOKEN}),
        remembers_nonces=False,
        titles=False,
        begin=Begin.EPOCH,
        finds_motion=False,
        motion_topic=MotionTopic.ALARM,
        rtsp=rtsp(
            max_playbacks=1,
            replay=ReplayTraits(
                without=Without.BEGINNING, extension=Extension.FIRST_PACKET, terminal=False
            ),
        ),
    ),
    login=login("IP Camera"),
    clock=Wall(zone="Europe/Paris"),
    retention=timedelta(days=7),
)

LIVE = Blueprint(
    name="live",
    quirks="an encoder for four analogue cameras, Profile S alone: no GetServices, no Media2, no recordings;"
    " all services in one place; repeats the log-in in its answers",
    identity=labels(
        number=3,
        title="Attic",
        model="ENC-4",
        version="1.14.2",
        built=date(2013, 3, 2),
        address="192.0.2.73",
    ),
    channels=lambda _now: inputs(
        [(name, UNRECORDED) for name in ("North", "East", "South", "West")], {1: MAIN_OLD, 2: SUB}
    ),
    disks=lambda: disks(DiskState.MISSING),
    firmware=Firmware(
        manufacturer="Example",
        tokens=ENCODER_TOKENS,
        services=frozenset({Service.DEVICE, Service.MEDIA, Service.EVENTS}),
        layout=Layout.SINGLE,
        lists_services=False,
        envelope=Prefix.ENV,
        echoes_security=True,
        scopes=("type/video_encoder", "Profile/Streaming"),
        proofs=frozenset({Proof.TOKEN}),
        rtsp=rtsp(replay=ReplayTraits(supported=False)),
    ),
    login=login("encoder"),
    clock=Wall(zone="Europe/London", offset=timedelta(seconds=-20)),
)

CLIPS = Blueprint(
    name="clips",
    quirks="a camera whose card has a recording for each file, called after its beginning; jobs alone name the"
    " profile, all else that describes a recording is empty; tells the time to users alone; other prefixes,"
    " each element on a line of its own",
    identity=labels(
        number=6,
        title="Door",
        model="P3265-G",
        version="11.11.73",
        built=date(2024, 6, 20),
        address="192.0.2.76",
    ),
    channels=lambda _now: inputs((("Door", CONTINUOUS),), {1: MAIN, 2: SUB}),
    disks=card,
    firmware=Firmware(
        manufacturer="Example",
        tokens=AXIS_TOKENS,
        envelope=Prefix.SOAP_ENV,
        indented=True,
        guards_time=True,
        contents=Contents.CLIPS,
        empty_sources=True,
        pulling_extends=False,
        rtsp=rtsp(),
    ),
    login=login("P3265-G"),
    clock=Wall(zone="Europe/Stockholm"),
    retention=timedelta(days=5),
)

CARD = Blueprint(
    name="card",
    quirks="a camera that says it has Profile G and can't: recordings are listed and not played, there are no"
    " jobs, and searches never end; UTC isn't told; no pictures; doesn't want to be found; what it lacks is"
    " the client's fault",
    identity=labels(
        number=7,
        title="Shed",
        model="IPC-SD1",
        version="1.0.9",
        built=date(2020, 1, 15),
        address="192.0.2.77",
    ),
    channels=lambda _now: inputs((("Shed", WITH_MOTION),), {1: MAIN_OLD, 2: SUB}),
    disks=card,
    firmware=Firmware(
        manufacturer="Example",
        tokens=CAMERA_TOKENS,
        clock=BoxClock.LOCAL_ALONE,
        absent=frozenset({"GetReplayUri", "GetRecordingJobs", "GetRecordingJobState"}),
        absent_as_sender=True,
        snapshots=False,
        never_completes=True,
        filtering=Filtering.IGNORED,
        most_results=60,
        discovered=False,
        rtsp=rtsp(replay=ReplayTraits(supported=False)),
    ),
    login=login("IPC-SD1"),
    clock=Wall(zone="Europe/Madrid", offset=timedelta(seconds=25)),
    retention=timedelta(days=3),
)

BLUEPRINTS = (CAMERA, LIVE, CLIPS, CARD)
