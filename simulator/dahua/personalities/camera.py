"""Cameras that record to a card of their own."""

from datetime import date, timedelta

from simulator.core.blueprint import Wall
from simulator.core.clock import Convention
from simulator.core.disks import MEBIBYTE, Disk
from simulator.core.parts import SUB, inputs
from simulator.core.transfer import Length
from simulator.dahua.firmware import Firmware
from simulator.dahua.traits.box import StorageShape
from simulator.dahua.traits.channels import RemoteKey
from simulator.dahua.traits.playback import rtsp
from simulator.dahua.traits.search import FileShape, Nothing
from simulator.footage.dhav import DhavForm
from simulator.rtsp.traits import End

from .blueprint import Blueprint, labels
from .parts import MAIN_ALAW, TO_CARD, guarded

_CARD_MIB = 60_906


def _card() -> list[Disk]:
    return [Disk(number=1, capacity_bytes=_CARD_MIB * MEBIBYTE, free_bytes=700 * MEBIBYTE)]


CAMERA = Blueprint(
    name="camera",
    quirks="a camera with a card: one channel, which searches call 0; files of eight minutes called"
    " `.mp4`, and pictures of events; fields in the order of the alphabet, one item more"
    " announced than comes; files are the second of several parts, in chunks; RTSP falls"
    " silent at the end; event streams end after a while",
    identity=labels(
        number=7,
        title="Carport",
        model="IPC-HDW5442TM-AS",
        version="2.840.0000000.18.R",
        built=date(2022, 5, 12),
        address="192.0.2.60",
    ),
    channels=lambda _now: inputs((("Carport", TO_CARD),), {1: MAIN_ALAW, 2: SUB}),
    disks=_card,
    firmware=Firmware(
        camera=True,
        device_class="IPC",
        device_type=None,
        update_serial="IPC-HDW5442TM-AS",
        vendor="General",
        processor="HI3516DV300",
        connections=10,
        storage_shape=StorageShape.CARD,
        dst_table=False,
        smart_values=False,
        remote_key=RemoteKey.ABSENT,
        state_forms=frozenset(),
        extra_streams=3,
        channel_base=0,
        nothing=Nothing.FOUND_ZERO,
        overcount=1,
        sorted_fields=True,
        stream_told=False,
        durations=True,
        summaries=True,
        file_shape=FileShape.CARD,
        event_pictures=True,
        calendar_directory="/dev/mmc0",
        dhav=DhavForm(small_size=False),
        load_base=0,
        file_length=Length.CHUNKED,
        load_type=None,
        multipart=True,
        picture_miscounted=True,
        event_drops_after=200,
        event_streams=4,
        pictures_wait=False,
        rtsp=rtsp(end=End.FALLS_SILENT),
        discovery_by_group=True,
        initialized=1162,
    ),
    login=guarded("9c8b7a6f5e4d3c2b1a"),
    clock=Wall(
        zone="Europe/Berlin",
        offset=timedelta(seconds=-3, milliseconds=-640),
        convention=Convention.WALL,
    ),
    retention=timedelta(days=6),
)

BLUEPRINTS = (CAMERA,)
