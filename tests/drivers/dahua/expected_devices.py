"""What ``scripts/inspect --recorded`` has to say about each recorded Dahua device.

Written by hand from the raw answers; the comments name the answer that each line was read from.
Nothing here may be printed from the driver: a witness does not repeat what the accused said.

How the answers are read, where more than one reading is possible, beside what `expectation` says:

* ``manufacturer``: ``getVendor`` or ``Vendor``, where that names a brand; a model of Amcrest's own names
  it, too. Where nothing does: Dahua, who makes all of them.
* ``model``: a number or "NVR" is none; recorders have theirs in ``updateSerial``.
* Asterisks stand for what somebody blanked out before the answers were published.
* Channels are what lists channels: titles (each row is a channel that could be), slots of network cameras
  where a camera is registered, the count of its own inputs that a camera broadcasts. What a recording or a
  table of settings says of a channel lists none.
* ``online``: that a camera broadcasts, that a channel gave a picture. That it is switched on says nothing.
* ``convention``: all times of these devices are wall clock; where no time is recorded there is nothing to say of it.
* ``start`` and ``end``: no zone is recorded of any.
* ``kinds``: flags and events; the letter in a file's name where these are wanting.
"""

from tests.drivers.expectation import Expected, Json, online, recorder, unheard

NOTHING_ELSE = frozenset({"disks", "clock", "recordings"})


def _recorder(
    *,
    name: str | None = None,
    model: str | None = None,
    serial: str | None = None,
    firmware: str | None = None,
    mac: str | None = None,
    manufacturer: str = "Dahua",
) -> dict[str, Json]:
    return recorder(
        name=name, model=model, serial=serial, firmware=firmware, mac=mac, manufacturer=manufacturer
    )


def _recording(channel: int, start: str, end: str, kind: str, size: int | None) -> dict[str, Json]:
    return {
        "channel": channel,
        "start": None,
        "end": None,
        "start_device": start,
        "end_device": end,
        "kinds": [kind],
        "size_bytes": size,
    }


EXPECTED: dict[str, Expected] = {
    "amcrest-ip4m-1041b": Expected(
        # getSystemInfo; the event's data says nothing of the device
        recorder=_recorder(model="IP4M-1041B", serial="12345", manufacturer="Amcrest"),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"channels"},
    ),
    "amcrest-ipc-sdcard": Expected(
        # getMachineName, getSerialNo
        recorder=_recorder(name="AMCTEST_MACHINE", serial="AMCTESTSERIALNO"),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"recorder", "channels"},
        convention="wall",
        # findNextFile, pages 1 and 2; found=2 on page 2, which holds one
        recordings=[
            _recording(1, "2020-01-06 06:05:00", "2020-01-06 06:13:00", "motion", 248362892),
            _recording(1, "2020-01-06 06:13:00", "2020-01-06 06:21:00", "motion", 241799877),
            _recording(1, "2020-01-06 06:36:10", "2020-01-06 06:36:44", "motion", 17561629),
        ],
    ),
    "intelbras-invd-9116-pe-ft": Expected(
        # IntervideoManager's version is that of an interface
        recorder=_recorder(),
        # ChannelTitle: 16 rows
        channels=[
            *(unheard(number, f"Lab{number:02}") for number in range(1, 7)),
            *(unheard(number, f"Canal{number}") for number in range(7, 17)),
        ],
        disks=[],
        missing=NOTHING_ELSE | {"recorder", "channel_status", "streams"},
        convention="wall",
        # findNextFile: Channel=0; the file is called [R], its flag is Event, its event FaceRecognition
        recordings=[_recording(1, "2024-08-28 02:40:49", "2024-08-28 02:41:00", "face", 3276800)],
    ),
    "ipc-hdw5421s": Expected(
        recorder=_recorder(  # the answer to discovery, which holds all of it
            name="1F006E4PAX00075",
            model="IPC-HDW5421S",
            serial="1F006E4PAX00075",
            firmware="2.400.0.8",
            mac="4c:11:bf:c2:0b:9d",
        ),
        channels=[online(1, "Channel 1")],  # VideoInputChannels 1, RemoteVideoInputChannels 0
        disks=[],
        missing=NOTHING_ELSE | {"streams"},
    ),
    "ipc-hdw5831r-ze": Expected(
        recorder=_recorder(  # getSystemInfo, getDeviceType, getSoftwareVersion
            model="IPC-HDW5831R-ZE",  # updateSerial is another
            serial="4X7C5A1ZAG21L3F",
            firmware="2.800.0000016.0.R build 2020-06-05",
        ),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"channels"},
    ),
    "ipc-t5442tm-as": Expected(
        recorder=_recorder(  # magicBox over RPC2; vendor "General", no serial
            model="IPC-T5442TM-AS-3.6mm",
            firmware="2.800.15OG004.0.R build 2020-10-19",
        ),
        channels=[],
        disks=[],
        # file-paths.txt names pictures, and answers to no search
        missing=NOTHING_ELSE | {"recorder", "channels"},
    ),
    "lorex-w461asc": Expected(
        recorder=_recorder(  # the answer to discovery; MachineName and SerialNo blanked out
            model="W461ASC",
            firmware="2.800.030000000.3.R",
            mac="00:1f:54:a9:2e:58",
            manufacturer="Lorex",
        ),
        channels=[online(1, "Channel 1")],  # VideoInputChannels 1
        disks=[],
        missing=NOTHING_ELSE | {"recorder", "streams"},
    ),
    "nvr5232-ei": Expected(
        recorder=_recorder(  # getSystemInfo: deviceType=31; getSoftwareVersion
            model="DH-NVR5232-4KS3/I",
            serial="BD04CE2PAJ3B9BF",
            firmware="5.001.0000000.2.R build 2026-03-31",
        ),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"channels"},
        convention="wall",
        recordings=[
            # findNextFile by CGI: Channel=0, Flags Timing and UnMarked
            _recording(1, "2026-04-28 01:58:16", "2026-04-28 02:00:02", "continuous", 37617664),
            _recording(1, "2026-04-28 02:00:02", "2026-04-28 02:30:00", "continuous", 611844096),
            # by RPC2: Channel 4, no flags, no length; the file is called [R]; found 3, one held
            _recording(5, "2026-04-29 00:00:00", "2026-04-29 00:30:02", "continuous", None),
        ],
    ),
    "nvr5464-16p-ei": Expected(
        recorder=_recorder(),
        # ChannelTitle: five rows. Measured: 0 and 14 gave pictures, 10 is attached over ONVIF and gave none,
        # 12 is a slot that somebody left behind, 15 is empty; nothing of 9 and 11.
        channels=[
            online(1, "FRONT STREET"),
            unheard(10, "SIDE YARD"),
            unheard(11, "Channel11"),
            unheard(12, "IPC"),
            online(15, "Channel 1"),
        ],
        disks=[],
        missing=NOTHING_ELSE | {"recorder", "channel_status", "streams"},
    ),
    "nvr5832-ei": Expected(
        recorder=_recorder(),
        channels=[],
        disks=[  # getDeviceAllInfo: /dev/md0, Success, four parts
            {
                "number": 1,
                "state": "ok",
                "capacity_bytes": 3 * 13998054440960 + 13437958619136,
                "free_bytes": 3 * 13998054440960 + 13437958619136 - 1445480890368,
            }
        ],
        missing=frozenset({"recorder", "channels", "clock", "recordings"}),
    ),
    "nvr608h-128-4ks3": Expected(
        # getSystemInfo: deviceType=31
        recorder=_recorder(model="DH-NVR608H-128-4KS3/I", serial="AJ0C56APAZ4145B"),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"channels"},
    ),
    "nvr6xx-4ks2": Expected(
        recorder=_recorder(  # getMachineName, getSystemInfo: deviceType=31, getSoftwareVersion
            name="NVR",
            model="NVR6XX-4KS2",
            serial="4C0048DPAJ8F3C9",
            firmware="4.002.0000000.2.R build 2023-02-20",
        ),
        # RemoteDevice: 0 and 1 are enabled, 2 and 3 not; names by ChannelTitle
        channels=[unheard(1, "GF-Entrance"), unheard(2, "GF-Corridor")],
        disks=[],
        missing=NOTHING_ELSE | {"channel_status", "streams"},
    ),
    "unnamed-dahua-ipc": Expected(
        recorder=_recorder(),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"recorder", "channels"},
    ),
    "vto2311r-wp": Expected(
        # getSystemInfo: no updateSerial
        recorder=_recorder(model="DHI-VTO2311R-WP", serial="AD0578CPAJ36130"),
        channels=[],
        disks=[],
        missing=NOTHING_ELSE | {"channels"},
    ),
}
