"""What a reader is to a fuzzer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Something that reads bytes of a device.

    Attributes:
        name: by which it is asked for.
        read: reads an input to its end.
        errors: what it may raise; anything else is a finding.
        corpus: gives real or at least right data.
        shapes: inputs that are built rather than damaged.
        words: that mean something to it.
    """

    name: str
    read: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...] = ()
    corpus: Callable[[], Sequence[bytes]]
    shapes: st.SearchStrategy[bytes] = field(default_factory=st.binary)
    words: tuple[bytes, ...] = ()
