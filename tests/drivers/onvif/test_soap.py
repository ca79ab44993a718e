"""Requests, and what it takes to write them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
import subprocess
import sys
from unittest.mock import Mock

import pytest

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.errors import InvalidAnswerError
from custom_components.nvr.drivers.onvif import soap, writer
from custom_components.nvr.drivers.onvif.properties import Listening, listen, pull, read_listening
from custom_components.nvr.drivers.onvif.question import Question, TopicFilter, seconds
from custom_components.nvr.drivers.onvif.service import Service
from custom_components.nvr.drivers.onvif.services import SERVICES
from custom_components.nvr.drivers.onvif.titles import TITLES, TITLES2
from custom_components.nvr.drivers.onvif.uris import (
    UriQuestion,
    stills_by_media1,
    stills_by_media2,
    stream_by_datagrams,
    stream_by_media1,
    stream_by_media2,
)
from custom_components.nvr.drivers.onvif.username_token import UsernameToken

PROJECT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Forget what was read of services; how often it is read from now on is counted."""
    counted = Mock(wraps=writer.describe)
    monkeypatch.setattr(soap, "_described", {})
    monkeypatch.setattr(writer, "describe", counted)
    return counted


async def test_services_are_read_once_for_all_devices(readings: Mock) -> None:
    await asyncio.gather(*(soap.write(SERVICES) for _ in range(8)))
    await soap.write(TITLES)
    assert readings.call_count == 1


async def test_others_go_on_while_services_are_read(readings: Mock) -> None:
    ticks = 0
    writing = asyncio.create_task(soap.write(SERVICES))
    while not writing.done():
        await asyncio.sleep(0)
        ticks += 1
    # One for the thread to be started, if it were not one.
    assert ticks > 10
    assert readings.called


def test_the_log_of_the_program_stays_as_it_is() -> None:
    # In a program of its own: the library does it once, when it is imported.
    program = (
        "import asyncio, logging\n"
        "from custom_components.nvr.drivers.onvif import soap\n"
        "from custom_components.nvr.drivers.onvif.services import SERVICES\n"
        "asyncio.run(soap.write(SERVICES))\n"
        "print(logging.getLogger().handlers)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True, text=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("service", list(Service))
async def test_each_service_can_be_asked(service: Service) -> None:
    operations = {
        Service.DEVICE: "GetDeviceInformation",
        Service.MEDIA: "GetVideoSources",
        Service.MEDIA2: "GetProfiles",
        Service.EVENTS: "GetEventProperties",
        Service.RECORDING: "GetRecordings",
        Service.SEARCH: "GetRecordingSummary",
        Service.REPLAY: "GetServiceCapabilities",
    }
    question = Question(service=service, operation=operations[service], read=lambda answer: None)
    written = await soap.write(question)
    message = xml.find(xml.parse(written.body), "Body", operations[service])
    assert message is not None
    assert message.tag == f"{{{service.value}}}{operations[service]}"
    assert written.action


async def test_arguments_are_written_as_devices_read_them() -> None:
    question = Question(
        service=Service.SEARCH,
        operation="FindEvents",
        arguments={
            # The order of the schema is kept, whatever the order here.
            "KeepAliveTime": seconds(60),
            "IncludeStartState": True,
            "SearchFilter": TopicFilter(("tns1:RecordingHistory/Track/State",)),
            "Scope": {"IncludedRecordings": ["a<b"]},
            "EndPoint": NOON + timedelta(hours=1),
            "StartPoint": NOON,
        },
        read=lambda answer: None,
    )
    body = (await soap.write(question)).body
    message = xml.find(xml.parse(body), "Body", "FindEvents")
    assert message is not None
    assert [xml.local(one) for one in message] == [
        "StartPoint",
        "EndPoint",
        "Scope",
        "SearchFilter",
        "IncludeStartState",
        "KeepAliveTime",
    ]
    assert xml.text(message, "StartPoint") == "2026-03-05T12:00:00Z"
    assert xml.text(message, "Scope", "IncludedRecordings") == "a<b"
    assert xml.text(message, "KeepAliveTime") == "PT60S"
    # The prefix in a text has to be declared, too.
    assert b'xmlns:tns1="http://www.onvif.org/ver10/topics"' in body


async def test_no_filter_is_none() -> None:
    question = Question(
        service=Service.EVENTS,
        operation="CreatePullPointSubscription",
        arguments={"Filter": TopicFilter(())},
        read=lambda answer: None,
    )
    message = xml.parse((await soap.write(question)).body)
    assert (
        xml.find(message, "Body", "CreatePullPointSubscription", "Filter", "TopicExpression")
        is None
    )


@pytest.mark.parametrize(
    ("asked", "media2", "protocol"),
    [
        (stream_by_media1, False, None),
        (stream_by_media2, True, "RTSP"),
        (stream_by_datagrams, True, "RtspUnicast"),
        (stills_by_media1, False, None),
        (stills_by_media2, True, None),
    ],
)
async def test_addresses_are_asked_of_either_media_service(
    asked: UriQuestion, media2: bool, protocol: str | None
) -> None:
    question = asked("p")
    message = xml.find(xml.parse((await soap.write(question)).body), "Body", question.operation)
    assert message is not None
    assert xml.text(message, "ProfileToken") == "p"
    assert xml.text(message, "Protocol") == protocol
    assert ("ver20" in message.tag) is media2


@pytest.mark.parametrize("question", [TITLES, TITLES2], ids=lambda one: one.service.name)
async def test_titles_are_asked_of_either_media_service(
    question: Question[Mapping[str, str]],
) -> None:
    message = xml.find(xml.parse((await soap.write(question)).body), "Body", "GetOSDs")
    assert message is not None
    assert message.tag == f"{{{question.service.value}}}GetOSDs"


async def test_a_token_is_fresh_each_time_and_by_the_device_s_clock() -> None:
    token = UsernameToken(username="u", password="secret", offset=timedelta(days=-400))
    seen = set()
    for _ in range(2):
        body = (await soap.write(SERVICES, token)).body
        assert b"secret" not in body
        found = xml.find(xml.parse(body), "Header", "Security", "UsernameToken")
        assert found is not None
        assert xml.text(found, "Username") == "u"
        created = xml.text(found, "Created") or ""
        # Anything but Z is refused by some.
        assert created.endswith("Z")
        told = datetime.fromisoformat(created)
        assert abs(told - datetime.now(UTC) + timedelta(days=400)) < timedelta(minutes=5)
        seen.add(xml.text(found, "Nonce"))
    assert len(seen) == 2
    assert "secret" not in repr(token)


async def test_what_a_device_wants_to_see_at_a_place_is_shown_there() -> None:
    place = Listening(address="http://10.0.0.2/e", references=("<a:Id xmlns:a='urn:a'>7</a:Id>",))
    question = pull(place, "/e")
    assert question.address == "/e"
    head = xml.find(xml.parse((await soap.write(question)).body), "Header")
    assert head is not None
    assert xml.text(head, "To") == "http://10.0.0.2/e"
    assert (xml.text(head, "Action") or "").endswith("PullMessagesRequest")
    assert (xml.text(head, "MessageID") or "").startswith("urn:uuid:")
    assert xml.text(head, "Id") == "7"


@pytest.mark.parametrize(
    "wanted",
    [
        "<a:Id>7</a:Id> and words between",
        "<a:Id>7</a:Id>\n   ",
        "<a:Id xmlns:a='urn:&amp;'>7</a:Id><b/>",
        "<a:Id b:c='&amp;'>7<!-- x --></a:Id>",
    ],
)
async def test_any_reference_that_a_device_names_can_be_shown(wanted: str) -> None:
    names = "xmlns:a='urn:a' xmlns:b='urn:b'"
    answer = xml.parse(
        f"<R {names}><SubscriptionReference><Address>http://h/&lt;</Address>"
        f"<ReferenceParameters>{wanted}</ReferenceParameters></SubscriptionReference></R>".encode()
    )
    question = pull(read_listening(answer), "/e")
    head = xml.find(xml.parse((await soap.write(question)).body), "Header")
    assert head is not None
    assert xml.text(head, "Id") == "7"


async def test_a_reference_that_is_none_is_refused() -> None:
    place = Listening(address="http://10.0.0.2/e", references=("<a",))
    with pytest.raises(InvalidAnswerError):
        await soap.write(pull(place, "/e"))


async def test_an_end_is_named_where_lengths_are_misread() -> None:
    for question, end in ((listen(), "PT60S"), (listen(NOON), "2026-03-05T12:01:00Z")):
        message = xml.parse((await soap.write(question)).body)
        path = ("Body", "CreatePullPointSubscription", "InitialTerminationTime")
        assert xml.text(message, *path) == end
