"""A recorder on the network, and the program that runs some of them."""

import asyncio
from asyncio.subprocess import PIPE
from hashlib import sha256
from pathlib import Path
import re
import signal
import ssl
import sys

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.configuration import ConfigurationError, read_configuration
from simulator.core.certificate import Tls, WebCertificate
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.hikvision import personalities

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "simulator/example.yaml"


async def test_is_unplugged_and_plugged_at_the_same_ports() -> None:
    box = RecorderBox(personalities.current(Options(password="x")))
    await box.start()
    ports = box.http_port, box.rtsp_port
    digest = aiohttp.DigestAuthMiddleware("admin", "x")
    url = f"http://{box.address}/ISAPI/System/time"
    async with aiohttp.ClientSession(middlewares=(digest,)) as session:
        async with session.get(url) as response:
            assert response.status == 200
        _, rtsp = await asyncio.open_connection(box.host, box.rtsp_port)

        await box.unplug()
        assert not box.plugged
        with pytest.raises(aiohttp.ClientError):
            await session.get(url)
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection(box.host, box.rtsp_port)
        rtsp.close()

        await box.plug()
        assert (box.http_port, box.rtsp_port) == ports
        async with session.get(url) as response:
            assert response.status == 200
    await box.stop()
    await box.stop()


async def test_after_a_boot_the_old_nonce_is_worth_nothing() -> None:
    time = TimeSource(running=False)
    async with RecorderBox(personalities.old(Options(password="x", now=time))) as box:
        digest = aiohttp.DigestAuthMiddleware("admin", "x")
        session = aiohttp.ClientSession(f"http://{box.address}", middlewares=(digest,))
        async with session:
            for _ in range(2):
                async with session.get("/ISAPI/System/status") as response:
                    assert "<deviceUpTime>315660</deviceUpTime>" in await response.text()
            assert box.recorder.requests.count(status=401) == 1
            await box.reboot()
            async with session.get("/ISAPI/System/status") as response:
                assert "<deviceUpTime>0</deviceUpTime>" in await response.text()
            assert box.recorder.requests.count(status=401) == 2
    assert box.recorder.accounts.failed_logins == 0


@pytest.mark.parametrize("tls", Tls)
async def test_speaks_tls_by_a_certificate_of_its_own(tls: Tls) -> None:
    certificate = WebCertificate(tls)
    personality = personalities.current(Options(password="x"))
    async with RecorderBox(personality, tls=certificate.context) as box:
        assert box.url == f"https://{box.address}"
        for _ in range(2):
            async with aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ClientError):
                    await session.get(box.url)
                shown = await shown_certificate(box)
                assert sha256(shown).hexdigest() == certificate.fingerprint
            certificate.renew()


async def shown_certificate(box: RecorderBox) -> bytes:
    """Return the certificate that a browser of then would see, in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    _, writer = await asyncio.open_connection(box.host, box.http_port, ssl=context)
    shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return shown


async def test_pulling_the_plug_cuts_a_download() -> None:
    box = RecorderBox(personalities.current(Options(password="x")))
    await box.start()
    now = box.recorder.now()
    span = f"starttime={now:%Y%m%d}T000000Z&endtime={now:%Y%m%dT%H%M%SZ}"
    uri = f"rtsp://h/Streaming/tracks/101?{span}".replace("&", "&amp;")
    document = f"<downloadRequest><playbackURI>{uri}</playbackURI></downloadRequest>"
    digest = aiohttp.DigestAuthMiddleware("admin", "x")
    url = f"http://{box.address}/ISAPI/ContentMgmt/download"
    async with (
        aiohttp.ClientSession(middlewares=(digest,)) as session,
        session.post(url, data=document) as response,
    ):
        await response.content.readexactly(1000)
        await box.unplug()
        with pytest.raises(aiohttp.ClientError):
            await response.read()


async def test_a_taken_port_is_told() -> None:
    async with RecorderBox(personalities.current()) as box:
        other = RecorderBox(personalities.old(), http_port=box.http_port)
        with pytest.raises(OSError, match="address already in use"):
            await other.start()
        assert not other.plugged


async def test_runs_alone() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", str(EXAMPLE), cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("Ctrl-C"):
        line = await process.stdout.readline()
        assert line, (await process.communicate())[1].decode()
        lines.append(line.decode())
    text = "".join(lines)
    addresses = re.findall(r"HTTP  (http://\S+)", text)
    assert len(addresses) == 4
    assert "admin / p@ss:w/rd?#%1" in text
    async with aiohttp.request("GET", f"{addresses[0]}/ISAPI/System/time") as response:
        assert response.status == 401
    process.send_signal(signal.SIGINT)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


def test_reads_its_example() -> None:
    new, old, *others = read_configuration(EXAMPLE)
    names = [entry.personality for entry in (new, old, *others)]
    assert names == ["hikvision/current", "hikvision/old", "dahua/nvr", "onvif/nvr"]
    assert new.options.password == "p@ss:w/rd?#%1"
    assert new.host == "127.0.0.1"
    assert old.options.clock_offset is not None
    assert old.options.clock_offset.total_seconds() == -720.37
    assert (new.http_port, new.rtsp_port) == (8081, 8554)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a list `recorders` is needed"),
        ("recorders: []", "a list `recorders` is needed"),
        ("recorders: [3]", "recorder 1: a mapping is needed"),
        ("recorders: [{personality: x}]", "personality must be one of hikvision/current"),
        ("recorders: [{personality: hikvision/old, password: 12345}]", "password must be text"),
        ("recorders: [{personality: hikvision/old, http_port: 70000}]", "must be a port"),
        ("recorders: [{personality: hikvision/old, seed: x}]", "seed must be a number"),
        ("recorders: [{personality: hikvision/old, time_zone: Mars}]", "time zone rule: 'Mars'"),
        ("recorders: [{personality: hikvision/old, colour: red}]", "unknown: colour"),
        ("recorders: [{personality: hikvision/old, tls: none}]", "must be one of today, old"),
        ("recorders: [", "while parsing"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "recorders.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(reason)):
        read_configuration(path)
