"""What was asked for and what came of it."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
import re

from faults.clips import Request, wrong_with
from faults.pictures import PictureRequest, wrong_with_picture
from faults.plan import Case

# A file is called after its time, and what the caller wanted, and a number if that is taken.
_FILE = re.compile(r"[0-9]{6}_(fault[0-9]+)(?:_[0-9]+)?\.(?:mp4|jpg)")
WARM_UP = 0


@dataclass
class Ledger:
    """The clips and pictures of a run, by their names, and what went wrong.

    Attributes:
        problems: all that must not be, in words.
        faults: how many of each kind were brought about.
        broken: those that are not what they should be.
        spoilt: pictures of now that a recorder itself sent with a fault in them.
        garbled: recordings of which a recorder itself sent nonsense.
        ended: recordings of which a recorder itself sent no more than a part, time after time, and when.
    """

    problems: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: set[Path] = field(default_factory=set)
    spoilt: set[bytes] = field(default_factory=set)
    ended: dict[str, float] = field(default_factory=dict)
    garbled: set[str] = field(default_factory=set)
    _requests: dict[str, Request | PictureRequest] = field(default_factory=dict)
    _checked: dict[Path, int] = field(default_factory=dict)

    def ask(self, case: Case, request: Request | PictureRequest) -> str:
        """Note a clip or picture that is asked for and return its name."""
        name = f"fault{case.number}"
        self._requests[name] = request
        return name

    async def check(self, file: Path) -> list[str]:
        """Look at a file that is visible, once, and return what is wrong with it."""
        stamp = file.stat().st_mtime_ns if file.exists() else 0
        if self._checked.get(file) == stamp:
            return []
        self._checked[file] = stamp
        match = _FILE.fullmatch(file.name)
        request = self._requests.get(match[1]) if match else None
        if request is None:
            wrong = ["nobody asked for it"]
        elif isinstance(request, PictureRequest):
            wrong = await asyncio.to_thread(wrong_with_picture, file, request)
        else:
            wrong = await asyncio.to_thread(wrong_with, file, request)
        if wrong:
            self.broken.add(file)
        return [f"{file.name}: {each}" for each in wrong]
