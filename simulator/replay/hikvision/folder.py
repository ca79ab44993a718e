"""The forms in which answers of devices were recorded.

Two forms occur. Files of many answers hold `{"data": {"ISAPI": {path: entry}}}` in JSON, where an entry is
a `response` turned into a dictionary, a `status_code` of a refusal, or an `error`. Single messages are
named after their path, with `.` or `_` for the slash; what stands before or behind `__` is a remark.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
import json
from pathlib import Path
import re

from simulator.replay.files import read_answer, recorded_files

from .document import Json, from_dictionary, local, read, text_of
from .recording import JSON_TYPE, XML_TYPE, Answer, Recording

_VERB = re.compile(r"(?:GET|POST|PUT)\s+", re.IGNORECASE)
_TREES = frozenset({
    "contentmgmt", "event", "image", "ptzctrl", "security", "smart", "streaming", "system",
    "thermal", "traffic", "wlalarm",
})  # fmt: skip
_STREAM = "event/notification/alertstream"
_EVENT = "EventNotificationAlert"
# What a message answers, where its file's name doesn't say; {} stands for its own id.
_BY_ROOT = {
    "AdminAccessProtocolList": "security/adminaccesses",
    "CMSearchResult": "contentmgmt/search",
    "DeviceCap": "system/capabilities",
    "DeviceInfo": "system/deviceinfo",
    "DeviceStatus": "system/status",
    "EventTriggerList": "event/triggers",
    "InputProxyChannel": "contentmgmt/inputproxy/channels/{}",
    "InputProxyChannelList": "contentmgmt/inputproxy/channels",
    "InputProxyChannelStatus": "contentmgmt/inputproxy/channels/{}/status",
    "InputProxyChannelStatusList": "contentmgmt/inputproxy/channels/status",
    "StreamingChannel": "streaming/channels/{}",
    "StreamingChannelList": "streaming/channels",
    "Time": "system/time",
    "VideoInputChannel": "system/video/inputs/channels/{}",
    "VideoInputChannelList": "system/video/inputs/channels",
    "hdd": "contentmgmt/storage/hdd/{}",
    "hddList": "contentmgmt/storage/hdd",
    "nas": "contentmgmt/storage/nas/{}",
    "storage": "contentmgmt/storage",
    "userCheck": "security/usercheck",
}
# With which status a device says no, by the statusCode of its message (section 3 of the notes).
_REFUSED_BY = {
    "2": HTTPStatus.SERVICE_UNAVAILABLE,
    "3": HTTPStatus.INTERNAL_SERVER_ERROR,
    "4": HTTPStatus.FORBIDDEN,
    "5": HTTPStatus.BAD_REQUEST,
    "6": HTTPStatus.BAD_REQUEST,
}


def read_folder(folder: Path) -> Recording:
    """Read all answers in a folder and its folders. Files that hold none are passed over.

    Raises:
        OSError: the folder can't be read.
    """
    recording = Recording(folder.resolve().name)
    for file in recorded_files(folder):
        told, content = read_answer(file)
        entries = list(_entries(content)) if file.suffix.lower() == ".json" else []
        for path, entry in entries:
            _take_entry(recording, path, entry)
        if not entries:
            _take_message(recording, file.relative_to(folder.resolve()), content, told)
    return recording


def _entries(content: bytes) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Give the answers in a file of many, by their paths."""
    try:
        tree: Json = json.loads(content)
    except ValueError, RecursionError:
        return
    for key in ("data", "ISAPI"):
        if isinstance(tree, dict):
            tree = tree.get(key, tree)
    if not isinstance(tree, dict):
        return
    for path, entry in tree.items():
        if isinstance(entry, dict) and entry.keys() & {"response", "status_code", "error"}:
            yield path, entry


def _take_entry(recording: Recording, path: str, entry: Mapping[str, Json]) -> None:
    path = _VERB.sub("", path.strip(), count=1)
    told = entry.get("status_code")
    status = int(told) if isinstance(told, int) and not isinstance(told, bool) else None
    match entry.get("response"):
        case dict() as content if content:
            as_json = len(content) != 1 or "format=json" in path
            body = json.dumps(content).encode() if as_json else from_dictionary(content)
            kind = JSON_TYPE if as_json else XML_TYPE
            recording.add(path, Answer(status or HTTPStatus.OK, body, kind))
        case str() as text:
            recording.add(path, Answer(status or HTTPStatus.OK, text.encode(), XML_TYPE))
        case _:
            # An error without a status was none of the device's words: it gave no answer worth the name.
            recording.add(path, Answer(status or HTTPStatus.INTERNAL_SERVER_ERROR))


def _take_message(
    recording: Recording, file: Path, content: bytes, told: HTTPStatus | None
) -> None:
    root = read(content)
    if root is not None and local(root) == _EVENT:
        recording.events.append(content)
        return
    path = _path_of(file)
    if path is not None and path.casefold() == _STREAM:
        recording.stream += content
        return
    status = told or HTTPStatus.OK
    if root is not None and local(root) == "ResponseStatus":
        status = told or _REFUSED_BY.get(text_of(root, "statusCode") or "", status)
        path = text_of(root, "requestURL") or path
    elif path is None and root is not None:
        path = _BY_ROOT.get(local(root), "").format(text_of(root, "id") or "")
    if path:
        kind = JSON_TYPE if content.lstrip()[:1] in (b"{", b"[") else XML_TYPE
        recording.add(path, Answer(status, content, kind))


def _path_of(file: Path) -> str | None:
    """Give the path that a file is named after, its folders included; None if it isn't."""
    for part in file.stem.split("__"):
        words = [word for word in part.split("." if "." in part else "_") if word]
        words = [*file.parts[:-1], *words]
        for place, word in enumerate(words):
            if word.casefold() in _TREES:
                return "/".join(words[place:])
    return None
