"""A configuration folder such as a Home Assistant has before its first start."""

from dataclasses import dataclass
import json
from pathlib import Path
import shutil
from typing import Final

from demo.ports import LOOPBACK
from scripts.provision.layout import ROOT

INTEGRATION: Final = ROOT / "custom_components" / "nvr"
BLUEPRINTS: Final = ROOT / "blueprints"
TIME_ZONE: Final = "Europe/Berlin"

CONFIGURATION: Final = """\
homeassistant:
  name: Demo
  latitude: 52.52
  longitude: 13.405
  elevation: 40
  unit_system: metric
  time_zone: {time_zone}
  currency: EUR
  country: DE
  language: en
  media_dirs:
    local: {media}
  allowlist_external_dirs:
    - {media}
frontend:
config:
media_source:
stream:
camera:
history:
logbook:
system_health:
web_rtc:
  ice_servers: []
go2rtc:
  url: {go2rtc}
automation: !include automations.yaml
input_boolean:
  doorbell:
    name: Doorbell
    icon: mdi:doorbell
logger:
  default: warning
  logs:
    custom_components.nvr: debug
    homeassistant.components.nvr: debug
"""

ACCEPTED_HTTP: Final = {
    "server_host": [LOOPBACK],
    "cors_allowed_origins": [],
    "login_attempts_threshold": -1,
    "ip_ban_enabled": True,
    "ssl_profile": "modern",
    "use_x_frame_options": True,
    "created_at": "2026-01-01T00:00:00+00:00",
    "error": None,
    "error_message": None,
}


@dataclass(frozen=True)
class ConfigDirectory:
    """The folder that Home Assistant is started on.

    Attributes:
        path: the folder.
        port: where its web server will listen, on loopback.
    """

    path: Path
    port: int

    @property
    def url(self) -> str:
        """The address of the web server, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def media(self) -> Path:
        """The media folder."""
        return self.path / "media"

    @property
    def log(self) -> Path:
        """The log file."""
        return self.path / "home-assistant.log"

    @property
    def storage(self) -> Path:
        """Where Home Assistant keeps what it remembers."""
        return self.path / ".storage"

    @classmethod
    def make(cls, path: Path, port: int, *, go2rtc_url: str) -> ConfigDirectory:
        """Fill a folder: settings, a copy of the integration, the blueprints."""
        folder = cls(path, port)
        folder.media.mkdir(parents=True)
        (path / "configuration.yaml").write_text(
            CONFIGURATION.format(
                time_zone=TIME_ZONE, media=json.dumps(str(folder.media)), go2rtc=go2rtc_url
            ),
            encoding="utf-8",
        )
        (path / "automations.yaml").write_text("[]\n", encoding="utf-8")
        folder._store(
            "http",
            2,
            2,
            {
                "stable": ACCEPTED_HTTP | {"server_port": port},
                "pending": None,
                "yaml_migration_done": True,
            },
        )
        # Leaves only the account to be made: nothing is looked up on the internet.
        folder._store("onboarding", 4, 1, {"done": ["core_config", "analytics", "integration"]})
        # Discovery that Home Assistant itself does stays on this machine.
        folder._store("core.network", 1, 1, {"configured_adapters": ["lo"]})
        _copy(INTEGRATION, path / "custom_components" / "nvr")
        if BLUEPRINTS.is_dir():
            _copy(BLUEPRINTS, path / "blueprints")
        return folder

    def _store(self, key: str, version: int, minor_version: int, data: object) -> None:
        self.storage.mkdir(exist_ok=True)
        content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
        (self.storage / key).write_text(json.dumps(content), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
