"""Prints what the drivers understand of a recorder, or of recorded answers of one, as one JSON object.

User name and password are asked for on the terminal, or taken from NVR_USERNAME and NVR_PASSWORD; never from
the command line, where every process could read them.
"""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from getpass import getpass
import json
import os
from pathlib import Path
import sys
from types import ModuleType
from typing import NoReturn, override

from aiohttp import ClientSession
from yarl import URL

ROOT = Path(__file__).resolve().parents[1]


def _leave_home_assistant_out() -> None:
    """Let the drivers be imported without the integration around them, which needs Home Assistant."""
    name = "custom_components.nvr"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(ROOT / "custom_components" / "nvr")]
        sys.modules[name] = package


if __name__ == "__main__":
    _leave_home_assistant_out()

from custom_components.nvr.drivers.catalog import (  # noqa: E402
    VENDORS,
    make_driver,
    recognise,
    understand,
)
from custom_components.nvr.drivers.contact import learn_certificate  # noqa: E402
from custom_components.nvr.drivers.driver import Driver  # noqa: E402
from custom_components.nvr.drivers.errors import DriverError  # noqa: E402
from custom_components.nvr.drivers.models import (  # noqa: E402
    Connection,
    Missing,
    RecorderState,
)
from custom_components.nvr.drivers.report import FoundRecording, Json, report  # noqa: E402

LOOK_BACK = timedelta(hours=1)
MAX_CHANNELS_SEARCHED = 32

EXIT_FAILED = 1
EXIT_MISUSED = 2


class MisuseError(Exception):
    """The command line makes no sense."""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status."""
    try:
        options = _options(arguments)
        if options.recorded is not None:
            found = asyncio.run(_recorded(options.recorded, options.vendor, full=options.full))
        else:
            connection = _connection(options.address, verify_tls=options.verify_tls)
            found = asyncio.run(_live(connection, options.vendor, full=options.full))
    except MisuseError as err:
        return _fail(str(err), EXIT_MISUSED)
    except OSError as err:
        return _fail(f"{err.filename or 'input'}: {err.strerror or err}", EXIT_MISUSED)
    except DriverError as err:
        return _fail(str(err), EXIT_FAILED)
    except KeyboardInterrupt:
        return _fail("interrupted", EXIT_FAILED)
    # Bytes, so that no terminal setting stands between a name and its letters.
    sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n")
    return 0


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    @override
    def error(self, message: str) -> NoReturn:
        raise MisuseError(message)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="scripts/inspect", description=__doc__)
    parser.add_argument("address", nargs="?", help="host, host:port or URL of a recorder")
    parser.add_argument("--recorded", type=Path, metavar="DIR", help="recorded answers instead")
    parser.add_argument("--vendor", choices=VENDORS, help="instead of finding it out")
    parser.add_argument("--full", action="store_true", help="serial and MAC unmasked")
    parser.add_argument("--verify-tls", action="store_true", help="refuse unknown certificates")
    options = parser.parse_args(arguments)
    if (options.address is None) == (options.recorded is None):
        parser.error("give either an address or --recorded DIR")
    return options


def _fail(message: str, status: int) -> int:
    print(f"inspect: {' '.join(message.split())}", file=sys.stderr)
    return status


def _connection(address: str, *, verify_tls: bool) -> Connection:
    """Read an address and ask for the credentials."""
    try:
        url = URL(address if "://" in address else f"http://{address}")
        host, port = url.host, url.explicit_port
    except ValueError:
        host = port = None
    else:
        if url.user is not None or url.password is not None:
            raise MisuseError("credentials don't belong on the command line")
    if host is None or url.scheme not in ("http", "https"):
        raise MisuseError("not an address")
    return Connection(
        host=host,
        port=port,
        tls=url.scheme == "https",
        verify_tls=verify_tls,
        username=os.environ.get("NVR_USERNAME") or _ask("User name: ", hidden=False),
        password=os.environ.get("NVR_PASSWORD") or _ask("Password: ", hidden=True),
    )


def _ask(prompt: str, *, hidden: bool) -> str:
    if not sys.stdin.isatty():
        raise MisuseError("no terminal to ask on: set NVR_USERNAME and NVR_PASSWORD")
    if hidden:
        return getpass(prompt, stream=sys.stderr)
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


async def _recorded(folder: Path, vendor: str | None, *, full: bool) -> Json:
    state, recordings = await understand(folder, vendor)
    return report(state, recordings, full=full)


async def _live(connection: Connection, vendor: str | None, *, full: bool) -> Json:
    async with ClientSession() as session:
        connection = await learn_certificate(connection, session)
        driver = make_driver(
            vendor or await recognise(connection, session), connection, session, {}
        )
        try:
            await driver.learn()
            recordings, missing = await _search(driver)
            # Searching may have taught it more about the clock.
            state = await driver.poll()
        finally:
            await driver.close()
    return report(_with(state, missing), recordings, full=full)


async def _search(driver: Driver) -> tuple[tuple[FoundRecording, ...] | None, list[Missing]]:
    """Return what the channels recorded within the last hour, None where no search was answered."""
    now = datetime.now(UTC)
    state = driver.state
    found: list[FoundRecording] = []
    missing: list[Missing] = []
    answered = False
    for channel in () if state is None else state.channels[:MAX_CHANNELS_SEARCHED]:
        try:
            async for recording in driver.search(channel.number, now - LOOK_BACK, now):
                found.append(FoundRecording.of(recording))  # noqa: PERF401 - keeps what came before an error
            answered = True
        except DriverError as err:
            missing.append(Missing(what="recordings", reason=f"channel {channel.number}: {err}"))
    if not answered and not missing:
        missing = [Missing(what="recordings", reason="there is no channel to search")]
    # Where no channel was searched, that is one thing missing, not one a channel.
    return (tuple(found), missing) if answered else (None, missing[:1])


def _with(state: RecorderState, missing: list[Missing]) -> RecorderState:
    # The device may have said already why it has none of that.
    told = {entry.what for entry in state.missing}
    missing = [entry for entry in missing if entry.what not in told]
    return RecorderState(
        recorder=state.recorder,
        channels=state.channels,
        disks=state.disks,
        clock=state.clock,
        missing=(*state.missing, *missing),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
