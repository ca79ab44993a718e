"""Traits of searches (section 8.2 of the notes)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Filtering(StrEnum):
    """What becomes of the kinds of events that a search asks for."""

    HONOURED = "honoured"
    REFUSED = "refused"
    IGNORED = "ignored"


class Backward(StrEnum):
    """What becomes of a search whose end is before its start."""

    HONOURED = "honoured"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class SearchTraits:
    """How searches go.

    Attributes:
        searches: so many at once.
        longest_keep_alive: a search that nobody asks of is given up after this at the latest.
        empty_pages: so many answers say that it is still searching before the first that has something.
        page: so many results in an answer at most.
        most_results: so many in a search, and not a word of more.
        start_states: whether it is told on request how things stood at the start.
        finds_events: whether there are any; else recordings alone are told.
        finds_motion: whether motion is found as well.
        filtering: what becomes of the kinds that are asked for.
        backward: what becomes of a search back in time.
        ignores_window: whether what happened a day earlier and later is told as well.
        unsorted: whether events come in any order.
        doubled: whether each comes twice.
        state_last: whether how the search stands comes behind the results, against the schema.
        never_completes: whether it never says that all is told.
        forgets_completed: whether a search that has told all can't be ended.
    """

    searches: int = 4
    longest_keep_alive: timedelta = timedelta(seconds=60)
    empty_pages: int = 0
    page: int = 200
    most_results: int | None = None
    start_states: bool = True
    finds_events: bool = True
    finds_motion: bool = True
    filtering: Filtering = Filtering.HONOURED
    backward: Backward = Backward.HONOURED
    ignores_window: bool = False
    unsorted: bool = False
    doubled: bool = False
    state_last: bool = False
    never_completes: bool = False
    forgets_completed: bool = True
