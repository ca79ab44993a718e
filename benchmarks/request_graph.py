"""How requests hang together, as a recorder sees it."""

from collections.abc import Iterable

from .recorder_orders import AskedRequest


def depth(asked: Iterable[AskedRequest]) -> int:
    """Return the length of the longest chain of requests of which each began after the one before.

    By how much the answers of a device that takes its time add up: requests that overlap count once.
    """
    chain, busy_until = 0, float("-inf")
    over = [(request.ended, request.began) for request in asked if request.ended is not None]
    for ended, began in sorted(over):
        if began >= busy_until:
            chain += 1
            busy_until = ended
    return chain


def logins(asked: Iterable[AskedRequest]) -> int:
    """Count the challenges that were answered: each refusal that more requests with credentials followed."""
    requests = sorted(asked, key=lambda request: request.began)
    last_signed = max((each.began for each in requests if each.signed), default=float("-inf"))
    return sum(each.status == 401 and each.began < last_signed for each in requests)
