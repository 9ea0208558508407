"""A difference on a terminal, in a comment and as data: what stands where, and that hostile text stays text."""

from __future__ import annotations

import json
import re

import click
import pytest
from markdown_it import MarkdownIt

from sre_runner.errors import Problem
from sre_runner.render.diff.markdown import MARK, MOST, MOST_WORDS, markdown, safe
from sre_runner.render.diff.text import AROUND, NOTHING, problem_line, shortened, summary, text, to_json
from sre_runner.render.run.export import dump
from sre_runner.review.diff.changes import Change, Piece, Place, Risk, Subject, Words
from sre_runner.review.diff.costs import Range, Worst
from sre_runner.review.diff.difference import Difference

HOSTILE = "\x1b[31m@team #12 https://evil.example www.evil.example <img src=x> [a](b) | `c` ![d](e)\n# heading\u202e"
POD = Subject("agent", "pods")
WIDER = Change(
    "tool-added-to-whitelist",
    Risk.HIGH,
    POD,
    "pods may now call `restart_pod`, which can write.",
    None,
    {"tool": "restart_pod"},
    ("outage", "steps"),
    Place("agents.d/pods.yaml", 5),
)
PIECES: tuple[Piece, ...] = (("=", "one two\nthree"), ("-", "four"), ("+", "five\nsix"), ("=", "end"))
PROMPT = Change(
    "prompt-changed",
    Risk.MEDIUM,
    POD,
    "The prompt of pods changes.",
    "a",
    "b",
    ("outage",),
    Place("agents.d/pods.yaml", 2),
    (Words(("outage",), PIECES),),
)
GONE = Change(
    "agent-removed", Risk.MEDIUM, Subject("agent", "x"), "x is gone.", place=Place("agents.d/x.yaml", 1, "base")
)
OTHER = Change("key-changed", Risk.UNKNOWN, Subject("tool", "t"), "t: `live` is another.")
COSTS = {"outage": Range(Worst(10, 2000, 0.5), Worst(12, 2000, None)), "new": Range(None, Worst(1, 1, 1.0))}
PROBLEM = Problem("agents.d/y.yaml", 3, 4, "what is this")
ALL = Difference((WIDER, PROMPT, GONE, OTHER), (), (PROBLEM,), COSTS, ("outage", "steps", "a", "b"))
NONE = Difference()


def html(document: str) -> str:
    return str(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(document))


def test_the_summary_counts_by_group_and_risk() -> None:
    assert summary(ALL) == (
        "4 changes: 1 privilege (1 high), 3 behaviour (1 unknown, 2 medium); "
        "touches the playbooks outage, steps, a and 1 more."
    )
    assert summary(Difference((GONE,))) == "1 change: 1 behaviour (1 medium); no playbook is touched."
    assert summary(NONE) == NOTHING


def test_the_text_has_groups_with_sentences_places_and_words() -> None:
    assert (
        text(ALL, color=False)
        == """\
4 changes: 1 privilege (1 high), 3 behaviour (1 unknown, 2 medium); touches the playbooks outage, steps, a and 1 more.

PRIVILEGE
  high    pods may now call `restart_pod`, which can write.
          agents.d/pods.yaml:5  tool-added-to-whitelist  in outage, steps

BEHAVIOUR
  medium  The prompt of pods changes.
          agents.d/pods.yaml:2  prompt-changed  in outage
          as outage renders it:
          one two
          three [-four-] {+five+}
          {+six+} end
  medium  x is gone.
          agents.d/x.yaml:1 (base)  agent-removed  in no playbook
  unknown t: `live` is another.
          key-changed  in no playbook

WORST CASE
playbook  model calls    tokens      US dollars
outage        10 → 12     2,000  0.50 → unknown
new          none → 1  none → 1     none → 1.00
"""
    )


def test_colours_change_nothing_but_colours() -> None:
    painted = text(ALL, color=True)
    assert "\x1b[31m" in painted
    assert click.unstyle(painted) == text(ALL, color=False)


@pytest.mark.parametrize("color", [False, True])
def test_hostile_text_cannot_steer_a_terminal(color: bool) -> None:
    change = Change(
        "prompt-changed",
        Risk.LOW,
        POD,
        HOSTILE,
        place=Place(HOSTILE, 1),
        playbooks=(HOSTILE,),
        words=(Words((HOSTILE,), (("+", HOSTILE),)),),
    )
    printed = text(Difference((change,), costs={}, touched=(HOSTILE,)), color)
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f\u202e]",
        click.unstyle(printed)[len(NOTHING) :].replace("\x1b", "ESC") if color else printed,
    )
    assert "\x1b[31m@team" not in printed


def test_only_words_beside_a_change_stay() -> None:
    many = " ".join(f"w{number}" for number in range(50))
    pieces = shortened([("=", many), ("-", many), ("=", many), ("+", "x"), ("=", many)])
    assert pieces[0] == ("=", "… " + " ".join(f"w{number}" for number in range(50 - AROUND, 50)))
    assert pieces[1] == ("-", many)
    assert pieces[2][1].startswith("w0 ")
    assert pieces[2][1].endswith(" w49")
    assert len(pieces[2][1].split()) == 2 * AROUND + 1
    assert pieces[4] == ("=", " ".join(f"w{number}" for number in range(AROUND)) + " …")


def test_the_comment_has_a_table_and_words_behind_a_click() -> None:
    document = markdown(ALL, ("main (1234567890)", "working tree"))
    assert document.startswith(f"{MARK}\n\n**4 changes: 1 privilege (1 high)")
    assert (
        "| **high** | privilege | pods may now call `restart_pod`, which can write. | `agents.d/pods.yaml:5` |"
        in document
    )
    assert "| **unknown** | behaviour | t: `live` is another. |  |" in document
    assert "<details><summary>Prompt of pods, in outage</summary>" in document
    assert "three <del>four</del> <ins>five</ins>  \n<ins>six</ins> end" in document
    assert "- agents.d/y.yaml:3:4: what is this" in document
    page = html(document)
    assert page.count("<table>") == 2
    assert page.count("<tr>") == 1 + 4 + 1 + 2
    assert document.endswith("</details>\n")


def test_a_comment_without_changes_is_short() -> None:
    assert markdown(NONE, ("a", "b")) == f"{MARK}\n\n**{NOTHING}**\n\nFrom a to b.\n"


def test_hostile_text_stays_text_in_a_comment() -> None:
    subject = Subject("agent", HOSTILE)
    change = Change(
        "prompt-changed",
        Risk.LOW,
        subject,
        HOSTILE,
        place=Place(HOSTILE, 1),
        playbooks=(HOSTILE,),
        words=(Words((HOSTILE,), (("+", HOSTILE),), 3),),
    )
    difference = Difference((change,), (), (Problem(HOSTILE, 1, 1, HOSTILE),), {HOSTILE: COSTS["outage"]}, (HOSTILE,))
    document = markdown(difference, (HOSTILE, HOSTILE))
    page = html(document)
    assert page.count("<table>") == 2
    assert page.count("<tr>") == 4
    assert not re.search(r"<(?:img|a|h1|script)\b", page)
    assert "\x1b" not in document
    outside = re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL)
    assert not re.search(r"@team|(?<!&)#12|https://|www\.evil", outside)
    assert "@<!-- -->team" in outside


def test_names_in_backticks_are_code_and_cannot_break_a_table() -> None:
    assert safe("may call `a|b`, which: *x*") == "may call `a\\|b`, which: \\*x\\*"
    assert safe("`") == "\\`"
    assert safe("`x`") == "`x`"


def test_a_comment_is_never_too_long() -> None:
    long = Change(
        "prompt-changed",
        Risk.LOW,
        POD,
        "x " * 200,
        words=(Words(("p",), (("+", "word " * 800),)),),
        place=Place("f", 1),
    )
    costs = {f"playbook-{number}" * 5: COSTS["outage"] for number in range(500)}
    problems = tuple(Problem("f", 1, 1, "x " * 2000) for _ in range(100))
    difference = Difference((long,) * 500, problems, problems, costs, ("p",))
    document = markdown(difference, ("a", "b"))
    assert len(document) <= MOST
    told = re.findall(r"^… (\d+) more\.$", document, re.MULTILINE)
    assert len(told) == 2
    assert "more texts are left out here" in document
    assert document.count("- … 80 more.") == 2
    huge = Change("task-changed", Risk.LOW, POD, "x", words=(Words((), (("+", "w " * MOST_WORDS),)),))
    document = markdown(Difference((huge,)), ("a", "b"))
    assert "<summary>Task of pods</summary>" in document
    assert "It is too long for here" in document


def test_the_data_is_whole_and_plain() -> None:
    data = json.loads(dump(to_json(ALL)))
    assert list(data) == ["changes", "counts", "costs", "playbooks", "problems"]
    assert list(data["changes"][0]) == [
        *("kind", "group", "risk", "weakens", "subject", "sentence", "before", "after", "playbooks", "place", "words")
    ]
    assert data["counts"] == {
        "privilege": {"high": 1},
        "cost": {},
        "behaviour": {"unknown": 1, "medium": 2},
        "documentation": {},
    }
    assert data["costs"][1] == {
        "playbook": "new",
        "before": None,
        "after": {"model_calls": 1, "tokens": 1, "usd": 1.0, "enforced": []},
    }
    assert data["changes"][1]["words"] == [{"playbooks": ["outage"], "pieces": [list(p) for p in PIECES], "more": 0}]
    assert data["problems"]["head"][0]["line"] == 3


def test_a_problem_of_a_whole_file_has_no_line() -> None:
    assert problem_line(Problem("a.yaml", 0, 0, "x\ny")) == "a.yaml: x y"
