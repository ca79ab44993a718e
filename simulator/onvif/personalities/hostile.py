"""A device with all the peculiarities that a client may survive at once."""

from datetime import date, datetime, timedelta
from http import HTTPStatus

from simulator.core.blueprint import Wall
from simulator.core.channels import Channel, OfflineReason
from simulator.core.disks import DiskState
from simulator.core.parts import CONTINUOUS, MAIN, MAIN_H265, SUB, WITH_GAPS, WITH_MOTION, disks
from simulator.onvif.firmware import Firmware
from simulator.onvif.tokens import HIKVISION
from simulator.onvif.traits.answers import Declaration, Names, Prefix, TimeText
from simulator.onvif.traits.box import Hosts
from simulator.onvif.traits.events import Lifetime, Reference
from simulator.onvif.traits.login import Proof
from simulator.onvif.traits.media import HiddenCodec
from simulator.onvif.traits.playback import rtsp
from simulator.onvif.traits.recording import Begin, SourceHint
from simulator.onvif.traits.search import Filtering
from simulator.rtsp.extension import Extension
from simulator.rtsp.replay import ReplayTraits, Without
from simulator.rtsp.traits import End

from .blueprint import Blueprint, labels
from .parts import SUB_H265, ip_channels, login


def _channels(now: datetime) -> list[Channel]:
    plans = (
        ("Küche & Flur", WITH_MOTION),
        ("Hof", WITH_GAPS),
        ("Lager", CONTINUOUS),
        ("Tor", CONTINUOUS),
    )
    found = ip_channels(plans, {1: MAIN, 2: SUB})
    found[2].streams = {1: MAIN_H265, 2: SUB_H265}
    found[3].lose(now - timedelta(hours=30), OfflineReason.UNREACHABLE)
    return found


HOSTILE = Blueprint(
    name="hostile",
    quirks="all at once: says that its XML is UTF-16, no prefixes, elements in reverse order among others that no"
    " schema knows, control characters in names, errors with 200, empty answers and empty bodies; all addresses"
    " name another network's host and no port; tokens of ten seconds by a clock seven minutes slow that gains"
    " forty seconds a day, Zulu time alone, locked after three; one search, that refuses filters, begins with empty"
    " pages, tells no start, events of other days, out of order and twice; times without zeros, recordings from 1970"
    " on without a source, without jobs; one replay, only for who requires it, that goes on beyond its end;"
    " connections end after each answer; few subscriptions, by instants alone, named in the header; found twice, by"
    " an address that nobody reaches first",
    identity=labels(
        number=8,
        title="Bunker",
        model="XR-904",
        version="0.9.1-rc3",
        built=date(2019, 8, 30),
        address="192.0.2.78",
    ),
    channels=_channels,
    disks=lambda: disks(DiskState.OK, DiskState.FAILED),
    firmware=Firmware(
        manufacturer="Example",
        tokens=HIKVISION,
        closes=True,
        connections=4,
        declaration=Declaration.UTF_16,
        envelope=Prefix.DEFAULT,
        names=Names.CONTROL,
        time_text=TimeText.UNPADDED,
        reversed_elements=True,
        unknown_elements=True,
        fault_status=HTTPStatus.OK,
        empty_answers=frozenset({"GetNTP", "GetHostname", "EndSearch"}),
        empty_bodies=frozenset({"GetScopes", "GetMediaAttributes", "GetServiceCapabilities"}),
        proofs=frozenset({Proof.TOKEN}),
        created_window=timedelta(seconds=10),
        zulu_only=True,
        hosts=Hosts.OWN,
        stream_hosts=Hosts.OWN,
        subscription_hosts=Hosts.OWN,
        hidden_main=HiddenCodec.PRIVATE,
        hidden_sub=HiddenCodec.PRIVATE,
        source_hint=SourceHint.NUMBER,
        empty_sources=True,
        status_unknown=True,
        begin=Begin.EPOCH,
        searches=1,
        longest_keep_alive=timedelta(seconds=10),
        empty_pages=2,
        page=40,
        start_states=False,
        filtering=Filtering.REFUSED,
        ignores_window=True,
        unsorted=True,
        doubled=True,
        state_last=True,
        claims_pull_points=False,
        subscriptions=2,
        longest_life=timedelta(minutes=5),
        lifetime=Lifetime.ABSOLUTE,
        reference=Reference.PARAMETER,
        one_source=True,
        longest_pull=timedelta(seconds=5),
        unsubscribes_all=True,
        types=("tds:Device", "dn:NetworkVideoTransmitter"),
        discovery_copies=2,
        discovery_needs_type=True,
        discovery_by_group=True,
        discovery_relates=False,
        discovery_addresses=("169.254.12.34",),
        rtsp=rtsp(
            max_playbacks=1,
            end=End.PLAYS_ON,
            holds_dropped=False,
            reverse=False,
            replay=ReplayTraits(
                without=Without.REFUSED,
                extension=Extension.FIRST_PACKET,
                sections=False,
                terminal=False,
            ),
        ),
    ),
    login=login("XR-904", tries=3, lock=timedelta(minutes=10)),
    clock=Wall(zone="Europe/Vienna", offset=timedelta(minutes=-7), drift=timedelta(seconds=40)),
    retention=timedelta(days=6),
)

BLUEPRINTS = (HOSTILE,)
