"""How an hour is counted by its rounds."""

from benchmarks.recorder_orders import AskedRequest
from benchmarks.steady import PAUSE_S, whole_rounds


def asked(*times: float) -> list[AskedRequest]:
    return [
        AskedRequest(each, each + 0.01, "GET", "/ISAPI/System/time", 200, False) for each in times
    ]


def test_rounds_are_told_by_the_pauses_between_them() -> None:
    step = 3 * PAUSE_S
    times = [number * step + place * PAUSE_S / 10 for number in range(4) for place in range(4)]
    assert whole_rounds(asked(*times)) == [4, 4]


def test_rounds_at_the_edges_do_not_count() -> None:
    step = 3 * PAUSE_S
    assert whole_rounds(asked(0, step, step + PAUSE_S / 2, 2 * step)) == [2]
