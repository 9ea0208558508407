"""The body of a response: unpacked and read piece by piece up to a bound, and told as text."""

from __future__ import annotations

import codecs
import zlib

MOST = 8 * 2**20
"""Bytes of a body, unpacked, that are kept."""
_PIECE = 2**16

_CHARSETS = frozenset(
    {
        *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "koi8-r", "koi8-u", "big5", "gbk", "gb2312"),
        *("gb18030", "shift_jis", "cp932", "euc_jp", "euc_kr", "iso2022_jp", "iso8859-1", "iso8859-15"),
        *(f"iso8859-{number}" for number in range(2, 11)),
        *(f"cp125{number}" for number in range(9)),
    }
)
"""Codecs that take no longer for hostile bytes. Others of Python's unpack, or take the square of the length."""


class BodyError(Exception):
    """A body that is not packed as it says."""


class Body:
    """What was read of a body so far. Bytes above `most` are not kept, and `cut` says that there were some."""

    def __init__(self, most: int = MOST) -> None:
        self.data = bytearray()
        self.cut = False
        self._most = most
        self._encoding = ""
        self._unpacker = _unpacker("")
        self._begun = False
        self._members = 0

    def packed_by(self, encoding: str) -> None:
        """Say how it is packed, as of the header `Content-Encoding`. Raises `BodyError` for what was not asked for."""
        self._encoding = encoding.strip().lower()
        self._unpacker = _unpacker(self._encoding)

    def feed(self, piece: bytes) -> None:
        """Take what came next. Raises `BodyError` where it is not packed as it says."""
        if self._unpacker is None:
            self._keep(piece)
        while self._unpacker is not None and not self.cut:
            try:
                unpacked = self._unpacker.decompress(piece, _PIECE)
            except zlib.error as error:
                if self._members:
                    return  # what follows a whole packed body is padding
                if self._begun or self._encoding != "deflate":
                    raise BodyError(f"it is not packed by {self._encoding}, as it says") from error
                self._unpacker, self._begun = zlib.decompressobj(-zlib.MAX_WBITS), True  # the header is missing
                continue
            self._begun = self._begun or bool(piece)
            self._keep(unpacked)
            piece = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                piece, self._unpacker, self._begun = self._unpacker.unused_data, _unpacker(self._encoding), False
                self._members += 1
            if not piece and len(unpacked) < _PIECE:  # otherwise there may be more of the same bytes
                return

    def finish(self) -> None:
        """There is no more. Raises `BodyError` where more was packed."""
        if self._begun and not self.cut:
            raise BodyError("it ends in the middle of what is packed")

    def _keep(self, piece: bytes) -> None:
        room = self._most - len(self.data)
        self.data += piece[:room]
        self.cut = self.cut or len(piece) > room


def _unpacker(encoding: str) -> zlib._Decompress | None:
    match encoding:
        case "" | "identity" | "utf-8":  # the last is what some servers say, and do not mean
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        case "deflate":
            return zlib.decompressobj()
    raise BodyError("it is packed in a way that was not asked for")


def charset_of(content_type: str) -> str:
    """The codec for a type of content; UTF-8 where it names none that is known."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            try:
                codec = codecs.lookup(value.strip().strip("\"'")[:40]).name
            except (LookupError, ValueError):
                break
            return codec if codec in _CHARSETS else "utf-8"
    return "utf-8"


def is_text(content_type: str, data: bytes | bytearray) -> bool:
    """Whether a body can be read by a model: not a picture or an archive, by its type or by its first bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.partition("/")[0] in ("image", "audio", "video", "font"):
        return kind == "image/svg+xml"
    return b"\0" not in data[:1024] or charset_of(content_type).startswith(("utf-16", "utf-32"))


def text_of(content_type: str, data: bytes | bytearray) -> str:
    """A body as text; bytes that are none become U+FFFD."""
    return data.decode(charset_of(content_type), errors="replace")
