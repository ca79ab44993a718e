"""A pytest plugin: tests in several processes side by side, those of one file in one of them.

Tests that run a whole Home Assistant with recorders and browsers around it have several processes of
their own already. They come first and take turns in one process, fault runs in another: those wait for faults
more than they compute, and all of them in a row would take longer than everything else.
"""

from typing import Final, override

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Two for whole installations and two for all the rest; all wait more than they compute, so two cores carry that.
PROCESSES: Final = 4
FAULTS: Final = "tests/faults/"
# Has an installation of its own, beside which the others can be used.
OWN: Final = "tests/e2e/test_empty.py"
# Those that keep what they started until the end of the run come last.
WHOLE_INSTALLATIONS: Final = (FAULTS, "tests/e2e/")
OPTIONS: Final = (
    *("-p", __name__, "-n", str(PROCESSES)),
    # In the order in which they were collected, the first ones first.
    *("--dist=loadscope", "--no-loadscope-reorder"),
    # A test that hangs or crashes ends the run, as it does in a single process.
    "--max-worker-restart=0",
)


def group_of(nodeid: str) -> str:
    """Return the name of the tests that a test shares a process with."""
    if nodeid.startswith(FAULTS):
        return "fault runs"
    if nodeid.startswith(WHOLE_INSTALLATIONS) and not nodeid.startswith(OWN):
        return "whole installations"
    return nodeid.partition("::")[0]


def _place(item: pytest.Item) -> int:
    for place, folder in enumerate(WHOLE_INSTALLATIONS):
        if item.nodeid.startswith(folder):
            return place
    return len(WHOLE_INSTALLATIONS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring what takes longest to the front."""
    items.sort(key=_place)


class _ByGroup(LoadScopeScheduling):
    """Gives each process one group after the other."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Say how the tests are given out."""
    return _ByGroup(config, log)
