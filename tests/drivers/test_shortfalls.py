"""What is learnt from footage that ends before its recording does."""

import pytest

from custom_components.nvr.drivers.memory import PLAYBACK_BRINGS_MORE, DeviceMemory
from custom_components.nvr.drivers.shortfalls import MAX_KNOWN, PROOFS, Shortfalls


@pytest.fixture
def memory() -> DeviceMemory:
    return DeviceMemory({})


@pytest.fixture
def shortfalls(memory: DeviceMemory) -> Shortfalls:
    return Shortfalls(memory)


def tried(shortfalls: Shortfalls, token: str, *, more: bool | None, played: bool = True) -> bool:
    """Let a download be short, ask again where that is worth while, and tell whether it was."""
    shortfalls.note_way(token, played=False)
    if not shortfalls.note_short(token, truncated=False):
        return False
    assert shortfalls.prefers_playback(token)
    shortfalls.note_way(token, played=played)
    shortfalls.note_further(token, more=more)
    return True


def test_what_broke_off_is_asked_for_the_same_way(
    shortfalls: Shortfalls, memory: DeviceMemory
) -> None:
    shortfalls.note_way("a", played=False)
    assert shortfalls.note_short("a", truncated=True)
    assert not shortfalls.prefers_playback("a")
    shortfalls.note_further("a", more=True)
    assert memory.flag(PLAYBACK_BRINGS_MORE) is None


def test_what_ends_in_good_order_is_played(shortfalls: Shortfalls) -> None:
    shortfalls.note_way("a", played=False)
    assert shortfalls.note_short("a", truncated=False)
    assert shortfalls.prefers_playback("a")
    assert not shortfalls.prefers_playback("b")


def test_playback_is_preferred_when_it_is_proven(
    shortfalls: Shortfalls, memory: DeviceMemory
) -> None:
    # One recording proves it but once.
    for token in ["0", "0", *map(str, range(1, PROOFS))]:
        assert memory.flag(PLAYBACK_BRINGS_MORE) is None
        assert not shortfalls.prefers_playback("any")
        assert tried(shortfalls, token, more=True)
    assert memory.flag(PLAYBACK_BRINGS_MORE) is True
    assert Shortfalls(memory).prefers_playback("any")


def test_a_hole_is_looked_into_but_once_on_a_device(
    shortfalls: Shortfalls, memory: DeviceMemory
) -> None:
    assert tried(shortfalls, "a", more=False)
    assert memory.flag(PLAYBACK_BRINGS_MORE) is False
    assert not tried(shortfalls, "b", more=True)
    assert not shortfalls.prefers_playback("a")
    assert not tried(Shortfalls(memory), "c", more=True)


@pytest.mark.parametrize(("more", "played"), [(None, True), (False, False), (True, False)])
def test_what_was_not_played_proves_nothing(
    shortfalls: Shortfalls, memory: DeviceMemory, more: bool | None, played: bool
) -> None:
    for number in range(PROOFS + 1):
        assert tried(shortfalls, f"{number}", more=more, played=played)
    assert memory.flag(PLAYBACK_BRINGS_MORE) is None
    assert not shortfalls.prefers_playback("0")


def test_what_was_played_is_all_there_is(shortfalls: Shortfalls) -> None:
    shortfalls.note_way("a", played=True)
    assert not shortfalls.note_short("a", truncated=False)


def test_old_recordings_are_forgotten(shortfalls: Shortfalls) -> None:
    for number in range(MAX_KNOWN + 1):
        shortfalls.note_way(f"{number}", played=False)
    assert not shortfalls.note_short("0", truncated=False)
    assert shortfalls.note_short(f"{MAX_KNOWN}", truncated=False)
