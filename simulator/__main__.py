"""Runs simulated recorders alone: `python -m simulator CONFIG.yaml`."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
import signal
import sys

from .box import RecorderBox
from .configuration import ConfigurationError, RecorderEntry, read_configuration
from .faces import PERSONALITIES


def main() -> int:
    """Run until Ctrl-C."""
    known = "\n".join(f"  {name}" for name in PERSONALITIES)
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Simulated network video recorders.",
        epilog=f"personalities:\n{known}\n\nsimulator/README.md says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", type=Path, help="YAML file, such as simulator/example.yaml")
    arguments = parser.parse_args()
    try:
        entries = read_configuration(arguments.config)
        asyncio.run(_run(entries))
    except (ConfigurationError, OSError) as err:
        print(f"simulator: {err}", file=sys.stderr)
        return 1
    return 0


async def _run(entries: list[RecorderEntry]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        for entry in entries:
            box = RecorderBox(
                PERSONALITIES[entry.personality](entry.options),
                host=entry.host,
                http_port=entry.http_port,
                rtsp_port=entry.rtsp_port,
            )
            await stack.enter_async_context(box)
            _print(box, entry)
        print("Ctrl-C ends.", flush=True)
        await stopped.wait()


def _print(box: RecorderBox, entry: RecorderEntry) -> None:
    recorder = box.recorder
    print(f"{recorder.identity.name} ({entry.personality}, {len(recorder.channels)} channels)")
    print(f"  HTTP  http://{box.address}")
    print(f"  RTSP  rtsp://{box.host}:{box.rtsp_port}")
    print(f"  login {entry.options.user} / {entry.options.password}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
