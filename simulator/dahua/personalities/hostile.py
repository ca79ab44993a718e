"""Recorders that make it hard, each of whose quirks was seen on some device."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from http import HTTPStatus

from simulator.core.blueprint import Boot, Wall
from simulator.core.channels import Channel, OfflineReason
from simulator.core.clock import Convention
from simulator.core.disks import DiskState
from simulator.core.parts import SUB, disks
from simulator.core.transfer import Length
from simulator.dahua.firmware import Firmware
from simulator.dahua.traits.box import TimeForm, ZoneName
from simulator.dahua.traits.channels import Resolution, Slot
from simulator.dahua.traits.discovery import Frame
from simulator.dahua.traits.events import PartLength
from simulator.dahua.traits.login import Detail, Encryption
from simulator.dahua.traits.playback import rtsp
from simulator.dahua.traits.search import Ending, Tag
from simulator.footage.dhav import OTHER_HEAD, DhavForm
from simulator.rtsp.traits import Control, Gap, Reports

from .blueprint import Blueprint, labels
from .parts import (
    CONTINUOUS,
    MAIN_ALAW,
    MAIN_HEVC,
    MOTION_ONLY,
    WITH_GAPS,
    WITH_MOTION,
    WITH_PEOPLE,
    guarded,
    guarded_each_time,
    ip_channels,
)

_HOSTILE_CHANNELS = (
    ("Gate = east;", CONTINUOUS),
    ("Quai n°2", WITH_MOTION),
    ("Depot", WITH_PEOPLE),
    ("Ramp", WITH_GAPS),
    ("Fence", MOTION_ONLY),
)
_H265_CHANNEL, _OFFLINE_CHANNEL = 3, 5


def _hostile_channels(now: datetime) -> list[Channel]:
    channels = ip_channels(_HOSTILE_CHANNELS, {1: MAIN_ALAW, 2: SUB}, network="203.0.113.")
    channels[_H265_CHANNEL - 1].streams = {1: MAIN_HEVC, 2: SUB}
    channels[_OFFLINE_CHANNEL - 1].lose(now - timedelta(hours=9), OfflineReason.UNREACHABLE)
    return channels


HOSTILE = Blueprint(
    name="hostile",
    quirks="all at once: a new nonce for each request, few sessions and few searches, seven requests"
    " at once wedge it; times with AM and PM; channels of searches from 0; short pages that"
    " announce more than comes, 500 after the last; filters don't count; ids have to rise;"
    " sessions end soon; a disk failed; its clock gains forty seconds a day; files stall at"
    " once and begin with DHII; one transfer, two playbacks, one event stream; events in"
    " pieces of seven bytes with broken JSON; each seventh picture is an error",
    identity=labels(
        number=8,
        title="Depot",
        model="DHI-NVR4108HS-8P-4KS2/L",
        version="3.215.0000000.6.R",
        built=date(2020, 12, 3),
        address="203.0.113.60",
    ),
    channels=_hostile_channels,
    disks=lambda: disks(DiskState.OK, DiskState.FAILED, DiskState.SMART_FAILED),
    firmware=Firmware(
        device_class=None,
        update_serial="DHI-NVR4108HS-8P-4KS2/L",
        vendor="General",
        invalid_request=HTTPStatus.BAD_REQUEST,
        content_type="text/plain",
        latency_s=0.03,
        closes=True,
        parallel=6,
        wedged_s=20.0,
        session_slots=4,
        second_session=True,
        session_life=timedelta(seconds=70),
        keep_alive_s=30,
        rising_ids=True,
        listed_services=False,
        time_form=TimeForm.TWELVE_HOURS,
        zone_name=ZoneName.LABEL,
        capacity=8,
        default_title="IPC",
        slots={5: Slot.STALE, 6: Slot.DISABLED, 7: Slot.EMPTY},
        channel_base=0,
        finders=4,
        ending=Ending.SERVER_ERROR,
        short_pages=True,
        overcount=2,
        filters=False,
        dhav=DhavForm(head=OTHER_HEAD, decoys=True),
        load_chunked=True,
        file_stalls_at=0,
        transfer_limit=HTTPStatus.SERVICE_UNAVAILABLE,
        picture_errors=7,
        event_streams=1,
        event_part_length=PartLength.WRONG,
        event_chunk=7,
        event_extra_field=True,
        event_broken_json=True,
        rtsp=rtsp(
            stale_once=True,
            control=Control.ABSOLUTE,
            metadata_track=True,
            gap=Gap.HANGS,
            max_playbacks=2,
            tells_seek=False,
            rtp_info=False,
            reports=Reports.NONE,
        ),
        plays_files=False,
        discovery_frame=Frame.LONG,
        discovery_broken=True,
    ),
    login=guarded_each_time("e2a1b7c04f95d8361b"),
    clock=Wall(
        zone="America/Chicago",
        offset=timedelta(minutes=4, seconds=41, milliseconds=230),
        drift=timedelta(seconds=40),
        convention=Convention.WALL,
    ),
    boot=Boot(away_s=1.0, refuses=timedelta(seconds=20)),
    retention=timedelta(days=40),
)

OEM = Blueprint(
    name="oem",
    quirks="another brand's: the challenge of RPC2 is 401 and passwords go as the old hash; the port"
    " of RTSP, the log and the disks' own values are kept to itself; every file is tagged `R`;"
    " `Error` after the last page; files are shorter than they say; pictures of lost cameras"
    " hang; HTTP heads among the events",
    identity=replace(
        labels(
            number=9,
            title="Porch",
            model="N842A82",
            version="4.000.00LR000.0",
            built=date(2021, 8, 30),
            address="192.0.2.61",
        ),
        mac="00:1f:54:00:00:09",
    ),
    channels=lambda _now: ip_channels(
        (("Porch", CONTINUOUS), ("Lawn", WITH_MOTION), ("Canal3", MOTION_ONLY)),
        {1: MAIN_ALAW, 2: SUB},
        network="192.0.2.",
    ),
    disks=lambda: disks(DiskState.OK, terabytes=2),
    firmware=Firmware(
        update_serial="NVR4108-8P-4KS2",
        vendor="Lorex",
        build_after_blank=True,
        challenge_code=401,
        encryption=Encryption.OLD_DIGEST,
        invalid_session=287_637_504,
        login_detail=Detail.ALONE,
        time_in_result=True,
        dst_by_date=True,
        rtsp_port_told=False,
        smart_values=False,
        log_reads=False,
        capacity=8,
        default_title="Canal{number}",
        resolution=Resolution.ABSENT,
        ending=Ending.ERROR,
        call_limit=64,
        tag=Tag.REGULAR,
        sdk_port=35000,
        remote_options=True,
        file_length=Length.OVERSTATED,
        picture_hangs=True,
        event_extra_headers=True,
        event_status_inside=True,
    ),
    login=guarded("4b5a69788796a5b4"),
    clock=Wall(zone="America/Toronto", convention=Convention.WALL),
    retention=timedelta(days=14),
)

BLUEPRINTS = (HOSTILE, OEM)
