"""What somebody asks of Home Assistant, and whether the answer is right or honestly none."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final

from demo.api import Api, ApiError
from demo.entry import Entry
from demo.recorders import RecorderChannel, SimulatedRecorder, Span
from demo.steps.live import OLDEST_PICTURE
from demo.steps.search import compare, search
from faults.clips import Request
from faults.ledger import Ledger
from faults.pictures import PictureRequest
from faults.plan import Case, Fault, Operation
from faults.playing import play
from faults.probe import DOMAIN as PROBE
from simulator.core.personality import Listing
from simulator.footage.pattern import PatternError, decode_image

# Older recordings are on the disks, too, but the newest are asked for most.
REACH = timedelta(days=3)
WINDOW = timedelta(hours=3)
SEARCHED = timedelta(hours=8)
SHORTEST, LONGEST = 2.0, 5.0
LEAD = timedelta(seconds=2)
# A still may be shown again for half a minute when the recorder does not answer.
KEPT_PICTURE = timedelta(seconds=30)
# Where nobody said how much there is, silence is an end, too, and so is that of a recorder that goes down.
ENDS_EARLY = frozenset(
    {
        Fault.CUT,
        Fault.SHORTENED,
        Fault.CLAIMS_LESS,
        Fault.STALLED,
        Fault.REBOOT,
        Fault.UNPLUGGED,
    }
)
# As long as a playback believes where the footage ended, and a while for one that was asked for before.
END_BELIEVED_S = 360.0
SPOILS_PICTURES = frozenset({Fault.GARBLED, Fault.CLAIMS_LESS, Fault.SHORTENED})


@dataclass(frozen=True, slots=True)
class Home:
    """One recorder as the people at home have it, and what they asked for."""

    api: Api
    recorder: SimulatedRecorder
    entry: Entry
    ledger: Ledger

    def channel(self, random: Random, *, unbroken: bool = False) -> tuple[str, RecorderChannel]:
        """Return the camera of some channel that has pictures, and the channel; ``unbroken``: one without gaps."""
        channels, cameras = self.recorder.channels, self.entry.cameras
        if len(channels) == len(cameras) == 1:
            # A camera may tell nobody what it is called.
            [channel], [camera] = channels.values(), cameras.values()
            return camera.entity_id, channel
        shown = [one for one in channels.values() if one.pictures and one.name in cameras]
        channel = random.choice([one for one in shown if one.unbroken or not unbroken])
        return cameras[channel.name].entity_id, channel


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an operation.

    Attributes:
        done: whether it was done; else it was refused in an orderly way, which is right as well.
        wrong: what must not have happened, in words.
        reason: why it was refused, as far as that was said.
    """

    done: bool
    wrong: Sequence[str] = ()
    reason: str = ""


async def perform(home: Home, case: Case) -> Outcome:
    """Ask for what a case says.

    Raises:
        ClientError: Home Assistant itself is out of reach.
    """
    try:
        return await _OPERATIONS[case.operation](home, case)
    except ApiError as error:
        return Outcome(done=False, wrong=_unforeseen(error), reason=str(error))


def _unforeseen(error: ApiError) -> list[str]:
    """Return what an error says if it is none that the integration raises on purpose."""
    code = error.answer.get("code") if isinstance(error.answer, dict) else None
    return [str(error)] if code == "unknown_error" else []


async def _clip(home: Home, case: Case) -> Outcome:
    random = case.random
    camera, channel = home.channel(random)
    span = await _some_recording(home.recorder, channel, random)
    length = timedelta(seconds=random.uniform(SHORTEST, LONGEST))
    start = span.start + LEAD + (span.end - span.start - 2 * LEAD - length) * random.random()
    request = Request(
        channel=channel.number,
        start=start,
        end=start + length,
        frame=timedelta(seconds=channel.frame_s),
    )
    name = home.ledger.ask(case, request)
    # The WebSocket tells an orderly error from one that nobody foresaw.
    answer = await home.api.ask(
        "call_service",
        domain="nvr",
        service="download_clip",
        service_data={
            "entity_id": [camera],
            "start": request.start.isoformat(),
            "end": request.end.isoformat(),
            "name": name,
        },
        return_response=True,
    )
    file = Path(answer["response"][camera]["path"])
    return Outcome(done=True, wrong=await home.ledger.check(file))


async def _saved_picture(home: Home, case: Case) -> Outcome:
    random = case.random
    camera, channel = home.channel(random)
    span = await _some_recording(home.recorder, channel, random)
    request = PictureRequest(
        channel=channel.number,
        instant=span.start + LEAD + (span.end - span.start - 2 * LEAD) * random.random(),
        frame=timedelta(seconds=channel.frame_s),
        garbled=case.fault is Fault.GARBLED,
    )
    name = home.ledger.ask(case, request)
    answer = await home.api.ask(
        "call_service",
        domain="nvr",
        service="get_picture",
        service_data={
            "entity_id": [camera],
            "instant": request.instant.isoformat(),
            "name": name,
        },
        return_response=True,
    )
    file = Path(answer["response"][camera]["path"])
    return Outcome(done=True, wrong=await home.ledger.check(file))


async def _some_recording(
    recorder: SimulatedRecorder, channel: RecorderChannel, random: Random
) -> Span:
    """Choose a recording that is over; where any part of one costs the whole, a short one."""
    needed = 2 * LEAD + timedelta(seconds=LONGEST)
    now = datetime.now(UTC)
    for reach in range(1, 100):
        until = now - random.random() * reach * REACH
        spans = [
            span
            for span in await recorder.recordings(channel.number, until - WINDOW, until)
            if not span.open and span.end - span.start >= needed
        ]
        if spans:
            return min(spans, key=lambda span: span.end - span.start)
    raise LookupError(f"{recorder.name} has no recording of {channel.name}")


async def _play(home: Home, case: Case) -> Outcome:
    random = case.random
    # Where nobody tells of gaps they are in the recordings, and show what was before.
    camera, channel = home.channel(random, unbroken=home.recorder.listing is Listing.REACH)
    span = await _some_recording(home.recorder, channel, random)
    answers = await search(home.api, [camera], span.start, span.end)
    found = [one for one in answers[camera]["recordings"] if _is_of(one, span, home.recorder)]
    if not found:
        if answers[camera]["complete"]:
            return Outcome(done=False, wrong=[f"{span} was not found"])
        return Outcome(done=False, reason=_why(answers[camera]))
    identifier = found[0]["media_content_id"]
    played = await play(home.api, found[0], channel, random)
    if case.fault in ENDS_EARLY and case.times > 1:
        home.ledger.ended[identifier] = monotonic()
    if case.fault is Fault.GARBLED:
        home.ledger.garbled.add(identifier)
    if played is None:
        return Outcome(done=False, reason="a part of it was never to be had")
    wrong = list(played.wrong)
    # A recorder that ends twice at the same place is believed for some minutes: a still shows beyond it.
    if monotonic() - home.ledger.ended.get(identifier, -END_BELIEVED_S) >= END_BELIEVED_S:
        wrong += played.stills
    # Parts that came are kept as they are.
    if identifier not in home.ledger.garbled:
        wrong += played.damaged
    return Outcome(done=bool(wrong) or not played.all, wrong=wrong)


def _is_of(recording: Mapping[str, Any], span: Span, recorder: SimulatedRecorder) -> bool:
    """Whether what was found is what was recorded, or holds it where a device tells of footage alone."""
    start, end = (datetime.fromisoformat(recording[name]) for name in ("start", "end"))
    if recorder.listing is Listing.EACH:
        return abs(start - span.start) < LEAD
    return start <= span.start + LEAD < end


async def _search(home: Home, case: Case) -> Outcome:
    random = case.random
    camera, channel = home.channel(random)
    end = datetime.now(UTC) - random.random() * REACH
    start = end - SEARCHED
    answer = (await search(home.api, [camera], start, end))[camera]
    complete: bool = answer["complete"]
    if not complete:
        if "error" not in answer:
            return Outcome(done=False, wrong=["the search is not complete and does not say why"])
        end = datetime.fromisoformat(answer["complete_until"])
    if end <= start:
        return Outcome(done=complete, reason=_why(answer))
    expected = await home.recorder.recordings(channel.number, start, end)
    whole = answer | {"complete": True}
    result = compare(camera, expected, whole, start, end, home.recorder.listing)
    return Outcome(done=complete, wrong=result.wrong, reason=_why(answer))


def _why(answer: Mapping[str, Any]) -> str:
    """Return why a search is not complete."""
    return str(answer.get("error", ""))


async def _poll(home: Home, _: Case) -> Outcome:
    answered = await poll(home)
    state = await home.api.state(home.entry.named("reachable").entity_id)
    shown = state is not None and state["state"] == "on"
    wrong = [] if shown is answered else [f"it answered: {answered}, it is shown to: {shown}"]
    return Outcome(done=answered, wrong=wrong)


async def _picture(home: Home, case: Case) -> Outcome:
    camera, channel = home.channel(case.random)
    picture: bytes = await home.api.get(f"/api/camera_proxy/{camera}")
    try:
        reading = decode_image(picture)
    except PatternError as error:
        # Nonsense within a picture is shown as the recorder sent it, and so is one that has no end
        # time after time although the recorder says that it is whole; for a moment after it, too.
        sent_so = case.fault in SPOILS_PICTURES or picture in home.ledger.spoilt
        if sent_so:
            home.ledger.spoilt.add(picture)
        return Outcome(done=not sent_so, wrong=[] if sent_so else [f"{camera}: {error}"])
    wrong = []
    if reading.channel != channel.number:
        wrong.append(f"{camera} shows channel {reading.channel}")
    if datetime.now(UTC) - reading.instant > OLDEST_PICTURE + KEPT_PICTURE:
        wrong.append(f"{camera} shows what was at {reading.instant}")
    return Outcome(done=True, wrong=wrong)


async def poll(home: Home) -> bool:
    """Have Home Assistant ask the recorder how it is, and return whether it was answered."""
    answered: bool = await home.api.post(f"/api/{PROBE}/poll/{home.entry.entry_id}")
    return answered


_OPERATIONS: Final[dict[Operation, Callable[[Home, Case], Awaitable[Outcome]]]] = {
    Operation.CLIP: _clip,
    Operation.PLAY: _play,
    Operation.SEARCH: _search,
    Operation.POLL: _poll,
    Operation.PICTURE: _picture,
    Operation.SAVED_PICTURE: _saved_picture,
}
