"""What is known of a device stays known while it fails for a moment."""

import pytest

from custom_components.nvr.drivers.errors import DriverError, InvalidAnswerError, NotSupportedError
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.clock import RecorderClock
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.faults import WordlessFaultError
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.survey import Survey

from .answers import Answer, ScriptedDevice

INPUT = "<tt:SourceToken>S1</tt:SourceToken>"
BY_MEDIA1 = (
    f'<tse:Profiles token="P1"><tse:VideoSourceConfiguration token="C">{INPUT}'
    "</tse:VideoSourceConfiguration></tse:Profiles>"
)
BY_MEDIA2 = (
    f'<tse:Profiles token="P1"><tse:Configurations><tse:VideoSource token="C">{INPUT}</tse:VideoSource>'
    "</tse:Configurations></tse:Profiles>"
)


class Surveyed:
    """A device that answers by Media2 and by Media1, and what is known of it."""

    def __init__(self) -> None:
        self.facts = Facts()
        addresses = SafeAddresses(Connection(host="192.0.2.1", username="u", password="p"))
        self._survey = Survey(self.facts, RecorderClock(), DeviceMemory({}), addresses)

    async def ask(self, media2: Answer, media1: Answer) -> None:
        """Ask for its profiles."""
        device = ScriptedDevice(
            # Media2 alone is told which parts are wanted.
            GetProfiles=lambda arguments: media2 if arguments else media1
        )
        await self._survey.ask("profiles", device)


@pytest.fixture
def surveyed() -> Surveyed:
    return Surveyed()


@pytest.mark.parametrize(
    "later", [WordlessFaultError("500"), InvalidAnswerError("damaged"), ""], ids=repr
)
@pytest.mark.parametrize("known_by", ["Media1", "Media2"])
async def test_streams_stay_while_a_device_fails(
    surveyed: Surveyed, later: Answer, known_by: str
) -> None:
    await surveyed.ask(BY_MEDIA2 if known_by == "Media2" else "", BY_MEDIA1)
    before = surveyed.facts.profiles
    assert before
    with pytest.raises(DriverError):
        await surveyed.ask(later, later)
    assert surveyed.facts.profiles == before
    assert surveyed.facts.by_media2 == (known_by == "Media2")


async def test_what_fails_for_a_moment_is_no_reason_for_the_older_question(
    surveyed: Surveyed,
) -> None:
    await surveyed.ask(BY_MEDIA2, BY_MEDIA1)
    with pytest.raises(WordlessFaultError):
        await surveyed.ask(WordlessFaultError("500"), BY_MEDIA1)
    assert surveyed.facts.by_media2
    # Another firmware may have the older one alone.
    await surveyed.ask(NotSupportedError("gone"), BY_MEDIA1)
    assert surveyed.facts.profiles
    assert not surveyed.facts.by_media2
