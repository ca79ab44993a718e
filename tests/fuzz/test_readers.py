"""Every reader bears what a device may send: hostile, damaged, endless."""

from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest

from tests.fuzz.campaign import Campaign, run_apart
from tests.fuzz.dumps import DEVICES
from tests.fuzz.limits import TooManyStepsError
from tests.fuzz.reader import Reader
from tests.fuzz.readers import READERS

# The same inputs in every run.
SEED = 20261121
SHORT, LONG = 250, 20_000
# Whole jobs code sound and check their results; the others read a thousand inputs in a second.
SLOW, SLOWNESS = "clip-job", 10
EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture(scope="module")
def short_run() -> dict[str, list[str]]:
    """Feed all readers in one process of its own, for it takes seconds to begin."""
    fast = [name for name in READERS if name != SLOW]
    results = chain(run_apart(fast, SEED, SHORT), run_apart([SLOW], SEED, SHORT // SLOWNESS))
    return {result.reader: result.findings for result in results}


@pytest.mark.parametrize("name", READERS)
def test_a_short_run_finds_nothing(short_run: dict[str, list[str]], name: str) -> None:
    assert short_run[name] == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", READERS)
def test_a_long_run_finds_nothing(name: str) -> None:
    [result] = run_apart([name], SEED, LONG // SLOWNESS if name == SLOW else LONG)
    assert result.findings == []


@pytest.mark.parametrize(
    "file", sorted(EXAMPLES.rglob("*.bin")), ids=lambda file: f"{file.parent.name} {file.stem}"
)
def test_what_once_did_harm_does_not_any_more(file: Path) -> None:
    reader = READERS[file.parent.name]
    with suppress(*reader.errors):
        reader.read(file.read_bytes())


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no recorded devices on this machine")
def test_readers_of_documents_are_fed_real_ones() -> None:
    fed = [name for name, reader in READERS.items() if len(reader.corpus()) > 1]
    assert {"xml-device-info", "xml-streams", "xml-search", "refusal"} <= set(fed)


def _campaign(read: object) -> Campaign:
    reader = Reader(
        name="test",
        read=read,  # type: ignore[arg-type] # a function of the test
        errors=(ValueError,),
        corpus=lambda: [b"some data"],
    )
    return Campaign(reader, SEED, lambda _: None)


@pytest.fixture
def findings_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.campaign.FOUND", tmp_path)
    monkeypatch.setattr("tests.fuzz.campaign.ROOT", tmp_path)


@pytest.mark.usefixtures("findings_elsewhere")
def test_an_error_of_another_kind_is_found_once() -> None:
    def read(data: bytes) -> None:
        if data[:1] == b"s":
            raise ValueError("which is allowed")
        raise KeyError("which is not")

    [finding] = _campaign(read).run(200).findings
    assert finding.startswith("KeyError in test_readers.py")


@pytest.mark.usefixtures("findings_elsewhere")
def test_a_reader_that_does_not_end_is_found() -> None:
    def read(data: bytes) -> None:
        while True:
            data = data[::-1]

    [finding] = _campaign(read).run(1).findings
    assert finding.startswith(TooManyStepsError.__name__)


@pytest.mark.usefixtures("findings_elsewhere")
def test_the_same_seed_gives_the_same_inputs() -> None:
    runs: list[list[bytes]] = []
    for _ in range(2):
        read: list[bytes] = []
        _campaign(read.append).run(300)
        runs.append(read)
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 200
