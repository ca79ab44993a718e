"""The main job, headless and measured: what `scripts/demo --check` does."""

from collections.abc import Callable, Collection, Coroutine
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from statistics import median

import aiohttp
from playwright.async_api import Error as PlaywrightError

from demo.api import ApiError
from demo.browser import Browser
from demo.entry import Entry, SetupError
from demo.frontend import Frontend
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.process import ProcessError
from demo.recorders import PASSWORD, SimulatedRecorder
from demo.secrets import SecretSearch
from demo.steps.automation import AFTER_S, BEFORE_S, make_automation, remove_automation, ring
from demo.steps.channels import whole_channel, with_pictures
from demo.steps.clip import measure_clip, wishes_around_change
from demo.steps.live import fetch_still, watch_live
from demo.steps.playback import watch_recording
from demo.steps.refusal import clip_refusal_faults, ring_refusal_faults
from demo.steps.saved import watch_saved_clip
from demo.steps.search import SearchResult, compare_search
from demo.steps.secrecy import search_everywhere, watch_arguments
from demo.video import VideoError

MILLISECOND_DIGITS = 3
STILLS = 3
# What is known of footage without a clock: whole seconds at both of its ends.
UNTIMED_S = 1.0
# What is wrong once is often wrong a thousand times.
SHOWN_PROBLEMS = 20
# What a step that fails ends with; anything else is a fault of the check itself.
BROKEN = (
    aiohttp.ClientError,
    ApiError,
    LookupError,
    OSError,
    PlaywrightError,
    ProcessError,
    SetupError,
    ValueError,
    VideoError,
)


@dataclass
class Report:
    """What was measured. A number that could not be measured is None, and then nothing is ok.

    Recorders that give no footage on are ok when they say so: of clips and playing there is nothing to measure then.
    """

    ok: bool = False
    cameras: int = 0
    webrtc_first_frame_s: float | None = None
    snapshot_ms: float | None = None
    setup_requests: int | None = None
    setup_s: float | None = None
    recordings_found: int | None = None
    recordings_expected: int | None = None
    clip_start_error_s: float | None = None
    clip_end_error_s: float | None = None
    clip_verified: bool = False
    clips: int = 0
    play_first_frame_s: float | None = None
    play_jump_s: float | None = None
    media_played: bool = False
    seek_ok: bool = False
    automation_clip: bool = False
    secrets_found: int | None = None
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object, numbers cut to what can be measured."""
        fields = asdict(self) | {"problems": self.problems[:SHOWN_PROBLEMS]}
        fields["more_problems"] = max(0, len(self.problems) - SHOWN_PROBLEMS)
        return {
            name: round(value, MILLISECOND_DIGITS) if isinstance(value, float) else value
            for name, value in fields.items()
        }


class Check:
    """The steps, one after the other; one that fails does not keep the rest from being measured.

    Attributes:
        report: what came out so far.
    """

    def __init__(
        self,
        installation: Installation,
        report: Report,
        say: Callable[[str], None],
        recorders: Collection[SimulatedRecorder] | None = None,
    ) -> None:
        """Check what an installation makes of some of its recorders: of all of them if None."""
        self.report = report
        self._recorders = tuple(recorders or installation.recorders.values())
        self._installation = installation
        self._say = say
        self._entries: dict[str, Entry] = {}
        self._secret_search = SecretSearch([PASSWORD])

    async def run(self) -> None:
        """Carry out all steps and put into the report what came out."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(watch_arguments(self._secret_search))
            await self._step("adding the recorders", self._add())
            browser = await stack.enter_async_context(Browser.run())
            frontend = Frontend(await browser.page(), self._installation.home_assistant.url)
            await self._step("logging in", frontend.log_in(ACCOUNT))
            await self._step("live pictures", self._live(frontend))
            await self._step("searching", self._search())
            await self._step("saving clips", self._clips(frontend))
            await self._step("playing recordings", self._play(frontend))
            await self._step("an automation", self._automation())
            await self._step("looking for secrets", self._secrets(browser))
        self.report.ok = not self.report.problems

    async def leave(self) -> None:
        """Take out of Home Assistant what was put in, for the next check.

        Raises:
            ApiError: it wouldn't go.
            TimeoutError: it went too slowly.
        """
        await remove_automation(self._installation.api)
        for entry in self._entries.values():
            await entry.remove(self._installation.api)

    async def _step(self, name: str, work: Coroutine[None, None, None]) -> None:
        self._say(name)
        try:
            await work
        except BROKEN as err:
            first_line = str(err).partition("\n")[0]
            self.report.problems.append(f"{name}: {type(err).__name__} {first_line}")

    def _pairs(self) -> list[tuple[Entry, SimulatedRecorder]]:
        recorders = self._installation.recorders
        return [(entry, recorders[name]) for name, entry in self._entries.items()]

    async def _add(self) -> None:
        report = self.report
        for recorder in self._recorders:
            name = recorder.name
            entry = self._entries[name] = await Entry.add(self._installation.api, recorder)
            traffic = await recorder.traffic(entry.created, entry.ready)
            report.setup_requests = max(report.setup_requests or 0, len(traffic.paths))
            report.setup_s = max(report.setup_s or 0.0, entry.setup_s)
            report.cameras += len(entry.cameras)
            self._expect(
                len(traffic.paths) <= recorder.setup_limit,
                f"{name} was asked {len(traffic.paths)} times: {traffic.paths}",
            )
            self._expect(len(entry.cameras) == len(recorder.channels), f"{name} lacks some cameras")
            self._expect(not traffic.refused, f"{name} refused {traffic.refused} logins")

    async def _live(self, frontend: Frontend) -> None:
        report = self.report
        for entry, recorder in self._pairs():
            channel = whole_channel(recorder)
            camera = entry.cameras[channel.name].entity_id
            stills = [
                await fetch_still(self._installation.api, entry.cameras[each.name].entity_id, each)
                for each in islice(with_pictures(recorder), STILLS)
            ]
            took_ms = median(still.took_ms for still in stills)
            report.snapshot_ms = max(report.snapshot_ms or 0.0, took_ms)
            report.problems += chain.from_iterable(still.faults for still in stills)
            live = await watch_live(frontend, camera, channel)
            report.webrtc_first_frame_s = max(
                report.webrtc_first_frame_s or 0.0, live.first_frame_s
            )
            report.problems += live.faults

    async def _search(self) -> None:
        total = SearchResult()
        for entry, recorder in self._pairs():
            total.add(await compare_search(self._installation.api, entry, recorder))
        self.report.recordings_found = total.found
        self.report.recordings_expected = total.expected
        self.report.problems += total.wrong
        self._expect(total.ok, "what was found is not what the recorders have")

    async def _clips(self, frontend: Frontend) -> None:
        report = self.report
        start_errors: list[float] = []
        end_errors: list[float] = []
        faults: list[str] = []
        for entry, recorder in self._pairs():
            if not recorder.gives_footage:
                self.report.problems += await clip_refusal_faults(
                    self._installation.api, entry, whole_channel(recorder)
                )
                continue
            wishes = await wishes_around_change(entry, recorder)
            slack_s = 0.0
            for wish in wishes:
                measure = await measure_clip(self._installation.api, wish)
                start_errors.append(measure.start_error_s)
                end_errors.append(measure.end_error_s)
                faults += measure.faults
                slack_s = await recorder.clock_gain_s()
                slack_s += 0.0 if wish.timed else UNTIMED_S
                self._expect(
                    measure.is_within(slack_s),
                    f"the clip {measure.answer['path']} is off by {measure.start_error_s:.3f} and"
                    f" {measure.end_error_s:.3f} s: {'; '.join(measure.faults)}",
                )
            seen = await watch_saved_clip(frontend, entry, wishes[0])
            start_errors.append(seen.start_error_s)
            end_errors.append(seen.end_error_s)
            self._expect(
                max(seen.start_error_s, seen.end_error_s) <= wishes[0].channel.frame_s + slack_s,
                f"the browser shows a clip off by {seen.start_error_s:.3f} and"
                f" {seen.end_error_s:.3f} s",
            )
            report.clips += len(wishes)
        report.clip_start_error_s = max(start_errors, default=None)
        report.clip_end_error_s = max(end_errors, default=None)
        report.clip_verified = report.clips > 0 and not faults

    async def _play(self, frontend: Frontend) -> None:
        report = self.report
        playing_faults: list[str] = []
        jump_faults: list[str] = []
        footage = [pair for pair in self._pairs() if pair[1].gives_footage]
        for entry, recorder in footage:
            played = await watch_recording(
                self._installation.api, frontend, entry, recorder, whole_channel(recorder)
            )
            report.play_first_frame_s = max(report.play_first_frame_s or 0.0, played.first_frame_s)
            report.play_jump_s = max(report.play_jump_s or 0.0, played.jump_s)
            playing_faults += played.playing_faults
            jump_faults += played.jump_faults
        report.media_played = bool(footage) and not playing_faults
        report.seek_ok = bool(footage) and not jump_faults
        report.problems += chain(playing_faults, jump_faults)

    async def _automation(self) -> None:
        entry, recorder = self._pairs()[0]
        channel = whole_channel(recorder)
        camera = entry.cameras[channel.name].entity_id
        await make_automation(self._installation.api, [camera])
        if not recorder.gives_footage:
            self.report.problems += await ring_refusal_faults(self._installation.api)
            return
        _, clip = await ring(self._installation.api)
        missing_s = BEFORE_S + AFTER_S - clip["duration"]
        long_enough = missing_s <= channel.frame_s
        self._expect(long_enough, f"the automation's clip lasts {clip['duration']} s")
        self.report.automation_clip = long_enough and Path(clip["path"]).is_file()

    async def _secrets(self, browser: Browser) -> None:
        search = self._secret_search
        await search_everywhere(search, self._installation, self._entries.values(), browser)
        self.report.secrets_found = len(search.found)
        self.report.problems += sorted(search.found)

    def _expect(self, fulfilled: bool, otherwise: str) -> None:
        if not fulfilled:
            self.report.problems.append(otherwise)
