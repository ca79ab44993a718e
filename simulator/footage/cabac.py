"""The arithmetic coder of H.265 (ITU-T H.265, 9.3).

The coder's `low` register is one whole number of any length, so nothing has to be carried over
into bytes that are already written, and pieces of a code can be made apart and added up: bins
that are not coded by context leave the range alone, so what follows them does not depend on them.
"""

# By state and quarter of the range: the part of the range for the less probable symbol (table 9-52).
_LESS_PROBABLE = (
    (128, 176, 208, 240), (128, 167, 197, 227), (128, 158, 187, 216), (123, 150, 178, 205),
    (116, 142, 169, 195), (111, 135, 160, 185), (105, 128, 152, 175), (100, 122, 144, 166),
    (95, 116, 137, 158), (90, 110, 130, 150), (85, 104, 123, 142), (81, 99, 117, 135),
    (77, 94, 111, 128), (73, 89, 105, 122), (69, 85, 100, 116), (66, 80, 95, 110),
    (62, 76, 90, 104), (59, 72, 86, 99), (56, 69, 81, 94), (53, 65, 77, 89),
    (51, 62, 73, 85), (48, 59, 69, 80), (46, 56, 66, 76), (43, 53, 63, 72),
    (41, 50, 59, 69), (39, 48, 56, 65), (37, 45, 54, 62), (35, 43, 51, 59),
    (33, 41, 48, 56), (32, 39, 46, 53), (30, 37, 43, 50), (29, 35, 41, 48),
    (27, 33, 39, 45), (26, 31, 37, 43), (24, 30, 35, 41), (23, 28, 33, 39),
    (22, 27, 32, 37), (21, 26, 30, 35), (20, 24, 29, 33), (19, 23, 27, 31),
    (18, 22, 26, 30), (17, 21, 25, 28), (16, 20, 23, 27), (15, 19, 22, 25),
    (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22), (12, 15, 18, 21),
    (12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17),
    (10, 12, 14, 16), (9, 11, 13, 15), (9, 11, 12, 14), (8, 10, 12, 14),
    (8, 9, 11, 13), (7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11),
    (6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9), (2, 2, 2, 2),
)  # fmt: skip
# The state after the less probable symbol (table 9-53).
_AFTER_LESS_PROBABLE = (
    0, 0, 1, 2, 2, 4, 4, 5, 6, 7, 8, 9, 9, 11, 11, 12, 13, 13, 15, 15, 16, 16, 18, 18, 19, 19, 21, 21, 22, 22, 23, 24,
    24, 25, 26, 26, 27, 27, 28, 29, 29, 30, 30, 30, 31, 32, 32, 33, 33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37,
    38, 38, 63,
)  # fmt: skip
_LAST_ADAPTIVE_STATE = 62
_INITIAL_RANGE, _RANGE_BITS = 510, 9
# Of the register's bits, those that the end of a code leaves out.
_UNWRITTEN = 7


def initial_state(value: int, quantiser: int) -> tuple[int, int]:
    """Give state and more probable symbol of a context at a slice's beginning (9.3.2.2)."""
    slope, offset = (value >> 4) * 5 - 45, ((value & 15) << 3) - 16
    state = min(max((slope * quantiser >> 4) + offset, 1), 126)
    return (state - 64, 1) if state > 63 else (63 - state, 0)


class Coder:
    """Codes bins.

    Attributes:
        low: the code so far, as one number.
        shifts: how often that number was doubled.
    """

    def __init__(self, contexts: list[tuple[int, int]]) -> None:
        """Begin a slice with contexts' states; they change as bins are coded."""
        self._contexts = contexts
        self._range = _INITIAL_RANGE
        self.low = 0
        self.shifts = 0

    def bin(self, context: int, value: int) -> None:
        """Code a bin by its context."""
        state, probable = self._contexts[context]
        less = _LESS_PROBABLE[state][self._range >> 6 & 3]
        self._range -= less
        if value == probable:
            if state < _LAST_ADAPTIVE_STATE:
                self._contexts[context] = state + 1, probable
        else:
            self.low += self._range
            self._range = less
            self._contexts[context] = _AFTER_LESS_PROBABLE[state], probable ^ (state == 0)
        self._normalise()

    def plain(self, bits: str) -> None:
        """Code bins, written as "0" and "1", that are as likely one as the other."""
        if bits:
            self.low = (self.low << len(bits)) + self._range * int(bits, 2)
            self.shifts += len(bits)

    def end(self, value: int) -> None:
        """Code a bin that says whether something ends. Behind a 1 comes `finish`."""
        self._range -= 2
        if value:
            self.low += self._range
            self._range = 2
        self._normalise()

    def finish(self) -> bytes:
        """Give the code in whole bytes and begin anew, with the contexts as they are."""
        code = whole_code(self.low, self.shifts)
        self._range = _INITIAL_RANGE
        self.low = self.shifts = 0
        return code

    def take(self) -> tuple[int, int]:
        """Give `low` and `shifts` since the last call: the code is their sum, shifted as they say."""
        taken = self.low, self.shifts
        self.low = self.shifts = 0
        return taken

    @property
    def range(self) -> int:
        """By what plain bins are multiplied in `low`."""
        return self._range

    def _normalise(self) -> None:
        shift = _RANGE_BITS - self._range.bit_length()
        if shift > 0:
            self._range <<= shift
            self.low <<= shift
            self.shifts += shift


def whole_code(low: int, shifts: int) -> bytes:
    """Give the bytes of a code that has ended: its bits, a 1, zeros up to a whole byte."""
    count = shifts + _RANGE_BITS - _UNWRITTEN
    fill = -count % 8
    return ((low >> _UNWRITTEN | 1) << fill).to_bytes((count + fill) // 8)
