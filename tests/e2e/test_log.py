"""What Home Assistant's log says of us after all that."""

import re

import pytest

from demo.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ (WARNING|ERROR|CRITICAL) \([^)]*\) \[([^]]*)\] (.*)")
# What is meant when somebody else complains of us.
OURS = re.compile(r"\bnvr\b|\bNvr|custom_components")
ALLOWED = {
    "every custom integration is announced": (
        r"We found a custom integration nvr which has not been tested"
    ),
    "a password was changed on the recorder": (
        r"(Error fetching Shop data|Config entry 'Shop' for nvr integration could not authenticate|"
        r"Authentication failed while fetching Shop data): The recorder refuses"
    ),
    "a recorder was unplugged": r"Error fetching Home data: The recorder can't be reached",
}


async def test_nothing_of_ours_went_wrong_but_what_was_done_to_it(
    installation: Installation,
) -> None:
    complaints = []
    for line in installation.home_assistant.logs().splitlines():
        match = ENTRY.match(line)
        if match is None or not OURS.search(f"{match[2]} {match[3]}"):
            continue
        if not any(re.search(allowed, match[3]) for allowed in ALLOWED.values()):
            complaints.append(line)
    assert complaints == []
