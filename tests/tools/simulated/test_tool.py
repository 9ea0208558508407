import asyncio
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.config.sources import configuration as from_source
from sre_runner.config.sources import schema, tool_source
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.tools.simulated.matching import ABSENT, json_equal, matches
from sre_runner.tools.simulated.spec import matcher, parse
from sre_runner.tools.simulated.tool import SimulatedTool
from sre_runner.tools.tool import as_text

ROWS = [
    {"ts": "1", "service": "api", "level": "ERROR", "message": "Connection REFUSED", "count": 2},
    {"ts": "2", "service": "db", "level": "WARN", "message": "slow query"},
    {"ts": "3", "service": "api", "level": "ERROR", "message": "slow answer"},
    {"ts": "4", "service": None, "level": "ERROR", "message": "no service"},
]
ANY = {"type": "object", "properties": {}}
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 2.5]) | st.text("aAbß", max_size=2)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner), max_leaves=6
)


def tool(simulated, input_schema=ANY, data=None, files=None):
    """The tool that a file of `tools.d` with this entry gives; the entry fits the published schema."""
    entry = {"description": "x", "input_schema": input_schema, "simulated": simulated}
    assert complaints(schema("tools"), {"data": data or {}, "tools": {"x": entry}}) == []
    playbook = {
        "name": "p",
        "description": "",
        "inputs": {},
        "task": "t",
        "specialists": ["a"],
        "coordinator": {"strategy": "single", "max_parallel": 1, "votes": {}},
        "model": {"name": "m", "max_tokens": 256},
    }
    source = {
        "playbook": playbook,
        "agents": {},
        "tools": {"x": tool_source(entry, data or {}, (files or {}).__getitem__)},
    }
    spec = from_source(source).tools["x"]
    return SimulatedTool(spec.name, spec.input_schema, parse(spec.simulated))


def ask(asked, *earlier, **arguments):
    return asyncio.run(asked.answer(arguments, earlier))


def fits(when, value=ABSENT):
    return matches(matcher(when), value, {})


def searched(**arguments):
    where = {
        "service": {"arg": "service"},
        "message": {"contains": {"arg": "keyword"}, "ignore_case": True},
        "level": {"equals": {"arg": "level"}},
        "ts": {"glob": {"arg": "ts"}},
    }
    return ask(
        tool({"rows": "logs", "where": where, "return": {"found": "rows", "n": "count"}}, data=LOGS), **arguments
    )


LOGS = {"logs": ROWS}


def test_the_first_answer_that_matches_is_given():
    asked = tool(
        {
            "answers": [
                {"when": {"namespace": "a", "all": True}, "return": "first"},
                {"when": {"namespace": "a"}, "return": "second"},
                {"return": "third"},
            ]
        }
    )
    assert ask(asked, namespace="a", all=True, more=1).text == "first"
    assert ask(asked, namespace="a", all=False).text == "second"
    assert ask(asked, namespace="b").text == "third"
    assert ask(asked).text == "third"


def test_where_nothing_matches_the_answer_says_so():
    answer = ask(tool({"answers": [{"when": {"pod": "api-1"}, "return": "x"}]}), pod="api-ü")
    assert answer.text == 'No data for these arguments: x({"pod": "api-ü"}).'
    assert answer.no_data
    assert not answer.is_error


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("{{ not }} a\n---\n  template\x1b[0m\n", "{{ not }} a\n---\n  template\x1b[0m\n"),
        ({"b": [1, "—"], "a": None}, '{"b": [1, "—"], "a": null}'),
        ([], "[]"),
        (None, "null"),
        (False, "false"),
        ("", ""),
    ],
)
def test_what_is_returned_is_verbatim(data, text):
    assert ask(tool({"answers": [{"return": data}]})).text == text


def test_a_file_is_returned_as_it_is():
    assert ask(tool({"answers": [{"file": "a/b.txt"}]}, files={"a/b.txt": "1\n{{ 2 }}\n"})).text == "1\n{{ 2 }}\n"


def test_an_error_is_marked_as_one():
    answer = ask(tool({"answers": [{"error": "connection refused"}]}))
    assert (answer.text, answer.is_error, answer.no_data) == ("connection refused", True, False)


def test_repeated_calls_get_the_answers_in_turn_and_then_the_last():
    asked = tool(
        {"answers": [{"when": {"pod": {"glob": "api-*"}}, "returns": ["one", {"n": 2}]}, {"returns": ["x", "y"]}]}
    )
    first, other = {"pod": "api-1"}, {"pod": "db-1"}
    assert ask(asked, **first).text == "one"
    assert ask(asked, other, other, **first).text == "one"
    assert ask(asked, first, **first).text == '{"n": 2}'
    assert ask(asked, first, {"pod": "api-2"}, first, **first).text == '{"n": 2}'
    assert ask(asked, first, other, **other).text == "y"


def test_what_was_refused_as_no_object_does_not_disturb_the_order():
    assert ask(tool({"answers": [{"returns": ["one", "two"]}]}), None, ["x"], "x").text == "one"


def test_a_delay_passes_before_answers_errors_and_rows():
    for simulated in (
        {"answers": [{"return": "x", "delay": 0.05}]},
        {"answers": [{"error": "x", "delay": 0.05}]},
        {"rows": "logs", "return": {"n": "count"}, "delay": 0.05},
    ):
        asked = tool(simulated, data=LOGS)
        started = time.monotonic()
        ask(asked)
        assert time.monotonic() - started >= 0.05


def test_a_timeout_hangs_until_it_is_cancelled():
    asked = tool({"answers": [{"timeout": True}]})

    async def limited():
        await asyncio.wait_for(asked.answer({}, []), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(limited())


def test_defaults_of_the_schema_are_filled_in_before_matching():
    input_schema = {
        "type": "object",
        "properties": {
            "level": {"type": "string", "default": "ERROR"},
            "range": {"type": "object", "properties": {"from": {"type": "string", "default": "-1h"}}},
        },
    }
    when = {"level": "ERROR", "range": {"equals": {"from": "-1h", "to": "now"}}}
    asked = tool({"answers": [{"when": when, "returns": ["yes", "again"]}, {"return": "no"}]}, input_schema)
    given_range = {"to": "now"}
    assert ask(asked, range=given_range).text == "yes"
    assert ask(asked, {"range": given_range, "level": "ERROR"}, range=given_range).text == "again"
    assert ask(asked, range={"to": "now", "from": "-2h"}).text == "no"
    assert ask(asked, range=given_range, level="WARN").text == "no"
    assert given_range == {"to": "now"}


@pytest.mark.parametrize(
    ("when", "fitting", "other"),
    [
        ("a", ["a"], ["A", "aa", 1, None, ABSENT, ["a"]]),
        (1, [1, 1.0], [True, "1", 2, ABSENT]),
        (True, [True], [1, "true", False, ABSENT]),
        (None, [None], [0, "", False, ABSENT]),
        ([1, {"a": 2}], [[1.0, {"a": 2}]], [[{"a": 2}, 1], [1], 1]),
        ({"equals": {"a": 1, "b": 2}}, [{"b": 2, "a": 1}], [{"a": 1}, {"a": 1, "b": 3}, ABSENT]),
        ({"equals": "Ab", "ignore_case": True}, ["aB", "AB"], ["abc", 1]),
        ({"equals": ["X", {"k": "Y"}], "ignore_case": True}, [["x", {"k": "y"}]], [["x", {"K": "y"}]]),
        ({"any_of": ["a", {"contains": "zz"}, 3]}, ["a", "xzzx", 3.0], ["A", "b", True, ABSENT]),
        ({"any_of": ["a", {"glob": "B*"}], "ignore_case": True}, ["A", "bcd"], ["cb", ABSENT]),
        ({"any_of": [{"present": False}, "a"]}, [ABSENT, "a"], ["b", None]),
        ({"contains": "oom"}, ["a oom b", ["x", "oom"]], ["OOM", ["xoom"], 1, None, ABSENT, {"oom": 1}]),
        ({"contains": "oom", "ignore_case": True}, ["OOMKilled", ["OOM"]], ["o o m"]),
        ({"contains": 1}, [[0, 1.0]], ["1", [True], 1]),
        ({"glob": "kube-*"}, ["kube-", "kube-system\nx"], ["Kube-x", "a kube-x", 1, ["kube-x"], ABSENT]),
        ({"glob": "a?[bc]", "ignore_case": True}, ["axb", "AXC"], ["axd", "ab", "axbb"]),
        ({"present": True}, ["", None, False], [ABSENT]),
        ({"present": False}, [ABSENT], ["", None]),
    ],
)
def test_matchers(when, fitting, other):
    assert [value for value in fitting if not fits(when, value)] == []
    assert [value for value in other if fits(when, value)] == []


def test_the_rows_that_fit_the_given_arguments_are_returned_with_their_count():
    assert json.loads(searched().text) == {"found": ROWS, "n": 4}
    assert json.loads(searched(service="api", keyword="refused").text) == {"found": ROWS[:1], "n": 1}
    assert json.loads(searched(keyword="SLOW").text) == {"found": ROWS[1:3], "n": 2}
    assert json.loads(searched(level="WARN", ts="[0-9]").text) == {"found": ROWS[1:2], "n": 1}
    assert json.loads(searched(service=None).text) == {"found": ROWS[3:], "n": 1}


def test_where_no_row_fits_there_is_no_data():
    answer = searched(keyword="certificate")
    assert answer.no_data
    assert answer.text == 'No data for these arguments: x({"keyword": "certificate"}).'


def test_fixed_conditions_on_rows():
    where = {"level": "ERROR", "count": {"present": False}, "service": {"any_of": ["api", None]}}
    asked = tool({"rows": "logs", "where": where, "return": {"rows": "rows"}}, data=LOGS)
    assert json.loads(ask(asked).text) == {"rows": ROWS[2:]}


@pytest.mark.parametrize(
    ("group_by", "arguments", "groups"),
    [
        ("level", {}, [{"level": "ERROR", "count": 3}, {"level": "WARN", "count": 1}]),
        (
            {"arg": "by"},
            {"by": "service"},
            [{"service": "api", "count": 2}, *({"service": s, "count": 1} for s in ("db", None))],
        ),
        ({"arg": "by"}, {"by": "count"}, [{"count": None, "rows": 3}, {"count": 2, "rows": 1}]),
        ({"arg": "by"}, {}, [{"count": 4}]),
        (None, {}, [{"count": 4}]),
    ],
)
def test_groups_are_counted_from_the_rows_the_largest_first(group_by, arguments, groups):
    simulated = {"rows": "logs", "return": {"groups": "groups"}, **({"group_by": group_by} if group_by else {})}
    assert json.loads(ask(tool(simulated, data=LOGS), **arguments).text) == {"groups": groups}


def test_an_unknown_column_is_named_with_those_there_are():
    asked = tool({"rows": "logs", "group_by": {"arg": "by"}, "return": {"groups": "groups"}}, data=LOGS)
    for column in ("pod", ["pod"], 1):
        answer = ask(asked, by=column)
        assert answer.no_data
        assert answer.text.endswith(
            f" There is no column {as_text(column)} but only ts, service, level, message, count."
        )


@settings(max_examples=26, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"id": st.integers()}, optional={"a": SCALARS, "b": SCALARS}), max_size=8),
    st.dictionaries(st.sampled_from("ab"), SCALARS),
)
def test_filtered_rows_are_rows_in_order_and_groups_sum_to_the_count(rows, arguments):
    where = {"a": {"arg": "a"}, "b": {"any_of": [{"present": False}, {"present": True}]}}
    parts = {"kept": "rows", "n": "count", "groups": "groups"}
    answer = ask(tool({"rows": "r", "where": where, "group_by": "id", "return": parts}, data={"r": rows}), **arguments)
    kept = [row for row in rows if "a" not in arguments or ("a" in row and json_equal(row["a"], arguments["a"]))]
    assert answer.no_data == (not kept)
    if kept:
        found = json.loads(answer.text)
        assert found["kept"] == kept
        assert found["n"] == len(kept) == sum(group["count"] for group in found["groups"])


@settings(max_examples=50, deadline=None)
@given(JSON, JSON, st.booleans())
def test_json_equality_is_reflexive_and_symmetric_and_that_of_what_is_written(one, other, ignore_case):
    assert json_equal(one, one, ignore_case)
    assert json_equal(one, json.loads(json.dumps(one)), ignore_case)
    assert json_equal(one, other, ignore_case) == json_equal(other, one, ignore_case)
    if json_equal(one, other):
        assert json_equal(one, other, ignore_case=True)
        texts = [json.dumps(value, sort_keys=True).replace(".0", "") for value in (one, other)]
        assert texts[0] == texts[1]


@settings(max_examples=20, deadline=None)
@given(st.text("a*?[]!-b\\", max_size=12), st.text("ab*-\n", max_size=12))
def test_any_pattern_is_a_glob(pattern, text):
    assert isinstance(fits({"glob": pattern}, text), bool)
    assert fits({"glob": "*" + "?" * len(text)}, text)


def test_no_pattern_takes_long():
    started = time.process_time()
    assert not fits({"glob": "*a" * 40 + "b"}, "a" * 20_000)
    assert not fits({"glob": "*[ab]?" * 40 + "c"}, "ab" * 10_000)
    assert fits({"glob": "*a" * 40}, "a" * 20_000)
    assert time.process_time() - started < 2


PODS = {"type": "object", "properties": {"pod": {"type": "string"}, "lines": {"type": "integer", "default": 10}}}


def test_answers_in_turn_may_each_be_of_another_kind():
    turns = [{"error": "refused"}, {"no_data": "none"}, {"return": {"up": 1.5}}]
    asked = tool({"answers": [{"in_turn": turns}]})
    given = [ask(asked, *[{}] * times) for times in range(4)]
    assert [(one.text, one.is_error, one.no_data) for one in given] == [
        ("refused", True, False),
        ("none", False, True),
        ('{"up": 1.5}', False, False),
        ('{"up": 1.5}', False, False),
    ]


def test_a_turn_that_times_out_is_counted_as_well():
    asked = tool({"answers": [{"in_turn": [{"timeout": True}, {"return": "late"}]}]})

    async def hung():
        await asyncio.wait_for(asked.answer({}, []), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(hung())
    assert ask(asked, {}).text == "late"


def test_refused_calls_are_not_counted():
    asked = tool({"answers": [{"returns": ["first", "second"]}]}, PODS)
    assert ask(asked, {"pod": 5}, 7, {"lines": "x"}).text == "first"
    assert ask(asked, {"pod": 5}, {"pod": "a"}).text == "second"


def test_an_answer_that_has_no_data_says_so_in_its_own_words():
    given = ask(tool({"answers": [{"no_data": "No resources found."}]}))
    assert (given.text, given.no_data, given.from_tool) == ("No resources found.", True, True)


def test_an_exact_answer_wants_all_arguments_named():
    asked = tool({"answers": [{"when": {"lines": 10}, "exact": True, "return": "all"}]}, PODS)
    assert ask(asked).text == ask(asked, lines=10.0).text == "all"
    assert ask(asked, pod="a").no_data
    assert ask(asked, undeclared=1).no_data
    assert ask(tool({"answers": [{"exact": True, "return": "bare"}]})).text == "bare"


def test_an_answer_for_one_agent():
    asked = tool({"answers": [{"asked_by": "one", "returns": ["1", "2"]}, {"returns": ["a", "b"]}]})

    def told(agent, *earlier):
        return asyncio.run(asked.answer({}, earlier, agent)).text

    assert [told("one"), told("one", {}), told("two"), told("two", {})] == ["1", "2", "a", "b"]
