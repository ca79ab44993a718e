"""Recorders with inputs of their own, and old ones."""

from datetime import date, datetime, timedelta
from http import HTTPStatus

from simulator.core.accounts import LoginPolicy
from simulator.core.blueprint import Wall
from simulator.core.channels import Channel
from simulator.core.clock import Convention
from simulator.core.digest import Scheme
from simulator.core.disks import DiskState
from simulator.core.parts import SUB, disks, inputs
from simulator.core.transfer import Length
from simulator.dahua.firmware import Firmware
from simulator.dahua.traits.answers import Brackets, Encoding, LineEnd
from simulator.dahua.traits.box import NoStorage, TimeForm, ZoneName
from simulator.dahua.traits.channels import RemoteKey, Resolution, StateForm
from simulator.dahua.traits.discovery import Frame
from simulator.dahua.traits.download import Missing
from simulator.dahua.traits.events import PartLength
from simulator.dahua.traits.login import Encryption
from simulator.dahua.traits.playback import rtsp
from simulator.dahua.traits.search import Ending, FlagsKey, ListKey, Nothing
from simulator.footage.dhav import DAHUA_HEAD, DhavForm, Milliseconds
from simulator.rtsp.traits import End, Gap

from .blueprint import Blueprint, labels
from .parts import (
    CONTINUOUS,
    HOURLY,
    MAIN_ALAW,
    MAIN_ANALOG,
    MOTION_ONLY,
    WITH_ALARMS,
    WITH_GAPS,
    WITH_MOTION,
    guarded,
    ip_channels,
)

_DARK_INPUT = 3
_XVR_INPUTS = (
    ("Counter", CONTINUOUS),
    ("Kitchen", WITH_MOTION),
    ("Storage", CONTINUOUS),
    ("Backyard", WITH_ALARMS),
)
_XVR_CAMERAS = (("Terrace", WITH_MOTION), ("Parking", MOTION_ONLY))
_OLD_INPUTS = (
    ("Shop window", CONTINUOUS),
    ("Till", WITH_MOTION),
    ("Cellar", MOTION_ONLY),
    ("CAM 4", CONTINUOUS),
)


def _xvr_channels(now: datetime) -> list[Channel]:
    channels = inputs(_XVR_INPUTS, {1: MAIN_ANALOG, 2: SUB})
    channels[_DARK_INPUT - 1].lose(now - timedelta(hours=5))
    network = ip_channels(
        _XVR_CAMERAS, {1: MAIN_ALAW, 2: SUB}, network="198.51.100.", first=len(channels) + 1
    )
    return [*channels, *network]


XVR = Blueprint(
    name="xvr",
    quirks="4 analogue inputs of which one has no video, 2 cameras in the network and 2 empty slots;"
    " lines end in LF; times have no leading zeros; seven minutes slow; nothing found is"
    " `Error`, the end of a list 400; files begin with DAHUA and end with an index, of unknown"
    " length; events lack lengths, and codes can not be named; RTSP says BYE",
    identity=labels(
        number=4,
        title="Bistro",
        model="DH-XVR5108HS-4KL-I3",
        version="4.001.0000003.0.R",
        built=date(2023, 3, 22),
        address="198.51.100.50",
    ),
    channels=_xvr_channels,
    disks=lambda: disks(DiskState.OK, DiskState.MISSING),
    firmware=Firmware(
        device_class="XVR",
        device_type="XVR",
        update_serial="DH-XVR5108HS-4KL-I3",
        processor="ST3521",
        line_end=LineEnd.LF,
        capacity=8,
        default_title="Channel {number}",
        remote_key=RemoteKey.INDEX,
        resolution=Resolution.TOKEN,
        time_form=TimeForm.UNPADDED,
        smart_values=False,
        nothing=Nothing.ERROR,
        ending=Ending.BAD_REQUEST,
        dhav=DhavForm(head=DAHUA_HEAD),
        dhav_index=True,
        file_length=Length.ABSENT,
        transfer_held_s=2.0,
        event_code_lists=False,
        event_line_end=LineEnd.LF,
        event_part_length=PartLength.ABSENT,
        rtsp=rtsp(end=End.SAYS_BYE, gap=Gap.REFUSED),
    ),
    login=guarded("5e1f2c9ab3d04c7788aa"),
    clock=Wall(
        zone="Australia/Sydney",
        # Not a whole number of seconds: nobody's clock is off by one.
        offset=-timedelta(minutes=7, seconds=12, milliseconds=370),
        convention=Convention.WALL,
    ),
    retention=timedelta(days=120),
)

DVR = Blueprint(
    name="dvr",
    quirks="analogue inputs alone; passwords of RPC2 go over the wire as they are; items instead of"
    " infos; no calendar; an open file's end is told ahead; the serial isn't told; no disks"
    " are told; files alone, whose milliseconds are of the second; event indices from 1;"
    " pictures of the sub stream",
    identity=labels(
        number=5,
        title="Workshop",
        model="DHI-HCVR5104H-S3",
        version="3.210.0000000.2.R",
        built=date(2018, 7, 5),
        address="198.51.100.51",
    ),
    channels=lambda _now: inputs(
        (("Lathe", HOURLY), ("Saw", WITH_GAPS), ("Dock", MOTION_ONLY)), {1: MAIN_ANALOG, 2: SUB}
    ),
    disks=list,
    firmware=Firmware(
        device_class="HCVR",
        device_type="HCVR",
        update_serial="DHI-HCVR5104H-S3",
        processor="ST3520",
        encryption=Encryption.BASIC,
        serial_told=False,
        no_storage=NoStorage.EMPTY,
        state_by_rpc=False,
        state_forms=frozenset({StateForm.PLAIN}),
        analog_states=True,
        list_key=ListKey.ITEMS,
        open_growing=False,
        calendar=False,
        smart_motion=False,
        dhav=DhavForm(milliseconds=Milliseconds.OF_SECOND),
        loads_by_time=False,
        missing_file=Missing.REFUSED,
        frame_data=False,
        sub_pictures=True,
        event_index_base=1,
        event_push=False,
        discovery_frame=Frame.BARE,
        discovery_any=True,
    ),
    login=guarded("1d0c8e6b92"),
    clock=Wall(zone="Europe/Warsaw", convention=Convention.WALL),
    retention=timedelta(days=20),
)


def _old_channels(now: datetime) -> list[Channel]:
    channels = inputs(_OLD_INPUTS, {1: MAIN_ANALOG, 2: SUB})
    channels[-1].lose(now - timedelta(days=3))
    return channels


OLD = Blueprint(
    name="old",
    quirks="the oldest: 4 inputs of which one has no video; Basic alone and no RPC2; class, version"
    " of the API, state of channels, record state, name of the time zone and disks can't be"
    " asked; brackets only as they are; `Flag` instead of `Flags`; names in GB2312; no files by path, and 400 where nothing was"
    " recorded; RTSP plays files alone; pictures from channel 0",
    identity=labels(
        number=6,
        title="Kiosk",
        model="DH-DVR1604HF-S",
        version="2.608.0000.4",
        built=date(2012, 9, 14),
        address="198.51.100.52",
    ),
    channels=_old_channels,
    disks=list,
    firmware=Firmware(
        device_class=None,
        device_type=None,
        processor="ST3515",
        encoding=Encoding.GB2312,
        brackets=Brackets.RAW,
        authority="Invalid Authority!",
        rpc=False,
        cgi_version=None,
        zone_name=ZoneName.ABSENT,
        no_storage=NoStorage.ERROR,
        record_state=False,
        log_reads=False,
        remote_key=RemoteKey.ABSENT,
        state_forms=frozenset(),
        smart_codec=False,
        extra_streams=1,
        page_limit=20,
        flags_keys=frozenset({FlagsKey.FLAG}),
        load_empty=HTTPStatus.BAD_REQUEST,
        loads_files=False,
        file_length=Length.ZERO,
        event_heartbeat=False,
        event_data=False,
        picture_base=0,
        plays_by_time=False,
        discovered=False,
    ),
    login=LoginPolicy(
        realm="DVR",
        schemes=frozenset({Scheme.BASIC}),
        rtsp_schemes=frozenset({Scheme.BASIC}),
        tries=5,
    ),
    clock=Wall(zone="Europe/Madrid", offset=timedelta(seconds=23), convention=Convention.WALL),
    retention=timedelta(days=7),
)

BLUEPRINTS = (XVR, DVR, OLD)
