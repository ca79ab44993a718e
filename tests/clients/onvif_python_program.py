"""Asks a device by onvif-python; runs in `.tools/others-venv`, since it has onvif-zeep-async's import name.

Takes host, port, user, password and whether to log in by HTTP digest as JSON from its standard input, and prints what
it was told as JSON, by the names of the parts below. A part that fails holds the error's name alone.
"""

import importlib
import json
import sys
from typing import Any

SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}

onvif = importlib.import_module("onvif")


def information(client: Any) -> Any:
    """The labels of the box."""
    told = client.devicemgmt().GetDeviceInformation()
    return [told.Manufacturer, told.Model, told.FirmwareVersion, told.SerialNumber]


def services(client: Any) -> Any:
    """Namespaces of its services."""
    return [each.Namespace for each in client.devicemgmt().GetServices(IncludeCapability=False)]


def media1(client: Any) -> Any:
    """Token, input and codec of each profile, and where the first one is watched."""
    media = client.media()
    profiles = [
        [
            each.token,
            each.VideoSourceConfiguration.SourceToken,
            getattr(each.VideoEncoderConfiguration, "Encoding", None),
        ]
        for each in media.GetProfiles()
    ]
    live = media.GetStreamUri(StreamSetup=SETUP, ProfileToken=profiles[0][0]).Uri
    return {"profiles": profiles, "live": live}


def media2(client: Any) -> Any:
    """Token, input and codec of each profile, and where the first one is watched."""
    media = client.media2()
    profiles = [
        [
            each.token,
            each.Configurations.VideoSource.SourceToken,
            each.Configurations.VideoEncoder.Encoding,
        ]
        for each in media.GetProfiles(Type=["VideoSource", "VideoEncoder"])
    ]
    live = media.GetStreamUri(Protocol="RTSP", ProfileToken=profiles[0][0])
    return {"profiles": profiles, "live": str(live)}


def recordings(client: Any) -> Any:
    """Token and kinds of tracks of each recording."""
    return [
        [each.RecordingToken, [track.Configuration.TrackType for track in each.Tracks.Track]]
        for each in client.recording().GetRecordings()
    ]


def found(client: Any) -> Any:
    """Token and time of each recording that a search finds, page by page."""
    search = client.search()
    token = search.FindRecordings(Scope={}, KeepAliveTime="PT30S")
    known = []
    while True:
        page = search.GetRecordingSearchResults(SearchToken=token, MaxResults=2, WaitTime="PT5S")
        known += [
            [each.RecordingToken, str(each.EarliestRecording), str(each.LatestRecording)]
            for each in page.RecordingInformation
        ]
        if page.SearchState == "Completed":
            return known


def replay(client: Any) -> Any:
    """Where the first recording is replayed."""
    token = client.recording().GetRecordings()[0].RecordingToken
    return str(client.replay().GetReplayUri(StreamSetup=SETUP, RecordingToken=token))


def events(client: Any) -> Any:
    """Names of what it tells at first, whose topics the package loses."""
    subscription = client.events().CreatePullPointSubscription(InitialTerminationTime="PT60S")
    pull = client.pullpoint(subscription)
    told = pull.PullMessages(Timeout="PT1S", MessageLimit=100).NotificationMessage
    client.subscription(subscription).Unsubscribe()
    return sorted({each.Message["Message"]["Data"]["SimpleItem"]["Name"] for each in told})


PARTS = (information, services, media1, media2, recordings, found, replay, events)


def main() -> None:
    """Ask."""
    asked = json.load(sys.stdin)
    client = onvif.ONVIFClient(
        asked["host"],
        asked["port"],
        asked["user"],
        asked["password"],
        http_digest=asked["digest"],
        cache=importlib.import_module("onvif.operator").CacheMode.NONE,
    )
    told: dict[str, Any] = {}
    for part in PARTS:
        try:
            told[part.__name__] = part(client)
        except Exception as err:  # noqa: BLE001  # whatever goes wrong in their code is told
            told[part.__name__] = f"{type(err).__name__}: {err}"
    json.dump(told, sys.stdout)


main()
