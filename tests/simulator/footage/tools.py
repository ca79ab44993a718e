"""Running real programs."""

from pathlib import Path
import subprocess


def run(*arguments: str | Path) -> bytes:
    """Run a program that must succeed without a word, and give what it prints."""
    result = subprocess.run(arguments, capture_output=True, check=True)
    assert result.stderr == b""
    return result.stdout
