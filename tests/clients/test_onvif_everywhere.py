"""What of onvif-zeep-async works on which device, and why the rest doesn't."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
import pytest
from zeep.exceptions import Fault, TransportError

from simulator.box import RecorderBox
from simulator.faces import personalities_of

from .conftest import PASSWORD, USER

SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
MOST_PAGES = 30
# What it ends with where something doesn't work; an attribute is missing where it could read nothing at all.
FAILURES = (AttributeError, Fault, ONVIFError, TransportError)

type Check = Callable[[RecorderBox, Any], Awaitable[bool]]


async def identity(box: RecorderBox, camera: Any) -> bool:
    """Whether it knows what it speaks to."""
    told = await (await camera.create_devicemgmt_service()).GetDeviceInformation()
    return bool(told.SerialNumber == box.recorder.identity.serial)


async def profiles(box: RecorderBox, camera: Any) -> bool:
    """Whether it finds all streams of all inputs."""
    found = await (await camera.create_media_service()).GetProfiles()
    channels = box.recorder.channels.values()
    return len(found) == sum(len(each.streams) for each in channels)


async def recordings(_box: RecorderBox, camera: Any) -> bool:
    """Whether it is told of recordings."""
    return bool(await (await camera.create_recording_service()).GetRecordings())


async def search(_box: RecorderBox, camera: Any) -> bool:
    """Whether a search finds as many, and comes to its end."""
    listed = await (await camera.create_recording_service()).GetRecordings()
    service = await camera.create_search_service()
    token = await service.FindRecordings({"Scope": {}, "KeepAliveTime": "PT30S"})
    found = 0
    for _ in range(MOST_PAGES):
        page = await service.GetRecordingSearchResults({"SearchToken": token, "WaitTime": "PT1S"})
        found += len(page.RecordingInformation)
        if page.SearchState == "Completed":
            return found == len(listed)
    return False


async def replay(box: RecorderBox, camera: Any) -> bool:
    """Whether it is told where a recording is replayed."""
    listed = await (await camera.create_recording_service()).GetRecordings()
    service = await camera.create_replay_service()
    asked = {"StreamSetup": SETUP, "RecordingToken": listed[0].RecordingToken}
    uri = await service.GetReplayUri(asked)
    return bool(box.personality.face.resolve(uri.partition(str(box.rtsp_port))[2]).spans)


CHECKS: Mapping[str, Check] = {
    check.__name__: check for check in (identity, profiles, recordings, search, replay)
}
NO_DIGEST = dict.fromkeys(CHECKS, "it knows no HTTP digest")
NO_UTF_16 = dict.fromkeys(CHECKS, "it believes the declaration that the XML is UTF-16")
NO_RECORDINGS = dict.fromkeys(("recordings", "search", "replay"), "there are none")
WHY_NOT: Mapping[str, Mapping[str, str]] = {
    "onvif/card": {
        "search": "searches never complete",
        "replay": "the device lists a recording that it can't replay",
    },
    "onvif/digest": NO_DIGEST,
    "onvif/hostile": NO_UTF_16,
    "onvif/live": NO_RECORDINGS,
}


@pytest.mark.parametrize("box", personalities_of("onvif"), indirect=True)
async def test_what_works(box: RecorderBox) -> None:
    camera: Any = ONVIFCamera(box.host, box.http_port, USER, PASSWORD, no_cache=True)
    works = set()
    try:
        for name, check in CHECKS.items():
            try:
                await camera.update_xaddrs()
                if await check(box, camera):
                    works.add(name)
            except FAILURES:
                continue
    finally:
        await camera.close()
    assert works == CHECKS.keys() - WHY_NOT.get(box.personality.name, {}).keys()
