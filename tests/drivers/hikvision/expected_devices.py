"""What ``scripts/inspect --recorded`` has to say about each recorded Hikvision device.

Written by hand from the raw answers; the comments name the answer that each line was read from.
Nothing here may be printed from the driver: a witness does not repeat what the accused said.

How the answers are read, where more than one reading is possible, beside what `expectation` says:

* ``firmware``: version and build date as the device gives them, one blank between.
* ``fps``: ``maxFrameRate`` / 100; 0 means "as the camera likes" and is ``None``.
* ``bitrate_kbps``: ``constantBitRate`` under CBR, ``vbrUpperCap`` under VBR. ``vbrAverageCap`` is a
  forecast of the device (0 on an unplugged input), not a setting.
* A list answer settles which streams exist. Without one, every single answer that is not a refusal
  is a stream, except an echo of the main stream: DS-2CD2386G2-IU (103, 104) and
  DS-2SE4C425MWG-E-26 (104, 203, 204) answer single requests for streams that their own lists do
  not hold with the main stream's figures under the asked id.
* Stream type 4 is the recorder's own transcoding, not an encoding of the channel: never listed.
* ``online``: the status answer, the signal of an analogue input; where neither is recorded, a
  channel whose streams are answered is online, one that was never reached (no model, no
  ``devIndex``, all its streams refused) is not.
* Sizes: the device counts MiB.
"""

from tests.drivers.expectation import (
    Expected,
    disk,
    main,
    offline,
    online,
    recorder,
    sub,
    third,
    unheard,
)

EXPECTED: dict[str, Expected] = {
    "DS-7616NI-K2": Expected(
        recorder=recorder(  # System/deviceInfo
            name="NVR",
            model="DS-7616NI-K2",
            serial="DS-7616NI-K20000000000CCRRG00000000WCVU",
            firmware="V4.74.210 build 240108",
            mac="87:02:30:0a:c5:06",
        ),
        # ContentMgmt/InputProxy/channels: size="10", six items. Streaming/channels/<id>, no list.
        # No status recorded; all six answer for their streams. 103, 104 ... 603, 604: 403.
        channels=[
            online(
                1,
                "tagahoov",
                main("H.265", "3840x2160", None, 3072),  # 101: maxFrameRate 0
                sub("H.264", "1280x720", 25.0, 512),  # 102
            ),
            online(
                2,
                "garaazh",
                main("H.265", "1920x1080", None, 2048),  # 201
                sub("H.264", "640x360", None, 1024),  # 202: maxFrameRate 0 on a sub stream too
            ),
            online(
                3,
                "eeshoov",
                main("H.265", "3840x2160", None, 6144),  # 301
                sub("H.264", "1280x720", 25.0, 512),  # 302
            ),
            online(
                4,
                "sauna uks",
                main("H.265", "3840x2160", None, 6144),  # 401
                sub("H.264", "1280x720", 25.0, 512),  # 402
            ),
            # 5 has the serial of 4 (both anonymised to zeros): still two channels.
            online(
                5,
                "terrass",
                main("H.265", "3840x2160", None, 6144),  # 501
                sub("H.264", "1280x720", 25.0, 512),  # 502
            ),
            online(  # a door station
                6,
                "uksekell",
                main("H.264", "1920x1080", 25.0, 2048),  # 601
                sub("H.264", "640x480", 25.0, 512),  # 602
            ),
        ],
        disks=[disk(1, "ok", 7630885, 0)],  # ContentMgmt/Storage: full, being overwritten
        missing=frozenset({"channel_status", "clock", "recordings"}),
    ),
    "DS-7608NXI-I2": Expected(
        recorder=recorder(  # System/deviceInfo: the serial's model differs from the model
            name="nvr",
            model="DS-7608NXI-I2/8P/S",
            serial="DS-7608NXI-I0/0P/S0000000000CCRRJ00000000WCVU",
            firmware="V4.62.210 build 230619",
            mac="e0:44:cf:0b:a7:98",  # no manufacturer given
        ),
        # ContentMgmt/InputProxy/channels, Streaming/channels/<id>. 104, 204, 304 (704x576) are the
        # recorder's transcodings; 103, 203, 303: 403.
        channels=[
            online(
                1,
                "garden",
                main("H.264", "3840x2160", None, 12288),  # 101
                sub("H.264", "640x360", 10.0, 256),  # 102
            ),
            online(
                2,
                "home",
                main("H.264", "3840x2160", None, 12288),  # 201
                sub("H.264", "640x480", 10.0, 256),  # 202
            ),
            online(
                3,
                "road",
                main("H.264", "1920x1080", 15.0, 3072),  # 301
                sub("H.265", "704x576", 15.0, 1024),  # 302
            ),
            # model, serialNumber, firmwareVersion empty, no devIndex; 401 ... 404: 403.
            # Nothing recorded says why.
            offline(4, "gate", "unknown"),
        ],
        disks=[disk(1, "ok", 1907729, 0)],  # ContentMgmt/Storage
        missing=frozenset({"channel_status", "streams", "clock", "recordings"}),
    ),
    "iDS-7204HUHI-M1": Expected(
        recorder=recorder(  # System/deviceInfo
            name="Embedded Net DVR",
            model="iDS-7204HUHI-M1/E",
            serial="iDS-7204HUHI-M0/E0000000000CCWRAH0000000WCVU",
            firmware="V4.75.011 build 240625",
            mac="8b:92:35:5f:d5:fa",
        ),
        # System/Video/inputs/channels: four analogue inputs. ContentMgmt/InputProxy/channels:
        # size="2" and no item, so no IP channel. An unplugged input keeps its stream settings.
        # 103 ... 403: 400, 104 ... 404: 403.
        channels=[
            online(
                1,
                "Entrada",  # resDesc 2560*1440(4MP)P30
                main("H.264", "2560x1440", 15.0, 2048),  # 101
                sub("H.265", "960x576", 12.0, 512),  # 102
            ),
            offline(
                2,
                "Camera 02",
                "no_video",  # resDesc NO VIDEO
                main("H.265", "2560x1440", 15.0, 2048),  # 201
                sub("H.265", "960x576", 12.0, 512),  # 202
            ),
            online(
                3,
                "Terraza - Taller",  # resDesc 2560*1440(4MP)P25
                main("H.264", "2560x1440", 15.0, 2048),  # 301
                sub("H.265", "960x576", 12.0, 512),  # 302
            ),
            offline(
                4,
                "Camera 04",
                "no_video",  # resDesc NO VIDEO
                main("H.265", "2560x1440", 15.0, 2048),  # 401
                sub("H.265", "960x576", 12.0, 512),  # 402
            ),
        ],
        disks=[disk(1, "ok", 953869, 814080)],  # ContentMgmt/Storage
        missing=frozenset({"clock", "recordings"}),
    ),
    "DS-2CD2386G2-IU": Expected(
        recorder=recorder(  # System/deviceInfo
            name="yard",
            model="DS-2CD2386G2-IU",
            serial="DS-2CD2386G2-IU00000000AAWRJ00000000",
            firmware="V5.7.15 build 240201",
            mac="a6:63:9e:f8:01:09",
        ),
        channels=[
            # System/Video/inputs/channels; Streaming/channels lists 101 and 102 only: the single
            # answers 103 and 104 are echoes of 101, down to its multicast port.
            online(
                1,
                "yard",
                main("H.264", "3840x2160", 25.0, 12288),  # 101
                sub("H.264", "640x360", 10.0, 256),  # 102
            ),
        ],
        disks=[  # ContentMgmt/Storage: the card, and a share (nas id 9)
            disk(1, "ok", 30436, 27392),
            disk(9, "ok", 122346, 119296),
        ],
        missing=frozenset({"clock", "recordings"}),
    ),
    "DS-2CD2146G2-ISU": Expected(
        recorder=recorder(  # System/deviceInfo
            name="IP CAMERA",
            model="DS-2CD2146G2-ISU",
            serial="DS-2CD2146G2-ISU00000000AAWRG00000000",
            firmware="V5.7.17 build 240606",
            mac="cb:6e:4f:d0:7b:1f",
        ),
        channels=[
            # System/Video/inputs/channels, Streaming/channels/<id>, no list. 103 and 104 differ
            # from 101 in nothing but the id (102 has multicast ports of its own): echoes.
            online(
                1,
                "Terrasse",
                main("H.264", "2688x1520", 25.0, 8192),  # 101
                sub("H.264", "1280x720", 10.0, 8192),  # 102: the cap really is the main stream's
            ),
        ],
        disks=[disk(9, "offline", 0, 0)],  # ContentMgmt/Storage: hddList size="8", empty; one nas
        missing=frozenset({"clock", "recordings"}),
    ),
    "DS-2CD2532F-IWS": Expected(
        recorder=recorder(  # System/deviceInfo
            name="SCD14 #TUIN",
            model="DS-2CD2532F-IWS",
            serial="DS-2CD2532F-IWS00000000CCCH000000000",
            firmware="V5.2.0 build 140721",
            mac="16:33:90:0d:9b:e8",  # no manufacturer given
        ),
        channels=[
            # System/Video/inputs/channels, Streaming/channels/<id>, no list; 103, 104: 500.
            online(
                1,
                "SCD14",
                main("H.264", "1920x1080", 25.0, 4096),  # 101: CBR, no vbrUpperCap at all
                sub("MJPEG", "640x480", 12.0, 256),  # 102
            ),
        ],
        disks=[disk(1, "ok", 30223, 0)],  # ContentMgmt/Storage
        missing=frozenset({"clock", "recordings"}),
    ),
    "DS-2SE4C425MWG-E-26": Expected(
        recorder=recorder(  # System/deviceInfo
            name="IP DOME",
            model="DS-2SE4C425MWG-E-26",
            serial="DS-2SE4C425MWG-E/0000000000AAWRFC0000000",
            firmware="V5.8.1 build 240929",
            mac="46:c0:7b:b4:78:f6",
        ),
        # System/Video/inputs/channels: two. Streaming/channels lists 101, 102, 103, 201, 202: the
        # first input has a real third stream, the single answers 203, 204 and 104 are echoes.
        channels=[
            online(
                1,
                "DS-2SE4C425MWG-E-26(FC2493386)",
                main("H.265", "2560x1440", 25.0, 3072),  # 101: vbrAverageCap 1536
                sub("H.265", "704x576", 25.0, 512),  # 102
                third("H.264", "1280x720", 10.0, 1024),  # 103
            ),
            online(
                2,
                "IPdome 02",
                main("H.264", "3680x1656", 25.0, 4096),  # 201
                sub("H.265", "1200x536", 25.0, 512),  # 202
            ),
        ],
        disks=[  # ContentMgmt/Storage: the card, and a share that was never formatted
            disk(1, "ok", 237708, 213093),
            disk(9, "unformatted", 119460, 0),
        ],
        missing=frozenset({"clock", "recordings"}),
    ),
    "DS-8632N-I8": Expected(
        recorder=recorder(  # System_deviceInfo.xml
            name="录像机01",
            model="DS-8632N-I8",
            serial="SN-TEST-010",
            firmware="V4.61.030 build 240123",
            mac="02:00:00:00:00:06",
        ),
        # ContentMgmt_InputProxy_channels.xml: size="19", thirteen items. Neither their status nor
        # their streams are recorded; a known model only says that they were reached once.
        channels=[
            unheard(1, "摄像机12"),
            unheard(2, "摄像机13"),
            unheard(3, "摄像机09"),
            unheard(4, "摄像机10"),
            unheard(5, "摄像机14"),
            # 6 and 7 are two channels of one other recorder: same address, serial and devIndex.
            unheard(6, "IPCamera 06"),
            unheard(7, "IPCamera 07"),
            unheard(8, "摄像机11"),  # ONVIF; no devIndex although its model is known
            unheard(9, "摄像机01"),
            unheard(10, "摄像机02"),
            unheard(11, "摄像机03"),
            unheard(12, "摄像机07"),
            unheard(13, "摄像机06"),
        ],
        disks=[  # ContentMgmt_Storage_hdd.xml
            disk(1, "ok", 9537536, 0),
            disk(2, "ok", 9537536, 0),
            disk(3, "missing", 0, 0),  # notexist: an empty bay
            disk(4, "ok", 9537536, 0),
            disk(5, "ok", 9537536, 0),
        ],
        # System_status.xml: the device's clock says 08:24:59+08:00, 00:24:59 UTC. Read as UTC, the
        # first recording runs across that instant and the second follows it; read as wall clock,
        # both lie more than seven hours before it. The newest start is 4 min 36 s later than the
        # clock, so the answers were fetched minutes apart: allow for that. There is no System/time,
        # so the suffix is all that is known of the zone.
        convention="utc",
        time_zone="UTC+08:00",
        # ContentMgmt_search__track101.xml: `timing` is continuous; sizes from the playbackURI. The
        # two overlap by three seconds, and so does the footage: nothing is cut off.
        recordings=[
            {
                "channel": 1,
                "start": "2026-09-27T00:12:02Z",
                "end": "2026-09-27T00:29:38Z",
                "start_device": "2026-09-27T00:12:02Z",
                "end_device": "2026-09-27T00:29:38Z",
                "kinds": ["continuous"],
                "size_bytes": 1066003740,
            },
            {
                "channel": 1,
                "start": "2026-09-27T00:29:35Z",
                "end": "2026-09-27T00:47:15Z",
                "start_device": "2026-09-27T00:29:35Z",
                "end_device": "2026-09-27T00:47:15Z",
                "kinds": ["continuous"],
                "size_bytes": 1066447956,
            },
        ],
        missing=frozenset({"channel_status", "streams", "clock"}),
    ),
    "raw-messages": Expected(
        # Messages of several devices. The events carry serials, MACs and channel numbers (1 and
        # 34) of whoever sent them; none says who *this* recorder is or which channels it has.
        recorder=recorder(name=None, model=None, serial=None, firmware=None, mac=None),
        channels=[],
        disks=[disk(1, "ok", 1907729, 0)],  # ContentMgmt.Storage__hdd1.xml
        missing=frozenset({"recorder", "channels", "clock", "recordings"}),
    ),
}
