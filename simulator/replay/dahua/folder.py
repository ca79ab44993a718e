"""The form in which answers of Dahua devices were recorded.

Files are named after the call: `magicBox.getSystemInfo.txt` holds an answer of CGI,
`configManager.getConfig.Encode.txt` one about something, `rpc2.Service.method.params.json` the
params of one of RPC2, `rpc2.Service.values.json` what several of its methods gave. Remarks in small
letters may follow: `error`, `partial`, `page2`, `ch1`, or the status of HTTP.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
import json
from pathlib import Path
import re
from typing import Final

from simulator.dahua.grammar import Json
from simulator.replay.files import read_answer, recorded_files

from .recording import Recording, Reply, Text
from .search import Item, Page, read_page

BOUNDARY: Final = "myboundary"
_RPC: Final = "rpc2"
_API: Final = "api"
_EVENT: Final = "event-data"
_STREAM: Final = ("eventManager", "attach")
_FOUND: Final = ("mediaFileFind", "findNextFile")
_FACTORY: Final = "factory"
_MODULES: Final = frozenset({
    "accesscontrol", "alarm", "api", "coaxialcontrolio", "configmanager", "devaudioinput", "devvideoinput",
    "encode", "eventmanager", "filefindhelper", "global", "intervideomanager", "loadfile", "log",
    "logicdevicemanager", "magicbox", "mediafilefind", "ptz", "recordmanager", "rpc2", "snapmanager",
    "snapshot", "storagedevice", "usermanager", "videostatserver",
})  # fmt: skip
# Recorded of these devices, too, but not over HTTP.
_OTHERS: Final = re.compile(r"dhdiscover|dhip\d*", re.IGNORECASE)
_STATUS: Final = re.compile(r"(?:http-?|status-?)?([1-5]\d\d)")
_STATUSES: Final = frozenset(HTTPStatus)
_CHANNEL: Final = re.compile(r"ch(\d+)", re.IGNORECASE)
_CALL: Final = re.compile(r"([\w.]+?)(?:\((.*)\))?")
# How methods call the one value that they give.
_VALUE_KEYS: Final = {
    "magicBox.getDeviceClass": "type",
    "magicBox.getDeviceType": "type",
    "magicBox.getHardwareVersion": "version",
    "magicBox.getMarketArea": "AreaInfo",
    "magicBox.getSerialNo": "sn",
    "magicBox.getUpTime": "info",
    "magicBox.getCPUUsage": "usage",
    "magicBox.getProcessInfo": "info",
    "magicBox.getVendor": "Vendor",
    "global.getCurrentTime": "time",
}


def is_dahua(folder: Path) -> bool:
    """Say whether the files of a folder are named after this maker's calls.

    Raises:
        OSError: the folder can't be read.
    """
    return any(
        _OTHERS.fullmatch(word) or word.casefold() in _MODULES
        for file in recorded_files(folder)
        if (word := file.name.partition(".")[0])
    )


def read_folder(folder: Path) -> Recording:
    """Read all answers in a folder and its folders. Files that hold none are passed over.

    Raises:
        OSError: the folder can't be read.
    """
    recording = Recording(folder.resolve().name)
    for file in recorded_files(folder):
        words = file.name.removesuffix(file.suffix).split(".")
        told, body = read_answer(file)
        content = body.decode("utf-8-sig", errors="replace").lstrip("\r\n")
        if len(words) < 2 or _OTHERS.fullmatch(words[0]):
            continue
        if words[0] == _EVENT:
            _take_event(recording, words[1], content)
        elif words[0] in {_RPC, _API} and file.suffix.lower() == ".json":
            _take_reply(recording, words[1:], content, bare=words[0] == _API)
        elif file.suffix.lower() == ".txt":
            _take_text(recording, words, content, told)
        elif words[0].casefold() in _MODULES and file.suffix.lower() == ".json":
            _take_reply(recording, words, content)
    return recording


def _take_text(
    recording: Recording, words: list[str], content: str, told: HTTPStatus | None
) -> None:
    module, action, *rest = words
    if action == _FACTORY and rest:
        action = f"{action}.{rest.pop(0)}"
    lines = tuple(line.rstrip("\r") for line in content.split("\n"))
    lines = lines[: len(lines) - (lines[-1:] == ("",))]
    if (module, action) == _STREAM:
        recording.parts += _parts(lines)
        return
    text = Text(lines, told or _status(lines, rest), _about(rest))
    if (module, action) == _FOUND and not text.refuses:
        recording.pages.append(read_page(lines, _channel(rest)))
        return
    recording.texts.setdefault((module, action), []).append(text)


def _about(words: Iterable[str]) -> tuple[str, ...]:
    """Give what was asked for: names of tables and codes begin with a capital, remarks don't."""
    return tuple(word for word in words if word[:1].isupper())


def _status(lines: tuple[str, ...], words: Iterable[str]) -> HTTPStatus:
    """Say with which status a device says what it says (section 2 of the notes).

    What a wrong verb is answered was recorded through a client that gives up at 400.
    """
    for word in words:
        if (match := _STATUS.fullmatch(word)) and int(match[1]) in _STATUSES:
            return HTTPStatus(int(match[1]))
    first, second = (*lines, "", "")[:2]
    if first.startswith(("Authority", "Invalid Authority")):
        return HTTPStatus.FORBIDDEN
    refused = first == "Error" and not second.startswith("ErrorID=")
    return HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK


def _channel(words: Iterable[str]) -> int | None:
    for word in words:
        if match := _CHANNEL.fullmatch(word):
            return int(match[1])
    return None


def _parts(lines: tuple[str, ...]) -> list[bytes]:
    """Cut what was recorded of an event stream in parts; a message alone becomes one."""
    if lines[:1] and not lines[0].startswith("--"):
        return [part_of("\n".join(lines))]
    parts: list[list[str]] = []
    for line in lines:
        if line.startswith("--"):
            parts.append([])
        parts[-1].append(line)
    return [_part(part) for part in parts]


def _part(lines: list[str]) -> bytes:
    """Write a part as it came: around its body lines end as HTTP's do, within it as they did."""
    blank = lines.index("") if "" in lines else len(lines)
    head, body = lines[:blank], lines[blank + 1 :]
    while body and not body[-1]:
        body.pop()
    return ("\r\n".join([*head, "", ""]) + "\n".join(body) + "\r\n\r\n").encode()


def part_of(body: str) -> bytes:
    """Write a part with a body."""
    size = len(body.encode())
    head = f"--{BOUNDARY}\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n"
    return f"{head}{body}\r\n\r\n".encode()


def _take_event(recording: Recording, code: str, content: str) -> None:
    recording.parts.append(part_of(f"Code={code};action=Start;index=0;data={content.strip()}"))


def _take_reply(
    recording: Recording, words: list[str], content: str, *, bare: bool | None = None
) -> None:
    """Take an answer of RPC2, or one of CGI's JSON, which is bare of all but its params; None for the one it looks like."""
    try:
        tree: Json = json.loads(content)
    except ValueError, RecursionError:
        return
    if words[-1] == "request":
        return
    if words[-1] == "values" and isinstance(tree, Mapping):
        _take_values(recording, tree)
        return
    if bare is None:
        bare = not (isinstance(tree, Mapping) and "result" in tree)
    service, method, *rest = [*(word for word in words if word != "params"), ""]
    if method == _FACTORY and rest[0]:
        method = f"{method}.{rest.pop(0)}"
    if bare:
        recording.bare.setdefault(f"{service}.{method}", []).append(Reply(tree))
        return
    reply = Reply(tree, about=_about(rest))
    if words[-1] != "params":
        if not isinstance(tree, Mapping) or "result" not in tree:
            return
        reply = _whole(tree, _about(rest))
    if (service, method) == _FOUND and isinstance(reply.params, Mapping):
        recording.lists.append(_list(reply.params))
    elif method:
        recording.replies.setdefault(f"{service}.{method}", []).append(reply)


def _whole(tree: Mapping[str, Json], about: tuple[str, ...]) -> Reply:
    """Read a whole answer, which may be an error."""
    result, error = tree["result"], tree.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    return Reply(
        tree.get("params"),
        result if isinstance(result, bool | int | str) else True,
        about=about,
        error=code if isinstance(code, int) else None,
    )


def _list(params: Mapping[str, Json]) -> Page:
    infos = params.get("infos", params.get("items"))
    said = params.get("found", 0)
    items = infos if isinstance(infos, list) else []
    found = tuple(Item(item) for item in items if isinstance(item, Mapping))
    return Page(said if isinstance(said, int) else len(found), found)


def _take_values(recording: Recording, values: Mapping[str, Json]) -> None:
    for call, value in values.items():
        match = _CALL.fullmatch(call)
        if match is None:
            continue
        method = match[1]
        key = _VALUE_KEYS.get(method)
        if isinstance(value, Mapping) and key != "info":
            params: Json = value
        else:
            params = {key or method.rpartition(".")[2].removeprefix("get").lower(): value}
        recording.replies.setdefault(method, []).append(Reply(params))
