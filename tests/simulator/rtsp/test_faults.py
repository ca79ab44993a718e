"""What goes wrong on purpose, at any byte of what the server sends."""

import asyncio
from base64 import b64encode
from http import HTTPStatus

import pytest

from simulator.core.accounts import Accounts, LoginPolicy, User
from simulator.core.digest import Scheme
from simulator.core.faults import Fault
from simulator.rtsp.server import RtspServer
from simulator.rtsp.traits import Reports

from .client import Client
from .stage import PASSWORD, RECORDED, Stage

TRACKS = "/tracks/*"


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE])
@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY"])
async def test_a_refusal(stage: Stage, client: Client, method: str, status: HTTPStatus) -> None:
    stage.server.faults.add(Fault(path=TRACKS, method=method, status=status, count=1))
    seen = []
    for asked, path in (("DESCRIBE", RECORDED), ("SETUP", f"{RECORDED}/trackID=video")):
        transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
        seen.append((await client.ask(asked, path, Transport=transport))[0])
    seen.append((await client.ask("PLAY", RECORDED))[0])
    assert seen.index(status) == ["DESCRIBE", "SETUP", "PLAY"].index(method)
    assert stage.server.faults.hits == 1


async def test_a_cut_in_the_answer(stage: Stage, client: Client) -> None:
    stage.server.faults.add(Fault(path=TRACKS, method="DESCRIBE", cut_at=100))
    with pytest.raises(asyncio.IncompleteReadError) as cut:
        await client.ask("DESCRIBE", RECORDED)
    assert len(cut.value.partial) < 100


async def test_a_cut_in_the_footage(stage: Stage, client: Client) -> None:
    """Bytes are counted from the answer to PLAY on."""
    stage.server.change(reports=Reports.NONE)
    stage.server.pace = 500
    await client.set_up(RECORDED)
    stage.server.faults.add(Fault(path=TRACKS, method="PLAY", cut_at=50_000, reset=True))
    await client.ask("PLAY", RECORDED)
    with pytest.raises(ConnectionResetError):
        await client.rest()


async def test_a_stall_in_the_footage(stage: Stage, client: Client) -> None:
    stage.server.pace = 500
    await client.set_up(RECORDED)
    stage.server.faults.add(Fault(path=TRACKS, method="PLAY", stall_at=20_000))
    await client.ask("PLAY", RECORDED)
    rest = asyncio.create_task(client.rest())
    done, _ = await asyncio.wait({rest}, timeout=0.3)
    assert not done
    stage.server.faults.release()
    assert len(await rest) > 100_000


async def test_nonsense_in_the_footage(stage: Stage, client: Client) -> None:
    stage.server.pace = 500
    await client.set_up(RECORDED)
    stage.server.faults.add(Fault(path=TRACKS, method="PLAY", garbage_at=3000, garbage=5000))
    await client.ask("PLAY", RECORDED)
    rest = await client.rest()
    place = 0
    while rest[place : place + 1] == b"$":
        place += 4 + int.from_bytes(rest[place + 2 : place + 4])
    # The last whole frame ends before the nonsense or reaches into it.
    assert 0 < place < 6000


async def test_no_answer_at_all(stage: Stage, client: Client) -> None:
    stage.server.faults.add(Fault(path=TRACKS, drop=True))
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await client.ask("DESCRIBE", RECORDED)


@pytest.mark.parametrize("status", [453, 454])
async def test_a_refusal_that_http_does_not_know(stage: Stage, client: Client, status: int) -> None:
    await client.set_up(RECORDED)
    stage.server.faults.add(Fault(method="PLAY", rtsp_status=status, count=1))
    assert (await client.ask("PLAY", RECORDED))[0] == status
    assert (await client.ask("PLAY", RECORDED))[0] == HTTPStatus.OK


async def test_an_answer_that_names_another_session(stage: Stage, client: Client) -> None:
    stage.server.faults.add(Fault(path=TRACKS, method="SETUP", other_session=True, count=1))
    await client.set_up(RECORDED)
    assert (await client.ask("PLAY", RECORDED))[0] == 454


@pytest.mark.parametrize("claim", [-5, 700, 100_000])
async def test_a_packet_that_lies_about_its_length(stage: Stage, claim: int) -> None:
    stage.server.change(reports=Reports.NONE)
    stage.server.pace = 500
    lengths = []
    for more in (0, claim):
        client = Client(stage)
        await client.connect()
        await client.set_up(RECORDED)
        stage.server.faults.add(Fault(method="PLAY", claim=more, count=1))
        await client.ask("PLAY", RECORDED)
        lengths.append(int.from_bytes((await client.rest())[2:4]))
        await client.close()
    assert lengths[1] == min(lengths[0] + claim, 0xFFFF)


async def test_an_answer_with_more_behind_it(stage: Stage, client: Client) -> None:
    _, _, whole = await client.ask("DESCRIBE", RECORDED)
    stage.server.faults.add(Fault(method="DESCRIBE", lengthen=30, count=1))
    _, _, longer = await client.ask("DESCRIBE", RECORDED)
    assert longer == whole + "\0" * 30


async def test_a_reboot_in_the_footage(stage: Stage) -> None:
    booted = asyncio.Event()
    server = RtspServer(stage.server.present, stage.accounts, now=stage.time, reboot=booted.set)
    server.pace = 500
    await server.start()
    stage.server, before = server, stage.server
    client = Client(stage)
    await client.connect()
    await client.set_up(RECORDED)
    server.faults.add(Fault(method="PLAY", reboot_at=9000))
    await client.ask("PLAY", RECORDED)
    await booted.wait()
    await client.close()
    await server.stop()
    stage.server = before


async def test_basic_where_rtsp_is_guarded_by_it(stage: Stage) -> None:
    policy = LoginPolicy(rtsp_schemes=frozenset({Scheme.BASIC, Scheme.MD5}), tries=2)
    accounts = Accounts(
        now=stage.time, users=[User(name="admin", password=PASSWORD)], policy=policy
    )
    server = RtspServer(stage.server.present, accounts, now=stage.time)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    async def describe(authorization: str = "") -> str:
        uri = f"rtsp://127.0.0.1:{server.port}{RECORDED}"
        writer.write(f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: 1\r\n{authorization}\r\n".encode())
        return (await reader.readuntil(b"\r\n\r\n")).decode()

    def basic(password: str) -> str:
        return f"Authorization: Basic {b64encode(f'admin:{password}'.encode()).decode()}\r\n"

    challenge = await describe()
    assert challenge.count("WWW-Authenticate: ") == 2
    assert "WWW-Authenticate: Basic realm=" in challenge
    assert " 401 " in await describe(basic("wrong"))
    assert accounts.failed_logins == 1
    assert " 200 " in await describe(basic(PASSWORD))
    writer.close()
    await server.stop()
