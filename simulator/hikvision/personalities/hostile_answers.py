"""Recorders that answer oddly, late, or seldom."""

from datetime import date, timedelta
from http import HTTPStatus

from simulator.core.accounts import CountCheck, LoginPolicy
from simulator.core.blueprint import Boot, Wall
from simulator.core.clock import Convention, Suffix
from simulator.core.digest import Scheme
from simulator.core.disks import DiskState
from simulator.core.parts import CONTINUOUS, MAIN, MAIN_OLD, MOTION_ONLY, SUB, WITH_MOTION, disks
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.traits.answers import (
    NAMESPACE_NEW,
    NAMESPACE_OLD,
    Declaration,
    ErrorBody,
)
from simulator.hikvision.traits.box import ChallengeBody, LockReport
from simulator.hikvision.traits.events import Boundary
from simulator.hikvision.traits.pictures import PictureForm
from simulator.rtsp.traits import RtspTraits

from .blueprint import Blueprint, labels
from .parts import ip_channels

_PLANS = (("Bar & Grill", CONTINUOUS), ("Patio", WITH_MOTION), ("Stage", MOTION_ONLY))

MOODY = Blueprint(
    name="moody",
    quirks="errors come with status 200, names with a bare `&`, documents without a declaration;"
    " pictures by the proxy alone, one at a time, each third an error",
    identity=labels(
        number=23,
        title="Bar & Grill",
        model="DS-7608NI-K2/8P",
        version="V4.74.210",
        built=date(2024, 1, 9),
        address="192.0.2.81",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        errors_as_ok=True,
        bare_ampersands=True,
        declaration=Declaration.MISSING,
        picture_forms=frozenset({PictureForm.PROXY}),
        picture_errors=3,
        pictures_at_once=1,
        event_boundary=Boundary.DASHED,
        event_declaration=True,
        notifies_center=False,
    ),
    login=LoginPolicy(
        realm="DS-7608NI-K2",
        challenge='Digest  realm="{realm}",domain="::",qop="auth",nonce="{nonce}",'
        'stale={stale},opaque="",algorithm="MD5"',
    ),
)

SULLEN = Blueprint(
    name="sullen",
    quirks="errors are HTML pages and 400, locks 403; each connection ends after its answer, few are"
    " let in; nonces last twenty seconds and nobody says so; after a boot it lets nobody in for a"
    " while; lists mix namespaces",
    identity=labels(
        number=24,
        title="Harbour",
        model="DS-7616NI-E2/16P",
        version="V3.4.98",
        built=date(2018, 11, 30),
        address="192.0.2.82",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN_OLD, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        namespace=NAMESPACE_OLD,
        item_namespace=NAMESPACE_NEW,
        error_body=ErrorBody.HTML,
        absent=HTTPStatus.BAD_REQUEST,
        lock_report=LockReport.FORBIDDEN,
        challenge_body=ChallengeBody.HTML,
        closes=True,
        connections=6,
        latency_s=0.05,
        event_drops_after=40,
        event_boundary=Boundary.OTHER,
        tells_event_end=False,
        rtsp=RtspTraits(locked_closes=True, limit_status=500, max_sessions=8),
    ),
    login=LoginPolicy(
        realm="7616",
        challenge='Digest qop="auth", realm="{realm}", nonce="{nonce}", opaque=""',
        nonce_life=timedelta(seconds=20),
        tells_stale=False,
        rtsp_challenge='Digest realm="{realm}", nonce="{nonce}", stale="{stale}"',
        rtsp_schemes=frozenset({Scheme.MD5, Scheme.BASIC}),
        count_check=CountCheck.NONE,
    ),
    boot=Boot(away_s=60.0, refuses=timedelta(seconds=30)),
)

DRIFTING = Blueprint(
    name="drifting",
    quirks="a clock set by hand that gains forty seconds a day, headers that call local time GMT, errors"
    " with nothing in them; events as JSON",
    identity=labels(
        number=25,
        title="Chapel",
        model="DS-7608NXI-K1",
        version="V4.81.000",
        built=date(2024, 8, 8),
        address="192.0.2.83",
        code="CCRR",
    ),
    channels=lambda _now: ip_channels(_PLANS, {1: MAIN_OLD, 2: SUB}, network="192.0.2."),
    disks=lambda: disks(DiskState.OK),
    firmware=Firmware(
        time_mode="manual",
        local_date=True,
        error_body=ErrorBody.EMPTY,
        event_json=True,
    ),
    login=LoginPolicy(realm="DS-7608NXI-K1"),
    clock=Wall(
        zone="Australia/Adelaide",
        offset=timedelta(minutes=7, seconds=13, milliseconds=480),
        drift=timedelta(seconds=40),
        convention=Convention.WALL,
        suffix=Suffix.NONE,
    ),
)

BLUEPRINTS = (MOODY, SULLEN, DRIFTING)
