"""What all of it has left where others can read it."""

import pytest

from demo.browser import Browser
from demo.installation import Installation
from demo.secrets import SecretSearch
from demo.steps.secrecy import search_everywhere
from tests.e2e.conftest import Entries

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Nobody can say that a place is clean where nothing was looked at.
PLACES = {
    "Home Assistant's log",
    "what the browser saw",
    "answers",
    "process arguments",
    "diagnostics",
    "states",
    "media ids",
}


async def test_no_password_shows_anywhere(
    installation: Installation,
    browser: Browser,
    secret_search: SecretSearch,
    entries: Entries,
) -> None:
    await search_everywhere(secret_search, installation, await entries.all(), browser)
    assert secret_search.found == set()
    assert {place for place in PLACES if not secret_search.searched.get(place)} == set()
