"""How firmwares differ in their pictures (section 8 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum


class PictureForm(StrEnum):
    """Under which address a picture is."""

    STREAM = "Streaming/channels/101/picture"
    PROXY = "ContentMgmt/StreamingProxy/channels/101/picture"
    CHANNEL = "Streaming/channels/1/picture"


@dataclass(frozen=True, kw_only=True)
class PictureTraits:
    """How pictures of now are given.

    Attributes:
        picture_forms: those that it takes.
        picture_errors: one of so many is a deviceError, the first of each so many; 0 for none.
        open_pictures: whether they are given to anybody.
        pictures_at_once: so many; others are refused as busy.
        sub_pictures: whether they have the size of the sub stream, whatever is asked.
    """

    picture_forms: frozenset[PictureForm] = frozenset({PictureForm.STREAM})
    picture_errors: int = 0
    open_pictures: bool = False
    pictures_at_once: int = 4
    sub_pictures: bool = False
