"""Writes the output and the table of reviewing-changes.md from a real repository; run it when they change."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path

from click.testing import CliRunner

from sre_runner.commands.diff import diff as command
from sre_runner.review.diff.changes import KINDS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reviewing-changes.md"
PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
WIDTH = 110

AGENTS = ("k8s-expert", "log-analyst", "runbook-advisor", "planner", "reviewer", "synthesizer")
TOOLS = ("kubernetes.yaml", "logs.yaml", "runbooks.yaml", "runbooks", "changes.yaml")
"""What there is before the pull request."""
WITHOUT_EXPERT = "specialists: [k8s-expert, log-analyst, runbook-advisor]"
EDITS = (
    ("playbooks/payment-gateway.yaml", WITHOUT_EXPERT, WITHOUT_EXPERT.replace("log-", "deployment-expert, log-")),
    ("agents.d/k8s-expert.yaml", "get_recent_deploys]", "get_recent_deploys, rollback_deployment]"),
    (
        "agents.d/k8s-expert.yaml",
        "5. Deployments and their history: what changed, and does the time of the change fit the beginning of the "
        "symptoms?",
        "5. Deployments: what runs now. Which release changed what is the deployment expert's to say.",
    ),
    ("playbooks/payment-gateway.yaml", "min_findings_verified: 1.0", "min_findings_verified: 0.9"),
)
"""What the pull request changes; the expert and its tools are new files."""


def _git(folder: Path, *arguments: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ = {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    person = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(  # noqa: S603 - a list of arguments
        ["git", *person, *arguments],  # noqa: S607 - the git of whoever writes the page
        cwd=folder,
        env=environ,
        check=True,
        capture_output=True,
    )


def pull_request(room: Path) -> None:
    """A repository in an empty folder, on the branch of the pull request."""
    for name in AGENTS:
        _copy(f"agents.d/{name}.yaml", room)
    for name in (*(f"tools.d/{name}" for name in TOOLS), "playbooks/payment-gateway.yaml", "runbooks"):
        _copy(name, room)
    _git(room, "init", "-q", "--initial-branch", "main")
    _git(room, "add", ".")
    _git(room, "commit", "-q", "-m", "The room as it is")
    _git(room, "checkout", "-q", "-b", "deployment-expert")
    for name in ("agents.d/deployment-expert.yaml", "tools.d/deployments.yaml"):
        _copy(name, room)
    for name, old, new in EDITS:
        text = (room / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        (room / name).write_text(text.replace(old, new), encoding="utf-8")
    _git(room, "add", ".")
    _git(room, "commit", "-q", "-m", "Add a deployment expert")


def _copy(name: str, room: Path) -> None:
    (room / name).parent.mkdir(parents=True, exist_ok=True)
    copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
    copy(ROOT / name, room / name)


@cache
def printed(*arguments: str) -> tuple[int, str, str]:
    """What `sre-run diff` exits with and prints on the branch of the pull request, without the ids of commits."""
    with chdir(_room()):
        done = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    return done.return_value, re.sub(r"\([0-9a-f]{10}\)", "(…)", done.stdout), done.stderr


@cache
def _room() -> Path:
    """The repository, which is there until the program ends."""
    room = Path(tempfile.mkdtemp(prefix="sre-run-room-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    pull_request(room)
    return room


def diff() -> str:
    return _block(f"$ sre-run diff\n{printed()[1]}", "text")


def comment() -> str:
    """The Markdown, but for the middle of its rows and its last part."""
    lines = printed("--format", "markdown")[1].split("\n")
    rows = [place for place, line in enumerate(lines) if re.match(r"\| (low|medium|\*)", line)]
    shown = [*lines[: rows[4]], "…", *lines[rows[-1] + 1 :]]
    return _block("\n".join(shown), "markdown")


def gate() -> str:
    code, _, told = printed("--fail-on", "privilege", "--fail-on", "weakened")
    return _block(
        f"$ sre-run diff --fail-on privilege --fail-on weakened > /dev/null\n{told}$ echo $?\n{code}\n", "text"
    )


def results() -> str:
    """What stands under the changes."""
    out = printed("--rehearse")[1]
    return _block(f"$ sre-run diff --rehearse\n…\n\n{out[out.index('RESULTS ON BOTH SIDES') :]}", "text")


def kinds() -> str:
    rows = [f"| `{name}` | {kind.group} | {kind.risk} | {kind.what} |" for name, kind in KINDS.items()]
    return "\n".join(["| kind | group | risk | what it says |", "|---|---|---|---|", *rows]) + "\n"


def _block(text: str, language: str) -> str:
    lines = [_wrapped(line) for line in text.rstrip("\n").split("\n")]
    return f"~~~{language}\n" + "\n".join(lines) + "\n~~~\n"


def _wrapped(line: str) -> str:
    """The line in several, but for rows of tables."""
    if len(line) <= WIDTH or line.startswith("|"):
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    indent = " " * 10 if re.match(r"  (high|medium|low|unknown) ", line) else indent
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


PARTS: Mapping[str, Callable[[], str]] = {
    "diff": diff,
    "comment": comment,
    "gate": gate,
    "results": results,
    "kinds": kinds,
}


def written(page: str) -> str:
    """The page with all that is generated in it."""
    return PLACE.sub(lambda place: f"{place[1]}{PARTS[place[2]]()}{place[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
