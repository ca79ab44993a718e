"""The lock-out guard: what is tried after a refusal, and what is not."""

import json

import pytest

from custom_components.nvr.drivers.driver import JsonValue
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
)
from custom_components.nvr.drivers.guard import (
    MAX_LOCK_SECONDS,
    PAUSE_DOUBLINGS,
    RETRY_AFTER_SECONDS,
    UNANSWERED_LOGINS,
    UNTOLD_LOCK_SECONDS,
    LoginGuard,
)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_credentials_that_never_worked_are_not_tried_again(clock: Clock) -> None:
    guard = LoginGuard(now=clock)
    guard.check()
    guard.refuse(AuthenticationError("wrong", tries_left=4))
    clock.now += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError) as caught:
        guard.check()
    assert caught.value.tries_left == 4
    assert guard.refused


def test_credentials_that_worked_get_one_more_try_after_a_minute(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AuthenticationError("wrong"))
    clock.now += RETRY_AFTER_SECONDS - 1
    with pytest.raises(AuthenticationError):
        guard.check()
    clock.now += 1
    guard.check()
    # Its answer is not in yet: nobody else passes.
    with pytest.raises(AuthenticationError):
        guard.check()
    guard.refuse(AuthenticationError("wrong"))
    clock.now += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        guard.check()


def test_a_try_that_succeeds_opens_the_way(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AuthenticationError("booting"))
    clock.now += RETRY_AFTER_SECONDS
    guard.check()
    guard.accept()
    guard.check()
    guard.check()
    assert not guard.refused
    # A later refusal is again the first one.
    guard.refuse(AuthenticationError("booting"))
    clock.now += RETRY_AFTER_SECONDS
    guard.check()


def test_a_try_that_nobody_answered_does_not_count(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AuthenticationError("booting"))
    clock.now += RETRY_AFTER_SECONDS
    guard.check()
    guard.unanswered()
    guard.check()


def test_a_login_that_nobody_answered_is_tried_a_few_times_only(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AuthenticationError("booting"))
    for _ in range(UNANSWERED_LOGINS):
        clock.now += RETRY_AFTER_SECONDS - 1
        with pytest.raises(AuthenticationError):
            guard.check()
        clock.now += 1
        guard.check()
        guard.unanswered(login=True)
    assert guard.final
    clock.now += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        guard.check()


def test_logins_without_an_answer_keep_growing_distances(clock: Clock) -> None:
    guard = LoginGuard(now=clock)
    pauses = []
    for _ in range(7):
        guard.check()
        guard.unanswered(login=True)
        assert not guard.refused
        since = clock.now
        while True:
            try:
                guard.check()
            except CannotConnectError:
                clock.now += RETRY_AFTER_SECONDS / 2
            else:
                break
        pauses.append(clock.now - since)
    assert pauses[:3] == [60, 120, 240]
    assert pauses[-1] == RETRY_AFTER_SECONDS * 2**PAUSE_DOUBLINGS
    guard.unanswered(login=True)
    guard.accept()
    guard.check()


def test_unanswered_changes_nothing_but_a_try(clock: Clock) -> None:
    guard = LoginGuard(now=clock)
    guard.unanswered()
    guard.check()
    guard.refuse(AuthenticationError("wrong"))
    guard.unanswered(login=True)
    with pytest.raises(AuthenticationError):
        guard.check()


def test_an_announced_lock_is_waited_out(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AccountLockedError("locked", seconds_left=600))
    clock.now += 599
    with pytest.raises(AccountLockedError) as caught:
        guard.check()
    assert caught.value.seconds_left == 1
    clock.now += 1
    guard.check()


def test_a_lock_without_a_time_is_said_so(clock: Clock) -> None:
    guard = LoginGuard(now=clock)
    guard.refuse(AccountLockedError("locked"))
    with pytest.raises(AccountLockedError) as caught:
        guard.check()
    assert caught.value.seconds_left is None


def test_an_absurd_lock_ends_within_a_day(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AccountLockedError("locked", seconds_left=10**9))
    clock.now += 86400
    guard.check()


def test_an_accepted_login_proves_the_credentials(clock: Clock) -> None:
    guard = LoginGuard(now=clock)
    assert not guard.proven
    guard.accept()
    assert guard.proven
    guard.refuse(AuthenticationError("booting"))
    clock.now += RETRY_AFTER_SECONDS
    guard.check()


def test_listeners_hear_of_changes_only(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    heard: list[bool] = []
    remove = guard.on_refused_changed(lambda: heard.append(guard.refused))
    guard.accept()
    guard.refuse(AuthenticationError("wrong"))
    guard.refuse(AuthenticationError("wrong"))
    guard.accept()
    assert heard == [True, False]
    remove()
    remove()
    guard.refuse(AuthenticationError("wrong"))
    assert heard == [True, False]


def test_the_error_is_new_each_time(clock: Clock) -> None:
    guard = LoginGuard(now=clock)
    first = AuthenticationError("wrong")
    guard.refuse(first)
    with pytest.raises(AuthenticationError) as caught:
        guard.check()
    assert caught.value is not first


def test_the_last_try_before_a_lock_is_left_to_the_user(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AuthenticationError("wrong", tries_left=1))
    assert guard.final
    clock.now += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError) as caught:
        guard.check()
    assert caught.value.tries_left == 1


def test_a_lock_of_unknown_length_is_not_disturbed_soon(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock)
    guard.refuse(AccountLockedError("locked"))
    clock.now += UNTOLD_LOCK_SECONDS - 1
    with pytest.raises(AccountLockedError):
        guard.check()
    clock.now += 1
    guard.check()


def restarted(guard: LoginGuard, wall: Clock, now: Clock) -> LoginGuard:
    """Return the guard of the next start: another monotonic clock, the state as it was written to disk."""
    kept = json.loads(json.dumps(guard.kept()))
    return LoginGuard(proven=True, kept=kept, now=now, wall=wall)


def test_silence_outlives_a_restart(clock: Clock) -> None:
    wall, later = Clock(), Clock()
    later.now = 5.0
    guard = LoginGuard(proven=True, now=clock, wall=wall)
    guard.refuse(AuthenticationError("wrong"))
    clock.now += RETRY_AFTER_SECONDS
    guard.check()
    guard.refuse(AuthenticationError("wrong", tries_left=3))
    again = restarted(guard, wall, later)
    assert again.final
    assert again.refused
    later.now += MAX_LOCK_SECONDS
    with pytest.raises(AuthenticationError) as caught:
        again.check()
    assert caught.value.tries_left == 3


def test_the_rest_of_a_wait_outlives_a_restart(clock: Clock) -> None:
    wall, later = Clock(), Clock()
    guard = LoginGuard(proven=True, now=clock, wall=wall)
    guard.refuse(AccountLockedError("locked", seconds_left=600))
    clock.now += 100
    wall.now += 100
    kept = restarted(guard, wall, later)
    later.now += 499
    with pytest.raises(AccountLockedError) as caught:
        kept.check()
    assert caught.value.seconds_left == 1
    later.now += 1
    kept.check()
    with pytest.raises(AccountLockedError):
        kept.check()


def test_a_suspicion_outlives_a_restart(clock: Clock) -> None:
    wall = Clock()
    guard = LoginGuard(proven=True, now=clock, wall=wall)
    guard.suspect()
    after = restarted(guard, wall, Clock())
    after.refuse(AuthenticationError("wrong"))
    assert after.final
    guard.confirm()
    after = restarted(guard, wall, Clock())
    after.refuse(AuthenticationError("booting"))
    assert not after.final


def test_a_login_on_its_way_at_the_restart_is_one_without_an_answer(clock: Clock) -> None:
    wall = Clock()
    guard = LoginGuard(proven=True, now=clock, wall=wall)
    guard.refuse(AuthenticationError("booting"))
    for _ in range(UNANSWERED_LOGINS):
        assert not guard.final
        clock.now += RETRY_AFTER_SECONDS
        guard.check()
        guard = restarted(guard, wall, clock)
        with pytest.raises(AuthenticationError):
            guard.check()
    assert guard.final


def test_pauses_between_logins_without_an_answer_outlive_a_restart(clock: Clock) -> None:
    wall = Clock()
    guard = LoginGuard(now=clock, wall=wall)
    guard.unanswered(login=True)
    guard = restarted(guard, wall, clock)
    assert not guard.refused
    with pytest.raises(CannotConnectError):
        guard.check()
    clock.now += RETRY_AFTER_SECONDS
    guard.check()


def test_a_clock_that_was_set_back_does_not_lengthen_a_wait(clock: Clock) -> None:
    wall = Clock()
    guard = LoginGuard(proven=True, now=clock, wall=wall)
    guard.refuse(AuthenticationError("booting"))
    wall.now -= 10 * MAX_LOCK_SECONDS
    kept = guard.kept() | {"try_at": 1e12, "locked_until": 1e12}
    again = LoginGuard(proven=True, kept=kept, now=clock, wall=wall)
    clock.now += MAX_LOCK_SECONDS
    again.check()


@pytest.mark.parametrize(
    "kept", [{}, {"phase": "?"}, {"phase": 3}, {"phase": "open", "try_at": "x", "unanswered": -1}]
)
def test_nonsense_that_was_kept_is_ignored(clock: Clock, kept: dict[str, JsonValue]) -> None:
    guard = LoginGuard(kept=kept, now=clock)
    guard.check()
    assert not guard.refused


def test_all_that_has_to_be_kept_is_told(clock: Clock) -> None:
    guard = LoginGuard(proven=True, now=clock, wall=Clock())
    told: list[JsonValue] = []
    remove = guard.on_changed(lambda: told.append(guard.kept()["phase"]))
    guard.accept()
    guard.refuse(AuthenticationError("booting"))
    clock.now += RETRY_AFTER_SECONDS
    guard.check()
    guard.unanswered(login=True)
    clock.now += RETRY_AFTER_SECONDS
    guard.check()
    guard.accept()
    guard.accept()
    assert told == ["waiting", "retrying", "waiting", "retrying", "open"]
    remove()
    guard.unanswered(login=True)
    assert len(told) == 5
