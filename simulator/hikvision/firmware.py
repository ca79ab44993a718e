"""How the firmwares of one maker differ from each other."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TypedDict

NAMESPACE_OLD = "http://www.hikvision.com/ver20/XMLSchema"
NAMESPACE_NEW = "http://www.isapi.org/ver20/XMLSchema"


class DownloadForm(StrEnum):
    """How the address of what is to be downloaded is handed over."""

    POST = "POST with a body"
    GET_BODY = "GET with a body"
    GET_QUERY = "GET with a query"


class Length(StrEnum):
    """What a download's Content-Length says."""

    EXACT = "exact"
    ABSENT = "absent"
    OVERSTATED = "overstated"


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """The traits of one firmware.

    Attributes:
        namespace: of every answer.
        version: attribute of every answer's root.
        marks_items: whether each item of a list repeats both (DS-7616NI-K2).
        absent: how a resource that it doesn't have is refused.
        working_status: whether the state of all channels can be had as JSON.
        tells_tries: whether a refused login says how many tries are left.
        newer_capabilities: whether it tells what only newer firmware has.
        time_mode: by what its clock is said to be set.
        page_limit: so many results at most in one search answer.
        results_refused: a search that wants so many is refused; None never.
        right_spelling: whether the search position counts under its right spelling too.
        download_forms: those that it takes.
        download_by_time: whether the asked span is cut out, not the whole file sent.
        download_length: what Content-Length says.
        downloads: so many at once.
        checks_host: whether a playback address must name the device's own idea of its address.
        uri_has_port: whether playback addresses carry the HTTP port.
        name_prefix: whether files are called `ch01_…`.
        jumps_gaps: whether playback that begins in a gap goes on behind it; else it is refused.
    """

    namespace: str
    version: str
    marks_items: bool
    absent: HTTPStatus
    working_status: bool
    tells_tries: bool
    newer_capabilities: bool
    time_mode: str
    page_limit: int
    results_refused: int | None
    right_spelling: bool
    download_forms: frozenset[DownloadForm]
    download_by_time: bool
    download_length: Length
    downloads: int
    checks_host: bool
    uri_has_port: bool
    name_prefix: bool
    jumps_gaps: bool


class Traits(TypedDict, total=False):
    """Those that a test changes while a recorder runs (`Firmware` says what they mean)."""

    tells_tries: bool
    page_limit: int
    results_refused: int | None
    right_spelling: bool
    download_by_time: bool
    download_length: Length
    downloads: int
    checks_host: bool
    uri_has_port: bool
    jumps_gaps: bool
