"""The programs that a command calls: looked for behind `sudo` and `xargs`, in `bash -c '…'`, in `kubectl exec … --`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from sre_runner.coordination.proposed.options import Option, split
from sre_runner.coordination.proposed.words import MOST_NESTED, Word, commands, whole

MOST_WRAPPED = 8
"""Programs around a program that are looked behind."""

_WRAPPERS = """
sudo doas env nohup nice ionice time watch xargs parallel stdbuf exec command eval setsid strace nsenter chroot timeout
flock ssh su runuser gosu busybox bash sh zsh dash ksh ash then else do if while until ! { $ %
"""
_WRAPS = frozenset(_WRAPPERS.split())
_EXECUTORS = frozenset(("kubectl", "oc", "docker", "podman", "nerdctl", "crictl", "docker-compose", "podman-compose"))
_EXECUTES = frozenset(("exec", "run", "rsh", "debug"))
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")


@dataclass(frozen=True)
class Call:
    """A program, by its name without a folder, and the words that it is given."""

    program: Word
    arguments: tuple[Word, ...]

    @property
    def name(self) -> str:
        """What the program is called in the tables."""
        name = self.program.text.rpartition("/")[2].removesuffix(".sh").removesuffix(".exe")
        return {"k": "kubectl"}.get(name, name.partition(".")[0])

    @cached_property
    def split(self) -> tuple[tuple[Word, ...], tuple[Option, ...]]:
        """The words that are no options, and the options."""
        return split(self.name, self.arguments)


def calls(command: str, known: Collection[str]) -> list[Call]:
    """Every program that the text of a command calls. Behind `sudo -u x` and the like, what it calls is the first word
    that is the name of a `known` program, so that no table has to list the options of what wraps others."""
    return list(_within(whole(command), known, 0))


def _within(source: Word, known: Collection[str], level: int) -> Iterator[Call]:
    for words in commands(source, level):
        yield from _unwrapped(words, known, level)


def _unwrapped(words: tuple[Word, ...], known: Collection[str], level: int) -> Iterator[Call]:
    for _ in range(MOST_WRAPPED):
        first = next((at for at, each in enumerate(words) if not _ASSIGNMENT.match(each.text)), len(words))
        if first == len(words):
            return
        call = Call(words[first], words[first + 1 :])
        wraps = call.name in _WRAPS
        inner = _inner(call, known) if wraps else _behind(call)
        outer = call.arguments[: len(call.arguments) - len(inner)]
        yield Call(call.program, outer)
        if (wraps or inner) and level < MOST_NESTED:
            for word in outer:
                if " " in word.text:
                    yield from _within(word, known, level + 1)
        if not inner:
            return
        words = inner


def _inner(call: Call, known: Collection[str]) -> tuple[Word, ...]:
    for at, each in enumerate(call.arguments):
        if " " not in each.text and (Call(each, ()).name in known or each.text in _WRAPS):
            return call.arguments[at:]
    return ()


def _behind(call: Call) -> tuple[Word, ...]:
    """What `kubectl exec POD -- …`, `docker exec CONTAINER …` and `find … -exec …` run; () where nothing is run."""
    texts = [each.text for each in call.arguments]
    if call.name == "find":
        marker = next((at for at, text in enumerate(texts) if text in ("-exec", "-execdir", "-ok", "-okdir")), None)
        return call.arguments[marker + 1 :] if marker is not None else ()
    verbs = [each.text for each in call.split[0]]
    verbs = verbs[1:] if verbs[:1] == ["compose"] else verbs
    if call.name not in _EXECUTORS or not verbs or verbs[0] not in _EXECUTES:
        return ()
    if "--" in texts:
        return call.arguments[texts.index("--") + 1 :]
    return _after(call, verbs[2] if len(verbs) > 2 else "")


def _after(call: Call, word: str) -> tuple[Word, ...]:
    """The arguments from a word on, which is no option or value of one; () where there is none."""
    at = next((at for at, each in enumerate(call.arguments) if word and each.text == word), len(call.arguments))
    return call.arguments[at:]
