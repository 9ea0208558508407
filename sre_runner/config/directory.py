"""A configuration directory: which files it has, and each of them read and checked against its schema at most once."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config import sources
from sre_runner.config.places import AGENTS
from sre_runner.config.places import absolute as absolute
from sre_runner.config.sources import Kind
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.json_schema.keywords import faults
from sre_runner.documents.json_schema.subset import subset_problems
from sre_runner.documents.yaml import document as documents
from sre_runner.documents.yaml.verbatim import recorded_as_written
from sre_runner.errors import ConfigError, Problem, RunnerError
from sre_runner.text.naming import nearest, said
from sre_runner.tools.read_output import ENTRY, READ_OUTPUT

FOLDERS: Mapping[Kind, str] = {"agent": AGENTS, "tools": "tools.d", "playbook": "playbooks"}
SUFFIXES = (".yaml", ".yml")
MAX_TEXT_FILE = 1_000_000
"""Bytes of a file that a simulated tool answers with."""

BUILT_IN_TOOLS: Mapping[str, Json] = {READ_OUTPUT: ENTRY}

FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""The stem of a file, which is the name of what is in it."""


@dataclass(frozen=True)
class File:
    """A file of the configuration, as far as it could be read.

    `shown` is its `path` as the person knows it. `document` is None where it is no YAML mapping. `problems` are those
    of the file by itself: its name, YAML, and schema. `broken` has the places that do not fit the schema, so that
    nothing is said of them twice.
    """

    kind: Kind
    path: Path
    shown: str
    document: documents.Document | None
    problems: tuple[Problem, ...] = ()
    broken: frozenset[Place] = frozenset()

    @property
    def name(self) -> str:
        """The file's stem, by which others name what is in it."""
        return self.path.stem

    @property
    def readable(self) -> bool:
        """Whether there is a mapping to look into."""
        return self.document is not None

    def sound(self, *place: str | int) -> Json:
        """What stands there; None where there is nothing, or where it or a part of it does not fit the schema."""
        if self.broken and any(broken[: len(place)] == place for broken in self.broken):
            return None
        return self.at(*place)

    def at(self, *place: str | int) -> Json:
        """What stands there, fitting or not; None where there is nothing."""
        found: Json = self.document.data if self.document else None
        for part in place:
            inside = isinstance(found, dict) if isinstance(part, str) else isinstance(found, list)
            if not inside or (part not in found if isinstance(part, str) else part >= len(found)):
                return None
            found = found[part]
        return found

    def names(self, *place: str | int) -> tuple[str, ...]:
        """The keys of the mapping that stands there, in order; none where there is no mapping."""
        found = self.at(*place)
        return tuple(found) if isinstance(found, dict) else ()

    def line(self, *place: str | int) -> int:
        """The line of what is there, counted from 1."""
        return self.document.mark(place, key=True)[0] if self.document else 0

    @cached_property
    def own_fields(self) -> Mapping[str, Json] | None:
        """The fields that an agent adds to its report, each with its schema; None where they cannot be used."""
        fields: Json = (self.at("report") or {}) if self.readable else None
        return fields if isinstance(fields, dict) and not any(map(subset_problems, fields.values())) else None

    def problem(
        self, place: Place, message: str, hint: str = "", *, key: bool = False, warning: bool = False
    ) -> Problem:
        """A complaint about what stands there or, with `key`, about its name."""
        assert self.document is not None
        return self.document.problem(place, message, hint, key=key, warning=warning)


BUILT_IN = File("tools", Path("built-in"), "built in", documents.Document("built in", "", {"tools": BUILT_IN_TOOLS}))
"""The tools that are always there, as a file of `tools.d` would have them."""


def check(kind: Kind, path: Path, document: documents.Document, problems: Iterable[Problem] = ()) -> File:
    """The document of a kind of file, checked against its schema."""
    schema = sources.schema(kind)
    if kind == "tools":
        document = replace(document, data=recorded_as_written(document.data, document.written))
    unfit = documents.check(document, schema)
    broken = frozenset(tuple(fault.absolute_path) for fault in faults(schema, document.data)) if unfit else frozenset()
    return File(kind, path, shown(path), document, (*problems, *unfit), broken)


def shown(path: Path) -> str:
    """The path as a person knows it: from the working directory, where it is inside it."""
    here = Path.cwd()
    return str(absolute(path).relative_to(here)) if absolute(path).is_relative_to(here) else str(absolute(path))


class Directory:
    """The folder that holds `agents.d`, `tools.d` and `playbooks`; files are read when they are first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read = cache(_read)
        self._files = cache(_files)
        self.text = cache(self._text)
        self.tool_hint = cache(self._tool_hint)

    @cached_property
    def agents(self) -> Mapping[str, tuple[Path, ...]]:
        """The paths of `agents.d` by the agents' names; more than one path is a problem."""
        return self._listed("agent")

    @cached_property
    def families(self) -> Mapping[str, tuple[Path, ...]]:
        """The paths of `tools.d` by the families' names."""
        return self._listed("tools")

    @cached_property
    def playbooks(self) -> Mapping[str, tuple[Path, ...]]:
        """The paths of `playbooks` by the playbooks' names."""
        return self._listed("playbook")

    def agent(self, name: str) -> File | None:
        """The agent of that name, if there is one."""
        return self._of("agent", self.agents[name]) if name in self.agents else None

    @cached_property
    def tools(self) -> tuple[File, ...]:
        """All files of `tools.d`."""
        return tuple(self._of("tools", paths) for paths in self.families.values())

    @cached_property
    def definitions(self) -> Mapping[str, tuple[File, ...]]:
        """The files that define each tool; more than one is a problem. Those that are built in stand last."""
        found: dict[str, tuple[File, ...]] = {}
        for family in self.tools:
            for name in family.names("tools"):
                found[name] = (*found.get(name, ()), family)
        return {**found, **dict.fromkeys(BUILT_IN_TOOLS, (BUILT_IN,))}

    @property
    def own_tools(self) -> list[str]:
        """The tools that files define."""
        return [name for name in self.definitions if name not in BUILT_IN_TOOLS]

    @cached_property
    def unread(self) -> tuple[File, ...]:
        """The files of `tools.d` of which it cannot be told what they define."""
        return tuple(family for family in self.tools if not isinstance(family.at("tools"), dict))

    @cached_property
    def serving(self) -> Mapping[str, File]:
        """The files that define each server, of several the first."""
        return {name: family for family in reversed(self.tools) for name in family.names("servers")}

    @cached_property
    def servers(self) -> Mapping[str, Mapping[str, Json]]:
        """The servers of all families that fit the schema, by name."""
        found = {name: family.sound("servers", name) for name, family in self.serving.items()}
        return {name: data for name, data in found.items() if data is not None}

    @cached_property
    def secrets(self) -> Mapping[str, str]:
        """The patterns of secrets of all families, by name; of several of one name the first."""
        found: dict[str, str] = {}
        for family in self.tools:
            found = {**(family.sound("secrets") or {}), **found}
        return found

    def folder(self, relative: str) -> Path:
        """A folder of the configuration that a tool names; raise `RunnerError` where it is none, or leads out of it."""
        path = self.root / relative
        if Path(relative).is_absolute() or ".." in Path(relative).parts or not _inside(path, self.root):
            hint = f"Give its path from {shown(self.root)}; links do not lead out of it."
            raise RunnerError(f"{said(relative)} is not inside the configuration's directory", hint)
        if not path.is_dir():
            raise RunnerError(f"there is no folder {said(shown(path))}", "Its path begins at the configuration.")
        return path

    def _tool_hint(self, name: str) -> str:
        """What is said to a person who named a tool that is not there."""
        return choices(name, self.own_tools, "No tools are defined: tools.d is missing or empty.")

    def playbook(self, path: Path) -> File:
        """The playbook at that path, which may be anywhere."""
        path = absolute(path)
        twins = [other for other in self._files(path.parent).get(path.stem, ()) if other.name != path.name]
        return self._of("playbook", (path, *twins) if path.suffix in SUFFIXES else (path,))

    def _listed(self, kind: Kind) -> Mapping[str, tuple[Path, ...]]:
        files = self._files(self.root / FOLDERS[kind])
        return {name: files[name] for name in sorted(files)}

    def _of(self, kind: Kind, paths: tuple[Path, ...]) -> File:
        """The file at a path. A link that leads out of the directory is refused without being opened: what it leads to
        is none of the configuration's. A file that a person named elsewhere is that person's own word."""
        path = paths[0]
        if path.is_relative_to(self.root) and not _inside(path, self.root):
            message = "a link leads out of the configuration directory, and is not followed"
            problem = Problem(
                shown(path), 0, 0, message, "Put the file itself there. Links inside the directory are fine."
            )
            return File(kind, path, shown(path), None, (problem,))
        return self._read(kind, paths)

    def _text(self, relative: str) -> str:
        """The text of a file that is named from `tools.d`; raise `RunnerError` where it may not or cannot be read."""
        folder = self.root / FOLDERS["tools"]
        if Path(relative).is_absolute() or ".." in Path(relative).parts:
            raise RunnerError("the file must be inside the configuration's directory", "Give its path from tools.d.")
        try:
            path = (folder / relative).resolve()
            if not path.is_relative_to(self.root.resolve()):
                raise RunnerError("the file must be inside the configuration's directory", "A link leads out of it.")
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise RunnerError(f"{said(relative)} is no ordinary file")
            if status.st_size > MAX_TEXT_FILE:
                raise RunnerError(f"{said(relative)} is too large", f"At most {MAX_TEXT_FILE:,} bytes are taken.")
            return _text_of(path.read_bytes())
        except FileNotFoundError:
            raise RunnerError(
                f"there is no file {said(shown(folder / relative))}", _near_file(folder, relative)
            ) from None
        except UnicodeDecodeError as error:
            raise RunnerError(
                f"{said(relative)} is not UTF-8", f"Byte {error.start + 1} is of another encoding: save it as UTF-8."
            ) from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise RunnerError(f"{said(relative)} cannot be read: {reason}") from None


def _text_of(raw: bytes) -> str:
    """A text file as the same text whatever a checkout made of its line ends, and an editor of its encoding."""
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if wide else "utf-8-sig").replace("\r\n", "\n")


def _inside(path: Path, root: Path) -> bool:
    """Whether a path is still inside of a folder once all links are followed; one that cannot be followed is not."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # links in a circle
        return False


def _near_file(folder: Path, relative: str) -> str:
    found = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))[:1000] if path.is_file())
    near = nearest(relative, [name for name in found if not name.endswith(SUFFIXES)])
    return f"Did you mean {said(near)}?" if near else "The path begins at tools.d."


def yaml_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, hidden ones left out, by name; none where there is no such folder."""
    try:
        found = [path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise RunnerError(f"{shown(folder)} cannot be read: {error.strerror}") from None
    return sorted(found)


def _files(folder: Path) -> dict[str, tuple[Path, ...]]:
    """The YAML files of a folder by their stems."""
    found: dict[str, tuple[Path, ...]] = {}
    for path in yaml_files(folder):
        found[path.stem] = (*found.get(path.stem, ()), path)
    return found


def _read(kind: Kind, paths: tuple[Path, ...]) -> File:
    """The first of the paths as a file; among its problems, that there are others, and what is wrong with its name."""
    path, *twins = paths
    file = shown(path)
    found = [Problem(shown(twin), 0, 0, f"{file} has the same name", "Keep one of the two files.") for twin in twins]
    if not FILE_NAME.fullmatch(path.stem):
        hint = "A name has lower-case letters, digits and dashes, at most 63, such as k8s-expert.yaml."
        found.append(Problem(file, 0, 0, f"{said(path.stem)} is no name for a file of this kind", hint))
    try:
        return check(kind, path, documents.load(path, file), found)
    except ConfigError as error:
        return File(kind, path, file, None, (*found, *error.problems))
