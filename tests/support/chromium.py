"""A browser for tests that look at what is drawn: a Chromium that is installed, kept away from the network."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 100


def browser() -> str | None:
    """The path of a Chromium, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def mermaid_script() -> Path | None:
    """Mermaid's script for browsers: in the package that SRE_RUN_MERMAID names, or else in npm's global packages."""
    return _script("SRE_RUN_MERMAID", "mermaid", "dist/mermaid.min.js")


def axe_script() -> Path | None:
    """The script of axe-core, which finds what people with a screen reader or keyboard stumble over; as above, in the
    package that SRE_RUN_AXE names."""
    return _script("SRE_RUN_AXE", "axe-core", "axe.min.js")


def _script(variable: str, name: str, file: str) -> Path | None:
    given = os.environ.get(variable)
    script = (Path(given) if given else _global_packages() / name) / file
    return script if script.is_file() else None


def _global_packages() -> Path:
    npm = shutil.which("npm")
    if npm is None:
        return Path("node_modules")
    done = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False, timeout=SECONDS)
    return Path(done.stdout.strip() or "node_modules")


def results(page: str, folder: Path) -> Any:
    """What a page's scripts leave as JSON in its element `results`."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    program = browser()
    assert program
    options = [
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--virtual-time-budget=60000",
        f"--user-data-dir={folder / 'profile'}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    done = subprocess.run(
        [program, *options, "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "HOME": str(folder)},
    )
    found = re.search(r'<pre id="results">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, f"the page came to nothing: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return json.loads(html.unescape(found[1]))
