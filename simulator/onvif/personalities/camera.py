"""Cameras and encoders."""

from datetime import date, timedelta
from typing import Final

from simulator.core.blueprint import Wall
from simulator.core.disks import MEBIBYTE, Disk, DiskState
from simulator.core.parts import (
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
from simulator.onvif.tokens import CAMERA as CAMERA_TOKENS, ENCODER as ENCODER_TOKENS
from simulator.onvif.traits.answers import Prefix
from simulator.onvif.traits.box import Layout
from simulator.onvif.traits.login import Proof
from simulator.onvif.traits.playback import rtsp
from simulator.rtsp.extension import Extension
from simulator.rtsp.replay import ReplayTraits, Without

from .blueprint import Blueprint, labels
from .parts import login

_CARD_MIB: Final = 121_746


def _card() -> list[Disk]:
    return [Disk(number=1, capacity_bytes=_CARD_MIB * MEBIBYTE, free_bytes=900 * MEBIBYTE)]


CAMERA = Blueprint(
    name="camera",
    quirks="a camera with a card and Profile G: one recording; tokens alone; paths without `_service`; one"
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
    disks=_card,
    firmware=Firmware(
        manufacturer="Example",
        tokens=CAMERA_TOKENS,
        layout=Layout.NAMES,
        envelope=Prefix.ENV,
        proofs=frozenset({Proof.TOKEN}),
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
    " all services in one place",
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
        scopes=("type/video_encoder", "Profile/Streaming"),
        proofs=frozenset({Proof.TOKEN}),
        rtsp=rtsp(replay=ReplayTraits(supported=False)),
    ),
    login=login("encoder"),
    clock=Wall(zone="Europe/London", offset=timedelta(minutes=-4)),
)

BLUEPRINTS = (CAMERA, LIVE)
