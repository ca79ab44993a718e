"""The form in which answers of Dahua devices were recorded.

Files are named after the call: `magicBox.getSystemInfo.txt` holds an answer of CGI,
`configManager.getConfig.Encode.txt` one about something, `rpc2.Service.method.params.json` the
params of one of RPC2, `rpc2.Service.values.json` what several of its methods gave. Remarks may
follow: `error`, `partial`, `page2`, `ch1`.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
import json
from pathlib import Path
import re
from typing import Final

from simulator.dahua.grammar import Json
from simulator.replay.files import recorded_files

from .recording import Recording, Reply, Text
from .search import Item, Page, read_page

BOUNDARY: Final = "myboundary"
_RPC: Final = "rpc2"
_EVENT: Final = "event-data"
_STREAM: Final = ("eventManager", "attach")
_FOUND: Final = ("mediaFileFind", "findNextFile")
_FACTORY: Final = "factory"
_MODULES: Final = frozenset({
    "accesscontrol", "alarm", "coaxialcontrolio", "configmanager", "devaudioinput", "devvideoinput",
    "encode", "eventmanager", "filefindhelper", "global", "intervideomanager", "loadfile", "log",
    "logicdevicemanager", "magicbox", "mediafilefind", "ptz", "recordmanager", "rpc2", "snapmanager",
    "snapshot", "storagedevice", "usermanager", "videostatserver",
})  # fmt: skip
# Recorded of these devices, too, but not over HTTP.
_OTHERS: Final = re.compile(r"dhdiscover|dhip\d*", re.IGNORECASE)
_REMARK: Final = re.compile(r"error|partial|page\d+|ch\d+|measured|event-\w+", re.IGNORECASE)
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
        content = file.read_bytes().decode(errors="replace")
        if len(words) < 2 or _OTHERS.fullmatch(words[0]):
            continue
        if words[0] == _EVENT:
            _take_event(recording, words[1], content)
        elif words[0] == _RPC and file.suffix.lower() == ".json":
            _take_reply(recording, words[1:], content)
        elif file.suffix.lower() == ".txt":
            _take_text(recording, words, content)
    return recording


def _take_text(recording: Recording, words: list[str], content: str) -> None:
    module, action, *rest = words
    if action == _FACTORY and rest:
        action = f"{action}.{rest.pop(0)}"
    lines = tuple(line.rstrip("\r") for line in content.split("\n"))
    lines = lines[: len(lines) - (lines[-1:] == ("",))]
    if (module, action) == _STREAM:
        recording.parts += _parts(lines)
        return
    about = tuple(word for word in rest if not _REMARK.fullmatch(word))
    text = Text(lines, _status(lines), about)
    if (module, action) == _FOUND and not text.refuses:
        recording.pages.append(read_page(lines, _channel(rest)))
        return
    recording.texts.setdefault((module, action), []).append(text)


def _status(lines: tuple[str, ...]) -> HTTPStatus:
    """Say with which status a device says what it says (section 2 of the notes).

    What a wrong verb is answered was recorded through a client that gives up at 400.
    """
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


def _take_reply(recording: Recording, words: list[str], content: str) -> None:
    try:
        tree: Json = json.loads(content)
    except ValueError, RecursionError:
        return
    if words[-1] == "request":
        return
    if words[-1] == "values" and isinstance(tree, Mapping):
        _take_values(recording, tree)
        return
    params = tree
    result: bool | int | str = True
    if words[-1] != "params":
        if not isinstance(tree, Mapping) or "result" not in tree:
            return
        params, told = tree.get("params"), tree["result"]
        result = told if isinstance(told, bool | int | str) else True
    service, method, *rest = [word for word in words if word != "params"] + [""]
    about = tuple(word for word in rest if word and not _REMARK.fullmatch(word))
    if (service, method) == _FOUND and isinstance(params, Mapping):
        recording.lists.append(_list(params))
    elif method:
        reply = Reply(params, result, about)
        recording.replies.setdefault(f"{service}.{method}", []).append(reply)


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
