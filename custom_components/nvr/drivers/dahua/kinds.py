"""Why footage was recorded, by the flags and events of an item (section 8 of the notes)."""

from collections.abc import Iterable
import re

from ..models import RecordingKind

_FLAGS = {
    "timing": RecordingKind.CONTINUOUS,
    "regular": RecordingKind.CONTINUOUS,
    "general": RecordingKind.CONTINUOUS,
    "manual": RecordingKind.MANUAL,
    "motion": RecordingKind.MOTION,
    "alarm": RecordingKind.ALARM,
}
# That there is an event; which one is said by the events themselves.
_EVENT = "event"

_EVENTS = {
    "videomotion": RecordingKind.MOTION,
    "videomotioninfo": RecordingKind.MOTION,
    "movedetection": RecordingKind.MOTION,
    "mdresult": RecordingKind.MOTION,
    "motiondetect": RecordingKind.MOTION,
    "smdtypehuman": RecordingKind.PERSON,
    "smartmotionhuman": RecordingKind.PERSON,
    "humantrait": RecordingKind.PERSON,
    "smdtypevehicle": RecordingKind.VEHICLE,
    "smartmotionvehicle": RecordingKind.VEHICLE,
    "trafficjunction": RecordingKind.VEHICLE,
    "parkingdetection": RecordingKind.VEHICLE,
    "facedetection": RecordingKind.FACE,
    "facerecognition": RecordingKind.FACE,
    "crosslinedetection": RecordingKind.LINE_CROSSING,
    "crossregiondetection": RecordingKind.INTRUSION,
    "alarmlocal": RecordingKind.ALARM,
    "alarmipc": RecordingKind.ALARM,
    "alarmnet": RecordingKind.ALARM,
    "alarmoutput": RecordingKind.ALARM,
    "ioalarm": RecordingKind.ALARM,
}

# The letter that devices put into a file's name, ``06.05.00-06.13.00[M][0@0][0].dav``.
_TAG = re.compile(r"\d\[([A-Za-z])\]\[")
_TAGS = {
    "r": RecordingKind.CONTINUOUS,
    "m": RecordingKind.MOTION,
    "a": RecordingKind.ALARM,
}


def read_kinds(
    flags: Iterable[str], events: Iterable[str], path: str = ""
) -> frozenset[RecordingKind]:
    """Return the kinds that an item's flags and events name.

    Its file's name counts only where these say nothing: an iNVD 9116 tags an event's file as a regular one.
    """
    words = [flag.strip().casefold() for flag in flags]
    found = {_FLAGS[word] for word in words if word in _FLAGS}
    named = [event.strip().casefold() for event in events]
    found |= {_EVENTS.get(word, RecordingKind.OTHER) for word in named if word not in ("", "*")}
    if found:
        return frozenset(found)
    tag = _TAG.search(path)
    kind = None if tag is None else _TAGS.get(tag[1].casefold())
    if kind is RecordingKind.CONTINUOUS and _EVENT in words:
        kind = None
    return frozenset({kind or RecordingKind.OTHER})
