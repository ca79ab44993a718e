"""Pictures of now."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.footage.pattern import decode_image

from ..plugged import change
from .client import Cgi

SNAPSHOT = "snapshot.cgi"


@pytest.mark.parametrize(
    ("query", "channel"), [("", 1), ("?channel=2", 2), ("?channel=2&type=0", 2)]
)
async def test_a_picture_of_now(cgi: Cgi, box: RecorderBox, query: str, channel: int) -> None:
    answer = await cgi.get(SNAPSHOT + query)
    assert answer.headers["Content-Type"] == "image/jpeg"
    seen = decode_image(answer.body)
    assert (seen.channel, seen.stream) == (channel, 1)
    late = box.recorder.now() - seen.instant
    assert (
        timedelta()
        <= late
        <= timedelta(seconds=box.recorder.channels[channel].streams[1].gop_seconds)
    )


async def test_of_the_sub_stream(cgi: Cgi, box: RecorderBox) -> None:
    change(box, sub_pictures=True)
    assert decode_image((await cgi.get(SNAPSHOT)).body).stream == 2


@pytest.mark.parametrize("number", ["0", "99", "x", "-1"])
async def test_no_such_channel(cgi: Cgi, number: str) -> None:
    answer = await cgi.get(f"{SNAPSHOT}?channel={number}")
    assert (answer.status, answer.text.split()) == (400, ["Error", "Bad", "Request!"])


async def test_channels_that_begin_with_0(cgi: Cgi, box: RecorderBox) -> None:
    change(box, picture_base=0)
    assert decode_image((await cgi.get(f"{SNAPSHOT}?channel=1")).body).channel == 2
    assert decode_image((await cgi.get(SNAPSHOT)).body).channel == 1


async def test_a_camera_that_is_gone(cgi: Cgi, box: RecorderBox) -> None:
    box.recorder.channels[1].lose(box.recorder.now(), OfflineReason.UNREACHABLE)
    assert (await cgi.get(SNAPSHOT)).status == 400
    change(box, picture_hangs=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await cgi.get(SNAPSHOT)


@pytest.mark.parametrize(
    ("traits", "statuses"),
    [({"picture_errors": 2}, [500, 200, 500]), ({"onvif": frozenset({1}), "onvif_served": False}, [400])],
)  # fmt: skip
async def test_refusals(
    cgi: Cgi, box: RecorderBox, traits: dict[str, Any], statuses: list[int]
) -> None:
    change(box, **traits)
    assert [(await cgi.get(SNAPSHOT)).status for _ in statuses] == statuses


@pytest.mark.parametrize("waits", [True, False])
async def test_one_at_a_time(cgi: Cgi, box: RecorderBox, waits: bool) -> None:
    change(box, pictures_wait=waits)
    await cgi.get(SNAPSHOT)
    answers = await asyncio.gather(*(cgi.get(SNAPSHOT) for _ in range(3)))
    statuses = {answer.status for answer in answers}
    assert statuses == ({200} if waits else {200, 503})
