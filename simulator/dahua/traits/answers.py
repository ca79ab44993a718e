"""How firmwares differ in the form of their answers and in what load they bear (sections 2 and 3)."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class LineEnd(StrEnum):
    """What ends the lines of a text answer."""

    CRLF = "\r\n"
    LF = "\n"


class Encoding(StrEnum):
    """What the bytes of texts are; no answer says so."""

    UTF_8 = "utf-8"
    GB2312 = "gb2312"


class Brackets(StrEnum):
    """How brackets in keys may be written."""

    EITHER = "raw or escaped"
    RAW = "raw"


@dataclass(frozen=True, kw_only=True)
class AnswerTraits:
    """What answers look like, and how many are given at once.

    Attributes:
        line_end: what ends the lines of a text.
        encoding: what the bytes of texts are.
        brackets: how brackets in keys may be written.
        invalid_request: the status of the wrong verb for an object.
        authority: what is said to users without a right.
        json_api: whether there is CGI with JSON both ways.
        content_type: of text answers.
        parallel: more requests by CGI at once wedge the web server; None for any number.
        wedged_s: for so many seconds it answers nothing then.
        session_slots: so many log-ins at once; others are told 401. None for any number.
    """

    line_end: LineEnd = LineEnd.CRLF
    encoding: Encoding = Encoding.UTF_8
    brackets: Brackets = Brackets.EITHER
    invalid_request: HTTPStatus = HTTPStatus.OK
    authority: str = "Authority:check failure."
    json_api: bool = False
    content_type: str = "text/plain;charset=utf-8"
    parallel: int | None = None
    wedged_s: float = 90.0
    session_slots: int | None = None
