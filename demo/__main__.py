"""The program behind `scripts/demo`."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import sys
import webbrowser

from demo.check import Check, Report
from demo.dashboard import make_dashboard
from demo.empty import (
    DASHBOARD,
    PASSWORD,
    EmptyCheck,
    EmptyReport,
    ensure_addresses,
    names_of,
    on_the_network,
)
from demo.entry import Entry
from demo.frontend import INTEGRATION
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.personalities import Reports, all_of, check_each, full_name, plans_of, shown
from demo.process import ProcessError
from demo.recorders import USER, RecorderPlan
from demo.signals import until_told
from demo.steps.automation import make_automation
from demo.vendors import HIKVISION, VENDORS, Vendor

STATUS_FAILED = 1
DESCRIPTION = """\
Start a real Home Assistant with simulated recorders of all makers in it, on loopback, and print where
it is and how to log in. Ctrl-C ends all of it and leaves nothing behind.
"""


def main() -> int:
    """Run the demo or its check and return the exit status."""
    options = _arguments()
    try:
        return asyncio.run(until_told(_work(options, _plans(options))))
    except ProcessError as err:
        _say(str(err))
        return STATUS_FAILED


def _work(options: argparse.Namespace, plans: list[RecorderPlan]) -> Coroutine[None, None, int]:
    """Return what is to be done."""
    if options.all:
        return _check_all(plans, options.logs)
    if options.check:
        return (_check_empty if options.empty else _check)(plans, options.logs)
    show = _show_empty if options.empty else _show
    return show(plans, open_browser=not options.headless)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=DESCRIPTION)
    parser.add_argument(
        "--check",
        action="store_true",
        help="do the main job headless, print what was measured as one JSON object, and end",
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help="don't open a browser, also where there is a desktop",
    )
    parser.add_argument(
        "--logs", type=Path, metavar="FOLDER", help="with --check: keep all logs in this folder"
    )
    parser.add_argument(
        "--vendor",
        choices=VENDORS,
        help=f"whose recorders; without it those of all makers, with --check {HIKVISION.name}'s",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help="add nothing: the recorders are on the network, to be found; with --check, find and add"
        " them by clicks",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--personality",
        metavar="NAME",
        help="simulate one recorder of this personality instead (simulator/README.md lists them)",
    )
    which.add_argument(
        "--all",
        action="store_true",
        help="with --check: check one recorder of each personality, one after the other, and print"
        " `ok` and one object per personality",
    )
    options = parser.parse_args()
    if options.all and not options.check:
        parser.error("--all goes with --check")
    if options.all and options.empty:
        parser.error("--all doesn't go with --empty")
    if options.personality is not None:
        try:
            options.personality = full_name(options.personality, VENDORS.get(options.vendor))
        except ValueError as err:
            parser.error(f"argument --personality: {err}")
    return options


def _plans(options: argparse.Namespace) -> list[RecorderPlan]:
    """Return what is simulated: a demo shows all makers, a check is of one."""
    vendor: Vendor | None = VENDORS.get(options.vendor)
    if options.empty:
        makers = VENDORS.values() if vendor is None else [vendor]
        names = names_of(makers) if options.personality is None else [options.personality]
        return on_the_network(names, None if options.check else PASSWORD)
    if options.personality is not None:
        return plans_of([options.personality])
    if options.all:
        return all_of(vendor or HIKVISION)
    if vendor is None and not options.check:
        return shown(*VENDORS.values())
    return shown(vendor or HIKVISION)


async def _show(plans: Iterable[RecorderPlan], *, open_browser: bool) -> int:
    _say("starting Home Assistant, go2rtc and the recorders")
    async with Installation.run(plans) as installation:
        api = installation.api
        entries = [await Entry.add(api, recorder) for recorder in installation.recorders.values()]
        address = installation.home_assistant.url + await make_dashboard(api, entries)
        await make_automation(api, [next(iter(entries[0].cameras.values())).entity_id])
        print(f"\n  Home Assistant  {address}")
        print(f"  user name       {ACCOUNT.username}")
        print(f"  password        {ACCOUNT.password}\n")
        print("Ctrl-C ends it and leaves nothing behind.", flush=True)
        return await _until_ended(installation, address if open_browser else None)


async def _show_empty(plans: Iterable[RecorderPlan], *, open_browser: bool) -> int:
    ensure_addresses()
    _say("starting Home Assistant, go2rtc and the recorders")
    async with Installation.run(plans) as installation:
        address = installation.home_assistant.url + DASHBOARD
        print(f"\n  Home Assistant  {address}")
        print(f"  user name       {ACCOUNT.username}")
        print(f"  password        {ACCOUNT.password}\n")
        print(f"There: Add integration, {INTEGRATION}. These are on the network:\n")
        for recorder in installation.recorders.values():
            print(f"  {recorder.address:<18}{recorder.title}")
        print(f"\n  user name       {USER}")
        print(f"  password        {PASSWORD}\n")
        print("Ctrl-C ends it and leaves nothing behind.", flush=True)
        return await _until_ended(installation, address if open_browser else None)


async def _until_ended(installation: Installation, address: str | None) -> int:
    """Show an address, if there is one, where there is a desktop, and wait until Home Assistant ends."""
    if address is not None and _has_desktop():
        webbrowser.open(address)
    status = await installation.home_assistant.process.ended(None)
    _say(f"Home Assistant ended with status {status}")
    return STATUS_FAILED


def _has_desktop() -> bool:
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


async def _check(plans: Iterable[RecorderPlan], logs: Path | None) -> int:
    report = Report()
    async with (
        _printed(report),
        Installation.run(plans) as installation,
        _kept(installation, logs),
    ):
        await Check(installation, report, _say).run()
    return 0 if report.ok else STATUS_FAILED


async def _check_empty(plans: Iterable[RecorderPlan], logs: Path | None) -> int:
    report = EmptyReport()
    async with _printed(report):
        ensure_addresses()
        async with Installation.run(plans) as installation, _kept(installation, logs):
            await EmptyCheck(installation, report, _say).run()
    return 0 if report.ok else STATUS_FAILED


async def _check_all(plans: Collection[RecorderPlan], logs: Path | None) -> int:
    reports = Reports({plan.name: Report() for plan in plans})
    async with (
        _printed(reports),
        Installation.run(plans) as installation,
        _kept(installation, logs),
    ):
        await check_each(installation, reports, _say)
    return 0 if reports.ok else STATUS_FAILED


@asynccontextmanager
async def _printed(outcome: Report | Reports | EmptyReport) -> AsyncIterator[None]:
    """Print what came out also of a check that broke off, after all else that is said at its end."""
    try:
        yield
    finally:
        print(json.dumps(outcome.as_json()), flush=True)


@asynccontextmanager
async def _kept(installation: Installation, folder: Path | None) -> AsyncIterator[None]:
    """Keep the logs in a folder, if one is named, however it ends."""
    try:
        yield
    finally:
        if folder is not None:
            installation.keep_logs(folder)


def _say(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
