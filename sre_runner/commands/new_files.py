"""New files of a configuration: how they may be called, where they go, and the line that tells editors their schema."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from pathlib import Path

from sre_runner.commands.ignored import ignore_runs
from sre_runner.commands.schema import FOLDER, file_name, write
from sre_runner.config.checks.tools import TOOL_NAME
from sre_runner.config.directory import FILE_NAME, FOLDERS, Directory, shown, yaml_files
from sre_runner.config.sources import Kind
from sre_runner.coordination.report_schemas import RESERVED_TOOL_NAMES
from sre_runner.errors import RunnerError
from sre_runner.render.terminal.streams import tell
from sre_runner.text.naming import said

_LINE = "# yaml-language-server: $schema="
_SIBLINGS = 20
"""Files of the same folder whose first line is looked at."""
_FIRST_LINE = 500


def check_name(name: str, what: str) -> None:
    """Raise `RunnerError` where an agent or a playbook cannot have this name."""
    if not FILE_NAME.fullmatch(name):
        hint = _meant(_stem(name)) + "A name has lower-case letters, digits and dashes, at most 63."
        raise RunnerError(f"{said(name)} is no name for {'an' if what == 'agent' else 'a'} {what}", hint)


def check_tool_name(name: str) -> str:
    """The stem of the file for a tool of this name. Raises `RunnerError` where a tool cannot have it."""
    if name in RESERVED_TOOL_NAMES:
        raise RunnerError(f"{said(name)} is the name of a report tool", "Choose another name.")
    if not TOOL_NAME.fullmatch(name) or not _stem(name):
        words = re.sub(r"[^A-Za-z0-9_-]+", "_", _ascii(name)).strip("_-")[:64]
        hint = "A name has at most 64 letters, digits, underscores and dashes, and begins with a letter or digit."
        raise RunnerError(f"{said(name)} is no name for a tool", _meant(words) + hint)
    return _stem(name)


def _meant(name: str) -> str:
    return f"Did you mean {said(name)}? " if name else ""


def _stem(text: str) -> str:
    """What of a text can be the stem of a file; "" for nothing."""
    return re.sub(r"[^a-z0-9]+", "-", _ascii(text).lower()).strip("-")[:63].rstrip("-")


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text[:1000]).encode("ascii", "ignore").decode()


def place(folder: Directory, kind: Kind, stem: str) -> str:
    """The path of a file, as it is shown."""
    return shown(_path(folder, kind, stem))


def create(folder: Directory, kind: Kind, stem: str, text: str) -> Path:
    """Write a new file that begins with the line for its schema. Raises `RunnerError` where there is one already."""
    path = _path(folder, kind, stem)
    listed = {"agent": folder.agents, "tools": folder.families, "playbook": folder.playbooks}[kind]
    for existing in listed.get(stem, ()):
        raise _there_already(existing)
    begins = not (folder.root / FOLDERS["agent"]).is_dir()
    for folder_of in (FOLDERS["agent"], FOLDERS[kind]):  # by agents.d a configuration is found
        (folder.root / folder_of).mkdir(exist_ok=True)
    if begins:
        tell(ignore_runs(Path(shown(folder.root))))
    line = f"{_LINE}{_schema(folder, kind)}\n"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(line + text)
    except FileExistsError:
        raise _there_already(path) from None
    return path


def _path(folder: Directory, kind: Kind, stem: str) -> Path:
    return folder.root / FOLDERS[kind] / f"{stem}.yaml"


def _there_already(path: Path) -> RunnerError:
    return RunnerError(f"nothing was written, as {shown(path)} is there already", "Choose another name.")


def _schema(folder: Directory, kind: Kind) -> str:
    """Where the schema is, from the file: that of `init`, or the one of a file beside it; else it is written."""
    own = folder.root / FOLDER / file_name(kind)
    if not own.is_file():
        for sibling in islice(yaml_files(folder.root / FOLDERS[kind]), _SIBLINGS):
            target = _schema_of(sibling)
            if target and (sibling.parent / target).is_file():
                return target
        tell(f"Wrote {shown(write(kind, folder.root / FOLDER))} for your editor.")
    return f"../{FOLDER}/{file_name(kind)}"


def _schema_of(path: Path) -> str:
    """What the first line of a file says of its schema; "" where it says nothing."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            line = file.readline(_FIRST_LINE)
    except OSError:
        return ""
    target = line.removeprefix(_LINE).rstrip("\n")
    return target if line.startswith(_LINE) and target.isprintable() and "\0" not in target else ""
