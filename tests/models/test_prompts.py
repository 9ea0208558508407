"""What is put into words for a model: the engine's messages, labelled blocks, the templates of the configuration."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelled import read_blocks

import sre_runner
from sre_runner.documents.rendering import MOST_OUTPUT, render, template_problems
from sre_runner.documents.templates import MOST_TAGS, MOST_TEXT, TemplateProblem, most_output
from sre_runner.errors import RunnerError
from sre_runner.models.messages import message, user_message
from sre_runner.text.blocks import block_json

NAMES = ("agent", "max_iterations", "service")
VALUES = {"agent": "k8s-expert", "max_iterations": 5, "service": "Checkout"}

# --- The engine's own messages ---------------------------------------------------------------------------------------

TURNS = {"report_tool": "submit_report", "max_iterations": 5}
MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "system": (
        {"prompt": "You look at pods.", "tools": ["list_pods"], **TURNS},
        "You look at pods.\n\n# Working here\n",
    ),
    "blocks": ({"blocks": [("task", "1")]}, "<task>\n1\n</task>\n"),
    "output": ({"call": "c1", "tool": "t", "text": "ok"}, '<output call="c1" tool="t">\nok\n</output>'),
    "repeated": ({"times": 3}, "call number 3 with the same arguments"),
    "report_now": ({"report_tool": "submit_report"}, "This is your last turn. Call submit_report now"),
    "nudge": ({"report_tool": "submit_report"}, "You answered without calling submit_report."),
    "cut_off": ({"report_tool": "submit_report", "max_tokens": 4000}, "cut off at 4000 tokens"),
    "repair": ({"report_tool": "submit_report", "wrong": ["a: 1", "b: 2"]}, "accepted:\n- a: 1\n- b: 2\nCorrect all"),
    "not_seen": (
        {"place": "findings[0]", "values": ["48", "v2"]},
        "findings[0] has values that nothing it cites shows: 48, v2.",
    ),
    "not_run": ({"reason": "the reply was cut off"}, "Not run: the reply was cut off."),
    "not_allowed": ({"tool": "rm", "allowed": ["a", "b"]}, "rm is not one of your tools. You may call: a, b."),
    "write_withheld": ({"tool": "scale"}, "Not run: scale changes something, and needs a person's approval."),
    "debate_round": ({"number": 2, "rounds": 3}, "Round 2 of 3. Above are the positions of the others"),
    "conclude": ({"voted": True, "doubted": True}, "do not rest the root cause on them. The severity was decided"),
    "follow_up": (
        {"goes_on": True, "max_turns": 4},
        "You have 4 turns for it, the report included. Submit your whole report",
    ),
    "bad_arguments": ({"tool": "t", "wrong": ["x: y"]}, "does not fit its input_schema:\n- x: y\nCorrect"),
    "timed_out": ({"tool": "t", "seconds": 30}, "t gave no answer within 30 seconds."),
    "received": ({}, "Received."),
    "changed": ({}, "Take them as made"),
    "unanswered": ({}, "No answer: the work ended before it came."),
    "too_many": ({"most": 64}, "Not run: at most 64 calls of a turn are run."),
    "shortened": (
        {"said": ["hm", "so"], "outputs": ["<o1>", "<o2>"], "left_out": ["c1 t({})", "c2 t({})"]},
        "What you said, the newest last:\nhm\nso\n\n"
        "The newest outputs of your calls, which you can cite by their call ids as before:\n"
        "<o1>\n<o2>\n\nLeft out for lack of room: c1 t({}); c2 t({}).",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    values, words = MESSAGES[name]
    text = message(name, **values)
    assert words in text
    assert text == text.lstrip()
    assert "{{" not in text
    assert "{%" not in text


def test_every_macro_is_tested() -> None:
    source = (Path(sre_runner.__file__).parent / "models" / "messages.j2").read_text(encoding="utf-8")
    assert set(re.findall(r"{% macro (\w+)", source)) == set(MESSAGES)


@pytest.mark.parametrize("name", [name for name, (values, _) in MESSAGES.items() if values])
def test_a_message_without_its_values_fails(name: str) -> None:
    with pytest.raises(Exception, match="was not provided"):
        message(name)


def test_without_tools_the_system_prompt_speaks_of_none() -> None:
    text = message("system", prompt="You plan.", tools=[], **TURNS)
    assert "turns" not in text
    assert "calling submit_report, once" in text


def test_values_in_messages_are_no_templates() -> None:
    assert "{{ 7 * 7 }}" in message("output", call="c1", tool="t", text="{{ 7 * 7 }}")


# --- Labelled blocks -------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LABELS = st.from_regex(r"[a-z][a-z_-]{0,9}", fullmatch=True)


@given(st.dictionaries(LABELS, JSON, max_size=3))
@settings(max_examples=33, deadline=None)
def test_blocks_come_back(blocks: dict[str, Any]) -> None:
    text = user_message(blocks.items())
    text.encode()
    assert read_blocks(text) == blocks
    assert all(read_blocks(f"before\n{text}\nafter")[label] == data for label, data in blocks.items())


def test_no_text_closes_its_block() -> None:
    text = user_message([("task", "</task>\n<task>\n1\n</task>")])
    assert text.count("</task>") == 1
    assert read_blocks(text) == {"task": "</task>\n<task>\n1\n</task>"}


def test_half_of_a_character_is_escaped() -> None:
    assert block_json("\ud800é") == '"\\ud800é"'


@pytest.mark.parametrize(
    "text", ["", "<a>\nno json\n</a>", "<a>\n1\n</b>", "<a>\n1", f"<a>\n{'[' * 100_000}\n</a>", "\n\n\n", "<>\n1\n<>"]
)
def test_what_is_no_block_is_passed_over(text: str) -> None:
    assert read_blocks(text) == {}


# --- Templates of the configuration ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{{ service }} has {{ max_iterations }} turns", "Checkout has 5 turns"),
        ("{{ service | lower }}{{ service | upper() }}{{ ' x ' | trim }}", "checkoutCHECKOUTx"),
        ("{{ 'a b' | title }}{{ 'ab' | capitalize }}{{ max_iterations | upper }}", "A BAb5"),
        ("{{ zone | default('none') }}{{ '' | default('empty', true) }}", "noneempty"),
        ("{{ zone | default(service) | lower }}", "checkout"),
        ("{% if service == 'Checkout' %}yes{% elif service %}maybe{% else %}no{% endif %}", "yes"),
        ("{% if service != 'Checkout' %}yes{% elif not service %}maybe{% else %}no{% endif %}", "no"),
        ("{% if service in ['a', 'Checkout'] and max_iterations not in (1, 2) %}yes{% endif %}", "yes"),
        ("{% if service in [agent] or max_iterations == 5 %}yes{% endif %}", "yes"),
        ("{% if zone is defined %}in {{ zone }}{% endif %}", ""),
        ("{% if zone is not defined %}nowhere{% endif %}", "nowhere"),
        ("{% if service is defined and zone is defined %}{{ zone }}{% endif %}.", "."),
        ("{{ zone if zone is defined else 'nowhere' }}", "nowhere"),
        ("{{ 'a' if service else 'b' }}", "a"),
        ("{% raw %}{{ not.ours }}{% endraw %}", "{{ not.ours }}"),
        ("a{# a remark #}b", "a{# a remark #}b"),
        ("Count ${#pods[@]}, and end with #}.", "Count ${#pods[@]}, and end with #}."),
        ("a\n{% if service %}\nb\n{% endif %}\nc\n", "a\nb\nc"),
        ("<b>{{ service }}</b> & 'x'", "<b>Checkout</b> & 'x'"),
        ("{{ true }} {{ 1.5 }} {{ 1000 }}", "True 1.5 1000"),
        ("{{ 'x'" + " | trim" * 15 + " }}", "x"),
        ("{% if service %}" * 10 + "deep" + "{% endif %}" * 10, "deep"),
    ],
)
def test_render(text: str, expected: str) -> None:
    assert template_problems(text, NAMES) == []
    assert render(text, VALUES) == expected


ALLOWED = "A template may use names"


@pytest.mark.parametrize(
    ("text", "line", "name", "message", "hint"),
    [
        ("{{ servce }}", 1, "servce", "nothing provides the name `servce`", "Did you mean `service`?"),
        ("a\nb {{ zone }}", 2, "zone", "nothing provides the name `zone`", "Known here: `agent`, `max"),
        ("{{ zone | lower }}", 1, "zone", "nothing provides the name", ""),
        ("{{ zone | lower | default('x') }}", 1, "zone", "nothing provides the name", ""),
        ("{{ zone | default(zone) }}", 1, "zone", "nothing provides the name", ""),
        ("{{ service | default(zone) }}", 1, "zone", "nothing provides the name", ""),
        ("{% if zone %}{% endif %}", 1, "zone", "nothing provides the name", ""),
        ("{% if zone is defined %}\n{% else %}\n{{ zone }}{% endif %}", 3, "zone", "nothing provides the name", ""),
        ("{% if zone is defined or service %}{{ zone }}{% endif %}", 1, "zone", "nothing provides the name", ""),
        ("{% if zone is not defined %}{{ zone }}{% endif %}", 1, "zone", "nothing provides the name", ""),
        ("{{ namespace }}", 1, "namespace", "nothing provides the name `namespace`", "Known here"),
        ("{{ range }}", 1, "range", "nothing provides the name", ""),
        ("{{ lipsum }}", 1, "lipsum", "nothing provides the name", ""),
        ("{{ dict }}", 1, "dict", "nothing provides the name", ""),
        ("{{ cycler }}", 1, "cycler", "nothing provides the name", ""),
        ("{{ joiner }}", 1, "joiner", "nothing provides the name", ""),
        ("{{ self }}", 1, "self", "nothing provides the name", ""),
        ("{{ self | default('x') }}", 1, "self", "nothing provides the name", ""),
        ("{% if self is defined %}{{ self }}{% endif %}", 1, "self", "nothing provides the name", ""),
        ("{{ range(10) }}", 1, "range", "calls cannot be used", ALLOWED),
        ("{{ lipsum() }}", 1, "lipsum", "calls cannot be used", ALLOWED),
        ("{{ service.upper() }}", 1, "", "calls cannot be used", ALLOWED),
        ("{{ service.name }}", 1, "service.name", "attribute paths cannot be used in a template: `", "Names"),
        ("x\n{{ a.b.c }}", 2, "a.b.c", "attribute paths", ""),
        ("{{ ''.__class__.__mro__ }}", 1, ".__class__.__mro__", "attribute paths", ""),
        ("{{ service['name'] }}", 1, "", "items (`x[…]`) cannot be used", ""),
        ("{{ service[1:2] }}", 1, "", "items", ""),
        ("{{ 1 + 1 }}", 1, "", "arithmetic", ALLOWED),
        ("{{ -1 }}", 1, "", "arithmetic", ""),
        ("{{ 'x' * 1000000000 }}", 1, "", "arithmetic", ""),
        ("{{ 9 ** 9 }}", 1, "", "arithmetic", ""),
        ("{{ service ~ agent }}", 1, "", "joining with `~`", ""),
        ("{{ {'a': 1} }}", 1, "", "mappings cannot be used", ""),
        ("{{ [service] }}", 1, "", "lists elsewhere than after `in`", ""),
        ("{{ service, agent }}", 1, "", "lists elsewhere", ""),
        ("{% for a in service %}{{ a }}{% endfor %}", 1, "", "loops (`for`) cannot", ""),
        ("{% set a = 1 %}", 1, "", "`set` cannot", ""),
        ("{% set a %}b{% endset %}", 1, "", "`set` cannot", ""),
        ("{% macro a() %}{% endmacro %}", 1, "", "macros cannot", ""),
        ("{% call service() %}{% endcall %}", 1, "", "macros cannot", ""),
        ("{% filter upper %}x{% endfilter %}", 1, "", "`filter` blocks cannot", ""),
        ("{% include 'messages.j2' %}", 1, "", "`include` cannot", ""),
        ("{% import 'messages.j2' as m %}", 1, "", "`import` cannot", ""),
        ("{% from 'messages.j2' import m %}", 1, "", "`import` cannot", ""),
        ("{% extends 'messages.j2' %}", 1, "", "`extends` cannot", ""),
        ("{% block a %}{% endblock %}", 1, "", "blocks cannot", ""),
        ("{% with %}{% endwith %}", 1, "", "`with` cannot", ""),
        ("\n{{ service < 'a' }}", 2, "", "`<` and `>` cannot be used", ALLOWED),
        ("{{ 'a' in service }}", 1, "", "`in` needs a list in brackets", "Such as"),
        ("{{ service is odd }}", 1, "is odd", "there is no test `odd`", ALLOWED),
        ("{{ service.a is defined }}", 1, "service.a", "attribute paths", ""),
        ("{{ service | lowr }}", 1, "lowr", "there is no filter `lowr`", "Did you mean `lower`?"),
        ("{{ service | format }}", 1, "format", "there is no filter `format`", "There are capitalize, default"),
        ("{{ service | replace('', service) }}", 1, "replace", "there is no filter", ""),
        ("{{ service | center(1000000000) }}", 1, "center", "there is no filter", "There are"),
        ("{{ service | trim('x') }}", 1, "trim", "the filter `trim` does not take these arguments", "Write `trim`"),
        ("{{ service | default }}", 1, "default", "does not take these arguments", "Such as"),
        ("{{ service | default(default_value='x') }}", 1, "default", "does not take these arguments", ""),
        ("{{ service | default(*'x') }}", 1, "default", "does not take these arguments", ""),
        ("{{ 'a' if service }}", 1, "", "needs its `else`", "Such as"),
        ("{{ 9999999999999999 }}", 1, "", "a number that is too large", "Write it as text."),
        ("{{ 1e999 }}", 1, "", "a number that is too large", ""),
        ("{{ " + "9" * 5000 + " }}", 1, "", "a number that is too large", ""),
        ("{{ 0x" + "f" * 50_000 + " }}", 1, "", "a number that is too large", ""),
        ("a\n\n{{ service", 3, "", "template: unexpected end of template", "{% raw %}"),
        ("a\n{% foo %}", 2, "", "template: encountered unknown tag 'foo'", ""),
        ("a\n{% if service %}", 2, "", "template: unexpected end of template", ""),
        ("{{ 'a }}", 1, "", "template: unexpected char", ""),
        ("x" * (MOST_TEXT + 1), 1, "", "more than 100,000 characters", "Shorten it."),
        ("{{ agent }}" * (MOST_TAGS + 1), 1, "", "more than 1,000 tags", "Shorten it."),
        ("{{ " + "(" * 11 + "agent" + ")" * 11 + " }}", 1, "", "nested too deeply", "Write simpler"),
        ("{{ " + "(" * 40_000, 1, "", "nested too deeply", ""),
        ("\n{{ " + "[" * 40_000, 2, "", "nested too deeply", ""),
        ("{% if agent %}" * 11 + "{% endif %}" * 11, 1, "", "nested too deeply", ""),
        ("{{ " + "not " * 20_000 + "agent }}", 1, "", "nested too deeply", ""),
        ("{{ " + "not " * 100 + "agent }}", 1, "", "nested too deeply", ""),
        ("{{ agent" + " and agent" * 50 + " }}", 1, "", "nested too deeply", ""),
        ("{{ agent" + " | lower" * 90 + " }}", 1, "", "nested too deeply", ""),
        ("{{ agent" + " if agent else agent" * 40 + " }}", 1, "", "nested too deeply", ""),
        ("{% if agent %}" + "{% elif agent %}" * 51 + "{% endif %}", 1, "", "more than 50 `elif`", "Write fewer."),
    ],
)  # fmt: skip
def test_template_problems(text: str, line: int, name: str, message: str, hint: str) -> None:
    started = time.perf_counter()
    found = template_problems(text, NAMES)
    assert time.perf_counter() - started < 2
    assert (found[0].line, found[0].name) == (line, name)
    assert message in found[0].message
    assert hint in found[0].hint
    assert name in text.split("\n")[line - 1]
    with pytest.raises(RunnerError, match="of a template: ") as caught:
        render(text, VALUES)
    assert caught.value.hint == found[0].hint


def test_every_problem_is_told_once_by_line() -> None:
    found = template_problems("{{ a }}{{ a }}\n{{ 1 + 1 }}\n{{ b | nope }}", [])
    assert found == [
        TemplateProblem(1, "a", "nothing provides the name `a`", "Known here: no names."),
        TemplateProblem(2, "", "arithmetic cannot be used in a template", found[1].hint),
        TemplateProblem(3, "nope", "there is no filter `nope`", found[2].hint),
        TemplateProblem(3, "b", "nothing provides the name `b`", "Known here: no names."),
    ]


def test_a_stack_that_is_nearly_used_up_is_a_problem() -> None:
    def deeper(levels: int) -> list[TemplateProblem]:
        if levels:
            return deeper(levels - 1)
        return template_problems("{{ " + "(" * 9 + "agent" + ")" * 9 + " }}" + " " * room, NAMES)

    found = []
    for levels in range(300, 900, 20):
        room = levels  # another text each time, as one that could be read is not read again
        try:
            found += deeper(levels)
        except RecursionError:
            break
    assert {problem.message for problem in found} == {"the template is nested too deeply"}


def test_long_output_is_refused() -> None:
    text = "{{ service }}" * 1000
    assert len(render(text, {"service": "x" * (MOST_OUTPUT // 1000)})) == MOST_OUTPUT
    with pytest.raises(RunnerError, match="more than 200,000 characters") as caught:
        render(text, {"service": "x" * 100_000_000})
    assert caught.value.hint


def test_a_number_that_cannot_be_printed_is_refused() -> None:
    with pytest.raises(RunnerError, match="cannot be rendered"):
        render("{{ n }}", {"n": 10**5000})


def test_values_are_no_templates() -> None:
    assert render("{{ service }}", {"service": "{{ agent }}", "agent": "x"}) == "{{ agent }}"


WORDS = st.sampled_from(
    [
        *re.findall(
            r"\S+",
            "{{ }} {% %} {# #} if elif else endif raw endraw set for in not and or is defined agent service zone self "
            "range lower default trim | ( ) [ ] , == != < ~ + . : 'a' \"b\" 1 1.5 true none x - \x00 é",
        ),
        "\n",
    ]
)
SIMPLE = st.sampled_from(["agent", "service", "max_iterations", "'a'", "1", "true", "zone | default(agent)"])
CONDITION = st.recursive(
    SIMPLE | st.just("zone is defined"),
    lambda inner: st.one_of(
        st.builds("not {}".format, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} == {})".format, SIMPLE, SIMPLE),
        st.builds("({} in [{}, {}])".format, SIMPLE, SIMPLE, SIMPLE),
        st.builds("({} if {} else {})".format, SIMPLE, inner, SIMPLE),
        st.builds("({}) | upper".format, inner),
    ),
    max_leaves=3,
)
GOOD = st.recursive(
    st.sampled_from(["text ", "{{ agent }}", "\n"]) | st.builds("{{{{ {} }}}}".format, CONDITION),
    lambda inner: st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, CONDITION, inner, inner),
    max_leaves=4,
)


@given(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=40) | GOOD)
@settings(max_examples=66, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_has_no_problems_renders(text: str) -> None:
    found = template_problems(text, NAMES)
    lines = re.split("\r\n|\r|\n", text)
    for problem in found:
        assert 1 <= problem.line <= len(lines)
        assert problem.message
        json.dumps(problem.message).encode()
    if found:
        with pytest.raises(RunnerError):
            render(text, VALUES)
    else:
        assert isinstance(render(text, VALUES), str)


@given(GOOD)
@settings(max_examples=33, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_good_templates_have_no_problems(text: str) -> None:
    assert template_problems(text, NAMES) == []
    assert template_problems(text, [*NAMES, "zone"]) == []


# --- The size of the output, told without rendering -----------------------------------------------------------------


@pytest.mark.no_cover
def test_changing_the_case_makes_no_text_more_than_three_times_as_long() -> None:
    changes = (str.upper, str.lower, str.title, str.capitalize)
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    longer = {one for change in changes for one in every if len(change(one)) > 1}
    assert longer
    for character in longer:
        texts = {character}
        for _ in range(3):
            texts |= {change(text) for change in changes for text in texts}
        assert max(map(len, texts)) <= 3


@given(
    st.lists(
        st.sampled_from(
            [
                *["text ", "{{ a }}", "{{ a | upper }}", "{{ n }}", "{{ a == b }}", "{{ not a }}", "{{ 1e15 }}"],
                *[
                    "{{ c | default('ﬃ') | upper | title }}",
                    "{% if a == b %}{{ b }}{% else %}{{ a }}{{ a }}{% endif %}",
                ],
                *["{{ a if n == 5 else b }}", "{{ 'ΐ' | upper }}", "{{ none }}", "{{ a and b }}"],
            ]
        ),
        max_size=5,
    ).map("".join),
    st.text(max_size=8),
    st.text(max_size=8) | st.just("ΐŉ" * 20),
)
@settings(max_examples=100, deadline=None)
def test_no_template_gives_more_than_was_told(text: str, one: str, other: str) -> None:
    values: dict[str, str | int] = {"a": one, "b": other, "n": 5}
    assert len(render(text, values)) <= most_output(text, values)


def test_what_would_not_be_much_is_told_as_little() -> None:
    assert most_output("{{ a }} and {{ b }}", {"a": "x" * 100, "b": "y"}) < 1000
    assert most_output("{{ a }}", {"a": "x" * MOST_OUTPUT}) > MOST_OUTPUT
    assert most_output("no names", {}) == 24
