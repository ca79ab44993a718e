"""Runs recorders alone: simulated ones of a `CONFIG.yaml`, or a recorded one by `--replay DIR`."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
import signal
import sys

from .box import RecorderBox
from .configuration import ConfigurationError, RecorderEntry, read_configuration
from .core.certificate import WebCertificate
from .discovery import discoverable
from .faces import PERSONALITIES
from .replay.box import ReplayBox, ReplayOptions


def main() -> int:
    """Run until Ctrl-C."""
    known = "\n".join(f"  {name}" for name in PERSONALITIES)
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Simulated network video recorders.",
        epilog=f"personalities:\n{known}\n\nsimulator/README.md says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "config", type=Path, nargs="?", help="YAML file, such as simulator/example.yaml"
    )
    _add_replay(parser)
    arguments = parser.parse_args()
    if (arguments.config is None) == (arguments.replay is None):
        parser.error("give either a YAML file or --replay DIR")
    try:
        if arguments.replay is not None:
            asyncio.run(_replay(arguments.replay, _replay_options(arguments)))
        else:
            asyncio.run(_run(read_configuration(arguments.config)))
    except (ConfigurationError, OSError) as err:
        print(f"simulator: {err}", file=sys.stderr)
        return 1
    return 0


def _add_replay(parser: argparse.ArgumentParser) -> None:
    defaults = ReplayOptions()
    group = parser.add_argument_group("a recorded device")
    group.add_argument("--replay", type=Path, metavar="DIR", help="serve its recorded answers")
    group.add_argument("--host", default=defaults.host, help="address to listen on")
    group.add_argument("--port", type=int, default=defaults.port, help="0 is one that is free")
    group.add_argument("--user", default=defaults.user)
    group.add_argument("--password", default=defaults.password)
    group.add_argument("--basic", action="store_true", help="log-in by Basic, not by digest")


def _replay_options(arguments: argparse.Namespace) -> ReplayOptions:
    return ReplayOptions(
        host=arguments.host,
        port=arguments.port,
        user=arguments.user,
        password=arguments.password,
        basic=arguments.basic,
    )


async def _replay(folder: Path, options: ReplayOptions) -> None:
    async with ReplayBox(folder, options) as box:
        recording = box.face.recording
        print(f"{recording.name} (recorded, {len(recording)} answers)")
        print(f"  HTTP  http://{box.address}")
        print(f"  login {options.user} / {options.password}", flush=True)
        await _until_stopped()


async def _run(entries: list[RecorderEntry]) -> None:
    async with AsyncExitStack() as stack:
        for entry in entries:
            box = RecorderBox(
                PERSONALITIES[entry.personality](entry.options),
                host=entry.host,
                http_port=entry.http_port,
                rtsp_port=entry.rtsp_port,
                tls=None if entry.tls is None else WebCertificate(entry.tls).context,
            )
            await stack.enter_async_context(box)
            if entry.discovery is not None:
                await stack.enter_async_context(discoverable(box, entry.discovery))
            _print(box, entry)
        await _until_stopped()


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    print("Ctrl-C ends.", flush=True)
    await stopped.wait()


def _print(box: RecorderBox, entry: RecorderEntry) -> None:
    recorder = box.recorder
    print(f"{recorder.identity.name} ({entry.personality}, {len(recorder.channels)} channels)")
    print(f"  HTTP  {box.url}")
    print(f"  RTSP  rtsp://{box.host}:{box.rtsp_port}")
    print(f"  login {entry.options.user} / {entry.options.password}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
