"""Recorders of IP cameras that behave, more or less."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from http import HTTPStatus

from simulator.core.accounts import CountCheck, LoginPolicy
from simulator.core.blueprint import Wall
from simulator.core.channels import Channel, OfflineReason
from simulator.core.clock import Convention, Suffix
from simulator.core.digest import Scheme
from simulator.core.disks import DiskState
from simulator.core.identity import Identity
from simulator.core.parts import (
    BOTH_STREAMS,
    CONTINUOUS,
    MAIN,
    MAIN_H265,
    MAIN_OLD,
    MOTION_ONLY,
    SMART_ONLY,
    SUB,
    WITH_GAPS,
    WITH_MOTION,
    disks,
)
from simulator.core.transfer import Length
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.answers import NAMESPACE_NEUTRAL, NAMESPACE_OLD
from simulator.hikvision.traits.box import LockReport
from simulator.hikvision.traits.download import DownloadForm
from simulator.hikvision.traits.events import PartLength
from simulator.hikvision.traits.search import PositionWord
from simulator.rtsp.traits import Gap, Reports, RtspTraits

from .blueprint import Blueprint, labels
from .parts import ip_channels

_CURRENT_CHANNELS = (
    ("Front door", BOTH_STREAMS),
    ("Driveway", WITH_MOTION),
    ("Garden", MOTION_ONLY),
    ("Garage", WITH_GAPS),
    ("Back gate", SMART_ONLY),
    ("Terrace", CONTINUOUS),
    ("Küche & Flur", CONTINUOUS),
    ("Cellar", MOTION_ONLY),
    ("Attic", MOTION_ONLY),
    ("Workshop", WITH_MOTION),
    ("Bicycle shed", SMART_ONLY),
    ("Barn", WITH_GAPS),
    ("Meadow", MOTION_ONLY),
    ("Pond", CONTINUOUS),
    ("Parking", SMART_ONLY),
    ("Street", CONTINUOUS),
)
_OLD_CHANNELS = (
    ("Shop", CONTINUOUS),
    ("Till", WITH_MOTION),
    ("Store room", MOTION_ONLY),
    ("Entrance", CONTINUOUS),
    ("Loading dock", WITH_GAPS),
    ("Office", MOTION_ONLY),
    ("Yard", SMART_ONLY),
    ("Roof", CONTINUOUS),
)
_H265_CHANNEL = 6
_OFFLINE_CHANNEL = 14
_DARK_CHANNEL = 16
_LARGE = 64
_LARGE_PLANS = (CONTINUOUS, WITH_MOTION, MOTION_ONLY, SMART_ONLY)


def _current_channels(now: datetime) -> list[Channel]:
    channels = ip_channels(_CURRENT_CHANNELS, {1: MAIN, 2: SUB}, network="192.0.2.")
    channels[_H265_CHANNEL - 1].streams = {1: MAIN_H265, 2: SUB}
    channels[_OFFLINE_CHANNEL - 1].lose(now - timedelta(days=2), OfflineReason.WRONG_PASSWORD)
    channels[_DARK_CHANNEL - 1].lose(now - timedelta(hours=5))
    return channels


CURRENT = Blueprint(
    name="current",
    quirks="of today: true UTC, 16 channels, cuts out the asked span; channel 6 is H.265, 14 is"
    " offline since two days (wrong password), 16 is online without video since five hours",
    identity=Identity(
        name="Home",
        model="DS-7616NXI-I2/16P/S",
        serial="DS-7616NXI-I2/16P/S1620230619CCRRSIM000001WCVU",
        mac="02:00:5e:10:00:01",
        firmware="V4.62.210",
        firmware_date=date(2023, 6, 19),
        hardware="0100000092010000",
        address="192.0.2.64",
    ),
    channels=_current_channels,
    disks=lambda: disks(DiskState.OK, DiskState.SLEEPING, terabytes=8),
    firmware=Firmware(newline_numbers=True),
    login=LoginPolicy(
        realm="DS-7616NXI-I2",
        challenge='Digest realm="{realm}", domain="::", qop="auth", nonce="{nonce}", opaque="", '
        'algorithm="MD5", stale="{stale}"',
    ),
)

OLD = Blueprint(
    name="old",
    quirks="of yesterday: wall clock marked `Z`, twelve minutes slow, winter's suffix in summer;"
    " whole files whatever span is asked, of unknown length, by GET with a body, one at a time;"
    " only the misspelt position counts; 400 results are too many; 404 for what newer ones have",
    identity=Identity(
        name="Shop",
        model="DS-7608NI-E2",
        serial="DS-7608NI-E20820150716CCRRSIM000002WCVU",
        mac="02:00:5e:10:00:02",
        firmware="V3.4.106",
        firmware_date=date(2019, 3, 15),
        hardware="B-R-K51-00",
        address="198.51.100.12",
    ),
    channels=lambda _now: ip_channels(_OLD_CHANNELS, {1: MAIN_OLD, 2: SUB}, network="198.51.100."),
    disks=lambda: disks(DiskState.OK, DiskState.MISSING),
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        version="1.0",
        marks_items=True,
        absent=HTTPStatus.NOT_FOUND,
        working_status=False,
        tells_tries=False,
        lock_report=LockReport.PLAIN,
        newer_capabilities=False,
        time_mode="manual",
        newline_numbers=True,
        page_limit=40,
        results_refused=400,
        position_words=frozenset({PositionWord.MISSPELT}),
        uri_has_port=True,
        name_prefix=True,
        download_forms=frozenset({DownloadForm.GET_BODY}),
        download_by_time=False,
        download_length=Length.ABSENT,
        downloads=1,
        checks_host=True,
        rtsp=RtspTraits(
            gap=Gap.REFUSED, reports=Reports.NONE, clock_range=False, tells_properties=False
        ),
    ),
    login=LoginPolicy(
        realm="1c53f9aa7dd0e2b1",
        challenge='Digest qop="auth", realm="{realm}", nonce="{nonce}", stale="{stale}"',
    ),
    clock=Wall(
        zone="America/Denver",
        # Not a whole number of seconds: nobody's clock is off by one.
        offset=-timedelta(minutes=12, milliseconds=370),
        convention=Convention.WALL,
        suffix=Suffix.STANDARD,
    ),
    # Longer than from one DST change to the next: there is always one to look at.
    retention=timedelta(days=250),
)


def _large_channels(now: datetime) -> list[Channel]:
    plans = [
        (f"Gate {number}", _LARGE_PLANS[(number - 1) % len(_LARGE_PLANS)])
        for number in range(1, _LARGE + 1)
    ]
    channels = ip_channels(plans, {1: MAIN, 2: SUB}, network="203.0.113.")
    for channel, reason in zip(channels[-3:], _REASONS, strict=True):
        channel.lose(now - timedelta(days=1), reason)
    # One of another make, of which nothing is known; two sensors of one camera.
    first, second = channels[40], channels[41]
    first.camera = replace(first.camera, model="", serial="", firmware="")
    second.camera = replace(second.camera, serial=channels[42].camera.serial)
    return channels


_REASONS = (
    OfflineReason.UNREACHABLE, OfflineReason.LOCKED_OUT, OfflineReason.ADDRESS_CONFLICT,
)  # fmt: skip

LARGE = Blueprint(
    name="large",
    quirks="64 channels; MD5 and SHA-256 offered at once; counts of lists are wrong; the event stream"
    " falls silent after hours, parts have no length; one disk is about to fail",
    identity=labels(
        number=3,
        title="Plant",
        model="DS-9664NI-I8",
        version="V4.60.005",
        built=date(2022, 11, 8),
        address="203.0.113.64",
        code="CCRR",
    ),
    channels=_large_channels,
    disks=lambda: disks(
        DiskState.OK, DiskState.OK, DiskState.SMART_FAILED, DiskState.MISSING, terabytes=10
    ),
    firmware=Firmware(
        list_size_off=6,
        tells_total=True,
        event_stalls_after=2000,
        event_part_length=PartLength.ABSENT,
        event_dyn_channel=True,
        event_protocol_type=True,
        newline_numbers=True,
        pictures_at_once=2,
        rtsp=RtspTraits(max_sessions=54, tells_seek=False),
    ),
    login=LoginPolicy(
        realm="DS-9664NI-I8",
        challenge='Digest qop="auth", realm="{realm}", nonce="{nonce}", stale="{stale}", '
        "algorithm=MD5",
        challenge_sha256='Digest qop="auth", realm="{realm}", nonce="{nonce}", stale="{stale}", '
        "algorithm=SHA-256",
        schemes=frozenset({Scheme.MD5, Scheme.SHA256}),
        # Set apart from the web's; the players of today know no other digest.
        rtsp_schemes=frozenset({Scheme.MD5}),
        count_check=CountCheck.RISING,
    ),
    retention=timedelta(days=30),
)

OEM = Blueprint(
    name="oem",
    quirks="another brand's: neutral namespace, no serial, SHA-256 alone, the sub stream's pictures",
    identity=replace(
        labels(
            number=4,
            title="Network Video Recorder",
            model="ERI-K104-P4",
            version="V4.30.085",
            built=date(2021, 1, 20),
            address="192.0.2.80",
            code="CCRR",
        ),
        serial="000000000",
    ),
    channels=lambda _now: ip_channels(
        (("Hall", CONTINUOUS), ("Ramp", WITH_MOTION), ("Lobby", MOTION_ONLY)),
        {1: MAIN_OLD, 2: SUB},
        network="192.0.2.",
    ),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(namespace=NAMESPACE_NEUTRAL, sub_pictures=True, uri_slash=False),
    login=LoginPolicy(
        realm="ERI-K104",
        schemes=frozenset({Scheme.SHA256}),
        rtsp_schemes=frozenset({Scheme.MD5}),
    ),
    retention=timedelta(days=14),
)

BLUEPRINTS = (CURRENT, OLD, LARGE, OEM)
