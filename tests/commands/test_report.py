"""`report`: where pages are written, what is printed, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from kept import PLAYBOOK, keep
from report_pages import Parsed

from sre_runner.cli import main
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import record_of
from sre_runner.render.html.page import html
from sre_runner.render.run.export import dump, to_json
from sre_runner.render.run.formats import REPORT, run_files
from sre_runner.render.run.markdown import markdown
from sre_runner.runs.options import RunOptions
from sre_runner.runs.past_runs import obstacle
from sre_runner.runs.run import run


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(RunOptions(PLAYBOOK, runs=tmp_path_factory.mktemp("rehearsed"), offline=True))[1]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def report(runs: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """`sre-run report --runs RUNS …`: exit code, stdout, stderr."""

    def carried_out(*arguments: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["report", "--runs", str(runs), *arguments])
        return ended.value.code, *capsys.readouterr()

    return carried_out


def test_a_page_is_written_beside_the_journal_for_the_owner_alone(report: Any, runs: Path) -> None:
    folder = keep(runs, "a")
    assert report("a") == (0, "", f"written to {folder / REPORT}\n")
    assert (folder / REPORT).read_text(encoding="utf-8") == html(record_of(folder))
    assert stat.S_IMODE((folder / REPORT).stat().st_mode) == 0o600
    assert obstacle(folder, run_files()) == ""
    assert report("last")[0] == 0


def test_output_is_another_file(report: Any, runs: Path, tmp_path: Path) -> None:
    folder = keep(runs, "a")
    assert report("a", "--output", str(tmp_path / "x.html"))[0] == 0
    assert (tmp_path / "x.html").is_file()
    assert not (folder / REPORT).exists()
    code, _, err = report("a", "--output", str(tmp_path / "nowhere" / "x.html"))
    assert (code, err) == (
        2,
        f"error: {tmp_path / 'nowhere' / 'x.html'} cannot be written: No such file or directory\n",
    )


def test_markdown_and_json_are_those_of_the_run_and_a_postmortem_is_markdown(report: Any, rehearsed: Path) -> None:
    record = record_of(rehearsed)
    assert report(str(rehearsed), "--format", "json") == (0, dump(to_json(record)), "")
    assert report(str(rehearsed), "--format", "markdown") == (0, markdown(record), "")
    for arguments, begins in (
        (["--postmortem"], "\n# Postmortem: Payment gateway degraded, pods crashing\n"),
        (["--postmortem", "--format", "markdown"], "\n# Postmortem: Payment gateway"),
    ):
        code, out, err = report(str(rehearsed), *arguments)
        assert (code, err) == (0, "")
        assert begins in out


def test_several_are_printed_one_after_the_other_and_each_once(report: Any, runs: Path) -> None:
    keep(runs, "a")
    keep(runs, "b")
    out = report("a", "b", "a", "--format", "slack")[1]
    first, end = json.JSONDecoder().raw_decode(out)
    second = json.loads(out[end:])
    assert [each["text"] for each in (first, second)] == ["P2: a", "P2: b"]


def test_an_index_leads_to_a_page_of_each_run_that_can_be_read(report: Any, runs: Path) -> None:
    keep(runs, "a b#c")
    keep(runs, "javascript:alert(1)", severity="P1")
    broken = keep(runs, "broken")
    (broken / JOURNAL).write_text('{"event":"run_started"')
    tampered = keep(runs, "tampered")
    (tampered / JOURNAL).write_text((tampered / JOURNAL).read_text().replace('"severity":"P2"', '"severity":[2]'))
    shutil.copy(PLAYBOOK, runs)
    code, out, err = report("--all")
    assert (code, out) == (0, "")
    assert err.endswith(f"written to {runs / 'index.html'}\n")
    assert f"no page: {tampered / JOURNAL}" in err
    page = Parsed((runs / "index.html").read_text(encoding="utf-8"))
    assert {each.attributes["href"] for each in page.all("a")} == {
        "a%20b%23c/report.html",
        "javascript%3Aalert%281%29/report.html",
    }
    assert len([row for row in page.all("tr") if "runs" in row.inside]) == 4
    assert (runs / "a b#c" / REPORT).is_file()
    assert report("--all")[0] == 0  # an index is no run


def test_an_index_of_named_runs_elsewhere(report: Any, runs: Path, tmp_path: Path) -> None:
    keep(runs, "a")
    keep(runs, "b")
    assert report("a", "b", "--output", str(tmp_path / "index.html"))[0] == 0
    page = Parsed((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert [each.attributes["href"] for each in page.all("a")] == ["runs/a/report.html", "runs/b/report.html"]


def test_a_browser_opens_the_page(report: Any, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = keep(runs, "a")
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f"#!{sys.executable}\nimport sys\nopen({str(opened)!r}, 'w').write(sys.argv[1])\n")
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.delitem(sys.modules, "webbrowser", raising=False)
    assert report("a", "--open")[0] == 0
    assert opened.read_text() == (folder / REPORT).as_uri()


def test_without_a_browser_it_is_said(report: Any, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(runs, "a")
    monkeypatch.setenv("BROWSER", os.devnull)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delitem(sys.modules, "webbrowser", raising=False)
    assert report("a", "--open")[2].endswith("No browser was found; open the file yourself.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name the runs to report, or report all of the folder of --runs with --all; not both."),
        (["a", "--all"], "Name the runs to report, or report all of the folder of --runs with --all; not both."),
        (["a", "--postmortem", "--format", "json"], "--postmortem is Markdown; leave out --format json."),
        (["a", "--format", "slack", "--open"], "--output and --open are for pages, which are --format html."),
        (["a", "--postmortem", "--output", "x"], "--output and --open are for pages, which are --format html."),
    ],
)
def test_what_makes_no_sense_is_refused(report: Any, runs: Path, arguments: list[str], said: str) -> None:
    keep(runs, "a")
    code, out, err = report(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_what_is_not_a_run_is_refused(report: Any, runs: Path) -> None:
    assert report("--all") == (2, "", f"error: there are no runs in {runs}\nhint: --runs says where else to look.\n")
    (runs / "empty").mkdir()
    code, _, err = report("empty")
    assert code == 2
    assert err.startswith(f"error: {runs / 'empty'} is not a run: it has no {JOURNAL}\nhint: ")
    broken = keep(runs, "broken")
    (broken / JOURNAL).write_text("{}\n")
    code, _, err = report("broken")
    assert code != 0
    assert "Traceback" not in err
    assert not (broken / REPORT).exists()


def test_a_run_that_goes_on_is_reported_as_far_as_it_has_come(report: Any, runs: Path) -> None:
    folder = keep(runs, "a", severity=None, exit_code=None)
    assert report("a")[0] == 0
    assert "No conclusion was reached." in (folder / REPORT).read_text(encoding="utf-8")
