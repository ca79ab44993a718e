"""How firmwares differ in handing over footage (section 10 of the protocol notes)."""

from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from simulator.core.transfer import Length
from simulator.footage.dhav import DhavForm


class Missing(StrEnum):
    """What happens when a file is asked for that isn't there."""

    RESET = "reset"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class DownloadTraits:
    """How footage is handed over.

    Attributes:
        dhav: how files are written.
        dhav_index: whether an index stands behind the last frame.
        loads_by_time: whether there is `loadfile.cgi`.
        load_base: the number of the first channel there.
        load_chunked: whether what is loaded by time comes in chunks; else it ends with its connection.
        load_empty: the status where nothing was recorded; the body is empty if it is 200.
        loads_files: whether there is `RPC_Loadfile`.
        file_length: what Content-Length says of a file with footage.
        picture_miscounted: whether it says too much of a picture.
        load_type: Content-Type of a transfer; None for none.
        multipart: whether a file comes as the second part of several, behind a word of JSON.
        missing_file: what happens when a file isn't there.
        file_stalls_at: a file stops coming after so many bytes, and the connection stays; None for never.
        load_breaks: one of so many transfers is reset in the middle, the first of each so many; 0 for none.
        transfers_at_once: so many; others are told that the resource is limited.
        transfer_limit: the status of that.
        transfer_held_s: for so long the place of a transfer stays taken that the client gave up.
        frame_data: whether single key frames can be asked for.
    """

    dhav: DhavForm = field(default_factory=DhavForm)
    dhav_index: bool = False
    loads_by_time: bool = True
    load_base: int = 1
    load_chunked: bool = False
    load_empty: HTTPStatus = HTTPStatus.OK
    loads_files: bool = True
    file_length: Length = Length.EXACT
    picture_miscounted: bool = False
    load_type: str | None = "application/http"
    multipart: bool = False
    missing_file: Missing = Missing.RESET
    file_stalls_at: int | None = None
    load_breaks: int = 0
    transfers_at_once: int = 1
    transfer_limit: HTTPStatus = HTTPStatus.BAD_REQUEST
    transfer_held_s: float = 0.0
    frame_data: bool = True
