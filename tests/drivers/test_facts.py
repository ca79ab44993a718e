"""What follows from what any device tells: when it was started, where its channels are, and what is missing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import override

import pytest

from custom_components.nvr.drivers.errors import NotSupportedError
from custom_components.nvr.drivers.facts import DeviceFacts
from custom_components.nvr.drivers.models import Channel, Recorder, RecorderState

NOBODY = Recorder(name="", manufacturer="", model="", serial="", firmware="")


@dataclass(frozen=True)
class Socket:
    """Where the device below has a channel."""

    number: int


class Facts(DeviceFacts[Socket]):
    """What a device of no maker has told: two channels and nothing of their streams."""

    @override
    def places(self) -> tuple[Socket, ...]:
        return Socket(1), Socket(3)

    @override
    def state(self) -> RecorderState:
        channels = tuple(
            Channel(number=place.number, name="", online=None, streams=())
            for place in self.places()
        )
        return self._state_of(NOBODY, channels, lacks_recorder=True, lacks_status=False)


def missing(facts: Facts) -> dict[str, str]:
    return {entry.what: entry.reason for entry in facts.state().missing}


def test_a_channel_is_found_by_its_number() -> None:
    assert Facts().place(3) == Socket(3)
    assert Facts().find_place(2) is None
    with pytest.raises(NotSupportedError, match="no channel 2"):
        Facts().place(2)


def test_boot_moves_by_a_reboot_alone() -> None:
    facts = Facts()
    facts.note_uptime(timedelta(hours=5))
    first = facts.last_boot
    facts.note_uptime(timedelta(hours=5, seconds=40))
    assert facts.last_boot == first
    facts.note_uptime(timedelta(minutes=1))
    assert first is not None
    assert facts.last_boot is not None
    assert facts.last_boot - first > timedelta(hours=4)


def test_what_was_not_told_is_missing_and_why() -> None:
    facts = Facts(disks=(), absent={"clock": "refused", "streams": "not asked yet"})
    assert missing(facts) == {
        "recorder": "the device lists none",
        "streams": "not asked yet",
        "clock": "refused",
    }
    facts.disks, facts.absent = None, {"recordings": "no search"}
    assert missing(facts) == {
        "recorder": "the device lists none",
        "streams": "the device lists none",
        "disks": "the device lists none",
        "recordings": "no search",
    }
