"""All readers of bytes that others wrote, by name."""

from typing import Final

from tests.fuzz.documents import DOCUMENTS
from tests.fuzz.footage import FOOTAGE
from tests.fuzz.sessions import SESSIONS

READERS: Final = {reader.name: reader for reader in (*DOCUMENTS, *SESSIONS, *FOOTAGE)}
