"""Text without control or invisible characters: each is shown by its number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

DEFAULT_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt): no reader sees it, and a model does."""
EMOJI = 0xFE0F
"""The variation selector that makes emoji, which changes what people see and is left."""

_UNSEEN = (
    *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F)),  # controls, but tab and newline
    *((0x2028, 0x2029), (0xFFF9, 0xFFFB)),  # line ends, annotations
    (0xD800, 0xDFFF),  # halves of surrogate pairs, which no file takes
    *DEFAULT_IGNORABLE,
)


def printable(text: str) -> str:
    r"""Text without control or invisible characters: ESC becomes `\x1b`, a zero-width space `\u200b`. Tabs and
    newlines stay, and Windows line ends become newlines."""
    plain = text.isascii() and text.isprintable()
    return text if plain else text.replace("\r\n", "\n").translate(_escapes())


@cache
def _escapes() -> Mapping[int, str]:
    return {
        code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        for first, last in _UNSEEN
        for code in range(first, last + 1)
        if code != EMOJI
    }
