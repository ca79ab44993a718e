"""The YAML file that says which recorders to simulate."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml

from .core.certificate import Tls
from .core.personality import Options
from .core.zone import PosixZone
from .faces import PERSONALITIES

_MAX_PORT = 65_535


class ConfigurationError(Exception):
    """The file can't be used; the text says why."""


@dataclass(frozen=True, kw_only=True)
class RecorderEntry:
    """One recorder of the file.

    Attributes:
        personality: its name.
        options: how it is varied.
        host: address to listen on.
        http_port: 0 is one that is free.
        rtsp_port: likewise.
        discovery: address of the network interface on which it can be discovered; None for none.
        tls: which HTTPS it speaks; None for HTTP.
    """

    personality: str
    options: Options
    host: str
    http_port: int
    rtsp_port: int
    discovery: str | None = None
    tls: Tls | None = None


class _Fields:
    """The fields of one mapping, of which none may be left over."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, dict):
            raise ConfigurationError(f"{where}: a mapping is needed")
        self._left = dict(content)
        self._where = where

    def text(self, name: str) -> str | None:
        value = self._left.pop(name, None)
        if value is None or isinstance(value, str):
            return value
        raise ConfigurationError(f"{self._where}: {name} must be text (put it in quotes)")

    def number(self, name: str) -> float | None:
        value = self._left.pop(name, None)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        raise ConfigurationError(f"{self._where}: {name} must be a number")

    def port(self, name: str) -> int:
        value = self.number(name) or 0
        if value != int(value) or not 0 <= value <= _MAX_PORT:
            raise ConfigurationError(f"{self._where}: {name} must be a port")
        return int(value)

    def end(self) -> None:
        if self._left:
            names = ", ".join(str(name) for name in self._left)
            raise ConfigurationError(f"{self._where}: unknown: {names}")


def read_configuration(path: Path) -> list[RecorderEntry]:
    """Read the file.

    Raises:
        OSError: it can't be read.
        ConfigurationError: it isn't a list of recorders.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise ConfigurationError(f"{path}: {err}") from err
    recorders = content.get("recorders") if isinstance(content, dict) else None
    if not isinstance(recorders, list) or not recorders:
        raise ConfigurationError(f"{path}: a list `recorders` is needed")
    return [
        _entry(_Fields(recorder, f"{path}: recorder {number}"), f"{path}: recorder {number}")
        for number, recorder in enumerate(recorders, 1)
    ]


def _entry(fields: _Fields, where: str) -> RecorderEntry:
    personality = fields.text("personality")
    if personality is None or personality not in PERSONALITIES:
        raise ConfigurationError(f"{where}: personality must be one of {', '.join(PERSONALITIES)}")
    zone = fields.text("time_zone")
    if zone is not None:
        try:
            PosixZone.named(zone)
        except ValueError as err:
            raise ConfigurationError(f"{where}: {err}") from err
    defaults = Options()
    tls = fields.text("tls")
    if tls is not None and tls not in Tls:
        raise ConfigurationError(f"{where}: tls must be one of {', '.join(Tls)}")
    seed, days, offset = (fields.number(n) for n in ("seed", "retention_days", "clock_offset_s"))
    entry = RecorderEntry(
        personality=personality,
        options=Options(
            user=fields.text("user") or defaults.user,
            password=fields.text("password") or defaults.password,
            name=fields.text("name"),
            now=defaults.now,
            seed=None if seed is None else int(seed),
            retention=None if days is None else timedelta(days=days),
            clock_offset=None if offset is None else timedelta(seconds=offset),
            time_zone=zone,
            serial=fields.text("serial"),
            mac=fields.text("mac"),
        ),
        host=fields.text("host") or "127.0.0.1",
        http_port=fields.port("http_port"),
        rtsp_port=fields.port("rtsp_port"),
        discovery=fields.text("discovery"),
        tls=None if tls is None else Tls(tls),
    )
    fields.end()
    return entry
