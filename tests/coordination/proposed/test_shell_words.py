from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.proposed.words import commands, whole

SHELL = st.text(st.sampled_from(list("ab $(){}<>|&;`'\"\\\n#-=")), max_size=60)


def read(text: str) -> list[list[str]]:
    return [[word.text for word in words] for words in commands(whole(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kubectl get pods", [["kubectl", "get", "pods"]]),
        ("a && b || c; d | e & f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ('a "b \\"c\\" $d"', [["a", 'b "c" $d']]),
        ("a 'x'\"y\"z", [["a", "xyz"]]),
        ("a > out 2>>err < in b", [["a", "b"]]),
        ("a # rm -rf /\nb", [["a"], ["b"]]),
        ("a b#c", [["a", "b#c"]]),
        ("a $(b c) d", [["b", "c"], ["a", "$(", "d"]]),
        ("a `b c` d", [["b", "c"], ["a", "`", "d"]]),
        ('a "x $(b c) y" d', [["b", "c"], ["a", "x $(b c) y", "d"]]),
        ("(a b) c", [["a", "b"], ["c"]]),
        ("a <(b) c", [["b"], ["a", "<(", "c"]]),
        ("a <pod> {{name}} ${X}", [["a", "<pod>", "{{name}}", "${X}"]]),
        ("a <the pod name> b", [["a", "<the pod name>", "b"]]),
        ("a 'never closed", [["a", "'never", "closed"]]),
        ("a $(b", [["b"], ["a", "$("]]),
        ("a ) b", [["a"], ["b"]]),
        ("", []),
        ("a ''", [["a", ""]]),
    ],
)
def test_a_command_is_read_as_a_shell_reads_it(text: str, expected: list[list[str]]) -> None:
    assert read(text) == expected


@given(SHELL)
def test_each_character_of_a_word_stands_at_its_place(text: str) -> None:
    for words in commands(whole(text)):
        for word in words:
            assert "".join(text[place] for place in word.places) == word.text
            assert list(word.places) == sorted(set(word.places))


def test_a_part_of_a_word_knows_its_places() -> None:
    ((_, word),) = commands(whole("a 'b/c'"))
    assert (word.part(2).text, word.part(2).start, word.part(2).end) == ("c", 5, 6)
    assert (word.part(3).start, word.part(3).end) == (0, 0)
