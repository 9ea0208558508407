"""What changed in what the tools of all files share: the servers that live tools reach, and patterns of secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sre_runner.review.diff.changes import Change, Subject
from sre_runner.review.diff.pairs import Both, one_sided, pair_of
from sre_runner.review.diff.reaches import in_words, server_changes
from sre_runner.review.diff.sides import Side, Thing
from sre_runner.text.naming import said
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import backend_of


def shared_changes(both: Both) -> Iterator[Change]:
    """Everything that changed in servers and patterns of secrets, wherever they stand."""
    yield from _servers(both)
    yield from _patterns(both)


def _servers(both: Both) -> Iterator[Change]:
    old, new = both.base.server_things, both.head.server_things
    for name in sorted({*old, *new}):
        subject, playbooks = Subject("server", name), _using(both, name)
        if name not in old and _readable(both.base, new[name]):
            told = in_words(kind_of(new[name].data).reached(new[name].data))
            yield one_sided("server-added", subject, new[name], f"The server {said(name)} is new: {told}.", playbooks)
        elif name not in new and _readable(both.head, old[name]):
            words = f"The server {said(name)} is gone."
            yield one_sided("server-removed", subject, old[name], words, playbooks, gone=True)
        elif name in old and name in new and old[name].data != new[name].data:
            yield from server_changes(pair_of(both, subject, old[name], new[name], playbooks))


def _readable(side: Side, thing: Thing) -> bool:
    """Whether a side says for sure that it does not have what the other has."""
    hidden = thing.name in side.serving or thing.file.name in {family.name for family in side.tools if family.broken}
    return not hidden and thing.file.name not in side.silent("tools")


def _using(both: Both, server: str) -> tuple[str, ...]:
    """The playbooks of which a tool goes to a server, on either side."""
    found = [
        both.now("tool", name) if side is both.base else name
        for side in (both.base, both.head)
        for name, thing in side.tool_things.items()
        if server in _gone_to(thing.data)
    ]
    return both.using(agent for tool in dict.fromkeys(found) for agent in both.calling(tool))


def _gone_to(tool: Mapping[str, object]) -> tuple[str, ...]:
    live, schema = tool.get("live"), tool.get("input_schema")
    if not isinstance(live, Mapping) or not isinstance(schema, Mapping):
        return ()
    return backend_of("live", live).servers(live, schema)


def _patterns(both: Both) -> Iterator[Change]:
    """They hold for the tools of all playbooks."""
    old, new = both.base.pattern_things, both.head.pattern_things
    everywhere = tuple(sorted({*both.head.playbooks}))
    for name in sorted({*old, *new}):
        subject = Subject("pattern", name)
        if name not in old:
            words = f"Tools' answers are masked by the new pattern {said(name)}."
            yield one_sided("secret-pattern-added", subject, new[name], words, everywhere)
        elif name not in new and old[name].file.name not in both.head.silent("tools"):
            words = f"The pattern {said(name)} is gone: what it masked in tools' answers is shown to models."
            yield one_sided("secret-pattern-removed", subject, old[name], words, everywhere, gone=True)
        elif name in new and old[name].data != new[name].data:
            pair = pair_of(both, subject, old[name], new[name], everywhere)
            patterns = pair.before["pattern"], pair.after["pattern"]
            words = f"The pattern {said(name)} masks {said(patterns[1])}, no longer {said(patterns[0])}."
            yield pair.change("secret-pattern-changed", words, *patterns)
