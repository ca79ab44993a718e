"""Recorders whose downloads are hard to get along with."""

from datetime import date

from simulator.core.accounts import LoginPolicy
from simulator.core.disks import DiskState
from simulator.core.parts import CONTINUOUS, MAIN, MAIN_OLD, MOTION_ONLY, SUB, WITH_MOTION, disks
from simulator.core.transfer import Length
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.download import ClipCutting, DownloadForm
from simulator.hikvision.traits.search import Wanted
from simulator.rtsp.traits import Junk, RtspTraits

from .blueprint import Blueprint, labels
from .parts import ip_channels

_PLANS = (("Gate", CONTINUOUS), ("Path", WITH_MOTION), ("Shed", MOTION_ONLY))

TOKEN = Blueprint(
    name="token",
    quirks="downloads need a token and attributes, and claim to be longer than they are",
    identity=labels(
        number=17,
        title="Studio",
        model="DS-7608NXI-M2/8P",
        version="V5.04.020",
        built=date(2025, 1, 17),
        address="192.0.2.71",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        download_forms=frozenset({DownloadForm.POST}),
        download_token=True,
        download_attributes=Wanted.WANTED,
        download_length=Length.OVERSTATED,
        download_type="video/mp4",
        rtsp=RtspTraits(stale_once=True),
    ),
    login=LoginPolicy(realm="DS-7608NXI-M2"),
)

LINGERING = Blueprint(
    name="lingering",
    quirks="the end of a download is not told: no length, and the connection stays; one at a time; the"
    " whole file though it says that it cuts out spans; junk in RTSP",
    identity=labels(
        number=18,
        title="Kiosk",
        model="DS-7604NXI-K1",
        version="V4.76.015",
        built=date(2023, 12, 5),
        address="192.0.2.72",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN_OLD, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        download_length=Length.ABSENT,
        stays_open=True,
        downloads=1,
        download_by_time=False,
        download_claims=ClipCutting.CLAIMED,
        rtsp=RtspTraits(
            junk=frozenset(
                {Junk.EMPTY_FRAMES, Junk.LINE_BREAKS, Junk.UNKNOWN_CHANNELS, Junk.UNKNOWN_REPORTS}
            )
        ),
    ),
    login=LoginPolicy(realm="DS-7604NXI-K1"),
)

UNDERSTATED = Blueprint(
    name="understated",
    quirks="downloads are longer than they say, and their key frames don't tell the time",
    identity=labels(
        number=19,
        title="Marina",
        model="DS-7616NI-Q2",
        version="V4.31.110",
        built=date(2022, 7, 11),
        address="192.0.2.73",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN_OLD, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(download_length=Length.UNDERSTATED, time_descriptor=False),
    login=LoginPolicy(realm="DS-7616NI-Q2"),
)

EMPTY = Blueprint(
    name="empty",
    quirks="downloads say that they hold nothing: only playback gives footage",
    identity=labels(
        number=20,
        title="Garage",
        model="DS-7104NI-Q1",
        version="V4.30.070",
        built=date(2022, 1, 6),
        address="192.0.2.74",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN_OLD, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        download_length=Length.ZERO, rtsp=RtspTraits(junk=frozenset({Junk.REQUESTS}))
    ),
    login=LoginPolicy(realm="DS-7104NI-Q1"),
)

BREAKING = Blueprint(
    name="breaking",
    quirks="each third download breaks off in the middle; by PUT, in chunks",
    identity=labels(
        number=21,
        title="Tower",
        model="DS-7608NI-I2",
        version="V4.62.200",
        built=date(2023, 3, 2),
        address="192.0.2.75",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        download_forms=frozenset({DownloadForm.PUT}),
        download_length=Length.CHUNKED,
        download_breaks=3,
    ),
    login=LoginPolicy(realm="DS-7608NI-I2"),
)

UNDOWNLOADABLE = Blueprint(
    name="no-download",
    quirks="no download at all: only playback gives footage",
    identity=labels(
        number=22,
        title="Vault",
        model="DS-7616N-R2",
        version="V4.84.000",
        built=date(2024, 3, 19),
        address="192.0.2.76",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        download_forms=frozenset(),
        download_claims=ClipCutting.ABSENT,
        rtsp=RtspTraits(junk=frozenset({Junk.EMPTY_FRAMES})),
    ),
    login=LoginPolicy(realm="DS-7616N-R2"),
)

BLUEPRINTS = (TOKEN, LINGERING, UNDERSTATED, EMPTY, BREAKING, UNDOWNLOADABLE)
