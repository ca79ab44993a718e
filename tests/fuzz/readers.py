"""All readers of bytes that others wrote, by name."""

from typing import Final

from tests.fuzz.dahua import DAHUA
from tests.fuzz.discovery import DISCOVERY
from tests.fuzz.footage import FOOTAGE
from tests.fuzz.hikvision import HIKVISION
from tests.fuzz.onvif import ONVIF
from tests.fuzz.sessions import SESSIONS

READERS: Final = {
    reader.name: reader for reader in (*HIKVISION, *DAHUA, *ONVIF, *DISCOVERY, *SESSIONS, *FOOTAGE)
}
