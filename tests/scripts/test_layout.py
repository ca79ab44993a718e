"""What set-up makes reachable, for itself and for all that runs meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts.provision import layout


def test_a_program_is_there_while_others_publish_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(layout, "TOOLS_BIN", tmp_path / "bin")
    program = tmp_path / "program"
    program.touch()
    layout.publish("name", program)

    def publish(_: int) -> bool:
        layout.publish("name", program)
        return (tmp_path / "bin" / "name").samefile(program)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(publish, range(400)))
    assert [each.name for each in (tmp_path / "bin").iterdir()] == ["name"]


def test_what_stood_there_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(layout, "TOOLS_BIN", tmp_path)
    (tmp_path / "name").write_text("older")
    layout.publish("name", tmp_path / "newer")
    assert (tmp_path / "name").readlink() == tmp_path / "newer"
