"""What a call answered, and whether a quote stands in the part of it that the tool itself said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sre_runner.casefile import Json as Data
from sre_runner.coordination.claims.quotes import Weighing
from sre_runner.coordination.claims.seen import Index
from sre_runner.coordination.evidence.json_text import Json, collapsed, pieces
from sre_runner.text.output import LEFT_OUT, MASK

MOST_QUOTE = 4_000
"""Characters of a quote; a longer one is an answer and no evidence."""

# An escape sequence as the engine writes it in text for a model, and as it is.
_ANSI = re.compile(r"(?:\x1b|\\x1b|\\u001b)\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Answer:
    """The `text` that a call of these `arguments` answered, as the model saw it (masked and cut).

    What the engine put into it is no evidence: the marker where it was cut, masks, and what only repeats an argument.
    """

    text: str
    arguments: Data = None

    def doubt(self, quote: str) -> str:
        """Why a quote is no evidence; "" where it is.

        Quote and text are compared without ANSI codes and with white space collapsed; where the text is JSON, also
        after one unescaping, and in any layout. Nothing else is forgiven. An empty quote stands nowhere.
        """
        if len(quote) > MOST_QUOTE:
            return f"the quote is longer than {MOST_QUOTE:,} characters"
        wanted = _ANSI.sub("", quote)
        if not collapsed(wanted.replace(MASK, "")) or LEFT_OUT.search(wanted):
            return "the quote is empty" if not collapsed(wanted) else "the quote is what the engine put there"
        if not self._holds(wanted):
            return "the quote does not stand in the answer"
        return "the quote only repeats the call's own arguments" if self._is_echo(wanted) else ""

    @cached_property
    def index(self) -> Index:
        """The values of what the tool itself said."""
        return Index("\n".join(self._parts))

    @cached_property
    def asked(self) -> Index:
        """The names that the call asked about."""
        return Index(json.dumps(self.arguments, ensure_ascii=False), names_only=True)

    @cached_property
    def weighing(self) -> Weighing:
        """What says whether a quote of it tells."""
        return Weighing("\n".join(self._parts))

    def _holds(self, wanted: str) -> bool:
        plain = collapsed(wanted)
        return any(plain in part for part in self._plain) or any(each.holds(wanted) for each in self._json)

    def _is_echo(self, wanted: str) -> bool:
        plain = collapsed(wanted)
        return any(plain in text for text in self._echoes) or any(each.holds(wanted) for each in self._call)

    @cached_property
    def _parts(self) -> list[str]:
        """The text without ANSI codes, on both sides of where it was cut."""
        return [_ANSI.sub("", part) for part in LEFT_OUT.split(self.text)]

    @cached_property
    def _plain(self) -> list[str]:
        return [collapsed(part) for part in self._parts]

    @cached_property
    def _json(self) -> list[Json]:
        cut = len(self._parts) > 1
        return [each for part in self._parts for each in pieces(part, cut=cut)]

    @cached_property
    def _echoes(self) -> list[str]:
        return [collapsed(text) for text in _strings(self.arguments)]

    @cached_property
    def _call(self) -> list[Json]:
        return list(pieces(json.dumps(self.arguments, ensure_ascii=False))) if self.arguments else []


def _strings(data: Data) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)
