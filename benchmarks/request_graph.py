"""How requests hang together, as a recorder sees it."""

from collections.abc import Iterable
from http import HTTPStatus

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
    """Count the challenges, but for those that only renew a nonce that has grown old."""
    return sum(each.status == HTTPStatus.UNAUTHORIZED and not each.stale for each in asked)


def renewals(asked: Iterable[AskedRequest]) -> int:
    """Count the nonces that were renewed."""
    return sum(each.status == HTTPStatus.UNAUTHORIZED and each.stale for each in asked)
