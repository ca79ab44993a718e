"""What is heard has bounds, and a socket that can't be had is no harm."""

from asyncio import Event
import socket

import pytest

from custom_components.nvr.discovery import datagrams
from custom_components.nvr.discovery.datagrams import Datagram, Heard, open_asker, open_listener

ME = "127.0.0.1"
GROUP = "239.255.255.253"


def test_nothing_is_heard_twice() -> None:
    heard = Heard()
    for data, source in [(b"a", "1"), (b"a", "1"), (b"b", "1"), (b"a", "2")]:
        heard.add(data, source)
    assert list(heard) == [Datagram(b"a", "1"), Datagram(b"b", "1"), Datagram(b"a", "2")]


def test_a_flood_of_one_leaves_room_for_the_others() -> None:
    heard = Heard()
    for number in range(10_000):
        heard.add(b"%d" % number, "flood")
    heard.add(b"hello", "other")
    assert len(list(heard)) == datagrams.MAX_FROM_ONE + 1
    assert Datagram(b"hello", "other") in list(heard)


def test_a_flood_of_many_ends() -> None:
    heard = Heard()
    for number in range(10_000):
        heard.add(b"a", f"{number}")
    assert len(list(heard)) == datagrams.MAX_DATAGRAMS


def test_size_has_bounds() -> None:
    heard = Heard()
    heard.add(b"a" * (datagrams.MAX_DATAGRAM + 1), "one")
    assert not list(heard)
    for number in range(1000):
        heard.add(b"%05d" % number * (datagrams.MAX_DATAGRAM // 5), f"{number}")
    assert sum(len(data) for data, _ in heard) <= datagrams.MAX_BYTES


async def test_answers_to_the_asker_and_to_the_group_are_heard() -> None:
    heard: list[bytes] = []
    both = Event()

    def hear(data: bytes, _source: str) -> None:
        heard.append(data)
        if len(heard) == 2:
            both.set()

    asker = await open_asker(ME, 0, hear)
    listener = await open_listener(GROUP, 0, [ME], hear)
    try:
        _, port = listener.get_extra_info("sockname")
        asker.sendto(b"to the group", (GROUP, port))
        asker.sendto(b"to the asker", asker.get_extra_info("sockname"))
        await both.wait()
    finally:
        asker.close()
        listener.close()
    assert sorted(heard) == [b"to the asker", b"to the group"]


async def test_a_port_that_another_program_keeps_is_left_to_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((ME, 0))
        _, port = taken.getsockname()
        asker = await open_asker(ME, port, lambda *_: None)
        try:
            assert asker.get_extra_info("sockname")[1] != port
        finally:
            asker.close()


async def test_an_address_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(OSError, match=r"\["):
        await open_asker("192.0.2.1", 0, lambda *_: None)
    with pytest.raises(OSError, match="no interface"):
        await open_listener(GROUP, 0, ["192.0.2.1"], lambda *_: None)


async def test_a_way_that_is_missing_is_borne() -> None:
    asker = await open_asker(ME, 0, lambda *_: None)
    try:
        # From the loopback there is no way out.
        asker.sendto(b"hello", ("192.0.2.1", 9))
        assert not asker.is_closing()
    finally:
        asker.close()
