"""Which recordings a clip is cut from."""

from datetime import UTC, datetime, timedelta

from custom_components.nvr.drivers.models import Recording, RecordingKind, Stream, StreamName
from custom_components.nvr.library.plan import (
    ASSUMED_BITRATE_KBPS,
    CONTAINER_SHARE,
    nearest,
    plan_clip,
)

NOON = datetime(2026, 9, 3, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def recording(
    start: float, end: float, *, size: int | None = None, is_open: bool = False
) -> Recording:
    return Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=at(start),
        end=at(end),
        kinds=frozenset({RecordingKind.CONTINUOUS}),
        size_bytes=size,
        open=is_open,
    )


def test_only_what_overlaps_is_taken_oldest_first() -> None:
    early, first, second, late = (recording(one, one + 10) for one in (-20, -5, 5, 30))
    plan = plan_clip([late, second, first, early], at(0), at(12), None)
    assert plan.recordings == (first, second)
    assert plan.end == at(15)


def test_the_second_that_a_search_answer_rounds_off_counts() -> None:
    before = recording(-10, 0)
    assert plan_clip([before], at(0.5), at(5), None).recordings == (before,)
    assert plan_clip([before], at(1), at(5), None).recordings == ()


def test_what_another_recording_covers_is_not_fetched_twice() -> None:
    whole, inside = recording(0, 60), recording(10, 20)
    assert plan_clip([inside, whole], at(5), at(30), None).recordings == (whole,)


def test_reaching_the_end_allows_for_rounding() -> None:
    plan = plan_clip([recording(0, 10)], at(0), at(20), None)
    assert plan.reaches(at(11))
    assert not plan.reaches(at(11.5))
    assert not plan_clip([], at(0), at(20), None).reaches(at(1))


def test_the_weight_is_the_share_of_the_recording() -> None:
    plan = plan_clip([recording(0, 100, size=1_000_000)], at(20), at(30), None)
    assert plan.size_bytes == round(100_000 * CONTAINER_SHARE)


def test_the_weight_is_reckoned_by_the_bitrate_where_no_size_is_known() -> None:
    stream = Stream(name=StreamName.MAIN, bitrate_kbps=800)
    sized, growing = recording(0, 100), recording(0, 100, size=1, is_open=True)
    for one in (sized, growing):
        plan = plan_clip([one], at(0), at(10), stream)
        assert plan.size_bytes == round(1_000_000 * CONTAINER_SHARE)
    unknown = plan_clip([sized], at(0), at(8), Stream(name=StreamName.MAIN))
    assert unknown.size_bytes == round(ASSUMED_BITRATE_KBPS * 1000 * CONTAINER_SHARE)


def test_the_nearest_is_the_one_with_the_smallest_distance() -> None:
    before, after = recording(-100, -50), recording(40, 60)
    assert nearest([before, after], at(0), at(10)) is after
    assert nearest([before, after], at(-20), at(-15)) is before
    assert nearest([], at(0), at(10)) is None
