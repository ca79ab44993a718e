"""Looking for a secret in whatever form it might have slipped out."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

# Base64 works on groups of three bytes: what stands before a secret shifts it by 0, 1 or 2.
_GROUP = 3
# Characters at either end of shifted base64 that depend on the neighbours as well.
_UNSURE = 4


def forms(secret: str) -> dict[str, str]:
    """Return the spellings of a secret, by name, that would give it away."""
    raw = secret.encode()
    found = {
        "raw": secret,
        "percent-encoded": quote(secret, safe=""),
        "percent-encoded in lower case": quote(secret, safe="").lower(),
        "percent-encoded but for slashes": quote(secret),
        "percent-encoded with plus": quote_plus(secret),
        "percent-encoded twice": quote(quote(secret, safe=""), safe=""),
        "JSON-escaped": json.dumps(secret)[1:-1],
        "JSON-escaped, Unicode kept": json.dumps(secret, ensure_ascii=False)[1:-1],
        "XML-escaped": escape(secret),
        "XML-escaped but for quotes": escape(secret, quote=False),
        "Python literal": repr(secret)[1:-1],
        "hexadecimal": raw.hex(),
        "bytes literal": repr(raw)[2:-1],
    }
    for shift in range(_GROUP):
        coded = b64encode(b"\0" * shift + raw).decode().rstrip("=")
        found[f"base64, shifted by {shift}"] = coded[_UNSURE if shift else 0 : -_UNSURE]
    return found


@dataclass
class SecretSearch:
    """Searches texts for some secrets and keeps what it finds.

    Attributes:
        found: where a secret stood and in which form, never the secret itself.
        searched: how many characters were looked at, by place.
    """

    secrets: Iterable[str]
    found: set[str] = field(default_factory=set)
    searched: dict[str, int] = field(default_factory=dict)

    def look(self, place: str, text: str) -> None:
        """Search one text."""
        self.searched[place] = self.searched.get(place, 0) + len(text)
        for secret in self.secrets:
            for form, spelling in forms(secret).items():
                if spelling in text:
                    self.found.add(f"{place}: {form}")

    def look_at_arguments(self) -> None:
        """Search the arguments of all processes that run at this moment."""
        for arguments in process_arguments():
            self.look("process arguments", arguments)


def process_arguments() -> Iterator[str]:
    """Yield the command line of each running process."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
