"""What changed in prompts and tasks: word by word, as the playbooks that use them render them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sre_runner.documents.rendering import render
from sre_runner.errors import RunnerError
from sre_runner.review.diff.changes import Change, Words
from sre_runner.review.diff.pairs import Both, Pair
from sre_runner.review.diff.words import same_words, word_diff

MOST_RENDERED = 5
"""Playbooks of which the words of a shared prompt are compared."""


class _Rendered(NamedTuple):
    before: str
    after: str


def prompt_changes(pair: Pair) -> Iterator[Change]:
    """The change of an agent's prompt; of one that no playbook uses, the template's own words."""
    name, old, new = pair.subject.name, pair.before["prompt"], pair.after["prompt"]
    own = {"agent": name, "max_iterations": pair.after.get("max_iterations", 0)}
    users = [each for each in pair.playbooks if each in pair.both.head.playbook_files]
    found = {each: _rendered(old, new, {**_inputs(pair.both, each), **own}) for each in users[:MOST_RENDERED]}
    told = {each: texts for each, texts in found.items() if texts and not same_words(*texts)}
    if found and all(found.values()) and not told:
        sentence = f"The prompt of {name} is written otherwise; its words are rendered as before."
        yield pair.change("prompt-template-changed", sentence, at=("prompt",))
        return
    if same_words(old, new):
        sentence = f"The prompt of {name} has its words on other lines."
        yield pair.change("prompt-template-changed", sentence, at=("prompt",))
        return
    words = _by_words(told, len(users) - len(found)) or (Words((), word_diff(old, new)),)
    unused = "" if users else ", which no playbook uses,"
    sentence = f"The prompt of {name}{unused} changes: {_counted(words[0])}."
    yield pair.change("prompt-changed", sentence, old, new, at=("prompt",), words=words)


def task_changes(pair: Pair) -> Iterator[Change]:
    """The change of a playbook's task."""
    name, old, new = pair.subject.name, pair.before["task"], pair.after["task"]
    texts = _rendered(old, new, _inputs(pair.both, name)) or _Rendered(old, new)
    if same_words(*texts):
        yield pair.change("task-template-changed", f"The task of {name} is rendered as before.", at=("task",))
        return
    words = Words((name,), word_diff(*texts))
    sentence = f"The task of {name} changes: {_counted(words)}."
    yield pair.change("task-changed", sentence, old, new, at=("task",), words=(words,))


def _counted(words: Words) -> str:
    """How many words are new, and how many are gone."""
    come, gone = (sum(len(text.split()) for kind, text in words.pieces if kind == sign) for sign in "+-")
    return f"{come} {'word comes' if come == 1 else 'words come'}, {gone} {'goes' if gone == 1 else 'go'}"


def _by_words(told: Mapping[str, _Rendered], more: int) -> tuple[Words, ...]:
    """The words that differ, once for playbooks of which the same ones do."""
    found: dict[tuple[str, ...], list[str]] = {}
    diffs = {name: word_diff(*texts) for name, texts in told.items()}
    for name, pieces in diffs.items():
        found.setdefault(tuple(f"{kind}{text}" for kind, text in pieces if kind != "="), []).append(name)
    return tuple(Words(tuple(names), diffs[names[0]], more) for names in found.values())


def _inputs(both: Both, playbook: str) -> dict[str, str]:
    """The inputs of a playbook on both sides: what only one of them has may stand in that one's text."""
    sides = (both.base.inputs(both.was("playbook", playbook)), both.head.inputs(playbook))
    return {name: value for inputs in sides for name, value in inputs.items()}


def _rendered(old: str, new: str, values: Mapping[str, str | int]) -> _Rendered | None:
    """Both texts with the same values, as a change of these is told by itself; None where one cannot be rendered."""
    try:
        return _Rendered(render(old, values), render(new, values))
    except RunnerError:
        return None
