"""Draws docs/screen.svg, the README's sample as a terminal shows it: run `python docs/generate_screen.py`."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from sre_runner.render.terminal.terminal import Document

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "screen.svg"
COMMAND = "sre-run playbooks/payment-gateway.yaml --offline"
WIDTH = 88


def sample() -> str:
    """The Markdown of the README's sample."""
    (found,) = re.findall(
        r"^~~~markdown\n(.*?)^~~~$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(found)


def svg() -> str:
    """The picture; it loads no fonts from elsewhere."""
    console = Console(file=io.StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor")
    console.print(Document(sample()), crop=False)
    drawn = console.export_svg(
        title="sre-run playbooks/payment-gateway.yaml --offline", theme=SVG_EXPORT_THEME, unique_id="s"
    )
    return (
        re.sub(r"@font-face \{.*?\}\n", "", drawn, flags=re.DOTALL).replace("Fira Code, monospace", "monospace") + "\n"
    )


if __name__ == "__main__":
    TARGET.write_text(svg(), encoding="utf-8")
