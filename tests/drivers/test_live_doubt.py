"""When a failed live stream gives cause to look."""

from custom_components.nvr.drivers.live_doubt import LOOK_AGAIN_SECONDS, LiveDoubt

from .conftest import Clock


def test_a_failed_stream_gives_cause_to_look_once() -> None:
    doubt = LiveDoubt(Clock())
    assert not doubt.is_due(vouched=False)
    doubt.note()
    assert doubt.is_due(vouched=False)
    assert not doubt.is_due(vouched=False)


def test_a_stream_that_goes_up_and_down_does_so_now_and_then_only() -> None:
    clock = Clock()
    doubt = LiveDoubt(clock)
    doubt.note()
    assert doubt.is_due(vouched=False)
    doubt.note()
    assert not doubt.is_due(vouched=False)
    clock.now += LOOK_AGAIN_SECONDS
    doubt.note()
    assert doubt.is_due(vouched=False)


def test_a_login_that_was_taken_just_now_needs_no_look() -> None:
    doubt = LiveDoubt(Clock())
    doubt.note()
    assert not doubt.is_due(vouched=True)
    # It does not count as a look.
    doubt.note()
    assert doubt.is_due(vouched=False)
