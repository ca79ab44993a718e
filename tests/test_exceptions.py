"""Each driver error has words that a person can read, and none shows an empty number."""

import inspect
import json
from pathlib import Path
import re

from homeassistant.exceptions import HomeAssistantError
import pytest

import custom_components.nvr
from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers import errors
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    DriverError,
    NotPermittedError,
    RefusedApartError,
)
from custom_components.nvr.drivers.models import Right
from custom_components.nvr.exceptions import translated_errors, translation_of

TEXTS = json.loads(
    (Path(custom_components.nvr.__file__).parent / "translations/en.json").read_text("utf-8")
)
ERRORS = [
    *(
        kind("in English")
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, DriverError)
    ),
    AuthenticationError("in English", tries_left=0),
    AccountLockedError("in English", seconds_left=90),
    *(NotPermittedError("in English", right=right) for right in Right),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_every_error_has_its_text_with_all_placeholders(error: DriverError) -> None:
    key, placeholders = translation_of(error)
    text = TEXTS["exceptions"][key]["message"]
    assert set(re.findall(r"{(\w+)}", text)) == set(placeholders)


def test_a_login_that_is_refused_apart_is_no_right_that_the_account_lacks() -> None:
    assert translation_of(RefusedApartError("over RTSP")) == ("refused_apart", {})


def test_minutes_are_rounded_up() -> None:
    error = AccountLockedError("locked", seconds_left=61)
    assert translation_of(error) == ("account_locked_minutes", {"minutes": "2"})


async def test_driver_errors_leave_as_translated_ones() -> None:
    @translated_errors()
    def ask() -> None:
        raise AuthenticationError("wrong", tries_left=3)

    for _ in range(2):
        with pytest.raises(HomeAssistantError) as caught:
            ask()
        assert caught.value.translation_domain == DOMAIN
        assert caught.value.translation_key == "invalid_auth_tries"
        assert caught.value.translation_placeholders == {"tries": "3"}
        assert isinstance(caught.value.__cause__, AuthenticationError)


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), translated_errors():
        raise ZeroDivisionError
