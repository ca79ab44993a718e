"""Recorders of IP cameras that behave, more or less."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from simulator.core.blueprint import Boot, Wall
from simulator.core.channels import Channel, OfflineReason
from simulator.core.clock import Convention
from simulator.core.disks import DiskState
from simulator.core.parts import SUB, disks
from simulator.core.transfer import Length
from simulator.dahua.firmware import Firmware
from simulator.dahua.traits.box import StorageShape, ZoneName
from simulator.dahua.traits.channels import Slot, StateForm
from simulator.dahua.traits.login import Detail

from .blueprint import Blueprint, labels
from .parts import (
    BOTH_STREAMS,
    CONTINUOUS,
    HOURLY,
    MAIN_ALAW,
    MAIN_HEVC,
    MOTION_ONLY,
    SMART_ONLY,
    WITH_GAPS,
    WITH_MOTION,
    WITH_PEOPLE,
    guarded,
    guarded_each_time,
    ip_channels,
)

_NVR_CHANNELS = (
    ("Front street", BOTH_STREAMS),
    ("Drive", WITH_PEOPLE),
    ("Side yard", SMART_ONLY),
    ("Garage", WITH_GAPS),
    ("Back door", MOTION_ONLY),
    ("Pool", CONTINUOUS),
    ("Shed", WITH_MOTION),
    ("Alley", CONTINUOUS),
)
_CURRENT_CHANNELS = (
    ("Lobby", CONTINUOUS),
    ("Stairs", WITH_PEOPLE),
    ("Roof", MOTION_ONLY),
    ("Archive", HOURLY),
    ("Gate", SMART_ONLY),
    ("Kiosk", WITH_MOTION),
)
_H265_CHANNEL, _ONVIF_CHANNEL, _OFFLINE_CHANNEL = 6, 7, 8
_LARGE = 64
_LARGE_PLANS = (CONTINUOUS, WITH_MOTION, MOTION_ONLY, SMART_ONLY)


def _nvr_channels(now: datetime) -> list[Channel]:
    channels = ip_channels(_NVR_CHANNELS, {1: MAIN_ALAW, 2: SUB}, network="192.0.2.")
    channels[_H265_CHANNEL - 1].streams = {1: MAIN_HEVC, 2: SUB}
    channels[_OFFLINE_CHANNEL - 1].lose(now - timedelta(days=2), OfflineReason.UNREACHABLE)
    other = channels[_ONVIF_CHANNEL - 1]
    other.camera = replace(other.camera, model="DS-2CD1143G0-I", firmware="V5.7.1 build 211102")
    return channels


NVR = Blueprint(
    name="nvr",
    quirks="digest with a new nonce for each request and `Connection: close`, so that each is a"
    " log-in; nine requests at once wedge it; type `31`; slots that are empty, stale and"
    " disabled, channel 7 by ONVIF, channel 6 in H.265, channel 8 offline since two days; the"
    " second session of RPC2 counts",
    identity=labels(
        number=1,
        title="Villa",
        model="DHI-NVR5216-16P-EI",
        version="4.003.0000000.5.R",
        built=date(2025, 6, 17),
        address="192.0.2.50",
    ),
    channels=_nvr_channels,
    disks=lambda: disks(DiskState.OK, DiskState.OK, terabytes=8),
    firmware=Firmware(
        update_serial="DH-NVR5216-16P-EI",
        closes=True,
        latency_s=0.02,
        parallel=8,
        session_slots=10,
        second_session=True,
        capacity=16,
        slots={9: Slot.STALE, 10: Slot.DISABLED, 11: Slot.EMPTY},
        onvif=frozenset({_ONVIF_CHANNEL}),
        state_forms=frozenset({StateForm.INDEXED}),
    ),
    login=guarded_each_time("a0c50bcd05b2f03d067e530d9bf069af"),
    clock=Wall(zone="America/Los_Angeles", convention=Convention.WALL),
    boot=Boot(refuses=timedelta(seconds=5)),
    # Longer than from one DST change to the next: there is always one to look at.
    retention=timedelta(days=250),
)

CURRENT = Blueprint(
    name="current",
    quirks="of today, and well-behaved: nonces may be used again, RPC2, CGI with JSON; tells whether"
    " user or password is wrong; loads by time come in chunks, live addresses with times play"
    " what was recorded",
    identity=labels(
        number=2,
        title="Office",
        model="DHI-NVR4216-16P-4KS3",
        version="4.004.0000000.1.R",
        built=date(2026, 1, 9),
        address="192.0.2.51",
    ),
    channels=lambda _now: ip_channels(
        _CURRENT_CHANNELS, {1: MAIN_ALAW, 2: SUB}, network="198.51.100."
    ),
    disks=lambda: disks(DiskState.OK, DiskState.SLEEPING, terabytes=6),
    firmware=Firmware(
        update_serial="DH-NVR4216-16P-4KS3",
        json_api=True,
        bound_to_address=False,
        login_detail=Detail.WHICH,
        system_info_new=True,
        fractions_refused=False,
        capacity=16,
        null_lists=False,
        remote_options=True,
        load_chunked=True,
        live_plays=True,
        discovery_tail=b"",
    ),
    login=guarded("3f0bd9d7b8a7e0a1c2d3"),
    clock=Wall(convention=Convention.WALL),
    retention=timedelta(days=60),
)


def _large_channels(now: datetime) -> list[Channel]:
    plans = [
        (f"Hall {number}", _LARGE_PLANS[(number - 1) % len(_LARGE_PLANS)])
        for number in range(1, _LARGE + 1)
    ]
    channels = ip_channels(plans, {1: MAIN_ALAW, 2: SUB}, network="203.0.113.")
    for channel in channels[-2:]:
        channel.lose(now - timedelta(days=1), OfflineReason.UNREACHABLE)
    return channels


RAID = Blueprint(
    name="raid",
    quirks="64 channels of 128; one degraded array and no disks; sessions are numbers; the state of"
    " empty slots isn't told; what is attached by ONVIF (channel 3) isn't given on; files are"
    " longer than they say and each sixth transfer is reset; the event stream falls silent,"
    " among codes that concern nobody",
    identity=labels(
        number=3,
        title="Works",
        model="DHI-NVR608H-128-4KS3",
        version="4.003.0000000.1.R",
        built=date(2024, 11, 4),
        address="203.0.113.50",
    ),
    channels=_large_channels,
    disks=lambda: disks(
        DiskState.OK, DiskState.OK, DiskState.FAILED, DiskState.OK, DiskState.OK, terabytes=10
    ),
    firmware=Firmware(
        update_serial="DH-NVR608H-128-4KS3/I",
        capacity=128,
        integer_sessions=True,
        lower_uptime=True,
        storage_shape=StorageShape.RAID,
        storage_bare=True,
        zone_name=ZoneName.LABEL,
        onvif=frozenset({3}),
        onvif_served=False,
        lost_word="Unconnect",
        empty_states=False,
        file_length=Length.UNDERSTATED,
        load_breaks=6,
        transfers_at_once=2,
        event_noise=True,
        event_stalls_after=500,
        discovery_copies=2,
    ),
    login=guarded("77b1c0f3e9a94a52b5f0"),
    clock=Wall(zone="Europe/Lisbon", convention=Convention.WALL),
    retention=timedelta(days=30),
)

BLUEPRINTS = (NVR, CURRENT, RAID)
