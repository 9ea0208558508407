"""What a proposed command would destroy, interrupt or force, by the table. The command is read and never run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sre_runner.proposed.danger_table import HARMLESS, TABLE
from sre_runner.proposed.danger_words import DESTROYS, UNDOES
from sre_runner.proposed.options import Option
from sre_runner.proposed.sql_dangers import sql_dangers
from sre_runner.proposed.sql_texts import sql_texts
from sre_runner.proposed.unwrapping import Call, calls
from sre_runner.proposed.words import Word

_CLUSTERED = frozenset(
    ("rm", "docker", "podman", "nerdctl", "git", "fsck", "e2fsck", "chmod", "chown", "chgrp", "fuser")
)
_RELEASE_TOOL = re.compile(
    r"(?:^|[_\W])(?:roll(?:ed|ing)?_?back|rollout|undo|revert|release|deploy|helm|argocd|image)", re.I
)
_UNDOING = (
    ("kubectl", ("rollout", "undo")),
    ("oc", ("rollout", "undo")),
    ("oc", ("rollback",)),
    ("kubectl", ("argo", "rollouts", "undo")),
    ("kubectl-argo-rollouts", ("undo",)),
    ("helm", ("rollback",)),
    ("argocd", ("app", "rollback")),
    ("docker", ("service", "rollback")),
    ("git", ("revert",)),
)
_EMPTYING = frozenset(("", ":", "true", "echo", "printf", "cat"))
_SCRATCH = re.compile(r"/dev/(?:null|std\w+|tty|fd/\d+)$|/tmp/|/var/tmp/|/proc/|/sys/")


@dataclass(frozen=True)
class Danger:
    """A danger of a command: the `word` that says so (one of `danger_words.WORDS`), the reason as a part of a
    sentence, and the place of what it was seen in."""

    word: str
    reason: str
    start: int
    end: int


@dataclass(frozen=True)
class _Pattern:
    """A row of the table, ready to be matched; `beside` says that it counts beside others."""

    words: tuple[frozenset[str], ...]
    anywhere: bool
    options: tuple[tuple[str, str], ...]
    search: re.Pattern[str] | None
    beside: bool
    word: str
    reason: str


def danger(command: str, changed: Collection[str] = ()) -> tuple[Danger, ...]:
    """The dangers of a command's text, in the order of their places; () where the table has none.

    `changed` are the tools and releases that this run has changed already: what undoes a release of those, or any
    release after one of those tools, undoes it once more.
    """
    found: dict[tuple[str, int, int], Danger] = {}
    for call in calls(command):
        for each in _of(call, changed):
            found.setdefault((each.word, each.start, each.end), each)
    return tuple(sorted(found.values(), key=lambda each: (each.start, each.end, each.word)))


def _of(call: Call, changed: Collection[str]) -> Iterator[Danger]:
    for text in sql_texts(call):
        yield from (Danger(word, reason, at.start, at.end) for word, reason, at in sql_dangers(text))
    if call.sql:
        return
    yield from _emptied(call)
    if _harmless(call):
        return
    yield from _listed(call)
    yield from _again(call, changed)


def _listed(call: Call) -> Iterator[Danger]:
    counted = False
    for row in _patterns().get(_program(call), ()):
        if row.beside or not counted:
            at = _match(row, call)
            if at is not None:
                counted = counted or not row.beside
                yield Danger(row.word, row.reason, *at)


def _program(call: Call) -> str:
    name = call.name.removesuffix(".sh").removesuffix(".exe")
    return {"k": "kubectl"}.get(name, name.partition(".")[0] if name.startswith(("mkfs.", "fsck.")) else name)


def _match(row: _Pattern, call: Call) -> tuple[int, int] | None:
    """The place of what a row matches in a call, or None."""
    words = [_verb(each, at, call) for at, each in enumerate(call.read.positionals)]
    at = _where(row, words)
    if at is None:
        return None
    matched = [] if row.beside else [*call.read.positionals[at : at + len(row.words)]]
    if row.options:
        pairs = (
            (each, value) for each in call.read.options for name, value in row.options if _is(each, name, value, call)
        )
        option, value = next(pairs, (None, ""))
        if option is None:
            return None
        matched += [option.word, *([option.value] if value and option.value else [])]
    if row.search:
        hit = next((each for each in call.arguments if row.search.search(each.text)), None)
        if hit is None:
            return None
        matched.append(hit)
    matched = matched or [call.program]
    return min(each.start for each in matched), max(each.end for each in matched)


def _where(row: _Pattern, words: Sequence[str]) -> int | None:
    """The index of the first word that a row matches."""
    count = len(row.words)
    for at in range(min(len(words) - count, 6) + 1 if row.anywhere else 1):
        if len(words) - at >= count and all(map(_fits, row.words, words[at : at + count])):
            return at
    return None


def _fits(choices: frozenset[str], word: str) -> bool:
    return word in choices or any(
        word.startswith(each[:-1]) for each in choices if each.endswith("*") and (len(each) > 1 or word)
    )


def _verb(word: Word, at: int, call: Call) -> str:
    """A word as the table writes it: small, and for Kubernetes without the name behind the kind."""
    text = word.text[:80].lower()
    if at and call.name in ("kubectl", "oc", "k"):
        return text.partition("/")[0].partition(".")[0].partition(",")[0]
    return text


def _is(option: Option, name: str, value: str, call: Call) -> bool:
    """Whether an option of a call is the one that a row names."""
    text = option.value.text if option.value else ""
    if name.endswith("*"):
        return option.name.startswith(name[:-1])
    if option.name == name:
        return text.lower() == value.lower() if value else text != "false"
    clustered = len(name) == 2 and call.name in _CLUSTERED and re.fullmatch(r"-[A-Za-z]{2,8}", option.word.text)
    return bool(clustered) and name[1] in option.word.text


def _harmless(call: Call) -> bool:
    program = _program(call)
    options = [pair for names, pairs in _safe() if not names or program in names for pair in pairs]
    for option in call.read.options:
        if any(option.name == name and _same(option, value) for name, value in options):
            return True
    return call.name in ("man", "which", "type")


def _same(option: Option, value: str) -> bool:
    text = option.value.text if option.value else ""
    return text == value if value else text not in ("none", "false")


def _emptied(call: Call) -> Iterator[Danger]:
    """A redirection into a file by a command that prints nothing to keep: the file is emptied."""
    source = [each.text for each in call.arguments if each.text not in ("-n", "-e")]
    if call.name not in _EMPTYING or any(each not in ("/dev/null", "") for each in source):
        return
    for each in call.redirects:
        operator = each.operator.lstrip("0123456789")
        path = each.target.text
        if operator in (">", ">|") and path.startswith(("/", "$", "<")) and not _SCRATCH.match(path) and not call.stdin:
            yield Danger(DESTROYS, "the file is emptied", each.target.start, each.target.end)


def _again(call: Call, changed: Collection[str]) -> Iterator[Danger]:
    """An undo where this run has changed that release already."""
    words = [_verb(each, at, call) for at, each in enumerate(call.read.positionals)]
    program = _program(call)
    for name, verbs in _UNDOING:
        if changed and program == name and tuple(words[: len(verbs)]) == verbs:
            targets = call.read.positionals[len(verbs) :]
            parts = {part for each in targets for part in re.split(r"[/=]", each.text) if part} - {
                "deployment",
                "deploy",
            }
            if done := next((each for each in sorted(changed) if _about(each, parts)), ""):
                last = call.read.positionals[len(verbs) - 1]
                reason = f"this run already changed {done}; undoing once more may bring back what was taken away"
                yield Danger(f"{UNDOES} again", reason, call.read.positionals[0].start, last.end)


def _about(done: str, parts: set[str]) -> bool:
    """Whether what was changed is one of the named releases, or a tool that changes releases."""
    return bool(parts.intersection(re.split(r"[/:=\s]", done))) or bool(_RELEASE_TOOL.search(done))


@cache
def _patterns() -> dict[str, tuple[_Pattern, ...]]:
    found: dict[str, list[_Pattern]] = {}
    for programs, pattern, word, reason in TABLE:
        for program in programs.split():
            found.setdefault(program, []).append(_pattern(pattern, word, reason))
    return {program: tuple(rows) for program, rows in found.items()}


def _pattern(pattern: str, word: str, reason: str) -> _Pattern:
    plain, _, search = pattern.partition("~")
    tokens = plain.split()
    words = tuple(frozenset(each.split("|")) for each in tokens if not each.startswith("-") and each != "**")
    options = tuple(_named(one) for each in tokens if each.startswith("-") for one in each.split("|"))
    beside = pattern.startswith(("-", "~")) and bool(words)
    return _Pattern(words, "**" in tokens, options, re.compile(search) if search else None, beside, word, reason)


@cache
def _safe() -> tuple[tuple[frozenset[str], tuple[tuple[str, str], ...]], ...]:
    return tuple((frozenset(names.split()), tuple(map(_named, options))) for names, options in HARMLESS.items())


def _named(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value
