"""A saved picture that is not what it should be is found out."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
import pytest

from custom_components.nvr.drivers.models import StreamName
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.library.clip import ClipNote
from custom_components.nvr.library.picture_note import with_note
from faults.ledger import Ledger
from faults.pictures import PictureRequest, wrong_with_picture
from faults.plan import Case, Fault, Operation
from tests.footage.filmed import NOON, ONE_FRAME, Filmed

INSTANT = NOON + timedelta(seconds=5)
MINUTE = timedelta(minutes=1)
REQUEST = PictureRequest(channel=1, instant=INSTANT, frame=ONE_FRAME, garbled=False)
NOTE = ClipNote(
    recorder_id="a",
    recorder="House",
    channel=1,
    channel_name="Door",
    stream=StreamName.MAIN,
    start=INSTANT,
    end=INSTANT,
    kinds=frozenset(),
    exact=True,
)


@pytest.fixture
async def jpeg() -> AsyncIterator[bytes]:
    """Return a picture of the instant."""
    workers = WorkerPool(size=1)
    filmed = Filmed(start=NOON, end=NOON + timedelta(seconds=10))
    picture = await make_picture(workers, filmed.part, INSTANT, lead=timedelta(), max_bytes=None)
    yield picture.jpeg
    await workers.close()


@pytest.fixture
def file(tmp_path: Path, jpeg: bytes) -> Path:
    file = tmp_path / "120005_fault1.jpg"
    file.write_bytes(with_note(jpeg, NOTE, INSTANT))
    return file


async def test_a_right_picture_is_right_and_somebody_asked_for_it(file: Path) -> None:
    ledger = Ledger()
    case = Case(
        number=1,
        operation=Operation.SAVED_PICTURE,
        fault=Fault.CUT,
        moment=0.5,
        times=1,
        skip=0,
        draw=1,
    )
    assert ledger.ask(case, REQUEST) == "fault1"
    assert await ledger.check(file) == []
    stranger = file.rename(file.with_name("120005_fault2.jpg"))
    assert await ledger.check(stranger) == [f"{stranger.name}: nobody asked for it"]


@pytest.mark.parametrize(
    ("request_", "finding"),
    [
        (replace(REQUEST, channel=2), "channel 1"),
        (replace(REQUEST, instant=INSTANT + MINUTE), "not of"),
        (replace(REQUEST, instant=INSTANT - MINUTE), "not of"),
    ],
)
async def test_a_picture_of_something_else_is_wrong(
    file: Path, request_: PictureRequest, finding: str
) -> None:
    [wrong] = wrong_with_picture(file, request_)
    assert finding in wrong


async def test_a_note_that_lies_is_wrong(file: Path, jpeg: bytes) -> None:
    lie = replace(NOTE, start=INSTANT + timedelta(seconds=1))
    file.write_bytes(with_note(jpeg, lie, INSTANT))
    [wrong] = wrong_with_picture(file, REQUEST)
    assert "it says that it is of" in wrong
    file.write_bytes(with_note(jpeg, replace(lie, exact=False), INSTANT))
    assert wrong_with_picture(file, REQUEST) == []


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
async def test_a_part_of_a_picture_is_wrong(file: Path, kept: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    [wrong] = wrong_with_picture(file, replace(REQUEST, garbled=True))
    assert "can't be read" in wrong


async def test_nonsense_in_a_picture_may_be_the_recorders(file: Path, jpeg: bytes) -> None:
    file.write_bytes(with_note(blank(jpeg), NOTE, INSTANT))
    [wrong] = wrong_with_picture(file, REQUEST)
    assert "no pattern" in wrong
    assert wrong_with_picture(file, replace(REQUEST, garbled=True)) == []


def blank(jpeg: bytes) -> bytes:
    """Return a picture of the same size that shows nothing."""
    target = BytesIO()
    with Image.open(BytesIO(jpeg)) as image:
        Image.new("RGB", image.size, "teal").save(target, "JPEG")
    return target.getvalue()
