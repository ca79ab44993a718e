"""Feeds a reader, in a process of its own that may die, and tells what it did not bear."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
import gc
from hashlib import sha256
import itertools
import json
import mmap
from pathlib import Path
from random import Random
import struct
import subprocess
import sys
from tempfile import TemporaryFile
from time import process_time
import traceback

from hypothesis import HealthCheck, given, seed as with_seed, settings

from scripts.provision.layout import ROOT
from tests.fuzz.limits import CPU_INPUTS, Steps, TooManyStepsError, allow_time, limit_process
from tests.fuzz.mutation import MAX_BYTES, Mutator
from tests.fuzz.reader import Reader

# One input in so many is built by its shape instead of damaged; building costs much more.
SHAPED = 20
BATCH = 500
MOST_FINDINGS = 20
FOUND = ROOT / "build" / "fuzz"
_SIZE = struct.Struct(">I")
_SLOT = _SIZE.size + 4 * MAX_BYTES


@dataclass
class Result:
    """What came of a campaign.

    Attributes:
        inputs: how many were read.
        seconds: of computing.
        findings: one text for each kind of failure.
        files: where the inputs are that led to them.
    """

    reader: str
    seed: int
    inputs: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Inputs in a second."""
        return self.inputs / self.seconds if self.seconds else 0.0


class Campaign:
    """One reader and many inputs.

    ``keep`` is told of each input before it is read.
    """

    def __init__(self, reader: Reader, seed: int, keep: Callable[[bytes], None]) -> None:
        self.result = Result(reader.name, seed)
        self._reader = reader
        self._keep = keep
        self._steps = Steps()
        self._seen: set[str] = set()

    def run(self, count: int) -> Result:
        """Read so many inputs, some built and the others damaged."""
        began = process_time()
        random = Random(f"{self._reader.name} {self.result.seed}")
        mutate = Mutator(self._reader.corpus(), self._reader.words)
        with self._steps.counted():
            self._steps.stop()
            for data in self._reader.corpus():
                self.read(data)
            self._shapes(count // SHAPED)
            while self.result.inputs < count and len(self.result.findings) < MOST_FINDINGS:
                self.read(mutate(random))
        self.result.seconds = process_time() - began
        return self.result

    def _shapes(self, count: int) -> None:
        for number in range(-(-count // BATCH)):
            examples = min(BATCH, count - number * BATCH)

            @with_seed(f"{self.result.seed} {number}")
            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(self._reader.shapes)
            def shaped(data: bytes) -> None:
                self.read(data)

            shaped()

    def read(self, data: bytes) -> None:
        """Let the reader read one input, and note what it should not have done."""
        self._keep(data)
        self.result.inputs += 1
        self._steps.allow(len(data))
        try:
            self._reader.read(data)
        except self._reader.errors:
            pass
        except (Exception, TooManyStepsError) as error:  # noqa: BLE001 -- any other is what is looked for
            self._steps.stop()
            self._note(error, data)
        finally:
            self._steps.stop()

    def _note(self, error: BaseException, data: bytes) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "custom_components" in frame.filename]
        where = ours[-1] if ours else frames[-1]
        kind = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno} {where.name}"
        if kind in self._seen:
            return
        self._seen.add(kind)
        self.result.findings.append(f"{kind}: {error}")
        self.result.files.append(keep_file(self._reader.name, data))


def keep_file(reader: str, data: bytes) -> str:
    """Keep an input that led to a finding."""
    FOUND.mkdir(parents=True, exist_ok=True)
    file = FOUND / f"{reader}-{sha256(data).hexdigest()[:8]}.bin"
    file.write_bytes(data)
    return str(file.relative_to(ROOT))


def run_apart(names: Sequence[str], seed: int, count: int) -> Iterator[Result]:
    """Feed readers in a process of its own, with bounds on memory and time; its death is a finding."""
    left = list(names)
    while left:
        with TemporaryFile() as file:
            file.truncate(_SLOT)
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.fuzz.campaign", str(seed), str(count), *left],
                stdin=file,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                text=True,
            )
            with child:
                for line in child.stdout or ():
                    left.pop(0)
                    yield Result(**json.loads(line))
            if child.returncode:
                file.seek(0)
                (size,) = _SIZE.unpack(file.read(_SIZE.size))
                death = f"the process died: {child.returncode}"
                kept = keep_file(left[0], file.read(size))
                yield Result(left.pop(0), seed, findings=[death], files=[kept])


def _child(seed: int, count: int, names: Sequence[str]) -> None:
    """Read in this process; the input at hand stands in the file that is our standard input."""
    from tests.fuzz.readers import READERS  # noqa: PLC0415 -- readers need not know of campaigns

    numbers = itertools.count(1)
    with mmap.mmap(sys.stdin.fileno(), _SLOT) as slot:

        def keep(data: bytes) -> None:
            kept = data[: _SLOT - _SIZE.size]
            slot[: _SIZE.size + len(kept)] = _SIZE.pack(len(kept)) + kept
            if not next(numbers) % CPU_INPUTS:
                allow_time()

        for name in names:
            READERS[name].corpus()
            # Workers collect garbage after each job, which takes long where as much stays as here.
            gc.freeze()
            limit_process()
            result = Campaign(READERS[name], seed, keep).run(count)
            sys.stdout.write(json.dumps(asdict(result)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    _child(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
