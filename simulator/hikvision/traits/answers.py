"""How firmwares differ in the form of their answers (sections 3 and 4 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

NAMESPACE_OLD: Final = "http://www.hikvision.com/ver20/XMLSchema"
NAMESPACE_NEW: Final = "http://www.isapi.org/ver20/XMLSchema"
NAMESPACE_NEUTRAL: Final = "http://www.std-cgi.org/ver20/XMLSchema"


class Declaration(StrEnum):
    """How a document begins."""

    NORMAL = "normal"
    MISSING = "missing"
    SINGLE_QUOTED = "single-quoted"


class Encoding(StrEnum):
    """What the bytes of a document are; it says UTF-8 always."""

    UTF_8 = "utf-8"
    GB2312 = "gb2312"


class ErrorBody(StrEnum):
    """What comes with a refusal."""

    RESPONSE_STATUS = "ResponseStatus"
    HTML = "HTML"
    EMPTY = "nothing"


class Tree(StrEnum):
    """Under which root the resources are."""

    ISAPI = "/ISAPI"
    BARE = ""
    """No prefix, as up to about 2013."""
    PSIA = "/PSIA"


@dataclass(frozen=True, kw_only=True)
class AnswerTraits:
    """What answers look like.

    Attributes:
        tree: under which root the resources are.
        namespace: of every answer.
        version: attribute of every answer's root.
        marks_items: whether each item of a list repeats both (DS-7616NI-K2).
        item_namespace: another namespace for the items of all lists than for their roots.
        trigger_namespace: the same in the list of triggers alone (iDS-7204HUHI-M1, DS-7616NI-K2).
        declaration: how documents begin.
        encoding: what their bytes are.
        bare_ampersands: whether `&` in names is left as it is.
        list_size_off: by so much the `size` of a list is greater than what is in it.
        absent: how a resource that it doesn't have is refused.
        busy: with which status it says that others are being served.
        errors_as_ok: whether refusals come with status 200.
        error_body: what comes with them.
        local_date: whether the header `Date` is local time, labelled GMT.
    """

    tree: Tree = Tree.ISAPI
    namespace: str = NAMESPACE_NEW
    version: str = "2.0"
    marks_items: bool = False
    item_namespace: str | None = None
    trigger_namespace: str | None = None
    declaration: Declaration = Declaration.NORMAL
    encoding: Encoding = Encoding.UTF_8
    bare_ampersands: bool = False
    list_size_off: int = 0
    absent: HTTPStatus = HTTPStatus.FORBIDDEN
    busy: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE
    errors_as_ok: bool = False
    error_body: ErrorBody = ErrorBody.RESPONSE_STATUS
    local_date: bool = False
