"""All benches by name."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module

from .outcome import Outcome, Workbench

type Bench = Callable[[Workbench], Awaitable[Outcome]]

BENCHES: Mapping[str, str] = {
    "setup": "adding recorders of 8 to 64 channels, near and far",
    "steady": "an hour with 32 channels while nobody looks",
    "download": "clips of 10 MB to 4 GB: speed and memory",
    "loop": "lag of the event loop while four recorders download",
    "search": "10,000 recordings",
    "play": "first picture of a recording, jumps, and jumps back",
    "live": "first picture of a live stream",
    "snapshot": "stills of 32 channels for four viewers at once",
    "scale": "ten recorders with 32 channels each",
}


def bench_of(name: str) -> Bench:
    """Return a bench; its module is loaded only now, for each needs other libraries."""
    bench: Bench = import_module(f".{name}", __package__).measure
    return bench
