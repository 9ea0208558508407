from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept import NOON, days, keep

from sre_runner.commands.arguments import Age, Pair, RunFolder, Since, runs_option
from sre_runner.config.places import runs_folder
from sre_runner.journal.file import JOURNAL


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def chosen(*arguments: str) -> Path:
    """The folder that a command takes these arguments for."""

    @click.command()
    @click.argument("run", type=RunFolder())
    @runs_option(expose_value=False)
    def command(run: Path) -> Path:
        return run

    found: Path = command.main(list(arguments), standalone_mode=False)
    return found


def test_a_run_is_a_folder_a_name_or_the_last(here: Path) -> None:
    keep(here / "runs", "a", NOON)
    keep(here / "runs", "b", NOON - days(1))
    keep(here / "other", "c")
    assert chosen("runs/b") == Path("runs/b")
    assert chosen("b") == Path("runs/b")
    assert chosen("last") == Path("runs/a")
    assert chosen(str(here / "runs" / "a")) == here / "runs" / "a"
    assert chosen("c", "--runs", "other") == Path("other/c")
    assert chosen("--runs", "other", "last") == Path("other/c")


def test_the_runs_are_beside_agents_d_wherever_one_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "room" / "agents.d").mkdir(parents=True)
    (here / "room" / "playbooks").mkdir()
    keep(here / "room" / "runs", "a", NOON)
    keep(here / "elsewhere", "b", NOON)
    monkeypatch.chdir(here / "room")
    assert chosen("last") == Path("runs/a")
    monkeypatch.chdir(here / "room" / "playbooks")
    assert chosen("last") == chosen("a") == here / "room" / "runs" / "a"
    monkeypatch.setenv("SRE_RUN_RUNS", str(here / "elsewhere"))
    assert chosen("last") == here / "elsewhere" / "b"
    assert chosen("last", "--runs", str(here / "room" / "runs")) == here / "room" / "runs" / "a"
    monkeypatch.setenv("SRE_RUN_RUNS", "")
    assert chosen("last") == here / "room" / "runs" / "a"


def test_without_a_configuration_the_runs_are_here(here: Path) -> None:
    assert runs_folder() == Path("runs")
    assert runs_folder([here / "no" / "playbook.yaml"]) == Path("runs")
    assert runs_folder(directory=here / "x") == Path("x/runs")
    assert runs_folder(directory=here.parent) == here.parent / "runs"


def test_a_folder_that_is_no_run_hides_none_of_that_name(here: Path) -> None:
    keep(here / "runs", "checkout")
    (here / "checkout").mkdir()
    (here / "empty").mkdir()
    assert chosen("checkout") == Path("runs/checkout")
    assert chosen("./checkout") == Path("checkout")
    assert chosen("empty") == Path("empty")
    (here / "checkout" / JOURNAL).touch()
    assert chosen("checkout") == Path("checkout")


def test_the_last_run_is_one_whose_start_is_known(here: Path) -> None:
    keep(here / "runs", "a", NOON)
    keep(here / "runs", "b")
    (here / "runs" / "b" / JOURNAL).write_text("")
    assert chosen("last") == Path("runs/a")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("paymens-1", "`paymens-1` is neither a folder nor a run in runs. Did you mean `payments-1`?"),
        ("zzz", "`zzz` is neither a folder nor a run in runs. `sre-run runs` lists what there is."),
        ("", '"" is neither a folder'),
        ("x/y", "The folder `x/y` does not exist."),
        ("notes", "neither a folder"),
        ("a\x1b", "neither a folder"),
    ],
)
def test_what_is_no_run_is_refused(here: Path, word: str, said: str) -> None:
    keep(here / "runs", "payments-1")
    (here / "notes").touch()
    with pytest.raises(click.BadParameter) as refused:
        chosen(word)
    assert said in refused.value.message
    assert "\x1b" not in refused.value.message


@pytest.mark.parametrize("word", ["last", "a"])
def test_there_is_no_run_at_all(here: Path, word: str) -> None:
    with pytest.raises(click.BadParameter, match="There are no runs in runs" if word == "last" else "lists what"):
        chosen(word)


def test_without_the_option_names_are_looked_up_in_runs(here: Path) -> None:
    keep(here / "runs", "a")
    assert RunFolder().convert("a", None, None) == Path("runs/a")


def test_ages() -> None:
    for text, expected in (
        ("90s", timedelta(seconds=90)),
        ("45m", timedelta(minutes=45)),
        ("12h", timedelta(hours=12)),
        ("30d", days(30)),
        ("2w", days(14)),
        ("0d", days(0)),
    ):
        assert Age().convert(text, None, None) == expected


@pytest.mark.parametrize("text", ["", "30", "d", "1.5d", "-1d", "30 d", "30D", "1d12h", "٣d", "1" * 5000 + "d", "\x1b"])
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no length of time; write 45m, 12h, 30d or 2w") as refused:
        Age().convert(text, None, None)
    assert len(refused.value.message) < 200


@given(st.integers(0, 999_999), st.sampled_from("smhdw"))
def test_a_moment_so_long_ago_is_one_that_there_was(number: int, unit: str) -> None:
    try:
        age = Age().convert(f"{number}{unit}", None, None)
    except click.BadParameter as refused:
        assert "longer than 36,500 days" in refused.message  # noqa: PT017 - both are right, each for some numbers
        return
    before = datetime.now(UTC)
    since = Since().convert(f"{number}{unit}", None, None)
    assert before - age <= since <= datetime.now(UTC) - age


def test_moments() -> None:
    assert Since().convert("2026-11-22T13:00:00+01:00", None, None) == NOON
    assert Since().convert("2026-11-22T12:00:00Z", None, None) == NOON
    assert Since().convert(" 2026-11-22 ", None, None) == datetime(2026, 11, 22).astimezone()


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "0001-01-01T00:00:00+23:00"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(click.BadParameter, match="neither an age, such as 7d, nor a time in ISO 8601"):
        Since().convert(text, None, None)


@pytest.mark.parametrize("text", ["\x1b[31m=1", "a\udcff=1", "\u200b=1"])
def test_a_name_can_be_seen(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no name: it has characters that cannot be seen") as refused:
        Pair().convert(text, None, None)
    assert refused.value.message.isprintable()


def test_pairs() -> None:
    assert Pair().convert(" team =a=b", None, None) == ("team", "a=b")
    for text in ("team", "=x"):
        with pytest.raises(click.BadParameter, match="not of the form name=value"):
            Pair().convert(text, None, None)
