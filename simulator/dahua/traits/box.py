"""How firmwares differ in what they tell of the box (sections 5 and 12 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum


class TimeForm(StrEnum):
    """How times are written."""

    PADDED = "2026-07-02 08:05:09"
    UNPADDED = "2026-7-2 8:05:09"
    TWELVE_HOURS = "2026-07-02 08:05:09 AM"


class ZoneName(StrEnum):
    """What `TimeZoneDesc` of the settings for NTP is."""

    IANA = "an IANA name"
    LABEL = "a label of the maker's"
    ABSENT = "absent"


class StorageShape(StrEnum):
    """How disks are listed."""

    DISKS = "one by one"
    RAID = "one array of all"
    CARD = "a memory card"


class NoStorage(StrEnum):
    """What is said of storage where there is none."""

    EMPTY = "an empty list"
    BAD_REQUEST = "400"
    ERROR = "Error"


@dataclass(frozen=True, kw_only=True)
class BoxTraits:
    """What the box tells of itself.

    Attributes:
        camera: whether it is a camera that records to its own card.
        device_class: NVR, XVR, HCVR, DVR, IPC; None where it can't be asked.
        device_type: what getDeviceType and getSystemInfo call it; None for the model.
        update_serial: what getSystemInfo calls the model; None where it says nothing of it.
        vendor: the brand.
        processor: of the box.
        build_after_blank: whether the date of the firmware's build stands behind `, build:`.
        system_info_new: whether there is getSystemInfoNew.
        cgi_version: of the API; None where it can't be asked.
        serial_told: whether getSerialNo gives the serial; nothing else.
        lower_uptime: whether the fields of the uptime begin with lower-case letters.
        time_in_result: whether RPC2 gives the time as the result itself.
        time_form: how times are written.
        fractions_refused: whether a time with fractions of a second is refused.
        zone_name: what `TimeZoneDesc` is.
        dst_by_date: whether the change of DST is kept as a date of each year.
        dst_table: whether `Locales` tells of DST.
        rtsp_port_told: whether the settings tell the port of RTSP.
        storage_shape: how disks are listed.
        storage_bare: whether RPC2 gives the disks as a bare list.
        no_storage: what is said where there is none.
        smart_values: whether the disks' own values can be had.
        record_state: whether it can be asked whether a channel is being recorded.
        log_reads: whether the log can be read.
    """

    camera: bool = False
    device_class: str | None = "NVR"
    device_type: str | None = "31"
    update_serial: str | None = None
    vendor: str = "Dahua"
    processor: str = "ST7108"
    build_after_blank: bool = False
    system_info_new: bool = False
    cgi_version: str | None = "2.84"
    serial_told: bool = True
    lower_uptime: bool = False
    time_in_result: bool = False
    time_form: TimeForm = TimeForm.PADDED
    fractions_refused: bool = True
    zone_name: ZoneName = ZoneName.IANA
    dst_by_date: bool = False
    dst_table: bool = True
    rtsp_port_told: bool = True
    storage_shape: StorageShape = StorageShape.DISKS
    storage_bare: bool = False
    no_storage: NoStorage = NoStorage.BAD_REQUEST
    smart_values: bool = True
    record_state: bool = True
    log_reads: bool = True
