"""The Hikvision recorders that can be plugged in."""

from datetime import date, timedelta
from http import HTTPStatus

from simulator.core.accounts import Accounts, LoginPolicy, User
from simulator.core.channels import Camera, Channel, OfflineReason
from simulator.core.clock import Convention, DeviceClock, Suffix
from simulator.core.disks import MEBIBYTE, Disk, DiskState
from simulator.core.identity import Identity
from simulator.core.personality import Options, Personality
from simulator.core.recorder import SimulatedRecorder
from simulator.core.recordings import Kind, RecordingPlan
from simulator.core.zone import PosixZone
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.rtsp.traits import Gap, Reports, RtspTraits

from .face import HikvisionFace
from .firmware import Firmware
from .traits.answers import NAMESPACE_OLD
from .traits.box import LockReport
from .traits.download import DownloadForm, Length
from .traits.search import PositionWord

_CURRENT = Firmware(newline_numbers=True)
_OLD = Firmware(
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
)
_CURRENT_CHALLENGE = (
    'Digest realm="{realm}", domain="::", qop="auth", nonce="{nonce}", opaque="", '
    'algorithm="MD5", stale="{stale}"'
)
_OLD_CHALLENGE = 'Digest qop="auth", realm="{realm}", nonce="{nonce}", stale="{stale}"'

_TERABYTE_MIB = 953_869
_MAIN = StreamFormat(
    codec=VideoCodec.H264,
    width=1920,
    height=1080,
    fps=25,
    gop_seconds=2,
    bitrate_kbps=4096,
    audio=AudioCodec.ULAW,
)
_MAIN_H265 = StreamFormat(
    codec=VideoCodec.H265,
    width=2560,
    height=1440,
    fps=20,
    gop_seconds=2,
    bitrate_kbps=3072,
    audio=AudioCodec.AAC,
)
_MAIN_OLD = StreamFormat(
    codec=VideoCodec.H264,
    width=1280,
    height=720,
    fps=12.5,
    gop_seconds=2.4,
    bitrate_kbps=2048,
    audio=AudioCodec.ALAW,
)
_SUB = StreamFormat(
    codec=VideoCodec.H264, width=640, height=360, fps=10, gop_seconds=2, bitrate_kbps=512
)
_CONTINUOUS = RecordingPlan()
_BOTH_STREAMS = RecordingPlan(streams=(1, 2))
_WITH_MOTION = RecordingPlan(kinds=(Kind.MOTION,), events_per_day=72)
_WITH_GAPS = RecordingPlan(missing=12)
_MOTION_ONLY = RecordingPlan(continuous=False, kinds=(Kind.MOTION,), events_per_day=144)
_SMART_ONLY = RecordingPlan(
    continuous=False,
    kinds=(Kind.PERSON, Kind.LINE_CROSSING, Kind.INTRUSION, Kind.MOTION),
    events_per_day=96,
)

_CURRENT_CHANNELS = (
    ("Front door", _BOTH_STREAMS),
    ("Driveway", _WITH_MOTION),
    ("Garden", _MOTION_ONLY),
    ("Garage", _WITH_GAPS),
    ("Back gate", _SMART_ONLY),
    ("Terrace", _CONTINUOUS),
    ("Küche & Flur", _CONTINUOUS),
    ("Cellar", _MOTION_ONLY),
    ("Attic", _MOTION_ONLY),
    ("Workshop", _WITH_MOTION),
    ("Bicycle shed", _SMART_ONLY),
    ("Barn", _WITH_GAPS),
    ("Meadow", _MOTION_ONLY),
    ("Pond", _CONTINUOUS),
    ("Parking", _SMART_ONLY),
    ("Street", _CONTINUOUS),
)
_OLD_CHANNELS = (
    ("Shop", _CONTINUOUS),
    ("Till", _WITH_MOTION),
    ("Store room", _MOTION_ONLY),
    ("Entrance", _CONTINUOUS),
    ("Loading dock", _WITH_GAPS),
    ("Office", _MOTION_ONLY),
    ("Yard", _SMART_ONLY),
    ("Roof", _CONTINUOUS),
)
_H265_CHANNEL = 6
_OFFLINE_CHANNEL = 14
_DARK_CHANNEL = 16


def current(options: Options | None = None) -> Personality:
    """Give a recorder of today: true UTC, 16 channels, cuts out the asked span.

    Channel 6 is H.265, 14 is offline (the camera's password was changed two days ago) and 16 is
    online without video since five hours ago.
    """
    options = options or Options()
    channels = _channels(_CURRENT_CHANNELS, "192.0.2.", {1: _MAIN, 2: _SUB})
    channels[_H265_CHANNEL - 1].streams = {1: _MAIN_H265, 2: _SUB}
    now = options.now()
    channels[_OFFLINE_CHANNEL - 1].lose(now - timedelta(days=2), OfflineReason.WRONG_PASSWORD)
    channels[_DARK_CHANNEL - 1].lose(now - timedelta(hours=5))
    identity = Identity(
        name=options.name or "Home",
        model="DS-7616NXI-I2/16P/S",
        serial=options.serial or "DS-7616NXI-I2/16P/S1620230619CCRRSIM000001WCVU",
        mac=options.mac or "02:00:5e:10:00:01",
        firmware="V4.62.210",
        firmware_date=date(2023, 6, 19),
        hardware="0100000092010000",
        address="192.0.2.64",
    )
    recorder = SimulatedRecorder(
        identity=identity,
        channels=channels,
        clock=_clock(options, "Europe/Berlin", timedelta(), Convention.UTC, Suffix.TRUE),
        accounts=_accounts(options, "DS-7616NXI-I2", _CURRENT_CHALLENGE),
        disks=[
            Disk(number=1, capacity_bytes=8 * _TERABYTE_MIB * MEBIBYTE),
            Disk(number=2, state=DiskState.SLEEPING, capacity_bytes=8 * _TERABYTE_MIB * MEBIBYTE),
        ],
        now=options.now,
        seed=options.seed if options.seed is not None else 1,
        retention=options.retention or timedelta(days=90),
    )
    return Personality(name="hikvision/current", face=HikvisionFace(recorder, _CURRENT))


def old(options: Options | None = None) -> Personality:
    """Give a recorder of yesterday: wall clock marked `Z`, 12 minutes slow, always whole files."""
    options = options or Options()
    identity = Identity(
        name=options.name or "Shop",
        model="DS-7608NI-E2",
        serial=options.serial or "DS-7608NI-E20820150716CCRRSIM000002WCVU",
        mac=options.mac or "02:00:5e:10:00:02",
        firmware="V3.4.106",
        firmware_date=date(2019, 3, 15),
        hardware="B-R-K51-00",
        address="198.51.100.12",
    )
    # Not a whole number of seconds: nobody's clock is off by one.
    slow = -timedelta(minutes=12, milliseconds=370)
    recorder = SimulatedRecorder(
        identity=identity,
        channels=_channels(_OLD_CHANNELS, "198.51.100.", {1: _MAIN_OLD, 2: _SUB}),
        clock=_clock(options, "America/Denver", slow, Convention.WALL, Suffix.STANDARD),
        accounts=_accounts(options, "1c53f9aa7dd0e2b1", _OLD_CHALLENGE),
        disks=[
            Disk(number=1, capacity_bytes=4 * _TERABYTE_MIB * MEBIBYTE),
            Disk(number=2, state=DiskState.MISSING),
        ],
        now=options.now,
        seed=options.seed if options.seed is not None else 2,
        # Longer than from one DST change to the next: there is always one to look at.
        retention=options.retention or timedelta(days=250),
    )
    return Personality(name="hikvision/old", face=HikvisionFace(recorder, _OLD))


def _channels(
    plans: tuple[tuple[str, RecordingPlan], ...], network: str, streams: dict[int, StreamFormat]
) -> list[Channel]:
    return [
        Channel(
            number=number,
            name=name,
            camera=Camera(
                model="DS-2CD2386G2-IU",
                serial=f"DS-2CD2386G2-IU20220301AAWRSIM{number:06}",
                firmware="V5.7.15 build 240201",
                address=f"{network}{100 + number}",
            ),
            streams=dict(streams),
            plan=plan,
        )
        for number, (name, plan) in enumerate(plans, 1)
    ]


def _clock(
    options: Options, zone: str, offset: timedelta, convention: Convention, suffix: Suffix
) -> DeviceClock:
    return DeviceClock(
        zone=PosixZone.named(options.time_zone or zone),
        offset=options.clock_offset if options.clock_offset is not None else offset,
        convention=convention,
        suffix=suffix,
    )


def _accounts(options: Options, realm: str, challenge: str) -> Accounts:
    owner = User(name=options.user, password=options.password, administrator=True)
    policy = LoginPolicy(realm=realm, challenge=challenge)
    return Accounts(now=options.now, users=[owner], policy=policy)
