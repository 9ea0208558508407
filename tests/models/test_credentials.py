"""Signs of credentials: every variable and file that the installed SDK reads, held against the SDK's own source."""

from __future__ import annotations

import ast
import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.credentials import VARIABLES, CredentialsError, check_key, signs_of_credentials

NO_SIGN = {
    "ANTHROPIC_ENVIRONMENT_ID",  # these five are set for programs that Anthropic's own workers start
    "ANTHROPIC_ENVIRONMENT_KEY",
    "ANTHROPIC_SESSION_ID",
    "ANTHROPIC_WORK_ID",
    "ANTHROPIC_WORK_SECRET",
    "ANTHROPIC_LOG",
    "ANTHROPIC_WEBHOOK_SIGNING_KEY",  # checks what comes in, and opens nothing
}
"""Variables of the SDK that its client takes neither credentials nor an address from."""
OTHER_CLIENTS = ("ANTHROPIC_AWS_", "ANTHROPIC_BEDROCK_", "ANTHROPIC_FOUNDRY_", "ANTHROPIC_GOOGLE_CLOUD_")
OTHER_CLIENTS += ("ANTHROPIC_OPEN_TELEMETRY", "ANTHROPIC_VERTEX_")


def installed_sdk() -> Path:
    found = find_spec("anthropic")
    assert found
    assert found.origin
    return Path(found.origin).parent


def test_every_variable_of_the_installed_sdk_is_known() -> None:
    """A new release that reads one more fails here, and somebody decides whether it is a sign."""
    named: set[str] = set()
    for file in installed_sdk().rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if "ANTHROPIC_" not in source:
            continue
        texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
        named |= {text for text in texts if isinstance(text, str) and re.fullmatch("ANTHROPIC_[A-Z_]+", text)}
    ours = {name for name in named if not name.startswith(OTHER_CLIENTS)} - NO_SIGN
    assert ours == set(VARIABLES)


def test_a_machine_without_anything_has_no_sign(tmp_path: Path) -> None:
    assert signs_of_credentials({"PATH": "/bin", "ANTHROPIC_LOG": "debug"}, tmp_path) is None
    assert signs_of_credentials({}, None) is None


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_is_a_sign_by_its_name_and_never_by_its_value(name: str, tmp_path: Path) -> None:
    assert signs_of_credentials({name: "secret-value"}, tmp_path) == name
    assert signs_of_credentials({name: ""}, tmp_path) is None


def profile(home: Path, name: str = "default") -> Path:
    file = home / ".config" / "anthropic" / "configs" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{"authentication": {"type": "user_oauth"}}')
    file.chmod(0o600)
    return file


def test_the_default_profile_is_a_sign(tmp_path: Path) -> None:
    file = profile(tmp_path)
    assert signs_of_credentials({}, tmp_path) == str(file)


def test_the_pointer_to_a_profile_is_a_sign_even_where_the_profile_is_gone(tmp_path: Path) -> None:
    """The SDK fails on it, too, and does not fall back to something else."""
    pointer = profile(tmp_path, "work").parent.parent / "active_config"
    assert signs_of_credentials({}, tmp_path) is None, "a profile that nothing points at is not read"
    pointer.write_text(" \n")
    assert signs_of_credentials({}, tmp_path) is None
    pointer.write_bytes(b"gone\xff\n")
    assert signs_of_credentials({}, tmp_path) == str(pointer)


def test_folders_in_the_place_of_files_are_no_sign(tmp_path: Path) -> None:
    (tmp_path / ".config" / "anthropic" / "active_config").mkdir(parents=True)
    (tmp_path / ".config" / "anthropic" / "configs" / "default.json").mkdir(parents=True)
    assert signs_of_credentials({}, tmp_path) is None


def test_a_home_that_cannot_be_asked_is_no_sign() -> None:
    assert signs_of_credentials({}, Path("/" + "x" * 5000)) is None


def test_the_sdk_finds_credentials_where_there_is_a_sign_and_none_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    neither, default, pointed = tmp_path / "neither", tmp_path / "default", tmp_path / "pointed"
    profile(neither, "stray")
    profile(default)
    (profile(pointed, "work").parent.parent / "active_config").write_text("work")
    for home in (default, pointed):
        monkeypatch.setenv("HOME", str(home))
        assert signs_of_credentials(os.environ, home) is not None
        AnthropicModel()
    monkeypatch.setenv("HOME", str(neither))
    assert signs_of_credentials(os.environ, neither) is None
    with pytest.raises(CredentialsError, match="no credentials for the model service were found"):
        AnthropicModel()


@pytest.mark.parametrize("key", ["", "test", "sk-ant-api03-a_b-c", "any dummy words"])
def test_keys_that_can_be_sent(key: str) -> None:
    check_key(key)


@pytest.mark.parametrize("key", ["sk-ant-x\n", "\tsk-ant-x", "sk\rant", "sk-ant-…"])
def test_keys_that_cannot(key: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        check_key(key)
    assert key.strip() not in caught.value.message
