"""The Markdown document as rich draws it on a terminal."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, TextIO, TypeVar

from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, ListElement, ListItem, Markdown, MarkdownElement, Paragraph, TableElement
from rich.table import Table
from rich.text import Text

MAX_WIDTH = 100
"""Columns of text; longer lines are hard to read."""


def console(stream: TextIO, width: int | None = None) -> Console:
    """A console on a terminal; `NO_COLOR` is honoured by rich. Nothing is ever read as rich's own markup."""
    return Console(file=stream, force_terminal=True, width=width, markup=False, highlight=False, emoji=False)


def show(document: str, stream: TextIO, width: int | None = None) -> None:
    """Print a Markdown document on a terminal, at most `MAX_WIDTH` columns wide but for commands."""
    screen = console(stream, width)
    screen.width = min(screen.width, MAX_WIDTH)
    screen.print(Document(document), crop=False)


_JOINED = "joined"
"""What is kept with a token whose element no empty line follows."""


class _PlainHeading(Heading):
    """A heading at the left margin, whatever its level, and right above its text."""

    new_line = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _Code(CodeBlock):
    """Code without padding. A command is never broken into lines, so that it can be copied; other code is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        command = self.lexer_name == "sh"
        text = Text(str(self.text).rstrip("\n"), "bold cyan" if command else "cyan")
        text.no_wrap, text.overflow = command, "ignore" if command else "fold"
        yield text


_Element = TypeVar("_Element", bound=MarkdownElement)


def _joined(element: _Element, token: Token) -> _Element:
    """The element, which says itself whether an empty line follows it."""
    element.new_line = not token.meta.get(_JOINED)  # type: ignore[misc]  # rich reads it of the instance
    return element


class _List(ListElement):
    """A list; an action has its command right below it."""

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> ListElement:
        return _joined(super().create(markdown, token), token)


class _Item(ListItem):
    """An item of a list; the first may stand right below a heading."""

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> MarkdownElement:
        return _joined(super().create(markdown, token), token)


class _Paragraph(Paragraph):
    """A paragraph, which may be that of such an item."""

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> Paragraph:
        return _joined(super().create(markdown, token), token)


class _Table(TableElement):
    """A table none of whose words is cut: those that are too long for their column go on in the next line."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            assert isinstance(table, Table)
            for column in table.columns:
                column.overflow = "fold"
            yield table


class Document(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _PlainHeading,
        "fence": _Code,
        "bullet_list_open": _List,
        "ordered_list_open": _List,
        "list_item_open": _Item,
        "paragraph_open": _Paragraph,
        "table_open": _Table,
    }

    def __init__(self, document: str) -> None:
        super().__init__(document)
        within: list[Token] = []
        below_heading = False
        for token, after in pairwise(self.parsed):
            if token.type in ("bullet_list_open", "ordered_list_open"):
                within.append(token)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                within.pop().meta[_JOINED] = after.type == "fence" and after.info == "sh"
            elif within:
                token.meta[_JOINED] = below_heading
            if not within:
                below_heading = token.type == "heading_close"
