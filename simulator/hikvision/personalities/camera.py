"""Cameras that record to a card of their own."""

from datetime import date, timedelta
from http import HTTPStatus

from simulator.core.accounts import LoginPolicy
from simulator.core.blueprint import Wall
from simulator.core.clock import Convention, Suffix
from simulator.core.digest import Scheme
from simulator.core.disks import MEBIBYTE, Disk
from simulator.core.parts import MAIN, MAIN_OLD, SUB, WITH_MOTION, inputs
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.answers import NAMESPACE_OLD
from simulator.hikvision.traits.box import LockReport
from simulator.hikvision.traits.download import ClipCutting, DownloadForm
from simulator.hikvision.traits.events import PartLength, TriggerList
from simulator.hikvision.traits.pictures import PictureForm
from simulator.hikvision.traits.playback import LiveForm
from simulator.hikvision.traits.search import OffsetTimes, UnknownTrack
from simulator.rtsp.traits import Control, RtspTraits, Timestamps

from .blueprint import Blueprint, camera_labels, labels

_CARD_MIB = 30_436


def _card() -> list[Disk]:
    return [Disk(number=1, capacity_bytes=_CARD_MIB * MEBIBYTE, free_bytes=512 * MEBIBYTE)]


CAMERA = Blueprint(
    name="camera",
    quirks="a camera with a card: InputProxy 403; footage without the maker's head, by GET with a body,"
    " one at a time; understands offsets; one playback; smart events with pictures",
    identity=camera_labels(
        number=8,
        title="yard",
        model="DS-2CD2386G2-IU",
        version="V5.7.15",
        built=date(2024, 2, 1),
        address="192.0.2.41",
        code="AAWR",
    ),
    channels=lambda _now: inputs((("yard", WITH_MOTION),), {1: MAIN, 2: SUB}),
    disks=_card,
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        device_type="IPCamera",
        input_list=True,
        proxy_list=False,
        working_status=False,
        idle_disks=True,
        picture_forms=frozenset({PictureForm.STREAM, PictureForm.CHANNEL}),
        offset_times=OffsetTimes.HONOURED,
        unknown_track=UnknownTrack.NOT_SUPPORTED,
        download_forms=frozenset({DownloadForm.GET_BODY}),
        download_claims=ClipCutting.DENIED,
        downloads=1,
        footage_head=False,
        connections=8,
        whole_settings=True,
        event_pictures=True,
        marks_buffered=True,
        buffered_events=3,
        repeats_as_duration=True,
        event_streams=2,
        event_slot_s=20.0,
        rtsp=RtspTraits(
            control=Control.ABSOLUTE,
            metadata_track=True,
            max_playbacks=1,
            holds_dropped=True,
            timestamps=Timestamps.PLAYED,
        ),
    ),
    login=LoginPolicy(
        realm="IP Camera(J0000)",
        challenge='Digest qop="auth", realm="{realm}", nonce="{nonce}", stale="{stale}", opaque="",'
        ' domain="::"',
        tries=5,
        lock=timedelta(minutes=10),
    ),
    clock=Wall(zone="Europe/Paris"),
    retention=timedelta(days=5),
)

OLDEST = Blueprint(
    name="oldest",
    quirks="the oldest firmware, V5.2: Basic only, wall clock marked `Z`, no System/status, no"
    " calendar, old addresses of pictures and streams, triggers in an envelope, missing streams 500",
    identity=labels(
        number=9,
        title="SCD14 #TUIN",
        model="DS-FB2127",
        version="V5.2.2",
        built=date(2014, 7, 21),
        address="192.0.2.42",
        code="CCCH",
    ),
    channels=lambda _now: inputs((("SCD14 #TUIN", WITH_MOTION),), {1: MAIN_OLD, 2: SUB}),
    disks=_card,
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        device_type="IPCamera",
        input_list=True,
        proxy_list=False,
        tells_tries=False,
        lock_report=LockReport.PLAIN,
        newer_capabilities=False,
        time_mode="manual",
        working_status=False,
        status_absent=True,
        missing_stream=HTTPStatus.INTERNAL_SERVER_ERROR,
        closes=True,
        picture_forms=frozenset({PictureForm.CHANNEL}),
        unknown_track=UnknownTrack.ERROR,
        calendar=False,
        uri_has_port=True,
        name_prefix=True,
        download_by_time=False,
        download_claims=ClipCutting.ABSENT,
        downloads=1,
        trigger_list=TriggerList.WRAPPED,
        event_part_length=PartLength.WRONG,
        event_streams=1,
        heartbeat_s=None,
        live_forms=frozenset({LiveForm.STREAM_ID, LiveForm.CHANNEL}),
        named_tracks=False,
        rtsp=RtspTraits(media_header=False, tells_properties=False, content_base=False),
    ),
    login=LoginPolicy(
        realm="DS-FB2127", schemes=frozenset({Scheme.BASIC}), rtsp_schemes=frozenset({Scheme.BASIC})
    ),
    clock=Wall(
        zone="Europe/Amsterdam",
        offset=timedelta(seconds=41),
        convention=Convention.WALL,
        suffix=Suffix.NONE,
    ),
    retention=timedelta(days=5),
)

BLUEPRINTS = (CAMERA, OLDEST)
