"""The recorders of a bench: far away, watched, and of the size that is wanted."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from operator import attrgetter
from typing import cast

import aiohttp
import pytest

from benchmarks.observed_face import ObservedFace
from benchmarks.recorder_host import personality_of
from benchmarks.recorder_orders import RecorderSpec
from benchmarks.request_graph import logins, renewals
from demo.vendors import HIKVISION, ONVIF, VENDORS, Vendor
from simulator.box import RecorderBox

PASSWORD = "bench"


@dataclass(frozen=True)
class Question:
    """What is answered with all channels, and what stands there once for each."""

    path: str
    mark: str
    body: str | None = None

    def ask(
        self, session: aiohttp.ClientSession, box: RecorderBox
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        method = "GET" if self.body is None else "POST"
        return session.request(method, f"http://{box.address}{self.path}", data=self.body)


CHANNELS = {
    "hikvision": Question("/ISAPI/ContentMgmt/InputProxy/channels/status", "<online>true</online>"),
    "dahua": Question(
        "/cgi-bin/configManager.cgi?action=getConfig&name=ChannelTitle", ".Name=Camera "
    ),
    "onvif": Question(
        "/onvif/media_service",
        "VideoSources token=",
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><GetVideoSources'
        ' xmlns="http://www.onvif.org/ver10/media/wsdl"/></s:Body></s:Envelope>',
    ),
}


@asynccontextmanager
async def plugged(spec: RecorderSpec) -> AsyncIterator[tuple[RecorderBox, ObservedFace]]:
    personality = personality_of(spec, PASSWORD)
    async with RecorderBox(personality) as box:
        yield box, cast("ObservedFace", personality.face)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
@pytest.mark.parametrize("channels", [8, 64])
async def test_a_recorder_has_as_many_channels_as_wanted(vendor: Vendor, channels: int) -> None:
    question = CHANNELS[vendor.name]
    async with (
        plugged(RecorderSpec(name="many", personality=vendor.first, channels=channels)) as (
            box,
            face,
        ),
        aiohttp.ClientSession(
            middlewares=[aiohttp.DigestAuthMiddleware("admin", PASSWORD)]
        ) as session,
        question.ask(session, box) as answer,
    ):
        assert (await answer.text()).count(question.mark) == channels
        assert [request.status for request in face.asked] == [
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.OK,
        ]
        assert logins(face.asked) == 1
        assert face.serving == 0


# Dahua's don't tell a nonce that is too old from a wrong password.
@pytest.mark.parametrize("vendor", [HIKVISION, ONVIF], ids=attrgetter("name"))
async def test_a_nonce_that_is_renewed_is_no_login(vendor: Vendor) -> None:
    question = CHANNELS[vendor.name]
    async with (
        plugged(RecorderSpec(name="old", personality=vendor.first)) as (box, face),
        aiohttp.ClientSession(
            middlewares=[aiohttp.DigestAuthMiddleware("admin", PASSWORD)]
        ) as session,
    ):
        accounts = box.recorder.accounts
        accounts.policy = replace(accounts.policy, nonce_life=timedelta(0))
        async with question.ask(session, box):
            pass
        # The first nonce is too old as soon as it is there.
        assert renewals(face.asked) == len(face.asked) - logins(face.asked) > 0


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
async def test_challenges_are_as_far_away_as_answers(vendor: Vendor) -> None:
    delay_s = 0.05
    async with (
        plugged(RecorderSpec(name="far", personality=vendor.first, latency_ms=delay_s * 1000)) as (
            box,
            face,
        ),
        aiohttp.ClientSession() as session,
        CHANNELS[vendor.name].ask(session, box) as answer,
    ):
        assert answer.status == HTTPStatus.UNAUTHORIZED
        [request] = face.asked
        assert request.ended is not None
        assert request.ended - request.began >= delay_s
