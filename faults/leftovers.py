"""What must not be there afterwards: half files, processes without a parent, jobs that never end."""

import asyncio
from collections.abc import Iterable
import json
from pathlib import Path
import re

import psutil

from demo.api import Api
from demo.entry import Entry
from demo.homeassistant import HomeAssistant
from faults.disk import BALLAST

# A worker notices at once that its parent is gone; a busy one within this.
ORPHAN_LIMIT_S = 15.0
JOBS_LIMIT_S = 240.0
INTERVAL_S = 0.5
ENDED = frozenset({"done", "failed", "cancelled"})
# A message begins with when, how bad, in which thread, and who says it.
_MESSAGE = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ ([A-Z]+) \([^)]*\) \[([^]]*)\]")
_OURS = re.compile(r"custom_components[./]nvr")


def part_files(home_assistant: HomeAssistant) -> list[Path]:
    """Return the files of the media folder that no user should ever see, and of the cache."""
    media = home_assistant.directory.media.rglob(".*")
    cache = (home_assistant.directory.path / ".cache" / "nvr").rglob("*.part")
    return [path for path in [*media, *cache] if path.is_file() and path.name != BALLAST]


def saved(home_assistant: HomeAssistant, suffix: str) -> list[Path]:
    """Return all clips, or all pictures, that are visible."""
    files = (home_assistant.directory.media / "nvr").rglob(f"*{suffix}")
    return [file for file in files if not file.name.startswith(".")]


def workers(home_assistant: HomeAssistant) -> list[psutil.Process]:
    """Return the processes that read footage for an installation, whoever is their parent."""
    program = str(home_assistant.directory.path / "custom_components" / "nvr")
    found = []
    for process in psutil.process_iter():
        try:
            if any(argument.startswith(program) for argument in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


async def orphans(home_assistant: HomeAssistant) -> int:
    """Give processes that lost their parent time to end, end the others, and count those."""
    _, alive = await asyncio.to_thread(
        psutil.wait_procs, workers(home_assistant), timeout=ORPHAN_LIMIT_S
    )
    for process in alive:
        process.kill()
    return len(alive)


async def stuck_jobs(api: Api, entries: Iterable[Entry]) -> int:
    """Wait for the end of all jobs, and count those that have none."""
    left = 0
    try:
        async with asyncio.timeout(JOBS_LIMIT_S):
            while left := sum([await _unfinished(api, entry) for entry in entries]):
                await asyncio.sleep(INTERVAL_S)
    except TimeoutError:
        return left
    return 0


async def _unfinished(api: Api, entry: Entry) -> int:
    told = await api.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    counts: dict[str, int] = told["data"].get("clip_jobs", {})
    return sum(count for phase, count in counts.items() if phase not in ENDED)


def kept_jobs(home_assistant: HomeAssistant) -> int:
    """Return how many jobs a stopped Home Assistant would take up again."""
    files = home_assistant.directory.storage.glob("nvr.*.jobs")
    return sum(len(json.loads(file.read_text("utf-8"))["data"]["jobs"]) for file in files)


def unforeseen(log: str) -> list[str]:
    """Return the errors in a log that came as a surprise: those with a traceback through us."""
    found = []
    level, lines = "", list[str]()
    for line in [*log.splitlines(), "2026-01-01 0:0 END (-) [-]"]:
        if (match := _MESSAGE.match(line)) is None:
            lines.append(line)
            continue
        text = "\n".join(lines)
        if level in {"ERROR", "CRITICAL"} and "Traceback" in text and _OURS.search(text):
            found.append(text)
        level, lines = match[1], [line]
    return found
