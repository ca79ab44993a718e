"""What Home Assistant's log says of us after all that."""

from collections.abc import Mapping
import re

import pytest

from demo.installation import Installation
from demo.recorders import SimulatedRecorder
from demo.vendors import VENDORS

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ (WARNING|ERROR|CRITICAL) \([^)]*\) \[([^]]*)\] (.*)")
# What is meant when somebody else complains of us.
OURS = re.compile(r"\bnvr\b|\bNvr|custom_components")


def allowed(recorders: Mapping[str, SimulatedRecorder]) -> list[str]:
    """Return what may be complained of, after what was done to which recorder."""
    refused, unplugged = (
        "|".join(re.escape(recorders[name].title) for name in names)
        for names in (
            [vendor.second for vendor in VENDORS.values()],
            [vendor.first for vendor in VENDORS.values()],
        )
    )
    return [
        # Every custom integration is announced.
        r"We found a custom integration nvr which has not been tested",
        # A password was changed on the recorder.
        (
            rf"(Error fetching ({refused}) data|"
            rf"Config entry '({refused})' for nvr integration could not authenticate|"
            rf"Authentication failed while fetching ({refused}) data): The recorder refuses"
        ),
        # A recorder was unplugged.
        rf"Error fetching ({unplugged}) data: The recorder can't be reached",
    ]


async def test_nothing_of_ours_went_wrong_but_what_was_done_to_it(
    installation: Installation,
) -> None:
    forgiven = allowed(installation.recorders)
    complaints = []
    for line in installation.home_assistant.logs().splitlines():
        match = ENTRY.match(line)
        if match is None or not OURS.search(f"{match[2]} {match[3]}"):
            continue
        if not any(re.search(each, match[3]) for each in forgiven):
            complaints.append(line)
    assert complaints == []
