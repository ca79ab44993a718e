"""Recorders."""

from datetime import date, datetime, timedelta

from simulator.core.blueprint import Wall
from simulator.core.channels import Camera, Channel, OfflineReason
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
    network_channels,
)
from simulator.onvif.firmware import Firmware
from simulator.onvif.tokens import DAHUA
from simulator.onvif.traits.media import HiddenCodec
from simulator.onvif.traits.playback import rtsp

from .blueprint import Blueprint, labels
from .parts import SUB_H265, login

_PLANS = (
    ("Gate", WITH_MOTION),
    ("Drive", WITH_GAPS),
    ("Garden", CONTINUOUS),
    ("Garage", MOTION_ONLY),
    ("Hall", BOTH_STREAMS),
    ("Terrace 4K", WITH_GAPS),
    ("Roof", CONTINUOUS),
    ("Cellar", CONTINUOUS),
)


def _nvr(now: datetime) -> list[Channel]:
    def camera(number: int) -> Camera:
        return Camera(
            model="IPC", serial=f"IPC{number:06}", firmware="", address=f"192.0.2.{130 + number}"
        )

    found = network_channels(_PLANS, {1: MAIN, 2: SUB}, camera=camera)
    found[5].streams = {1: MAIN_H265, 2: SUB_H265}
    found[7].lose(now - timedelta(days=2), OfflineReason.UNREACHABLE)
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
        hidden_main=HiddenCodec.NO_ENCODING,
        hidden_sub=HiddenCodec.NO_ENCODER,
        rtsp=rtsp(),
    ),
    login=login("Login to NVR5208-G"),
    clock=Wall(zone="Europe/Berlin", offset=timedelta(seconds=3)),
    retention=timedelta(days=30),
)

BLUEPRINTS = (NVR,)
