"""Nothing is left of faults at a real installation."""

import asyncio
import json
import sys
from typing import Any

import pytest

from demo.vendors import HIKVISION, VENDORS
from scripts.provision.layout import ROOT, TOOLS_BIN

# Each fault during each operation takes minutes for each maker; of the others there is a short form.
ALWAYS = HIKVISION.name
LOGS_OF_FAILURES = ROOT / "build" / "faults"


async def run(*arguments: str) -> Any:
    """Run it as `scripts/faults` does and return its last line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "faults", "--logs", str(LOGS_OF_FAILURES), *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": f"{TOOLS_BIN}:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT)},
    )
    output, _ = await process.communicate()
    report = json.loads(output.splitlines()[-1])
    assert (process.returncode == 0) is report["ok"]
    return report


def expect_nothing_left(report: Any) -> None:
    assert report["problems"] == []
    for name in ("clips_broken", "part_files", "orphans", "stuck_jobs", "tasks_grown"):
        assert report[name] == 0, name
    assert report["clips_visible"] > 0
    assert report["pictures_visible"] > 0
    assert report["ok"]


def expect_all_hit(report: Any) -> None:
    # One in a hundred may have needed no request however often it was tried.
    assert report["faults_hit"] >= 0.99 * report["faults"], report["tried_again"]


@pytest.mark.e2e
# Ten recorders and a hundred faults wait for each other longer on a busy machine.
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "vendor",
    [name if name == ALWAYS else pytest.param(name, marks=pytest.mark.long) for name in VENDORS],
)
async def test_each_fault_during_each_operation_leaves_nothing(vendor: str) -> None:
    report = await run("--vendor", vendor)
    expect_nothing_left(report)
    expect_all_hit(report)


@pytest.mark.e2e
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("vendor", [name for name in VENDORS if name != ALWAYS])
async def test_a_few_faults_leave_nothing(vendor: str) -> None:
    report = await run("--vendor", vendor, "--seed", "1", "--count", "8", "--recorders", "2")
    expect_nothing_left(report)
    expect_all_hit(report)
    assert report["faults"] == 8


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_thousand_faults_leave_nothing(vendor: str) -> None:
    report = await run("--vendor", vendor, "--seed", "1", "--count", "1000")
    expect_nothing_left(report)
    expect_all_hit(report)
    assert report["faults"] == 1000
