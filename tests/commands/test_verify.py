"""`sre-run verify`, `--sign`, and what the other commands say of a run that was changed."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from kept import PLAYBOOK, cut_to
from sealing import sealed

from sre_runner.cli import main
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import record_of
from sre_runner.journal.seals import KEY_VARIABLE
from sre_runner.runs.replay import replay

FORMAT_1 = Path(__file__).parents[1] / "journal" / "recorded_as_format_1"
KEY = "0123456789abcdef"


def sre_run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rehearsal(tmp_path_factory.mktemp("runs"))


def rehearsal(runs: Path, *options: str) -> Path:
    with pytest.raises(SystemExit) as ended:
        main(["run", str(PLAYBOOK), "--offline", "-q", "--runs", str(runs), *options])
    assert ended.value.code == 0
    (folder,) = runs.iterdir()
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / whole.name)


def lines_of(folder: Path) -> list[bytes]:
    return (folder / JOURNAL).read_bytes().splitlines(keepends=True)


def test_an_intact_run_and_what_is_made_from_it(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = json.loads(lines_of(whole)[-1])["seal"]
    count = len(lines_of(whole))
    assert sre_run(capsys, "verify", whole)[:2] == (
        0,
        f"{whole}: intact, {count} lines, digest {digest}, not signed\n",
    )
    assert f"\n- Journal: {count} lines, digest {digest}\n" in (whole / "conclusion.md").read_text()
    data = json.loads((whole / "run.json").read_text())
    assert (data["journal_lines"], data["journal_digest"], data["journal_changes"]) == (count, digest, [])
    (row,) = json.loads(sre_run(capsys, "verify", whole, "--json")[1])
    assert row == {
        "run": whole.name,
        "folder": str(whole),
        "standing": "intact",
        "lines": count,
        "digest": digest,
        "signed": "no",
        "changes": [],
        "problem": "",
    }


def test_an_edited_answer_is_told_by_every_command(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(copy)
    at = next(number for number, line in enumerate(lines) if b"OOMKilled" in line and b"tool_answer" in line)
    lines[at] = lines[at].replace(b"OOMKilled", b"Completed")
    (copy / JOURNAL).write_bytes(b"".join(lines))
    said = f"line {at + 1} was changed"
    for command, expected in (("show", 1), ("vote", 1), ("replay", 1), ("resume", 3)):
        code, _, err = sre_run(capsys, command, copy)
        assert (code, said in err) == (expected, True), (command, err)
        assert f"{copy / JOURNAL} was changed after it was written" in err
    code, out, _ = sre_run(capsys, "verify", copy)
    assert (code, out) == (1, f"{copy}: CHANGED after it was written\n  {said}\n")
    data = json.loads(sre_run(capsys, "show", copy, "--json")[1])
    assert data["journal_changes"] == [{"line": at + 1, "what": "changed", "text": said}]
    assert (
        sre_run(capsys, "show", "--full", copy)[1].count(f"**The journal was changed after it was written: {said}.**")
        == 2
    )
    (row,) = json.loads(sre_run(capsys, "runs", "--runs", copy.parent, "--json")[1])
    assert (row["status"], said in row["problem"]) == ("broken", True)
    code, _, err = sre_run(capsys, "run", PLAYBOOK, "--offline", "-q", "--reuse", copy, "--runs", copy.parent)
    assert (code, said in err) == (3, True)


def test_a_tail_that_was_cut_off_is_shown_by_the_copies(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(copy)
    (copy / JOURNAL).write_bytes(b"".join(lines[:-4]))
    said = f"run.json is of another journal, or lines after line {len(lines) - 4} were dropped"
    assert said in sre_run(capsys, "verify", copy)[1]
    code, _, err = sre_run(capsys, "resume", copy)
    assert (code, said in err) == (3, True)


def test_a_torn_line_is_no_change_and_a_resumed_run_goes_on_with_its_chain(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (copy / JOURNAL).read_bytes()
    cut_to(copy, [whole[: len(whole) * 2 // 3]])
    assert sre_run(capsys, "verify", copy)[0] == 0
    assert sre_run(capsys, "resume", copy, "-q")[0] == 0
    assert sre_run(capsys, "verify", copy)[0] == 0
    # What was made before a resume names a line in the middle.
    assert sre_run(capsys, "show", copy)[0] == 0


def test_a_journal_that_cannot_be_folded_is_still_told(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(copy)
    (copy / JOURNAL).write_bytes(b"".join(lines[1:]))
    assert "line 1 was dropped" in sre_run(capsys, "verify", copy)[1]
    code, _, err = sre_run(capsys, "show", copy)
    assert (code, "line 1 was dropped; " in err, "does not begin with run_started" in err) == (3, True, True)
    (copy / JOURNAL).write_bytes(sealed(lines[1:]))
    for name in ("run.json", "conclusion.md"):
        (copy / name).unlink()
    code, out, _ = sre_run(capsys, "verify", copy)
    assert (code, "cannot be read: " in out) == (3, True)


def test_a_journal_that_lost_every_seal(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = [json.loads(line) for line in lines_of(copy)]
    kept = [{key: value for key, value in each.items() if key not in ("line", "previous", "seal")} for each in data]
    (copy / JOURNAL).write_text("".join(json.dumps(each) + "\n" for each in kept))
    code, out, _ = sre_run(capsys, "verify", copy)
    assert (code, "no line has a seal, and in format 2 every line has one" in out) == (1, True)


def test_a_journal_of_format_1_is_read_replayed_to_the_byte_and_never_called_intact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sre_run(capsys, "replay", FORMAT_1)[0] == 0
    recorded = record_of(FORMAT_1)
    assert recorded.conclusion
    assert json.dumps(asdict(replay(recorded))) == json.dumps(asdict(recorded.conclusion))
    code, out, _ = sre_run(capsys, "verify", FORMAT_1)
    assert (code, "not sealed: its journal has format 1" in out) == (1, True)
    assert sre_run(capsys, "show", FORMAT_1)[0] == 0
    copy = shutil.copytree(FORMAT_1, tmp_path / "copy")
    lines = lines_of(copy)
    cut_to(copy, lines[: len(lines) // 2])
    assert sre_run(capsys, "resume", copy, "-q")[0] == 0
    resumed = record_of(copy).conclusion
    assert resumed
    assert resumed.fields["severity"] == recorded.conclusion.fields["severity"]
    assert b'"seal"' not in (copy / JOURNAL).read_bytes(), "it goes on as it began"
    assert json.loads((copy / "run.json").read_text())["journal_digest"] is None


def test_a_signed_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = sre_run(capsys, "run", PLAYBOOK, "--offline", "--sign", "--runs", tmp_path / "none")
    assert (code, f"--sign needs a key, and {KEY_VARIABLE} is not set" in err) == (2, True)
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    folder = rehearsal(tmp_path, "--sign")
    capsys.readouterr()
    assert KEY.encode() not in b"".join(path.read_bytes() for path in folder.iterdir())
    code, out, _ = sre_run(capsys, "verify", folder, "--signed")
    assert (code, out.endswith("signed with this key\n")) == (0, True)
    # Whoever changes a line can seal the journal anew, and not sign it.
    forged = shutil.copytree(folder, tmp_path / "forged")
    header, *rest = lines_of(folder)
    cut_to(forged, [sealed([header, *(line.replace(b"OOMKilled", b"Completed") for line in rest)])])
    assert sre_run(capsys, "verify", forged)[0] == 0
    assert sre_run(capsys, "verify", forged, "--signed")[0] == 1
    monkeypatch.setenv(KEY_VARIABLE, KEY[::-1])
    code, _, err = sre_run(capsys, "show", folder)
    assert (code, "the signature of line 1 is not of this key" in err) == (1, True)
    monkeypatch.delenv(KEY_VARIABLE)
    assert f"signed (not checked: {KEY_VARIABLE} is not set)" in sre_run(capsys, "verify", folder)[1]
    code, _, err = sre_run(capsys, "verify", folder, "--signed")
    assert (code, "--signed needs the key" in err) == (2, True)


def test_a_signed_run_is_resumed_with_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    folder = rehearsal(tmp_path, "--sign")
    cut_to(folder, lines_of(folder)[:30])
    monkeypatch.delenv(KEY_VARIABLE)
    code, _, err = sre_run(capsys, "resume", folder, "-q")
    assert (code, f"is signed, and {KEY_VARIABLE} is not set" in err) == (3, True)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    assert sre_run(capsys, "resume", folder, "-q")[0] == 0
    assert sre_run(capsys, "verify", folder, "--signed")[0] == 0
