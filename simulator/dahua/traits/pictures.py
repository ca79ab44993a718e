"""How firmwares differ in their pictures of now (section 7 of the protocol notes)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PictureTraits:
    """How pictures are handed over.

    Attributes:
        picture_base: the number of the first channel; what is below is refused.
        sub_pictures: whether they are of the sub stream's size.
        picture_errors: one of so many fails, the first of each so many; 0 for none.
        picture_hangs: whether a camera that isn't reached makes the client wait for ever; refused else.
        pictures_wait: whether a picture waits until the one before is through; refused else.
    """

    picture_base: int = 1
    sub_pictures: bool = False
    picture_errors: int = 0
    picture_hangs: bool = False
    pictures_wait: bool = True
