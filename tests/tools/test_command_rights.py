"""What `kubectl auth can-i --list` allows beyond reading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.tools.command.rights import READING, beyond_reading

READER = """\
selfsubjectreviews.authentication.k8s.io   []           []    [create]
selfsubjectrulesreviews.authorization.k8s.io    []           []    [create]
pods                                            []           []    [get list watch]
deployments.apps                                []           [api]    [get]
                                                [/api/*]       []    [get]
pods/log                                        []           []    [get]
"""
ADMIN = "*.*    []    []    [*]\n       [*]   []    [*]\n"


def test_a_reader_may_only_read() -> None:
    assert beyond_reading(READER) == []
    assert beyond_reading("") == []


def test_an_administrator_may_do_everything() -> None:
    assert beyond_reading(ADMIN) == ["* *.*", "* *"]


def test_writing_is_told_with_its_verbs_and_once() -> None:
    line = "deployments.apps   []   []   [get list patch delete]\n"
    assert beyond_reading(READER + line + line) == ["patch,delete deployments.apps"]


def test_reading_secrets_counts() -> None:
    assert beyond_reading("secrets   []   []   [get list]\n") == ["get,list secrets"]
    assert beyond_reading("*.*   []   []   [get list watch]\n") == ["get,list,watch secrets"]
    assert beyond_reading("secretstores.external.io   []   []   [get]\n") == []


def test_getting_what_opens_a_connection_counts() -> None:
    for what in ("pods/exec", "pods/attach", "pods/portforward", "nodes/proxy", "services/proxy"):
        assert beyond_reading(f"{what}   []   []   [get]\n") == [f"get {what}"]


@given(st.text(st.sampled_from(" []abcpods/.*\n\x00é"), max_size=200))
def test_any_table_is_read(table: str) -> None:
    assert isinstance(beyond_reading(table), list)


@given(
    st.lists(
        st.sampled_from(["create", "delete", "patch", "update", "*", "get", "list", "watch"]), min_size=1, unique=True
    )
)
def test_every_verb_that_does_not_read_is_named(verbs: list[str]) -> None:
    found = beyond_reading(f"pods   []   []   [{' '.join(verbs)}]\n")
    more = [verb for verb in verbs if verb not in READING]
    assert found == ([f"{','.join(more)} pods"] if more else [])
