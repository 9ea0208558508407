"""A terminal as tests have one: 80 columns, colours, and nothing that the machine says of it."""

from __future__ import annotations

import re

import pytest


def plain(text: str) -> str:
    """The text without colours and cursor movements."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


@pytest.fixture
def columns_80(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a terminal of 80 columns that takes colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
