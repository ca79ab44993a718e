"""Log-in, and the lock against guessing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import hashlib
import re

import pytest

from simulator.core.accounts import (
    Accounts,
    CountCheck,
    LoginPolicy,
    Outcome,
    Right,
    User,
    Verdict,
)  # fmt: skip
from simulator.core.time_source import TimeSource

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASSWORD = 'p"ä\\ss'
POLICY = LoginPolicy(realm="box", tries=3, lock=timedelta(minutes=10))


class Client:
    """Signs requests, with own means."""

    def __init__(
        self, accounts: Accounts, password: str = PASSWORD, source: str = "10.0.0.1"
    ) -> None:
        """Be a client at an address."""
        self.accounts = accounts
        self.password = password
        self.source = source
        self.nonce = ""
        self.count = 0

    def challenged(self) -> Client:
        """Take a new nonce."""
        match = re.search('nonce="([^"]+)"', self.accounts.challenge())
        assert match is not None
        self.nonce, self.count = match[1], 0
        return self

    def header(self, method: str, uri: str, *, user: str = "ann", qop: bool = True) -> str:
        """Give the Authorization header."""
        self.count += 1
        first = _md5(f"{user}:box:{self.password}")
        second = _md5(f"{method}:{uri}")
        between = f":{self.count:08x}:c0ffee:auth" if qop else ""
        response = _md5(f"{first}:{self.nonce}{between}:{second}")
        text = f'Digest username="{user}", realm="box", nonce="{self.nonce}", uri="{uri}"'
        if qop:
            text += f', qop=auth, nc={self.count:08x}, cnonce="c0ffee"'
        return f'{text}, response="{response}", algorithm="MD5"'

    def ask(self, method: str = "GET", uri: str = "/a?b=c", *, user: str = "ann") -> Verdict:
        """Make a signed request."""
        return self.accounts.check(method, self.header(method, uri, user=user), uri, self.source)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def time() -> TimeSource:
    """Stand at noon."""
    return TimeSource(NOON, running=False)


@pytest.fixture
def accounts(time: TimeSource) -> Accounts:
    """Know one user."""
    users = [User(name="ann", password=PASSWORD, rights=frozenset({Right.LIVE}))]
    return Accounts(now=time, users=users, policy=POLICY)


def test_lets_in_who_knows_the_password(accounts: Accounts) -> None:
    client = Client(accounts).challenged()
    verdicts = [client.ask() for _ in range(3)]
    assert [verdict.outcome for verdict in verdicts] == [Outcome.GRANTED] * 3
    assert verdicts[0].accepted
    assert verdicts[0].allows(Right.LIVE)
    assert not verdicts[0].allows(Right.PLAYBACK)
    assert accounts.failed_logins == 0


def test_takes_the_older_form_without_count(accounts: Accounts) -> None:
    client = Client(accounts).challenged()
    header = client.header("DESCRIBE", "rtsp://h/1", qop=False)
    assert accounts.check("DESCRIBE", header, "rtsp://h/1").accepted


def test_asks_who_does_not_say(accounts: Accounts) -> None:
    assert accounts.check("GET", None, "/").outcome is Outcome.ANONYMOUS
    assert not accounts.check("GET", None, "/").allows(Right.LIVE)


def test_a_signature_is_good_for_its_verb_and_address_alone(accounts: Accounts) -> None:
    client = Client(accounts).challenged()
    assert accounts.check("POST", client.header("GET", "/a"), "/a").outcome is Outcome.REFUSED
    assert accounts.check("GET", client.header("GET", "/a"), "/b").outcome is Outcome.REFUSED


def test_a_count_is_good_once(accounts: Accounts) -> None:
    client = Client(accounts).challenged()
    header = client.header("GET", "/a")
    assert accounts.check("GET", header, "/a").accepted
    assert accounts.check("GET", header, "/a").outcome is Outcome.STALE
    assert accounts.failed_logins == 0


def test_a_nonce_may_be_good_once_over_http_alone(time: TimeSource, accounts: Accounts) -> None:
    accounts.policy = replace(POLICY, count_check=CountCheck.ONCE)
    client = Client(accounts).challenged()
    assert [client.ask().outcome for _ in range(2)] == [Outcome.GRANTED, Outcome.STALE]
    client.challenged()
    for _ in range(2):
        header = client.header("PLAY", "rtsp://box/a")
        assert accounts.check("PLAY", header, "rtsp://box/a", client.source, rtsp=True).accepted
    assert accounts.failed_logins == 0


def test_log_ins_without_a_header_count_with_the_others(accounts: Accounts) -> None:
    def prove(password: str, name: str = "ann") -> Verdict:
        return accounts.prove(name, lambda known: known == password, "10.0.0.1")

    assert prove(PASSWORD).accepted
    assert [prove("wrong").tries_left, prove(PASSWORD, "bob").tries_left] == [2, 1]
    assert prove("wrong").outcome is Outcome.LOCKED
    assert prove(PASSWORD).unlock_in_s == 600
    assert Client(accounts).challenged().ask().outcome is Outcome.LOCKED


def test_a_nonce_grows_old(accounts: Accounts, time: TimeSource) -> None:
    client = Client(accounts).challenged()
    time.advance(POLICY.nonce_life)
    assert client.ask().accepted
    time.advance(timedelta(seconds=1))
    assert client.ask().outcome is Outcome.STALE
    assert client.challenged().ask().accepted
    accounts.forget_nonces()
    assert client.ask().outcome is Outcome.STALE
    assert "stale=TRUE" in accounts.challenge(stale=True)


@pytest.mark.parametrize("header", ["Basic YW5uOng=", "Digest", "Digest realm=box", ""])
def test_anything_else_is_a_failed_login(accounts: Accounts, header: str) -> None:
    assert accounts.check("GET", header, "/").outcome is Outcome.REFUSED
    assert accounts.failed_logins == 1


def test_locks_an_address_that_guesses(accounts: Accounts, time: TimeSource) -> None:
    guesser = Client(accounts, "wrong").challenged()
    assert [guesser.ask().tries_left for _ in range(2)] == [2, 1]
    locked = guesser.ask()
    assert (locked.outcome, locked.unlock_in_s) == (Outcome.LOCKED, 600)

    time.advance(timedelta(minutes=4))
    known = Client(accounts).challenged()
    assert known.ask() == Verdict(outcome=Outcome.LOCKED, unlock_in_s=360)
    assert Client(accounts, source="10.0.0.2").challenged().ask().accepted

    time.advance(timedelta(minutes=6))
    assert known.challenged().ask().accepted


def test_all_users_of_an_address_guess_together_and_success_forgives(accounts: Accounts) -> None:
    guesser = Client(accounts, "wrong").challenged()
    guesser.ask()
    assert guesser.ask(user="nobody").tries_left == 1
    assert Client(accounts).challenged().ask().tries_left == 3
    assert guesser.ask().tries_left == 2


def test_a_lock_can_be_taken_away(accounts: Accounts) -> None:
    guesser = Client(accounts, "wrong").challenged()
    for _ in range(3):
        guesser.ask()
    accounts.unlock()
    assert Client(accounts).challenged().ask().accepted


def test_a_password_changes_while_it_runs(accounts: Accounts) -> None:
    client = Client(accounts).challenged()
    accounts.set_password("ann", "new")
    assert client.ask().outcome is Outcome.REFUSED
    client.password = "new"
    assert client.ask().accepted
    assert "new" not in repr(accounts.users)
