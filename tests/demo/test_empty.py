"""The demo to which nothing was added: who is on its network, and what it counts."""

from collections.abc import AsyncIterator
import json
from pathlib import Path
import sys
from typing import Any

import pytest

from demo import __main__ as program, empty
from demo.empty import EmptyReport, names_of, on_the_network
from demo.recorders import PASSWORD, RecorderHost
from demo.steps.languages import LANGUAGES, complete_languages
from demo.vendors import HIKVISION, VENDORS

SENTENCE = "Type the address of your recorder."


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[RecorderHost]:
    async with RecorderHost.run(tmp_path / "simulator") as running:
        yield running


def planned(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    monkeypatch.setattr(sys, "argv", ["scripts/demo", "--empty", *arguments])
    return [plan.name for plan in program._plans(program._arguments())]


def test_has_a_recorder_and_a_camera_of_each_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    names = planned(monkeypatch)
    assert names == planned(monkeypatch, "--check") == names_of(VENDORS.values())
    for vendor in VENDORS.values():
        assert [name for name in names if name.startswith(vendor.name)] == [
            vendor.first,
            f"{vendor.name}/camera",
        ]
    assert planned(monkeypatch, "--vendor", "hikvision") == names_of([HIKVISION])
    assert planned(monkeypatch, "--personality", "dvr") == ["hikvision/dvr"]


def test_checks_all_personalities_only_where_they_were_added(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        planned(monkeypatch, "--check", "--all")
    assert "--all doesn't go with --empty" in capsys.readouterr().err


def test_a_person_can_type_the_password_and_a_check_takes_the_hardest() -> None:
    [checked] = on_the_network(["hikvision/current"])
    [shown] = on_the_network(["hikvision/current"], empty.PASSWORD)
    assert checked.password == PASSWORD
    assert shown.password == empty.PASSWORD
    assert shown.password.isascii()


def test_says_when_a_machine_has_no_addresses_for_recorders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(empty, "FIRST_ADDRESS", empty.IPv4Address("192.0.2.1"))
    monkeypatch.setattr(sys, "argv", ["scripts/demo", "--empty", "--check"])
    assert program.main() == program.STATUS_FAILED
    said = capsys.readouterr()
    assert "demo: recorders need addresses such as 192.0.2.1" in said.err
    assert json.loads(said.out.splitlines()[-1])["ok"] is False


async def test_each_recorder_has_an_address_of_its_own(host: RecorderHost) -> None:
    recorders = await host.start(on_the_network(names_of(VENDORS.values())))
    addresses = [recorder.address.partition(":")[0] for recorder in recorders.values()]
    assert addresses == [f"127.0.0.{11 + place}" for place in range(len(recorders))]
    # The pages of those who add it have no place for a port.
    assert all(recorder.tells_ports for recorder in recorders.values())
    assert len({recorder.title for recorder in recorders.values()}) == len(recorders)


def test_prints_what_was_seen() -> None:
    answer = json.loads(json.dumps(EmptyReport().as_json()))
    assert answer.keys() >= {"ok", "clicks", "recorders_found", "languages"}
    assert answer["ok"] is False


class Texts:
    """A Home Assistant that has texts in some languages, and gives English for what it lacks."""

    def __init__(self, **texts: dict[str, str]) -> None:
        self._texts = texts

    async def ask(self, kind: str, *, language: str, category: str, integration: str) -> Any:
        assert (kind, integration) == ("frontend/get_translations", "nvr")
        own = self._texts.get(language, {}) if category == "config" else {}
        english = self._texts.get("en", {}) if category == "config" else {}
        return {"resources": english | own}


async def test_a_language_is_there_when_no_sentence_is_english() -> None:
    english = {"title": "Port", "name": "{name} · {model} ({host}) {port}", "data": SENTENCE}
    whole = {"title": "Port", "data": "Die Adresse deines Rekorders eingeben."}
    api: Any = Texts(en=english, de=whole, fr={"title": "Le port"})
    assert await complete_languages(api) == {"en", "de"}


async def test_there_is_no_language_without_any_text() -> None:
    api: Any = Texts()
    assert await complete_languages(api) == set()
    assert len(LANGUAGES) == len(set(LANGUAGES)) == 12
