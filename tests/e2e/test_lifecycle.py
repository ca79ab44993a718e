"""What happens to recorders, go2rtc and Home Assistant while people use them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from demo.api import Api, ApiError
from demo.entry import Entry
from demo.flow import FLOW, go_on
from demo.frontend import Frontend
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.recorders import USER, SimulatedRecorder
from demo.steps.channels import whole_channel
from demo.steps.clip import shown
from demo.steps.live import fetch_still, watch_live
from tests.e2e.conftest import OTHER_PASSWORD
from tests.e2e.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

A_WHILE = timedelta(minutes=3)
STARTED = datetime(2026, 1, 1, tzinfo=UTC)
# One try that found it out, and one after a pause, since a recorder that boots refuses right passwords.
# Each may cost two failed logins: a request whose old nonce is refused is repeated with the new one.
REFUSALS = 4


async def poll_now(api: Api, entry: Entry) -> None:
    """Have Home Assistant ask the recorder now rather than within the minute."""
    await api.post(
        "/api/services/homeassistant/update_entity",
        entity_id=[entry.named("reachable").entity_id],
    )


def reachable(api: Api, entry: Entry, expected: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        await poll_now(api, entry)
        state: str = (await api.state(entry.named("reachable").entity_id))["state"]
        return state == expected

    return probe


async def reauth_flow(api: Api, entry: Entry) -> Any:
    flows = await api.ask("config_entries/flow/progress")
    return next(
        (
            flow
            for flow in flows
            if flow["context"]["source"] == "reauth"
            and flow["context"]["entry_id"] == entry.entry_id
        ),
        None,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def refused(
    installation: Installation, second_entry: Entry, second: SimulatedRecorder
) -> Entry:
    """Change the password on a recorder that was added, if that was not done before."""
    if second.password != OTHER_PASSWORD:
        await second.change_password(OTHER_PASSWORD)
        await poll_now(installation.api, second_entry)
    return second_entry


async def test_a_recorder_that_refuses_us_is_left_alone(
    installation: Installation, refused: Entry, second: SimulatedRecorder
) -> None:
    api = installation.api
    await until("not reachable", reachable(api, refused, "off"))
    camera = refused.cameras[whole_channel(second).name].entity_id

    async def withdrawn() -> bool:
        capabilities = await api.ask("camera/capabilities", entity_id=camera)
        return "web_rtc" not in capabilities["frontend_stream_types"]

    await until("the stream is withdrawn from go2rtc", withdrawn)


async def test_an_unplugged_recorder_comes_back_by_itself(
    installation: Installation, first_entry: Entry, first: SimulatedRecorder
) -> None:
    api = installation.api
    channel = whole_channel(first)
    camera = first_entry.cameras[channel.name].entity_id
    await first.unplug()
    try:
        await until("seen to be gone", reachable(api, first_entry, "off"))
        assert (await api.state(camera))["state"] == "unavailable"
    finally:
        await first.plug()
    await until("seen to be back", reachable(api, first_entry, "on"))
    assert (await api.state(camera))["state"] != "unavailable"
    assert (await fetch_still(api, camera, channel)).faults == ()


async def test_live_pictures_come_back_after_go2rtc_was_killed(
    installation: Installation,
    frontend: Frontend,
    first_entry: Entry,
    first: SimulatedRecorder,
) -> None:
    channel = whole_channel(first)
    camera = first_entry.cameras[channel.name].entity_id
    await installation.go2rtc.process.kill()
    assert (await fetch_still(installation.api, camera, channel)).faults == ()
    await installation.go2rtc.restart()
    assert (await watch_live(frontend, camera, channel)).faults == ()


async def test_reloads_and_a_restart_buy_no_login(
    installation: Installation, frontend: Frontend, refused: Entry, second: SimulatedRecorder
) -> None:
    api = installation.api
    camera = refused.cameras[whole_channel(second).name].entity_id

    async def asked_for() -> bool:
        if await reauth_flow(api, refused) is not None:
            return True
        await poll_now(api, refused)
        return False

    await until("credentials are asked for", asked_for)
    before = (await second.traffic(STARTED, datetime.now(UTC))).refused
    assert before <= REFUSALS
    for _ in range(3):
        await api.post(f"/api/config/config_entries/entry/{refused.entry_id}/reload")
    await installation.home_assistant.restart()
    await frontend.log_in_again(ACCOUNT)
    await until("credentials are asked for again", asked_for)
    for _ in range(3):
        await api.post(f"/api/config/config_entries/entry/{refused.entry_id}/reload")
        with pytest.raises(ApiError):
            await api.action(
                "nvr", "get_picture", entity_id=[camera], instant=datetime.now(UTC).isoformat()
            )
    assert (await second.traffic(STARTED, datetime.now(UTC))).refused == before


async def test_new_credentials_bring_a_recorder_back(
    installation: Installation, refused: Entry, second: SimulatedRecorder
) -> None:
    api = installation.api

    async def asked_for() -> bool:
        if await reauth_flow(api, refused) is not None:
            return True
        await poll_now(api, refused)
        return False

    await until("credentials are asked for", asked_for)
    assert (await second.traffic(STARTED, datetime.now(UTC))).refused <= REFUSALS
    flow = await reauth_flow(api, refused)
    shown = await api.get(f"{FLOW}/{flow['flow_id']}")
    credentials = {"username": USER, "password": OTHER_PASSWORD}
    result = await go_on(api, shown, {"reauth_confirm": credentials})
    assert result["reason"] == "reauth_successful"
    await until("reachable again", reachable(api, refused, "on"))
    channel = whole_channel(second)
    still = await fetch_still(api, refused.cameras[channel.name].entity_id, channel)
    assert still.faults == ()


async def start_job(api: Api, camera: str, **span: Any) -> str:
    answers = await api.action("nvr", "download_clip", entity_id=[camera], wait=False, **span)
    job_id: str = answers[camera]["job_id"]
    return job_id


async def test_jobs_go_on_after_a_restart_of_home_assistant(
    installation: Installation,
    frontend: Frontend,
    first_entry: Entry,
    first: SimulatedRecorder,
) -> None:
    api = installation.api
    channel = whole_channel(first)
    camera = first_entry.cameras[channel.name].entity_id
    job_sensor = first_entry.named("clip_job").entity_id
    clip_event = first_entry.named("clip", channel.name).entity_id
    hour_ago = datetime.now(UTC) - timedelta(hours=1)

    async def fetching() -> bool:
        state = await api.state(job_sensor)
        return bool(state["state"] == "fetching" and state["attributes"]["job_id"] == slow_job)

    await first.slow_footage_down(A_WHILE)
    slow_job = await start_job(
        api, camera, start=hour_ago.isoformat(), end=(hour_ago + timedelta(seconds=4)).isoformat()
    )
    waiting_job = await start_job(api, camera, before=2, after=10)
    await until("the first job waits for bytes", fetching)
    await installation.home_assistant.stop()
    await first.heal()
    await installation.home_assistant.start()
    ended: dict[str, Any] = {}

    async def both_ended() -> bool:
        ended.update(await told_by(api, clip_event, hour_ago))
        return {slow_job, waiting_job} <= ended.keys()

    await until("both jobs ended", both_ended)
    for job_id in (slow_job, waiting_job):
        assert ended[job_id]["event_type"] == "clip_ready", ended[job_id]
    readings = list(shown(Path(ended[slow_job]["path"])))
    frame = timedelta(seconds=channel.frame_s)
    assert abs(readings[0].instant - hour_ago) <= frame
    assert half_files(installation) == []
    await frontend.log_in_again(ACCOUNT)


async def told_by(api: Api, clip_event: str, since: datetime) -> dict[str, Any]:
    """Return all that an event entity has told of jobs; two may end between two looks at it."""
    [states] = await api.get(
        f"/api/history/period/{quote(since.isoformat())}",
        filter_entity_id=clip_event,
        end_time=datetime.now(UTC).isoformat(),
    )
    return {
        state["attributes"]["job_id"]: state["attributes"]
        for state in states
        if "job_id" in state["attributes"]
    }


def half_files(installation: Installation) -> list[Path]:
    return list(installation.home_assistant.directory.media.rglob(".*"))
