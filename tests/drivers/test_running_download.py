"""Where a transfer that announced no length ends, and whether that was its end."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from custom_components.nvr.drivers.answer import Transfer
from custom_components.nvr.drivers.hikvision.download import PROGRAM_END, SIGNS
from custom_components.nvr.drivers.running_download import RunningDownload

SIZE = 4_000_000
HALF = bytes(SIZE // 2)


class Unannounced:
    """A transfer that only its end ends."""

    announced_bytes = None
    idle_seconds: float | None = None
    was_reset = False


async def chunks(*sent: bytes) -> AsyncIterator[bytes]:
    for chunk in sent:
        yield chunk


@pytest.mark.parametrize(
    ("sent", "whole", "truncated"),
    [
        ((HALF,), True, True),
        ((HALF, PROGRAM_END), True, False),
        ((HALF, HALF[:-1000]), True, False),
        ((HALF, HALF), True, False),
        # Of a part of a recording nobody said how much it has.
        ((HALF,), False, False),
    ],
)
async def test_a_whole_recording_that_ends_far_too_early_was_cut(
    sent: tuple[bytes, ...], whole: bool, truncated: bool
) -> None:
    first, *rest = sent
    transfer = cast("Transfer", Unannounced())
    download = RunningDownload(transfer, first, chunks(*rest), None, SIGNS)
    if whole:
        download.mark_whole(SIZE)
    assert sum([len(chunk) async for chunk in download]) == sum(map(len, sent))
    assert download.truncated is truncated
