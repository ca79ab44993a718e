"""From nothing to cameras: the whole way of somebody who installed the integration a minute ago."""

import json
import os
import subprocess
import sys
from typing import Any

from demo.vendors import VENDORS
from scripts.provision.layout import ROOT
from tests.network.home import can_be_made

# Other tests that run meanwhile have recorders on loopback as well: here it is one of its own.
ON_ITS_OWN = ("unshare", "--net", "/bin/sh", "-c", 'ip link set lo up && exec "$@"', "alone")
PROGRAM = (sys.executable, "-m", "demo", "--check", "--empty")


def test_recorders_are_found_and_added_in_three_clicks() -> None:
    done = subprocess.run(
        [*(ON_ITS_OWN if can_be_made() else ()), *PROGRAM],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    said = done.stdout.splitlines()
    assert said, done.stderr
    answer: dict[str, Any] = json.loads(said[-1])
    assert answer["problems"] == [], done.stderr
    assert answer["ok"] is True
    assert done.returncode == 0
    assert 0 < answer["clicks"] <= 3
    assert answer["recorders_found"] == answer["recorders_expected"] == 2 * len(VENDORS)
    assert answer["recorders_added"] == len(VENDORS)
    assert answer["pictures"] >= len(VENDORS)
    assert answer["cameras"] >= len(VENDORS)
    assert answer["languages"] == 12
