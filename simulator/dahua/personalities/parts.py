"""What Dahua's personalities are put together from."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from simulator.core.accounts import CountCheck, LoginPolicy
from simulator.core.channels import Camera, Channel
from simulator.core.parts import MAIN, MAIN_H265, MAIN_OLD, Plans, network_channels
from simulator.core.recordings import Kind, RecordingPlan
from simulator.footage.formats import AudioCodec, StreamFormat

# Recorders write blocks that follow each other to the second.
CONTINUOUS: Final = RecordingPlan(file_length=timedelta(minutes=30), overlap=timedelta())
HOURLY: Final = replace(CONTINUOUS, file_length=timedelta(hours=1))
BOTH_STREAMS: Final = replace(CONTINUOUS, streams=(1, 2))
WITH_GAPS: Final = replace(CONTINUOUS, missing=12)
WITH_MOTION: Final = replace(CONTINUOUS, kinds=(Kind.MOTION,), events_per_day=72)
WITH_PEOPLE: Final = replace(
    CONTINUOUS, kinds=(Kind.PERSON, Kind.VEHICLE, Kind.MOTION), events_per_day=72
)
MOTION_ONLY: Final = RecordingPlan(
    continuous=False, kinds=(Kind.MOTION,), events_per_day=144, overlap=timedelta()
)
SMART_ONLY: Final = replace(
    MOTION_ONLY,
    kinds=(Kind.PERSON, Kind.VEHICLE, Kind.LINE_CROSSING, Kind.INTRUSION, Kind.MOTION),
    events_per_day=96,
)
WITH_ALARMS: Final = replace(MOTION_ONLY, kinds=(Kind.ALARM, Kind.MANUAL, Kind.MOTION))
TO_CARD: Final = RecordingPlan(
    file_length=timedelta(minutes=8),
    overlap=timedelta(),
    kinds=(Kind.MOTION, Kind.PERSON),
    events_per_day=48,
)

MAIN_ALAW: Final = replace(MAIN, audio=AudioCodec.ALAW)
MAIN_HEVC: Final = replace(MAIN_H265, audio=AudioCodec.AAC)
MAIN_ANALOG: Final = MAIN_OLD

_LOCK: Final = timedelta(minutes=30)
_OPAQUE: Final = "3d6a51d8f0f1c1cb6f6cb1f6a6a0c7a1a9f8a0b2"
CHALLENGE: Final = (
    f'Digest realm="{{realm}}", qop="auth", nonce="{{nonce}}", opaque="{_OPAQUE}", '
    'algorithm="MD5", stale="{stale}"'
)
SHORT_CHALLENGE: Final = (
    f'Digest realm="{{realm}}",qop="auth",nonce="{{nonce}}", opaque="{_OPAQUE}"'
)
"""Without an algorithm, and without a word of whether a nonce was too old."""
_RTSP_CHALLENGE: Final = 'Digest realm="{realm}", nonce="{nonce}"'


def guarded(realm: str) -> LoginPolicy:
    """Give how a device guards its accounts that takes a nonce as often as it is counted."""
    return LoginPolicy(
        realm=f"Login to {realm}",
        challenge=CHALLENGE,
        rtsp_challenge=_RTSP_CHALLENGE,
        tries=5,
        lock=_LOCK,
    )


def guarded_each_time(realm: str) -> LoginPolicy:
    """Give how a device guards its accounts that wants a new log-in for each request."""
    return replace(
        guarded(realm),
        challenge=SHORT_CHALLENGE,
        count_check=CountCheck.ONCE,
        tells_stale=False,
    )


def ip_channels(
    plans: Plans, streams: Mapping[int, StreamFormat], *, network: str, first: int = 1
) -> list[Channel]:
    """Give channels of cameras in the network, numbered from `first` on."""

    def camera(number: int) -> Camera:
        return Camera(
            model="IPC-HDW5442TM-AS",
            serial=f"7K0SIM0PAG{number:05}",
            firmware="2.840.0000000.18.R,build:2022-05-12",
            address=f"{network}{100 + number}",
        )

    return network_channels(plans, streams, camera=camera, first=first)
