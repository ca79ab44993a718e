"""The recorders of a bench: far away, watched, and of the size that is wanted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import cast

import aiohttp
import pytest

from benchmarks.observed_face import ObservedFace
from benchmarks.recorder_host import personality_of
from benchmarks.recorder_orders import RecorderSpec
from benchmarks.request_graph import logins
from demo.vendors import HIKVISION
from simulator.box import RecorderBox

PASSWORD = "bench"
STATUSES = "/ISAPI/ContentMgmt/InputProxy/channels/status"


@asynccontextmanager
async def plugged(spec: RecorderSpec) -> AsyncIterator[tuple[RecorderBox, ObservedFace]]:
    personality = personality_of(spec, PASSWORD)
    async with RecorderBox(personality) as box:
        yield box, cast("ObservedFace", personality.face)


@pytest.mark.parametrize("channels", [8, 64])
async def test_a_recorder_has_as_many_channels_as_wanted(channels: int) -> None:
    async with (
        plugged(RecorderSpec(name="many", personality=HIKVISION.first, channels=channels)) as (
            box,
            face,
        ),
        aiohttp.ClientSession(
            middlewares=[aiohttp.DigestAuthMiddleware("admin", PASSWORD)]
        ) as session,
        session.get(f"http://{box.address}{STATUSES}") as answer,
    ):
        assert (await answer.text()).count("<online>true</online>") == channels
        assert [request.status for request in face.asked] == [
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.OK,
        ]
        assert logins(face.asked) == 1
        assert face.serving == 0


async def test_challenges_are_as_far_away_as_answers() -> None:
    delay_s = 0.05
    async with (
        plugged(
            RecorderSpec(name="far", personality=HIKVISION.first, latency_ms=delay_s * 1000)
        ) as (box, face),
        aiohttp.ClientSession() as session,
        session.get(f"http://{box.address}{STATUSES}") as answer,
    ):
        assert answer.status == HTTPStatus.UNAUTHORIZED
        [request] = face.asked
        assert request.ended is not None
        assert request.ended - request.began >= delay_s
