"""Text of models, tools and people put into Markdown so that it stays text, without fake headings or links."""

from __future__ import annotations

import re

from sre_runner.text.output import printable

# A backslash counts only where it would escape something; `_` inside a word, and a lone `&`, mean nothing.
_INLINE = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|$)
      | [*`\[\]<|~]
      | (?<![^\W_])_ | _(?![^\W_])
      | &(?=\#?\w+;)
    """,
    re.VERBOSE,
)
_LINKED = re.compile(
    r"""(?:[a-z][a-z0-9+.-]{0,30}://|\bwww\.|\b(?:mailto|xmpp):)[^\s<>`|\\]*[^\s<>`|\\.,;:!?'")\]}]
      | (?<![\w`])(?:[\w.+-]{0,64}@[\w](?:[\w./-]{0,100}\w)?|[\w./-]{0,100}\#\d{1,20}\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What GitHub and its like make a link or a mention of: addresses, `@name`, `owner/project#1`."""
_OPENS_BLOCK = re.compile(r"[#>+=-]|\d{1,9}(?=[.)](?:\s|$))")
_RUN_OF_BACKTICKS = re.compile(r"`+")


def inline(text: str) -> str:
    """The text on one line, to stand anywhere in a paragraph, a heading, a list item or a table's cell.

    What a viewer would make a link or a mention of stands as code, which nothing is made of.
    """
    text = printable(" ".join(text.split()))
    parts, end = [], 0
    for found in _LINKED.finditer(text):
        parts += [_escaped(text[end : found.start()]), code_span(found[0])]
        end = found.end()
    text = "".join([*parts, _escaped(text[end:])])
    opening = _OPENS_BLOCK.match(text)
    if not opening:
        return text
    place = opening.end() if opening[0].isdigit() else 0
    return f"{text[:place]}\\{text[place:]}"


def _escaped(text: str) -> str:
    return _INLINE.sub(lambda match: "\\" + match[0], text)


def paragraphs(text: str) -> str:
    """The text with its lines and empty lines kept, to stand between two empty lines."""
    blocks = re.split(r"\n\s*\n", text.strip())
    lines = ([inline(line) for line in block.splitlines() if line.strip()] for block in blocks)
    return "\n\n".join("  \n".join(block) for block in lines)


def code_span(text: str) -> str:
    """The text on one line as code, verbatim but for white space and control characters."""
    text = printable(" ".join(text.split()))
    if not text:
        return ""
    ticks = "`" * (_longest(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def code_block(text: str, language: str = "", indent: int = 0) -> str:
    """The text as a fenced block of code, every line of it indented by so many spaces."""
    fence = "`" * max(3, _longest(text) + 1)
    lines = [fence + language, *printable(text).strip("\n").split("\n"), fence]
    return "\n".join(" " * indent + line for line in lines)


def _longest(text: str) -> int:
    return max((len(run) for run in _RUN_OF_BACKTICKS.findall(text)), default=0)
