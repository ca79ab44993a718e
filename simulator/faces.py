"""All personalities by name. A new face adds its own here."""

from collections.abc import Callable, Mapping

from .core.personality import Options, Personality
from .hikvision import personalities as hikvision

PERSONALITIES: Mapping[str, Callable[[Options], Personality]] = {**hikvision.PERSONALITIES}
