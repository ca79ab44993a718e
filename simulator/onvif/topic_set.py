"""The tree of topics that the device tells (section 7 of the notes)."""

from collections.abc import Iterable, Mapping
from typing import Final

from simulator.core.accounts import Right

from . import happenings
from .device import Device
from .namespaces import Service
from .operation import Call, Operation
from .topics import DIALECT, MOTION, RECORDING_STATE, TRACK_STATE
from .xml import Document

_RULE: Final = {
    "VideoSourceConfigurationToken": "tt:ReferenceToken",
    "VideoAnalyticsConfigurationToken": "tt:ReferenceToken",
    "Rule": "xsd:string",
}
_SOURCE: Final = {"Source": "tt:ReferenceToken"}
_STATE: Final = {"State": "xsd:boolean"}
_TOKEN: Final = {"Token": "tt:ReferenceToken"}
_RECORDING: Final = {"RecordingToken": "tt:RecordingReference"}
_TRACK: Final = {**_RECORDING, "Track": "tt:TrackReference"}

type _Types = Mapping[str, str]

_TOPICS: Final[Mapping[str, tuple[_Types, _Types]]] = {
    happenings.ALARM: (_SOURCE, _STATE),
    happenings.TAMPER: (_SOURCE, _STATE),
    happenings.SIGNAL_LOSS: (_SOURCE, _STATE),
    MOTION: (_RULE, {"IsMotion": "xsd:boolean"}),
    happenings.LINE: (_RULE, {"ObjectId": "xsd:integer"}),
    happenings.FIELD: (_RULE, {"IsInside": "xsd:boolean"}),
    happenings.PEOPLE: (_SOURCE, _STATE),
    happenings.VEHICLES: (_SOURCE, _STATE),
    happenings.FACES: (_SOURCE, _STATE),
    happenings.INPUT: ({"InputToken": "tt:ReferenceToken"}, {"LogicalState": "xsd:boolean"}),
    happenings.STORAGE: (_TOKEN, {"Failed": "xsd:boolean"}),
    happenings.JOB: ({"RecordingJobToken": "tt:RecordingJobReference"}, {"State": "xsd:string"}),
    RECORDING_STATE: (_RECORDING, {"IsRecording": "xsd:boolean"}),
    TRACK_STATE: (_TRACK, {"IsDataPresent": "xsd:boolean"}),
}
# Something happens, and nothing stays so.
_STATELESS: Final = frozenset({happenings.LINE})
_RECORDED: Final = ("Recording",)


def operations() -> Iterable[Operation]:
    """Give the operations."""
    yield Operation(Service.EVENTS, "GetEventProperties", properties, Right.LIVE)


async def properties(device: Device, _call: Call) -> Document:
    """List the topics, and by which filters a client may ask for some."""
    records = Service.RECORDING in device.firmware.services
    known = {
        topic: types
        for topic, types in _TOPICS.items()
        if records or not topic.startswith(_RECORDED)
    }
    schema = "http://www.onvif.org"
    return {
        "tev:TopicNamespaceLocation": f"{schema}/onvif/ver10/topics/topicns.xml",
        "wsnt:FixedTopicSet": True,
        "wstop:TopicSet": _tree(known),
        "wsnt:TopicExpressionDialect": [
            DIALECT,
            "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete",
        ],
        "tev:MessageContentFilterDialect": f"{schema}/ver10/tev/messageContentFilter/ItemFilter",
        "tev:MessageContentSchemaLocation": f"{schema}/onvif/ver10/schema/onvif.xsd",
    }


def _tree(topics: Mapping[str, tuple[_Types, _Types]], depth: int = 0) -> Document:
    """Nest topics by their steps: the first has a prefix, the others are in no namespace."""
    steps: dict[str, dict[str, tuple[_Types, _Types]]] = {}
    for topic, types in topics.items():
        step, _, rest = topic.partition("/")
        steps.setdefault(step, {})[rest] = types
    prefix = ":" if depth else "tns1:"
    return {
        f"{prefix}{step}": _leaf(step, inner[""]) if "" in inner else _tree(inner, depth + 1)
        for step, inner in steps.items()
    }


def _leaf(step: str, types: tuple[_Types, _Types]) -> Document:
    source, data = types
    return {
        "@wstop:topic": True,
        "MessageDescription": {
            "@IsProperty": not any(topic.endswith(f"/{step}") for topic in _STATELESS),
            "Source": _items(source),
            "Data": _items(data),
        },
    }


def _items(types: _Types) -> Document:
    described = [{"@Name": name, "@Type": kind} for name, kind in types.items()]
    return {"SimpleItemDescription": described}
