"""Why footage was recorded, by the words in search answers (section 10 of the notes)."""

from collections.abc import Iterable

from ..models import RecordingKind

_KINDS = {
    "timing": {RecordingKind.CONTINUOUS},
    "cmr": {RecordingKind.CONTINUOUS},
    "motion": {RecordingKind.MOTION},
    "vmd": {RecordingKind.MOTION},
    "motiondetection": {RecordingKind.MOTION},
    "pir": {RecordingKind.MOTION},
    "videomotion": {RecordingKind.MOTION},
    "alarm": {RecordingKind.ALARM},
    "io": {RecordingKind.ALARM},
    "wlsensor": {RecordingKind.ALARM},
    "callhelp": {RecordingKind.ALARM},
    "motionoralarm": {RecordingKind.MOTION, RecordingKind.ALARM},
    "motionandalarm": {RecordingKind.MOTION, RecordingKind.ALARM},
    "alarmormotion": {RecordingKind.MOTION, RecordingKind.ALARM},
    "alarmandmotion": {RecordingKind.MOTION, RecordingKind.ALARM},
    "manual": {RecordingKind.MANUAL},
    "linedetection": {RecordingKind.LINE_CROSSING},
    "fielddetection": {RecordingKind.INTRUSION},
    "regionentrance": {RecordingKind.REGION_ENTRANCE},
    "regionexiting": {RecordingKind.REGION_EXIT},
    "facedetection": {RecordingKind.FACE},
    "facesnap": {RecordingKind.FACE},
    "human": {RecordingKind.PERSON},
    "person": {RecordingKind.PERSON},
    "humandetection": {RecordingKind.PERSON},
    "peopledetection": {RecordingKind.PERSON},
    "vehicle": {RecordingKind.VEHICLE},
    "vehicledetection": {RecordingKind.VEHICLE},
    "anpr": {RecordingKind.VEHICLE},
}


def read_kinds(descriptors: Iterable[str]) -> frozenset[RecordingKind]:
    """Return the kinds that descriptors name: what stands after the last slash counts.

    The host part in front is cut short by some firmware (``recordType.meta..com/timing``).
    """
    found: set[RecordingKind] = set()
    for descriptor in descriptors:
        word = descriptor.rpartition("/")[2].strip().casefold()
        found |= _KINDS.get(word, {RecordingKind.OTHER})
    return frozenset(found or {RecordingKind.OTHER})
