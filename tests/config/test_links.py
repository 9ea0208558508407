"""Links of a configuration: inside of it they are fine, out of it they are refused without being opened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sre_runner.config.loading import load, validate
from sre_runner.errors import ConfigError

GOOD = Path(__file__).parents[1] / "configs" / "good" / "teams"
LEADS_OUT = "a link leads out of the configuration directory, and is not followed"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "room"))


def messages(room: Path) -> list[tuple[str, str]]:
    return [(Path(each.file).name, each.message) for each in validate([room]).problems if not each.warning]


@pytest.mark.parametrize("folder", ["agents.d", "tools.d", "playbooks"])
def test_a_link_out_of_the_directory_is_refused_and_nothing_of_it_is_shown(
    room: Path, tmp_path: Path, folder: str
) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("the-secret: [")
    (room / folder / "stolen.yaml").symlink_to(secret)
    assert ("stolen.yaml", LEADS_OUT) in messages(room)
    assert all("the-secret" not in f"{each.source}{each.message}" for each in validate([room]).problems)


def test_a_folder_that_leads_out_is_refused(room: Path, tmp_path: Path) -> None:
    (room / "agents.d").rename(tmp_path / "elsewhere")
    (room / "agents.d").symlink_to(tmp_path / "elsewhere")
    assert {message for _, message in messages(room)} >= {LEADS_OUT}
    with pytest.raises(ConfigError, match="problem"):
        load(room / "playbooks" / "parallel.yaml")


def test_links_inside_are_fine_as_kubernetes_mounts_them(room: Path) -> None:
    for folder in ("agents.d", "tools.d", "playbooks"):
        data = room / folder / "..2026_11_27"
        data.mkdir()
        for path in list((room / folder).glob("*.yaml")):
            path.rename(data / path.name)
            path.symlink_to(Path("..data") / path.name)
        (room / folder / "..data").symlink_to(data.name)
    assert messages(room) == []
    assert load(room / "playbooks" / "parallel.yaml").agents


def test_a_pipe_is_refused_without_being_opened(room: Path) -> None:
    os.mkfifo(room / "agents.d" / "pipe.yaml")
    assert ("pipe.yaml", "this is no ordinary file") in messages(room)


def test_a_circle_of_links_is_refused(room: Path) -> None:
    (room / "agents.d" / "round.yaml").symlink_to(room / "agents.d" / "round.yaml")
    assert [name for name, _ in messages(room)] == ["round.yaml"]


def test_a_playbook_that_a_person_names_may_be_anywhere(room: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "mine.yaml"
    shutil.move(room / "playbooks" / "parallel.yaml", elsewhere)
    assert load(elsewhere, directory=room).agents


def test_secrets_of_the_environment_are_masked_in_what_a_problem_shows(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "h7Gk2-Qx9Zp41mVw")
    (room / "agents.d" / "leak.yaml").write_text("h7Gk2-Qx9Zp41mVw: x\nprompt: [h7Gk2-Qx9Zp41mVw\n")
    shown = [f"{each.message}{each.hint}{each.source}" for each in validate([room]).problems]
    assert any("[masked]" in text for text in shown)
    assert all("h7Gk2" not in text for text in shown)
