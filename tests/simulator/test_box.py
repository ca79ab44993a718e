"""A recorder on the network, and the program that runs some of them."""

import asyncio
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
import signal
import ssl
import sys

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
import pytest

from simulator.box import RecorderBox
from simulator.configuration import ConfigurationError, read_configuration
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.hikvision import personalities

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "simulator/example.yaml"


def self_signed(folder: Path) -> Path:
    """Make a key and a certificate of the kind that recorders come with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorder")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "recorder.pem"
    path.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, form, plain))
    return path


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


async def test_speaks_tls(tmp_path: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(self_signed(tmp_path))
    async with RecorderBox(personalities.current(Options(password="x")), tls=tls) as box:
        url = f"https://{box.address}/ISAPI/System/time"
        async with aiohttp.request("GET", url, ssl=False) as response:
            assert response.status == 401
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(url)


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
        ("recorders: [", "while parsing"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "recorders.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(reason)):
        read_configuration(path)
