"""What personalities are put together from, whatever their maker."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec

from .channels import Camera, Channel
from .disks import MEBIBYTE, Disk, DiskState
from .recordings import Kind, RecordingPlan

MAIN: Final = StreamFormat(
    codec=VideoCodec.H264,
    width=1920,
    height=1080,
    fps=25,
    gop_seconds=2,
    bitrate_kbps=4096,
    audio=AudioCodec.ULAW,
)
MAIN_H265: Final = StreamFormat(
    codec=VideoCodec.H265,
    width=2560,
    height=1440,
    fps=20,
    gop_seconds=2,
    bitrate_kbps=3072,
    audio=AudioCodec.AAC,
)
MAIN_OLD: Final = StreamFormat(
    codec=VideoCodec.H264,
    width=1280,
    height=720,
    fps=12.5,
    gop_seconds=2.4,
    bitrate_kbps=2048,
    audio=AudioCodec.ALAW,
)
SUB: Final = StreamFormat(
    codec=VideoCodec.H264, width=640, height=360, fps=10, gop_seconds=2, bitrate_kbps=512
)

CONTINUOUS: Final = RecordingPlan()
BOTH_STREAMS: Final = RecordingPlan(streams=(1, 2))
WITH_MOTION: Final = RecordingPlan(kinds=(Kind.MOTION,), events_per_day=72)
WITH_GAPS: Final = RecordingPlan(missing=12)
MOTION_ONLY: Final = RecordingPlan(continuous=False, kinds=(Kind.MOTION,), events_per_day=144)
SMART_ONLY: Final = RecordingPlan(
    continuous=False,
    kinds=(Kind.PERSON, Kind.LINE_CROSSING, Kind.INTRUSION, Kind.MOTION),
    events_per_day=96,
)
UNRECORDED: Final = RecordingPlan(continuous=False, streams=())

_TERABYTE_MIB: Final = 953_869

type Plans = Iterable[tuple[str, RecordingPlan]]
"""Names of channels, each with what is recorded of it."""


def network_channels(
    plans: Plans,
    streams: Mapping[int, StreamFormat],
    *,
    camera: Callable[[int], Camera],
    first: int = 1,
) -> list[Channel]:
    """Give channels of cameras in the network, numbered from `first` on; `camera` gives that of a number."""
    return [
        Channel(number=number, name=name, camera=camera(number), streams=dict(streams), plan=plan)
        for number, (name, plan) in enumerate(plans, first)
    ]


def inputs(plans: Plans, streams: Mapping[int, StreamFormat]) -> list[Channel]:
    """Give channels of the box's own inputs, numbered from 1 on."""
    nobody = Camera(model="", serial="", firmware="", address="")
    return [
        Channel(
            number=number,
            name=name,
            camera=nobody,
            streams=dict(streams),
            plan=plan,
            analog=True,
        )
        for number, (name, plan) in enumerate(plans, 1)
    ]


def disks(*states: DiskState, terabytes: int = 4) -> list[Disk]:
    """Give bays in these states, with disks of a size."""
    capacity = terabytes * _TERABYTE_MIB * MEBIBYTE
    return [
        Disk(
            number=number,
            state=state,
            capacity_bytes=0 if state is DiskState.MISSING else capacity,
        )
        for number, state in enumerate(states, 1)
    ]
