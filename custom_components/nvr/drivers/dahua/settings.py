"""Small tables of settings: where RTSP is offered, and what is recorded when (sections 1 and 12 of the notes)."""

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum

from ..answer import LIST
from ..ports import MAX_PORT
from .channels import MAX_CHANNELS
from .question import Call, CgiRequest, Question, config_question
from .tree import Tree, at, boolean, indexed, integer, number, text

MAX_UPTIME = timedelta(days=3650)


class RecordMode(IntEnum):
    """What a channel is told to do. It says when it records, not whether it does now."""

    SCHEDULE = 0
    ALWAYS = 1
    OFF = 2


def read_rtsp_port(tree: Tree) -> int | None:
    """Read RTSP; None where it is switched off or says no port."""
    port = integer(tree, "Port")
    if port is None or not 1 <= port <= MAX_PORT or boolean(tree, "Enable") is False:
        return None
    return port


def read_modes(tree: Tree) -> Mapping[int, RecordMode]:
    """Read RecordMode: what each channel is told to do, by index."""
    found: dict[int, RecordMode] = {}
    for index, row in indexed(tree):
        mode = integer(row, "Mode")
        if index < MAX_CHANNELS and mode in tuple(RecordMode):
            found[index] = RecordMode(mode)
    return found


def read_recording(tree: Tree) -> Mapping[int, bool]:
    """Read getStateAll: whether each channel is being recorded, by index."""
    found: dict[int, bool] = {}
    for index, row in indexed(tree, "state"):
        state = _is_on(row)
        if index < MAX_CHANNELS and state is not None:
            found[index] = state
    return found


def read_one_recording(tree: Tree) -> bool | None:
    """Read getState of one channel."""
    return _is_on(at(tree, "state"))


def read_uptime(tree: Tree) -> timedelta | None:
    """Read getUpTime: how long the device has been running since its last start."""
    for path in (("info", "last"), ("info", "Last"), ("last",), ("Last",)):
        seconds = number(tree, *path)
        if seconds is not None and 0 <= seconds <= MAX_UPTIME.total_seconds():
            return timedelta(seconds=seconds)
    return None


RTSP = config_question("RTSP", read_rtsp_port)
RECORD_MODES = config_question("RecordMode", read_modes, limits=LIST)
RECORDING = Question(
    what="recording",
    forms={
        "rpc": Call(method="recordManager.getStateAll", limits=LIST),
        "cgi_api": CgiRequest(module="recordManager", action="getStateAll", json={}, limits=LIST),
    },
    read=read_recording,
)
UPTIME = Question(
    what="uptime",
    forms={
        "rpc": Call(method="magicBox.getUpTime"),
        "cgi": CgiRequest(module="magicBox", action="getUpTime"),
    },
    read=read_uptime,
)


def one_recording(index: int) -> Question[bool | None]:
    """Return the question for one channel, where a device has none for all."""
    return Question(
        what="recording_of_one",
        forms={"rpc": Call(method="recordManager.getState", params={"channel": index})},
        read=read_one_recording,
    )


def _is_on(row: Tree) -> bool | None:
    """Return whether any stream is being recorded; states are numbers, 0 being none, or words."""
    found: list[bool] = []
    streams = ("Main", "Extra1", "Extra2", "Extra3")
    rows = [at(row, name) for name in streams] if isinstance(row, dict) else [row]
    for value in rows:
        state = at(value, "State") if isinstance(value, dict) else value
        figure, word = number(state), (text(state) or "").casefold()
        if figure is not None:
            found.append(figure > 0)
        elif word:
            found.append(word in ("true", "recording", "on", "start", "running"))
    return any(found) if found else None
