"""Folders of recorded answers, made for a test."""

import json
from pathlib import Path

SPACE = "http://www.hikvision.com/ver20/XMLSchema"
TREE = {
    "System/deviceInfo": {
        "response": {
            "DeviceInfo": {
                "@version": "2.0",
                "@xmlns": SPACE,
                "deviceName": "Küche & <Flur>",
                "model": "DS-1",
                "deviceLocation": None,
                "firmwareReleasedDate": {"@opt": "x", "#text": "build 1"},
            }
        }
    },
    "System/Holidays": {"status_code": 404},
    "ContentMgmt/InputProxy/channels": {"status_code": 403},
    "Streaming/channels/103": {"status_code": 500},
    "Event/triggers": {"error": "timed out"},
    "Streaming/channels": {
        "response": {
            "StreamingChannelList": {
                "StreamingChannel": [{"id": 101, "enabled": True}, {"id": "102", "enabled": False}]
            }
        }
    },
    "System/workingstatus?format=json": {"response": {"WorkingStatus": {"ChanStatus": []}}},
    "ContentMgmt/Storage/hdd/1": {"response": {"hdd": {"@xmlns": SPACE, "id": "1"}}},
    "ContentMgmt/Storage/hdd/2": {"response": {"hdd": {"@xmlns": SPACE, "id": "2"}}},
}
SEARCH = """<?xml version="1.0"?>
<CMSearchResult><searchID>{{x}}</searchID><responseStatusStrg>OK</responseStatusStrg>
<numOfMatches>{count}</numOfMatches><matchList>{items}</matchList></CMSearchResult>"""
STATUS = """<?xml version="1.0"?>
<DeviceStatus><currentDeviceTime>{time}</currentDeviceTime></DeviceStatus>"""


def dictionaries(folder: Path) -> Path:
    """Write a file of many answers."""
    (folder / "isapi-responses.json").write_text(
        json.dumps({"data": {"ISAPI": TREE}}), encoding="utf-8"
    )
    return folder


def messages(folder: Path, **files: str) -> Path:
    """Write single messages; `__` in a name stays, the ending is added."""
    for name, content in files.items():
        (folder / f"{name}.xml").write_text(content, encoding="utf-8")
    return folder


def item(track: int, start: str, end: str, label: int | None = None) -> str:
    """Write a match of a search; times without the date."""
    uri = f"rtsp://192.0.2.1/Streaming/tracks/{track}/?starttime=1&amp;endtime=2"
    return (
        f"<searchMatchItem><trackID>{label or track}</trackID><timeSpan>"
        f"<startTime>2026-09-27T{start}Z</startTime><endTime>2026-09-27T{end}Z</endTime>"
        f"</timeSpan><playbackURI>{uri}</playbackURI></searchMatchItem>"
    )


def found(*items: str) -> str:
    """Write the answer to a search."""
    return SEARCH.format(count=len(items), items="".join(items))
