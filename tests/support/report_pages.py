"""A report's page as tests read it: its elements with their attributes, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "input", "br"})


@dataclass
class Element:
    """An element; `text` has that of what it contains."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...] = ()
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass
class Parsed(HTMLParser):
    """All elements of a page, in their order."""

    page: str
    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ids = tuple(each.attributes["id"] for each in self._open if "id" in each.attributes)
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ids))
        if tag not in _VOID:
            self._open.append(self.elements[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, (self._open[-1], tag)
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.parts.append(data)

    def all(self, tag: str, class_: str = "") -> list[Element]:
        """The elements of a kind, of a class where one is given."""
        return [
            each
            for each in self.elements
            if each.tag == tag and (not class_ or class_ in each.attributes.get("class", "").split())
        ]

    def by_id(self, name: str) -> Element:
        """The one element with this id."""
        (found,) = [each for each in self.elements if each.attributes.get("id") == name]
        return found
