"""The life of a worker: one job after the other until standard input ends."""

from collections.abc import Callable
import errno
import gc
import os
import resource
import select
import sys
import threading
from typing import BinaryIO

import av
import av.logging

from .clip_job import ClipJob
from .clip_part_job import ClipPartJob
from .convert_job import ConvertJob
from .faults import Fault, JobError
from .picture_job import PictureJob
from .playback_job import PlaybackJob
from .wire import JobAbortedError, JsonObject, Kind, Wire, WireClosedError, decode_json

_NICENESS = 5
_MAX_MEMORY_BYTES = 3 << 30
_MAX_OPEN_FILES = 128
_ORPHAN_SECONDS = 5.0
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})

type Job = Callable[[Wire, JsonObject], JsonObject]


def _clip(wire: Wire, values: JsonObject) -> JsonObject:
    return ClipJob(wire, values).run()


def _playback(wire: Wire, values: JsonObject) -> JsonObject:
    return PlaybackJob(wire, values).run()


def _picture(wire: Wire, values: JsonObject) -> JsonObject:
    return PictureJob(wire, values).run()


def _convert(wire: Wire, values: JsonObject) -> JsonObject:
    return ConvertJob(wire, values).run()


def _clip_part(wire: Wire, values: JsonObject) -> JsonObject:
    return ClipPartJob(wire, values).run()


JOBS: dict[str, Job] = {
    "clip": _clip,
    "clip_part": _clip_part,
    "convert": _convert,
    "picture": _picture,
    "playback": _playback,
}


def serve(reader: BinaryIO, writer: BinaryIO) -> None:
    """Serve a process's standard input and output. Returns at the end of input."""
    limit_process()
    threading.Thread(target=_end_with_parent, args=(reader.fileno(),), daemon=True).start()
    # What a library prints must not come between the frames.
    own = os.fdopen(os.dup(writer.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), writer.fileno())
    run(Wire(reader, own))


def limit_process() -> None:
    """Give way to others, and let bytes made to harm find an end."""
    av.logging.set_level(None)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_AS, _MAX_MEMORY_BYTES)
    _lower(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)


def _lower(limit: int, wanted: int) -> None:
    _, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY or hard > wanted:
        resource.setrlimit(limit, (wanted, wanted))


def _end_with_parent(descriptor: int) -> None:
    """End this process soon after its parent is gone, even in the middle of a long computation."""
    poll = select.poll()
    poll.register(descriptor, 0)
    poll.poll()
    threading.Event().wait(_ORPHAN_SECONDS)
    os._exit(1)


def run(wire: Wire) -> None:
    """Do jobs until the other side is gone."""
    try:
        wire.send(Kind.READY)
        while True:
            try:
                kind, payload = wire.receive()
            except JobAbortedError:
                # The job was over before its end was asked for.
                wire.send(Kind.ABORTED)
                continue
            if kind is Kind.JOB:
                _do(wire, decode_json(payload))
                # PyAV's containers, streams and decoders hold each other, and decoders hold pictures of megabytes.
                gc.collect()
    except WireClosedError:
        return


def _do(wire: Wire, values: JsonObject) -> None:
    """Do one job and send its end: a result, a failure, or that it was aborted."""
    try:
        result = JOBS[str(values["job"])](wire, values)
    except JobAbortedError:
        wire.send(Kind.ABORTED)
    except JobError as error:
        _fail(wire, error.fault, str(error))
    except (av.FFmpegError, OSError) as error:
        _fail(wire, *_fault_of(error))
    except (KeyError, ValueError, MemoryError, AssertionError, IndexError) as error:
        _fail(wire, Fault.INTERNAL, type(error).__name__)
    else:
        wire.send_json(Kind.RESULT, result)


def _fault_of(error: av.FFmpegError | OSError) -> tuple[Fault, str]:
    """Return what a failure of a file or of FFmpeg means; its text may hold a path and stays here."""
    if error.errno in _NO_SPACE:
        return Fault.NO_SPACE, "no space left"
    if isinstance(error, av.FFmpegError):
        return Fault.INVALID, type(error).__name__
    return Fault.INTERNAL, type(error).__name__


def _fail(wire: Wire, fault: Fault, message: str) -> None:
    wire.send_json(Kind.FAILED, {"fault": fault.value, "message": message})
