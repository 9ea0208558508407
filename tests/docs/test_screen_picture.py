"""docs/screen.svg is the README's sample as a terminal shows it, and loads nothing."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_is_current_and_loads_nothing() -> None:
    made = runpy.run_path(str(DOCS / "generate_screen.py"))
    picture = made["svg"]()
    assert picture == made["TARGET"].read_text(encoding="utf-8"), "run: python docs/generate_screen.py"
    assert re.findall(r"""(?:href|src|url)\s*[=(]\s*["']?(?!#)[^"')#]+""", picture) == []
    assert set(re.findall(r"https?://[^\"\s]+", picture)) <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
