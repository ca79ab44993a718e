"""What set-up did before, so that a second run ends at once."""

import json
from typing import Optional

from scripts.provision.layout import STATE_FILE


class State:
    """Per step: the fingerprint of its inputs, and what could not be had."""

    def __init__(self, steps: dict[str, dict[str, str]]) -> None:
        self._steps = steps

    @classmethod
    def load(cls) -> "State":
        """Read the state; none, or one that can't be read, means that nothing is done."""
        try:
            steps = json.loads(STATE_FILE.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            steps = {}
        return cls(steps if isinstance(steps, dict) else {})

    def done(self, step: str, key: str) -> bool:
        """Tell whether the step was done with these inputs."""
        return self._steps.get(step) == {"key": key}

    def missing(self, step: str, key: str) -> Optional[str]:
        """Give what the step said was missing, if it was tried with these inputs."""
        entry = self._steps.get(step, {})
        return entry.get("missing") if entry.get("key") == key else None

    def set_done(self, step: str, key: str) -> None:
        """Remember that the step was done."""
        self._set(step, {"key": key})

    def set_missing(self, step: str, key: str, line: str) -> None:
        """Remember that the step was tried and what it lacks."""
        self._set(step, {"key": key, "missing": line})

    def _set(self, step: str, entry: dict[str, str]) -> None:
        self._steps[step] = entry
        fresh = STATE_FILE.with_name("setup.json.new")
        fresh.write_text(json.dumps(self._steps, indent=1), encoding="utf-8")
        fresh.replace(STATE_FILE)
