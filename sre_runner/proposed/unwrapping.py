"""The programs that a command calls: looked for behind `sudo` and `xargs`, in `bash -c '…'`, in `kubectl exec … --`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sre_runner.proposed.lexing import commands
from sre_runner.proposed.options import Read, read_options
from sre_runner.proposed.words import Command, Redirect, Word, whole

MOST_WRAPPED = 6
"""Programs around programs, and texts in texts, that are looked into."""

SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh", "ash"))
_KEYWORDS = frozenset(
    ("then", "else", "elif", "do", "if", "while", "until", "!", "{", "}", "time", "done", "fi", "esac")
)
_HEADS = frozenset(("for", "case", "select", "function"))
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_SPACE = re.compile(r"\s")
_WRAPPERS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            *("sudo", "doas", "env", "nohup", "nice", "ionice", "time", "watch", "xargs", "parallel", "stdbuf", "exec"),
            *(
                "command",
                "builtin",
                "eval",
                "setsid",
                "strace",
                "nsenter",
                "runuser",
                "systemd-run",
                "busybox",
                "unbuffer",
            ),
        ),
        0,
    ),
    **dict.fromkeys(("timeout", "chroot", "flock", "ssh", "gosu", "su-exec", "torify"), 1),
}
"""By program, how many words of its own stand between its options and the program that it calls."""

_CONTAINERS = frozenset(("docker", "podman", "nerdctl", "crictl", "docker-compose", "podman-compose"))
_CLUSTERS = frozenset(("kubectl", "oc", "k"))
_TEXT_OPTIONS = {"su": ("-c", "--command"), "runuser": ("-c", "--command"), "gcloud": ("--command",)}


@dataclass(frozen=True)
class Call:
    """A program with its arguments. `stdin` are the texts that it is given as its input, where they are written down;
    `piped` says that it reads what another command prints; `sql` that the program is an SQL statement itself."""

    program: Word
    arguments: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    stdin: tuple[Word, ...] = ()
    piped: bool = False
    sql: bool = False

    @property
    def name(self) -> str:
        """The program without its folder."""
        return "" if self.sql else self.program.text.rpartition("/")[2]

    @cached_property
    def read(self) -> Read:
        """The arguments as positionals and options."""
        return read_options(self.name, self.arguments)

    def option(self, *names: str) -> Word | None:
        """The value of the first option of these names."""
        return next((each.value for each in self.read.options if each.name in names and each.value), None)


def calls(text: str) -> tuple[Call, ...]:
    """Every program that the text of a command calls, the outer ones before those that they call."""
    return tuple(_all(whole(text), 0))


def _all(source: Word, level: int) -> Iterator[Call]:
    found = commands(source)
    for command in found:
        if command.sql:
            yield Call(command.words[0], sql=True)
            continue
        fed = found[command.source] if command.source >= 0 else None
        stdin = (*_texts(command.redirects), *(_printed(fed) if fed else ()))
        yield from _unwrapped(command.words, command.redirects, stdin, fed is not None, level)


def _texts(redirects: Sequence[Redirect]) -> Iterator[Word]:
    return (each.target for each in redirects if each.operator.lstrip("0123456789").startswith("<<"))


def _printed(command: Command) -> Iterator[Word]:
    """What a command is known to print: the words of `echo`, the heredoc of `cat`."""
    program = command.words[0].text if command.words else ""
    if program in ("echo", "printf"):
        yield from (word for word in command.words[1:] if word.text not in ("-e", "-n", "-en", "-ne"))
    elif program == "cat":
        yield from _texts(command.redirects)


def _unwrapped(
    words: tuple[Word, ...], redirects: tuple[Redirect, ...], stdin: tuple[Word, ...], piped: bool, level: int
) -> Iterator[Call]:
    at = 0
    while at < len(words) and (words[at].text in _KEYWORDS or _ASSIGNMENT.match(words[at].text)):
        at += 1
    words = words[at:]
    if not words:
        if redirects and not at:
            yield Call(redirects[0].target.part(0, 0), (), redirects)
        return
    if words[0].text in _HEADS:
        return
    call = Call(words[0], words[1:], redirects, stdin, piped)
    inner = _inner(call)
    if inner and level < MOST_WRAPPED:
        yield Call(call.program, call.arguments[: len(call.arguments) - len(inner)], redirects, (), piped)
        if len(inner) == 1 and _SPACE.search(inner[0].text):
            yield from _all(inner[0], level + 1)
        else:
            yield from _unwrapped(inner, redirects, stdin, piped, level + 1)
        return
    yield call
    if level < MOST_WRAPPED:
        for source in _scripts(call):
            yield from _all(source, level + 1)
        for words in _found_by(call):
            yield from _unwrapped(words, (), (), True, level + 1)


def _inner(call: Call) -> tuple[Word, ...]:
    """The words of the command that another program is told to run; () where it runs none."""
    name, arguments = call.name, call.arguments
    if name in _WRAPPERS and not _TEXT_OPTIONS.keys() & {name}:
        return arguments[read_options(name, arguments, _WRAPPERS[name]).rest :]
    if name in _TEXT_OPTIONS:
        return ()
    own = _own_words(name, arguments)
    return arguments[read_options(name, arguments, own).rest :] if own else ()


def _own_words(name: str, arguments: tuple[Word, ...]) -> int:
    """How many positionals of `docker exec`, `kubectl exec` and the like stand before a command; 0 for other verbs."""
    if name not in _CONTAINERS and name not in _CLUSTERS:
        return 0
    verbs = [each.text for each in read_options(name, arguments, 2).positionals]
    if name in _CLUSTERS:
        return {"exec": 2, "rsh": 2, "debug": 2, "run": 2}.get(verbs[0], 0) if verbs else 0
    if verbs[:1] == ["compose"]:
        return 3 if verbs[1:] in (["exec"], ["run"]) else 0
    return 2 if verbs[:1] in (["exec"], ["run"]) else 0


def _scripts(call: Call) -> Iterator[Word]:
    """The texts that a program runs as a shell does."""
    if call.name in SHELLS:
        for at, word in enumerate(call.arguments[:-1]):
            if re.fullmatch(r"-[a-z]*c", word.text):
                yield call.arguments[at + 1]
                return
        if not call.read.positionals or call.read.positionals[0].text in ("-", "-s"):
            yield from call.stdin
    elif value := call.option(*_TEXT_OPTIONS.get(call.name, ())):
        yield value


def _found_by(call: Call) -> Iterator[tuple[Word, ...]]:
    """The commands that `find` runs for what it finds."""
    if call.name != "find":
        return
    started = -1
    for at, word in enumerate(call.arguments):
        if word.text in ("-exec", "-execdir", "-ok", "-okdir"):
            started = at + 1
        elif started >= 0 and word.text in (";", "+"):
            yield call.arguments[started:at]
            started = -1
    if started >= 0:
        yield call.arguments[started:]
