"""What ``scripts/inspect --recorded`` has to say about each recorded ONVIF device.

Written by hand from the raw answers; the comments name the answer that each line was read from.
Nothing here may be printed from the driver: a witness does not repeat what the accused said.

How the answers are read, where more than one reading is possible, beside what `expectation` says:

* ``manufacturer``: what GetDeviceInformation says and nothing else; namespaces and tokens name makers, but of a
  device's software.
* ``name``, ``mac``: the scopes'.
* Channels are inputs: what lists them, what a profile shows, and the count among the capabilities where nothing
  else tells of them.
* ``codec``: where Media1 leaves the encoding out nobody knows which it is; mostly it is H.265.
* ``online``: the only input of a device that answered; of several, nobody said.
* ``disks``: the protocol knows none.
* ``convention``: all times of the protocol are UTC; where no time is recorded there is nothing to say of it.
* ``start``: a clock that was never set shows 1970, and nobody knows when that was.
"""

from tests.drivers.expectation import Expected, Json, main, online, recorder, unheard

UNTOLD = frozenset({"recorder", "disks", "clock", "recordings"})


def _nobody() -> dict[str, Json]:
    """Build the recorder of which nothing is recorded."""
    return {
        "name": None,
        "manufacturer": None,
        "model": None,
        "serial": None,
        "firmware": None,
        "mac": None,
    }


def _silent(number: int) -> Json:
    """Build a channel of Dahua's recorder: three profiles, and of none of them how it is encoded."""
    blank: dict[str, Json] = dict.fromkeys(("codec", "width", "height", "fps", "bitrate_kbps"))
    return {
        "number": number,
        "name": f"Channel {number}",
        "online": None,
        "reason": "unknown",
        "streams": [{"name": name, **blank} for name in ("main", "sub", "third")],
    }


EXPECTED: dict[str, Expected] = {
    "axis-profile-g": Expected(
        recorder=_nobody(),
        # GetVideoSourceConfigurations of Media2: the input "0"
        channels=[online(1, "Channel 1")],
        disks=[],
        missing=frozenset({"recorder", "streams", "disks", "recordings"}),
        # GetSystemDateAndTime
        convention="utc",
        time_zone="BRT3",
    ),
    "dahua-nvr-12ch": Expected(
        recorder=_nobody(),
        # GetProfiles: MediaProfile00000 to MediaProfile01102, three of each input 00000, 00100, ...
        channels=[_silent(number) for number in range(1, 13)],
        disks=[],
        missing=UNTOLD | {"channel_status"},
    ),
    "encoder-4ch": Expected(
        recorder=_nobody(),
        # GetVideoSources: VideoSource0 to VideoSource7
        channels=[unheard(number, f"Channel {number}") for number in range(1, 9)],
        disks=[],
        missing=UNTOLD | {"channel_status", "streams"},
    ),
    "ezviz-h8c": Expected(
        recorder=recorder(
            # GetScopes
            name="CS-H8c-R100-1K2WKFL",
            # GetDeviceInformation
            manufacturer="EZVIZ",
            model="CS-H8c-R100-1K2WKFL",
            serial="CS-H8c-R100-1K2WKFL0120250611CCRRBF9716291",
            firmware="V5.3.8 build 250612",
            # GetScopes
            mac="0c:a6:4c:ea:0c:6f",
        ),
        # GetCapabilities: DeviceIO has one VideoSources
        channels=[online(1, "Channel 1")],
        disks=[],
        missing=frozenset({"streams", "disks", "clock", "recordings"}),
    ),
    # two faults, and no device
    "faults": Expected(recorder=_nobody(), channels=[], disks=[], missing=UNTOLD | {"channels"}),
    "generic-camera": Expected(
        recorder=_nobody(),
        # GetProfiles: "main" shows vidsrc0
        channels=[online(1, "Channel 1", main("H.264", "1920x1080", 5, 1000))],
        disks=[],
        missing=UNTOLD,
    ),
    # GetNTP, and a fault
    "hikvision-camera": Expected(
        recorder=_nobody(), channels=[], disks=[], missing=UNTOLD | {"channels"}
    ),
    "ipcam-sd-profile-g": Expected(
        recorder=_nobody(),
        channels=[],
        disks=[],
        missing=UNTOLD | {"channels"},
        # GetRecordingSearchResults
        convention="utc",
        recordings=[
            {
                "channel": 1,
                "start": None,
                "end": "2025-03-15T16:28:00Z",
                "start_device": "1970-01-01T00:03:15Z",
                "end_device": "2025-03-15T16:28:00Z",
                "kinds": ["continuous"],
                "size_bytes": None,
            }
        ],
    ),
    "uniview-profile-g": Expected(
        recorder=_nobody(),
        channels=[],
        disks=[],
        missing=UNTOLD | {"channels"},
        # GetRecordingSummary
        convention="utc",
    ),
}
