"""How firmwares differ in their downloads (section 13 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.core.transfer import Length

from .search import Wanted


class DownloadForm(StrEnum):
    """How the address of what is to be downloaded is handed over."""

    POST = "POST with a body"
    GET_BODY = "GET with a body"
    GET_QUERY = "GET with a query"
    PUT = "PUT with a body"
    PSIA = "POST with a body under /PSIA/Custom/SelfExt"


class ClipCutting(StrEnum):
    """What the capabilities say of cutting out the asked span."""

    TRUE = "what is true"
    CLAIMED = "that it does"
    DENIED = "that it doesn't"
    ABSENT = "nothing"


@dataclass(frozen=True, kw_only=True)
class DownloadTraits:
    """How footage is handed over.

    Attributes:
        download_forms: those that it takes.
        download_attributes: whether the request's root must have `version` and `xmlns`.
        reads_bare_ampersands: whether an address may stand in a request with its `&` as they are, as
            pyHik writes it; refused else.
        download_token: whether a token has to be fetched and given.
        download_by_time: whether the asked span is cut out, not the whole file sent.
        download_claims: what the capabilities say of that.
        download_length: what Content-Length says.
        download_type: Content-Type of footage; None for none.
        stays_open: whether the connection stays open at the end, silent.
        downloads: so many at once.
        download_breaks: one of so many transfers ends in the middle, the first of each so many;
            0 for none.
        checks_host: whether a playback address must name the device's own idea of its address.
        footage_head: whether footage begins with the 40 bytes `IMKH`.
        time_descriptor: whether key frames tell the device's wall clock.
    """

    download_forms: frozenset[DownloadForm] = frozenset({DownloadForm.POST, DownloadForm.GET_BODY})
    download_attributes: Wanted = Wanted.EITHER
    reads_bare_ampersands: bool = True
    download_token: bool = False
    download_by_time: bool = True
    download_claims: ClipCutting = ClipCutting.TRUE
    download_length: Length = Length.EXACT
    download_type: str | None = "application/octet-stream"
    stays_open: bool = False
    downloads: int = 2
    download_breaks: int = 0
    checks_host: bool = False
    footage_head: bool = True
    time_descriptor: bool = True
