"""Devices from before the maker's present tree of resources, up to about 2013."""

from datetime import date, timedelta
from http import HTTPStatus

from simulator.core.accounts import LoginPolicy
from simulator.core.blueprint import Wall
from simulator.core.clock import Convention, Suffix
from simulator.core.disks import DiskState
from simulator.core.parts import CONTINUOUS, MAIN_OLD, MOTION_ONLY, SUB, WITH_MOTION, disks, inputs
from simulator.core.transfer import Length
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.answers import NAMESPACE_OLD, Declaration, Encoding, Tree
from simulator.hikvision.traits.box import ChallengeBody, LockReport
from simulator.hikvision.traits.download import ClipCutting, DownloadForm
from simulator.hikvision.traits.events import TriggerList
from simulator.hikvision.traits.pictures import PictureForm
from simulator.hikvision.traits.playback import LiveForm, TrackForm
from simulator.hikvision.traits.search import PositionWord, TrackList
from simulator.rtsp.traits import Reports, RtspTraits

from .blueprint import Blueprint, labels
from .parts import ip_channels

_PSIA_NAMESPACE = "urn:psialliance-org"

BARE = Blueprint(
    name="bare",
    quirks="a DVR of before 2013: no /ISAPI before its addresses, 404 for all that is absent,"
    " `trackIDList` alone, HTML with challenges",
    identity=labels(
        number=10,
        title="Warehouse",
        model="DS-7204HVI-SV",
        version="V2.2.10",
        built=date(2013, 3, 18),
        address="192.0.2.51",
        code="CCWR",
    ),
    channels=lambda _now: inputs(
        (("Dock", CONTINUOUS), ("Aisle", WITH_MOTION)), {1: MAIN_OLD, 2: SUB}
    ),
    disks=lambda: disks(DiskState.OK, DiskState.FORMATTING, terabytes=1),
    firmware=Firmware(
        tree=Tree.BARE,
        namespace=NAMESPACE_OLD,
        version="1.0",
        device_type="DVR",
        input_list=True,
        proxy_list=False,
        absent=HTTPStatus.NOT_FOUND,
        tells_tries=False,
        lock_report=LockReport.PLAIN,
        challenge_body=ChallengeBody.HTML,
        newer_capabilities=False,
        working_status=False,
        time_mode="manual",
        track_lists=frozenset({TrackList.TRACK_ID_LIST}),
        position_words=frozenset({PositionWord.MISSPELT}),
        calendar=False,
        calendar_absent=HTTPStatus.NOT_FOUND,
        download_by_time=False,
        download_claims=ClipCutting.ABSENT,
        rtsp=RtspTraits(media_header=False, reports=Reports.NONE, rtp_info=False),
    ),
    login=LoginPolicy(
        realm="7204", challenge='Digest realm="{realm}", qop="auth", nonce="{nonce}", stale=FALSE'
    ),
    retention=timedelta(days=20),
)

PSIA = Blueprint(
    name="psia",
    quirks="a recorder of 2012: everything under /PSIA, names in GB2312, old addresses of streams whose"
    " channels begin at 33, wall clock marked `Z`",
    identity=labels(
        number=11,
        title="仓库",
        model="DS-7608NI-SE",
        version="V2.0.4",
        built=date(2012, 6, 5),
        address="192.0.2.52",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(
        (("前门", CONTINUOUS), ("后院", MOTION_ONLY)), {1: MAIN_OLD, 2: SUB}, network="192.0.2."
    ),
    disks=lambda: disks(DiskState.OK, terabytes=1),
    firmware=Firmware(
        tree=Tree.PSIA,
        namespace=_PSIA_NAMESPACE,
        version="1.0",
        declaration=Declaration.SINGLE_QUOTED,
        encoding=Encoding.GB2312,
        absent=HTTPStatus.NOT_FOUND,
        tells_tries=False,
        lock_report=LockReport.PLAIN,
        newer_capabilities=False,
        working_status=False,
        time_mode="manual",
        ports_hidden=True,
        picture_forms=frozenset({PictureForm.STREAM}),
        position_words=frozenset({PositionWord.MISSPELT}),
        calendar=False,
        download_forms=frozenset({DownloadForm.PSIA}),
        download_length=Length.ABSENT,
        download_by_time=False,
        download_claims=ClipCutting.ABSENT,
        trigger_list=TriggerList.ABSENT,
        event_ip_base=32,
        live_forms=frozenset({LiveForm.AV_STREAM, LiveForm.PSIA}),
        track_forms=frozenset({TrackForm.PSIA}),
        av_stream_first=33,
        named_tracks=False,
        rtsp=RtspTraits(media_header=False, reports=Reports.UPTIME, clock_range=False),
    ),
    login=LoginPolicy(
        realm="DS-7608NI-SE",
        challenge='Digest realm="{realm}",qop="auth",nonce="{nonce}",opaque="5ccc069c4"',
    ),
    clock=Wall(zone="Asia/Shanghai", convention=Convention.WALL, suffix=Suffix.NONE),
    retention=timedelta(days=20),
)

BLUEPRINTS = (BARE, PSIA)
