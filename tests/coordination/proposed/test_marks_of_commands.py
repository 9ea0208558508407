from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.proposed.marks import FILL_IN, MOST_CHARACTERS, NOT_SEEN, Mark, checked
from sre_runner.coordination.proposed.seen import Seen

SEEN = Seen.of(['{"pod": "web-1", "namespace": "shop"}'])
HOSTILE = st.lists(
    st.sampled_from(
        [
            *("kubectl", "delete", "pod", "bash", "-c", "sudo", "--", "-n", "exec", "DROP TABLE", "SELECT", "FROM"),
            *"x '\"`$(){}<>|&;\\\n=/:@#*\x00\u202e\u0663",
        ]
    ),
    max_size=40,
).map("".join)


def test_marks_say_what_and_where() -> None:
    command = "kubectl -n shop delete pod web-2 <pod>"
    assert checked(command, SEEN) == (
        Mark("danger", "stops the pods", 0, 26),
        Mark("not_seen", NOT_SEEN, 27, 32, "pod"),
        Mark("placeholder", FILL_IN, 33, 38),
    )
    assert checked("kubectl get pod web-1 -n shop", SEEN) == ()
    assert checked("", SEEN) == ()


@pytest.mark.parametrize(
    ("command", "holes"),
    [
        ("kubectl logs <pod> -n $NS", ["<pod>", "$NS"]),
        ("kubectl logs ${POD} {{ name }}", ["${POD}", "{{ name }}"]),
        ("kubectl logs <the pod> ...", ["<the pod>", "..."]),
        ("kubectl logs POD_NAME -n YOUR_NAMESPACE", ["POD_NAME", "YOUR_NAMESPACE"]),
        ("kubectl logs web-<hash>", ["<hash>"]),
        ("POD=web-1; kubectl logs $POD", []),
        ("for p in web-1; do kubectl logs ${p}; done", []),
        ("read -r p; kubectl logs $p", []),
        ("psql -f /x < /y > /z", []),
        ("awk '{print $1}' x", []),
    ],
)
def test_placeholders_stay_visible_and_are_no_names(command: str, holes: list[str]) -> None:
    marks = checked(command, Seen.of(["/x", "web-1"]))
    assert [command[each.start : each.end] for each in marks if each.kind == "placeholder"] == holes
    assert [each for each in marks if each.kind == "not_seen"] == []


def test_what_is_not_read_is_said() -> None:
    marks = checked("echo " + "x" * MOST_CHARACTERS, SEEN)
    assert [(each.kind, each.start, each.end) for each in marks] == [("not_read", MOST_CHARACTERS, MOST_CHARACTERS + 5)]


@given(HOSTILE)
def test_nothing_fails_and_every_mark_stands_in_the_text(command: str) -> None:
    marks = checked(command, SEEN)
    assert all(0 <= each.start < each.end <= len(command) for each in marks)
    assert list(marks) == sorted(marks, key=lambda each: (each.start, each.end, each.kind, each.says))


@given(HOSTILE, st.text(max_size=30))
def test_what_a_run_has_shown_takes_marks_away_and_adds_none(command: str, more: str) -> None:
    more_seen = Seen.of(['{"pod": "web-1", "namespace": "shop"}', more])
    assert set(checked(command, more_seen)) <= set(checked(command, SEEN))


@pytest.mark.parametrize(
    "piece",
    [
        *("$(", "`", '"', "'", "((((", "sudo ", "bash -c '", "<a ", "{{", "a|", "SELECT FROM ", "DELETE FROM x;", "a;"),
        *("WITH a AS (", "\\", "UPDATE x SET ", "kubectl exec x -- ", "FROM\n", "/a", "-- ", "/*", "x=1 ", " \"a 'b "),
        *("docker exec a docker ", "find -exec ", "ALTER x ", "EXTRACT(", "a=b,", "for x in ", "<<a\n", "> /a"),
    ],
)
def test_hostile_commands_take_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        text = (piece * count)[:MOST_CHARACTERS]
        began = time.process_time()
        checked(text, SEEN)
        return time.process_time() - began

    whole = MOST_CHARACTERS // len(piece)
    short = min(seconds(whole // 8) for _ in range(3))
    assert min(seconds(whole) for _ in range(2)) < 24 * short + 0.05
