"""From what `expect` says to its spec, and from the spec to what is checked and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectKey, ExpectKeys
from sre_runner.specs import ExpectSpec, Mention


def expect_of(data: Mapping[str, Json], keys: ExpectKeys) -> ExpectSpec:
    """What `expect` says, with or without its defaults; raise `KeyError` where it has a key that there is not."""
    read = {name: keys[name].read(value) for name, value in data.items()}
    return ExpectSpec({name: value for name, value in read.items() if value != keys[name].nothing})


def stated(expect: ExpectSpec, keys: ExpectKeys) -> Iterator[tuple[str, Json]]:
    """The keys with something to check, in their order, each with its value."""
    for name, key in keys.items():
        value = expect.values.get(name, key.nothing)
        if value or value != key.nothing:
            yield name, value


def plain(expect: ExpectSpec, keys: ExpectKeys) -> dict[str, Json]:
    """Every key with its value as plain data, those included that are not stated."""
    return {name: _plain(expect.values.get(name, key.nothing), key) for name, key in keys.items()}


def _plain(value: Json, key: ExpectKey) -> Json:
    if key.each is not None:
        return {name: plain(one, key.each) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(asdict(each) if isinstance(each, Mention) else each for each in value)
    return value
