"""A search for secrets that finds nothing must mean that there is nothing."""

from base64 import b64encode
from html import escape
import json
from urllib.parse import quote

import pytest

from demo.recorders import PASSWORD
from demo.secrets import SecretSearch


@pytest.mark.parametrize(
    "leak",
    [
        f"rtsp://admin:{quote(PASSWORD, safe='')}@127.0.0.1:554/Streaming/Channels/101",
        f"/api?password={quote(PASSWORD)}",
        json.dumps({"password": PASSWORD}),
        json.dumps({"password": PASSWORD}, ensure_ascii=False),
        f"Connection(password={PASSWORD!r})",
        f"<password>{escape(PASSWORD)}</password>",
        "Authorization: Basic " + b64encode(f"admin:{PASSWORD}".encode()).decode(),
        "Authorization: Basic " + b64encode(f"a:{PASSWORD}".encode()).decode(),
        "Authorization: Basic " + b64encode(f":{PASSWORD}:".encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_spelling(leak: str) -> None:
    search = SecretSearch([PASSWORD])
    search.look("a log", f"12:00:00 DEBUG {leak} and more")
    assert search.found


def test_nothing_is_found_where_nothing_is() -> None:
    search = SecretSearch([PASSWORD])
    search.look("a log", "rtsp://****:****@127.0.0.1:554/Streaming/Channels/101")
    assert search.found == set()
    assert search.searched == {"a log": 53}


def test_what_is_found_does_not_repeat_the_secret() -> None:
    search = SecretSearch([PASSWORD])
    search.look("a log", PASSWORD)
    assert not any(PASSWORD in found for found in search.found)
