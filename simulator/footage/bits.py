"""Bits as text: "0" and "1", the handiest form for pieces of any length that are joined later."""

import re

_BYTE = 8
# Three bytes that a decoder would take for a start code, or for this very protection.
_START_CODE_LOOK_ALIKE = re.compile(rb"\x00\x00(?=[\x00-\x03])")


def fixed(value: int, count: int) -> str:
    """Write `value` in `count` bits: u(n) of the standards."""
    return format(value, f"0{count}b") if count else ""


def unsigned(value: int) -> str:
    """Write an unsigned Exp-Golomb code: ue(v) of the standards."""
    digits = format(value + 1, "b")
    return "0" * (len(digits) - 1) + digits


def signed(value: int) -> str:
    """Write a signed Exp-Golomb code: se(v) of the standards."""
    return unsigned(2 * value - 1 if value > 0 else -2 * value)


def packed(bits: str) -> bytes:
    """Give the bytes of a row of bits, filled up with zeros."""
    count = -(-len(bits) // _BYTE)
    return int(bits.ljust(count * _BYTE, "0"), 2).to_bytes(count) if count else b""


def trailing() -> str:
    """Give the stop bit that ends a NAL unit's payload; `packed` adds the zeros after it."""
    return "1"


def protected(payload: bytes) -> bytes:
    """Put emulation prevention bytes in, so that no start code appears within a NAL unit."""
    if b"\0\0" not in payload:
        return payload
    return _START_CODE_LOOK_ALIKE.sub(b"\x00\x00\x03", payload)
