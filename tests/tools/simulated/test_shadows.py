"""What is called shadowed is never reached; held against the matching that the simulated tools really do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.config.loading import validate
from sre_runner.tools.simulated.matching import matches
from sre_runner.tools.simulated.shadows import covers, shadowing
from sre_runner.tools.simulated.spec import SimulatedAnswer, matcher
from sre_runner.tools.simulated.tool import first_match

TEXT = {"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer"}}}


def shadowed(*whens: dict[str, Any] | None, schema: dict[str, Any] | None = None) -> dict[int, int]:
    made = [when if when is None else {name: matcher(value) for name, value in when.items()} for when in whens]
    return shadowing(made, TEXT if schema is None else schema)


@pytest.mark.parametrize(
    ("general", "specific"),
    [
        ({}, {"q": "a"}),
        ({}, {}),
        ({"q": "a"}, {"q": "a", "n": 1}),
        ({"q": "a"}, {"q": {"equals": "a"}}),
        ({"n": 1}, {"n": 1.0}),
        ({"q": {"glob": "kube-*"}}, {"q": "kube-system"}),
        ({"q": {"glob": "*"}}, {"q": {"glob": "a?c"}}),
        ({"q": {"glob": "*"}}, {"q": {"contains": "a"}}),
        ({"q": {"contains": "oom"}}, {"q": "oomkilled"}),
        ({"q": {"contains": "oom"}}, {"q": {"contains": "oomkilled"}}),
        ({"q": {"contains": "kube"}}, {"q": {"glob": "*kube-?"}}),
        ({"q": {"contains": "OOM", "ignore_case": True}}, {"q": "an oom kill"}),
        ({"q": {"any_of": ["a", "b"]}}, {"q": "b"}),
        ({"q": {"any_of": ["a", {"glob": "b*"}]}}, {"q": {"any_of": ["bc", "a"]}}),
        ({"q": {"any_of": ["A"], "ignore_case": True}}, {"q": "a"}),
        ({"q": {"present": True}}, {"q": "a"}),
        ({"q": {"present": False}}, {"q": {"present": False}}),
        ({"q": {"equals": {"a": [1, True]}}}, {"q": {"equals": {"a": [1.0, True]}}}),
    ],
)
def test_shadowed(general: dict[str, Any], specific: dict[str, Any]) -> None:
    assert shadowed(general, specific) == {1: 0}


@pytest.mark.parametrize(
    ("general", "specific"),
    [
        ({"q": "a"}, {}),
        ({"q": "a"}, {"q": "b"}),
        ({"n": 1}, {"n": True}),
        ({"q": "A"}, {"q": {"equals": "a", "ignore_case": True}}),
        ({"q": {"present": True}}, {"n": 1}),
        ({"q": {"present": True}}, {"q": {"present": False}}),
        ({"q": {"glob": "a*"}}, {"q": {"glob": "*"}}),
        ({"q": {"contains": "x]"}}, {"q": {"glob": "[]x]"}}),
        ({"q": {"contains": "oomkilled"}}, {"q": {"contains": "oom"}}),
        ({"q": {"glob": "a*"}}, {"q": {"contains": "a"}}),
        ({"q": "a"}, {"q": {"present": True}}),
        ({"q": {"any_of": ["a"]}}, {"q": {"any_of": ["a", "b"]}}),
    ],
)
def test_not_shadowed(general: dict[str, Any], specific: dict[str, Any]) -> None:
    assert shadowed(general, specific) == {}


def test_in_a_list_the_longer_text_is_not_the_shorter_one() -> None:
    anything: dict[str, Any] = {"type": "object", "properties": {"q": {}}}
    whens = ({"q": {"contains": "oom"}}, {"q": {"contains": "oomkilled"}})
    assert shadowed(*whens, schema=anything) == {}
    assert shadowed({"q": {"contains": "a"}}, {"q": {"contains": "a"}}, schema=anything) == {1: 0}
    assert shadowed({"q": {"glob": "*"}}, {"q": {"contains": "a"}}, schema=anything) == {}


def test_an_argument_that_is_always_there_needs_no_mention() -> None:
    present = {"q": {"present": True}}
    assert shadowed(present, {}, schema={**TEXT, "required": ["q"]}) == {1: 0}
    assert shadowed(present, {}, schema={"type": "object", "properties": {"q": {"default": "a"}}}) == {1: 0}


def test_what_cannot_be_judged_shadows_nothing() -> None:
    assert shadowed(None, {}, None, {"q": "a"}) == {3: 1}


VALUES = st.sampled_from(["", "a", "A", "ab", "Ab", "b[a]", 1, 1.0, True, None, ["a", "ab"], ["A"], {"a": 1}])
WORDS = st.sampled_from(["", "a", "A", "ab", "b"])
GLOBS = st.sampled_from(["*", "a*", "*b", "?", "[ab]*", "[!a]", "[]a]", "b[[]a]", "", "A*", "["])
SIMPLE = st.one_of(
    st.fixed_dictionaries({"equals": VALUES}, optional={"ignore_case": st.booleans()}),
    st.fixed_dictionaries({"contains": st.one_of(WORDS, st.just(1))}, optional={"ignore_case": st.booleans()}),
    st.fixed_dictionaries({"glob": GLOBS}, optional={"ignore_case": st.booleans()}),
    st.fixed_dictionaries({"present": st.booleans()}),
)
ANY = st.fixed_dictionaries(
    {"any_of": st.lists(st.one_of(WORDS, SIMPLE), min_size=1, max_size=3)}, optional={"ignore_case": st.booleans()}
)
MATCHERS = st.one_of(SIMPLE, ANY, WORDS)


@settings(max_examples=66)
@given(MATCHERS, MATCHERS, st.lists(VALUES, min_size=5, max_size=13), st.booleans())
def test_a_matcher_that_covers_another_fits_all_that_the_other_fits(
    general: Any, specific: Any, values: list[Any], text: bool
) -> None:
    one, other = matcher(general), matcher(specific)
    if covers(one, other, text=text):
        for value in values:
            if isinstance(value, str) or not text:
                assert matches(one, value, {}) or not matches(other, value, {})


@settings(max_examples=66)
@given(
    st.lists(st.dictionaries(st.sampled_from(["q", "n"]), MATCHERS, max_size=2), min_size=2, max_size=4),
    st.dictionaries(st.sampled_from(["q", "n"]), VALUES),
)
def test_a_shadowed_answer_is_never_given(whens: list[dict[str, Any]], arguments: dict[str, Any]) -> None:
    made = [{name: matcher(value) for name, value in when.items()} for when in whens]
    found = shadowing(made, {"type": "object", "properties": {"q": {}, "n": {}}})
    assert first_match([SimulatedAnswer(when) for when in made], arguments) not in found


@settings(max_examples=33)
@given(st.lists(st.dictionaries(st.sampled_from(["q", "n"]), st.one_of(VALUES, MATCHERS), max_size=2), max_size=6))
def test_of_many_answers_the_same_is_found_as_of_each_two(whens: list[dict[str, Any]]) -> None:
    made = [{name: matcher({"equals": v} if v == {"a": 1} else v) for name, v in when.items()} for when in whens]
    each = {
        later: [number for number in range(later) if shadowing([made[number], made[later]], TEXT)]
        for later in range(len(made))
    }
    assert shadowing(made, TEXT) == {later: earlier[0] for later, earlier in each.items() if earlier}


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ([{"exact": True, "when": {"a": 1}}, {"exact": True, "when": {"a": 1, "b": 2}}], []),
        ([{"exact": True, "when": {"a": 1}}, {"when": {"a": 1}}], []),
        ([{"exact": True, "when": {"a": 1, "own": 2}}, {"exact": True, "when": {"a": 1}}], []),
        ([{"exact": True, "when": {"a": 1}}, {"exact": True, "when": {"a": 1.0}}], ["this answer is never given"]),
        ([{"when": {"a": 1}}, {"exact": True, "when": {"a": 1, "b": 2}}], ["this answer is never given"]),
        ([{"asked_by": "x"}, {"asked_by": "y"}, {}], []),
        ([{"asked_by": "x"}, {"asked_by": "x", "when": {"a": 1}}], ["this answer is never given"]),
        ([{}, {"asked_by": "x"}], ["this answer is never given"]),
        ([{"when": {"own": 1}}], ["the tool t has no argument `own`"]),
    ],
)
def test_exact_answers_and_those_for_one_agent(answers: list[Any], problems: list[str], tmp_path: Path) -> None:
    for folder in ("agents.d", "tools.d"):
        (tmp_path / folder).mkdir()
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    simulated = {"answers": [{**answer, "return": number} for number, answer in enumerate(answers)]}
    entry = {"description": "x", "input_schema": schema, "simulated": simulated}
    (tmp_path / "tools.d" / "all.yaml").write_text(json.dumps({"tools": {"t": entry}}))
    found = [problem.message for problem in validate([tmp_path]).problems if not problem.warning]
    assert len(found) == len(problems)
    assert all(message.startswith(start) for message, start in zip(found, problems, strict=True))


def test_an_exact_answer_names_only_arguments_that_a_call_can_have(tmp_path: Path) -> None:
    for folder in ("agents.d", "tools.d"):
        (tmp_path / folder).mkdir()
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    answer = {"exact": True, "when": {"own": 1}, "return": "x"}
    entry = {"description": "x", "input_schema": schema, "simulated": {"answers": [answer]}}
    (tmp_path / "tools.d" / "all.yaml").write_text(json.dumps({"tools": {"t": entry}}))
    assert "the tool t has no argument `own`" in [problem.message for problem in validate([tmp_path]).problems]
