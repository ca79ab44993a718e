"""The program behind `scripts/demo`."""

import argparse
import asyncio
import json
import os
from pathlib import Path
import sys
import webbrowser

from demo.check import Check, Report
from demo.dashboard import make_dashboard
from demo.entry import Entry
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.process import ProcessError
from demo.signals import until_told
from demo.steps.automation import make_automation

STATUS_FAILED = 1
DESCRIPTION = """\
Start a real Home Assistant with two simulated recorders in it, on loopback, and print where it is
and how to log in. Ctrl-C ends all of it and leaves nothing behind.
"""


def main() -> int:
    """Run the demo or its check and return the exit status."""
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
    options = parser.parse_args()
    work = _check(options.logs) if options.check else _show(open_browser=not options.headless)
    try:
        return asyncio.run(until_told(work))
    except ProcessError as err:
        _say(str(err))
        return STATUS_FAILED


async def _show(*, open_browser: bool) -> int:
    _say("starting Home Assistant, go2rtc and the recorders")
    async with Installation.run() as installation:
        api = installation.api
        entries = [await Entry.add(api, recorder) for recorder in installation.recorders.values()]
        address = installation.home_assistant.url + await make_dashboard(api, entries)
        await make_automation(api, [next(iter(entries[0].cameras.values())).entity_id])
        print(f"\n  Home Assistant  {address}")
        print(f"  user name       {ACCOUNT.username}")
        print(f"  password        {ACCOUNT.password}\n")
        print("Ctrl-C ends it and leaves nothing behind.", flush=True)
        if open_browser and _has_desktop():
            webbrowser.open(address)
        status = await installation.home_assistant.process.ended(None)
        _say(f"Home Assistant ended with status {status}")
        return STATUS_FAILED


def _has_desktop() -> bool:
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


async def _check(logs: Path | None) -> int:
    report = Report()
    try:
        async with Installation.run() as installation:
            check = Check(installation, report, _say)
            try:
                await check.run()
            finally:
                if logs is not None:
                    installation.keep_logs(logs)
    finally:
        # Also of a check that broke off, and after all that the programs have to say at their end.
        print(json.dumps(report.as_json()), flush=True)
    return 0 if report.ok else STATUS_FAILED


def _say(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
