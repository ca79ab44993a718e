"""What is known of a device stays known while it fails for a moment."""

from collections.abc import Mapping
from typing import Any, override

import pytest

from custom_components.nvr.drivers.budget import Budget
from custom_components.nvr.drivers.errors import DriverError, InvalidAnswerError, NotSupportedError
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.clock import RecorderClock
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.faults import WordlessFaultError
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.question import Heard, Question
from custom_components.nvr.drivers.onvif.service import Service
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


SERVICE = "<tse:Service><tse:Namespace>{}</tse:Namespace><tse:XAddr>http://10.0.0.2/{}</tse:XAddr></tse:Service>"
BOTH = "".join(SERVICE.format(one.value, one.name) for one in (Service.MEDIA, Service.MEDIA2))
OLDER = "<tse:Capabilities><tt:Media><tt:XAddr>http://10.0.0.2/m</tt:XAddr></tt:Media></tse:Capabilities>"


class NamedServices(ScriptedDevice):
    """Keeps what it is told of its services, as a connection to a device does."""

    named: Mapping[Service, str] | None = None

    @override
    def offers(self, service: Service) -> bool | None:
        return None if self.named is None else service in self.named

    @override
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        self.named = addresses


def _survey(facts: Facts) -> Survey:
    addresses = SafeAddresses(Connection(host="192.0.2.1", username="u", password="p"))
    return Survey(facts, RecorderClock(), DeviceMemory({}), addresses)


@pytest.mark.parametrize(
    "later",
    [WordlessFaultError("500"), InvalidAnswerError("damaged"), NotSupportedError("404")],
    ids=repr,
)
async def test_services_stay_while_a_device_fails(later: DriverError) -> None:
    survey = _survey(Facts())
    device = NamedServices(GetServices=BOTH, GetCapabilities=OLDER)
    await survey.ask("services", device)
    device.scripts["GetServices"] = later
    with pytest.raises(type(later)):
        await survey.ask("services", device)
    assert device.offers(Service.MEDIA2)
    assert not device.count("GetCapabilities")


async def test_a_device_is_reached_again_though_it_names_no_services_then() -> None:
    survey = _survey(Facts())
    device = NamedServices(
        GetServices=BOTH,
        GetDeviceInformation="<tse:Model>M</tse:Model><tse:SerialNumber>S</tse:SerialNumber>",
        GetProfiles=BY_MEDIA2,
    )
    await survey.everything(device)
    device.scripts["GetServices"] = WordlessFaultError("500")
    await survey.everything(device)
    assert device.offers(Service.MEDIA2)


async def test_the_older_question_names_the_services_of_devices_that_have_it_alone() -> None:
    device = NamedServices(GetCapabilities=OLDER)
    survey = _survey(Facts())
    for _ in range(2):
        await survey.ask("services", device)
    assert device.named is not None
    assert set(device.named) == {Service.MEDIA}


TITLE = (
    "<tse:OSDs><tt:VideoSourceConfigurationToken>C</tt:VideoSourceConfigurationToken>"
    "<tt:TextString><tt:Type>Plain</tt:Type><tt:PlainText>{}</tt:PlainText></tt:TextString></tse:OSDs>"
)
ABSENT_THERE = NotSupportedError("GetOSDs")


class TitledDevice(ScriptedDevice):
    """A device that answers by Media1 and by Media2."""

    def __init__(self, media1: Answer, media2: Answer) -> None:
        super().__init__()
        self.answers = {Service.MEDIA: media1, Service.MEDIA2: media2}

    @override
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        self.scripts["GetOSDs"] = self.answers[question.service]
        return await super().exchange(question, budget)


@pytest.mark.parametrize(
    ("media1", "media2", "titles"),
    [
        (TITLE.format("Drive"), TITLE.format("Yard"), {"C": "Drive"}),
        (ABSENT_THERE, TITLE.format("Yard"), {"C": "Yard"}),
        ("", TITLE.format("Yard"), {"C": "Yard"}),
        ("", ABSENT_THERE, {}),
        ("", "", {}),
    ],
)
async def test_titles_come_from_the_media_service_that_knows_them(
    media1: Answer, media2: Answer, titles: Mapping[str, str]
) -> None:
    facts = Facts()
    await _survey(facts).ask("titles", TitledDevice(media1, media2))
    assert facts.titles == titles


async def test_a_device_without_titles_is_asked_by_both() -> None:
    with pytest.raises(NotSupportedError):
        await _survey(Facts()).ask("titles", TitledDevice(ABSENT_THERE, ABSENT_THERE))


@pytest.mark.parametrize("told_by", [Service.MEDIA, Service.MEDIA2], ids=lambda one: one.name)
async def test_titles_stay_while_a_device_fails(told_by: Service) -> None:
    facts = Facts()
    device = TitledDevice(ABSENT_THERE if told_by is Service.MEDIA2 else "", "")
    device.answers[told_by] = TITLE.format("Drive")
    survey = _survey(facts)
    await survey.ask("titles", device)
    device.answers[told_by] = WordlessFaultError("500")
    with pytest.raises(WordlessFaultError):
        await survey.ask("titles", device)
    assert facts.titles == {"C": "Drive"}
    device.answers[told_by] = ""
    await survey.ask("titles", device)
    assert facts.titles == {}
