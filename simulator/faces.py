"""All personalities by name: the face's, a slash, and their own. A new face adds its own here."""

from collections.abc import Callable, Mapping

from .core.personality import Options, Personality
from .dahua import personalities as dahua
from .hikvision import personalities as hikvision
from .onvif import personalities as onvif

PERSONALITIES: Mapping[str, Callable[[Options], Personality]] = {
    **hikvision.PERSONALITIES,
    **dahua.PERSONALITIES,
    **onvif.PERSONALITIES,
}


def personalities_of(vendor: str) -> list[str]:
    """Return the names of those of one maker."""
    return [name for name in PERSONALITIES if name.startswith(f"{vendor}/")]
