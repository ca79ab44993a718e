"""The tests are run in processes side by side, and all that a run has to say comes out of it."""

from collections import defaultdict
from collections.abc import Mapping
import os
from pathlib import Path
import subprocess
import sys

import pytest

from scripts.checks import side_by_side, skip_gate
from scripts.checks.skip_gate import SHARED

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ("xdist.plugin", "pytest_cov.plugin", skip_gate.__name__)
SUBJECT = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
# Each test writes down the process that it runs in.
TEST = """
import os
from pathlib import Path
import subject

def test_it(request):
    with (Path(__file__).parents[{up}] / "order").open("a") as order:
        print(os.getpid(), Path(__file__).name, file=order)
    {body}
"""
FILES = {
    "tests/test_first.py": "assert subject.one() == 1",
    "tests/test_second.py": "assert subject.two() == 2",
    "tests/faults/test_run.py": "",
    "tests/e2e/test_browser.py": "",
    "tests/e2e/test_actions.py": "",
    "tests/e2e/test_empty.py": "",
}


def write(folder: Path, files: Mapping[str, str]) -> None:
    (folder / "subject.py").write_text(SUBJECT, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    for name, body in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEST.format(up=name.count("/"), body=body), encoding="utf-8")


def run(folder: Path) -> tuple[int, str]:
    """Run the tests in a folder as `scripts/test` runs all, but without the plugins that they need."""
    plugins = [argument for plugin in PLUGINS for argument in ("-p", plugin)]
    gate = ["--cov=subject", "--cov-fail-under=100"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *side_by_side.OPTIONS, *gate],
        check=False,
        capture_output=True,
        cwd=folder,
        env=kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


def test_whole_installations_take_turns_beside_all_the_rest(folder: Path) -> None:
    status, output = run(folder)
    assert status == 0, output
    ran = [line.split() for line in (folder / "order").read_text("utf-8").splitlines()]
    processes = defaultdict(list)
    for process, name in ran:
        processes[name].append(process)
    assert {name: len(each) for name, each in processes.items()} == {
        Path(name).name: 1 for name in FILES
    }
    whole = ("test_actions.py", "test_browser.py")
    assert [name for _, name in ran if name in whole] == list(whole)
    [one] = {process for name in whole for process in processes[name]}
    # Fault runs and what has an installation of its own begin beside the first of them.
    assert one not in (*processes["test_run.py"], *processes["test_empty.py"])
    assert {process for each in processes.values() for process in each} > {one}


def test_what_all_processes_cover_counts(folder: Path) -> None:
    (folder / "tests/test_second.py").unlink()
    status, output = run(folder)
    assert status != 0
    assert "Required test coverage of 100% not reached" in output


def test_a_test_that_fails_in_a_process_fails_the_run(folder: Path) -> None:
    write(folder, {"tests/e2e/test_browser.py": "assert subject.one() == 'nothing'"})
    status, output = run(folder)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "'nothing'" in output


@pytest.mark.skipif(not SHARED.is_dir(), reason="the gate lets everything through here")
def test_a_test_that_is_skipped_in_a_process_fails_the_run(folder: Path) -> None:
    write(folder, {"tests/test_third.py": "import pytest; pytest.skip('no time')"})
    status, output = run(folder)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "tests/test_third.py::test_it: no time" in output


def test_a_process_that_dies_fails_the_run(folder: Path) -> None:
    write(folder, {"tests/test_third.py": "os._exit(3)"})
    status, output = run(folder)
    assert status not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert "crashed while running 'tests/test_third.py::test_it'" in output
