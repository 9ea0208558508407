"""Runbooks are found by alert names, addresses, payloads and plain words; hostile folders and queries do no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.errors import RunnerError
from sre_runner.tools.runbooks.files import MAX_FILE
from sre_runner.tools.runbooks.markdown import parse
from sre_runner.tools.runbooks.search import Matches, Runbooks, load

ROOT = Path(__file__).parents[2]
SHIPPED = load(ROOT / "runbooks")

ALERT = {
    "status": "firing",
    "alerts": [
        {
            "labels": {"alertname": "KafkaConsumerLagHigh", "namespace": "shop", "pod": "order-worker-c6tjx"},
            "annotations": {"summary": "Deploy of DNS config: disk, certificate and image are full of latency"},
            "startsAt": "2026-01-05T09:05:00Z",
            "fingerprint": "ab12cd34ef56ab78",
        }
    ],
}


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def paths(found: Matches) -> list[str]:
    return [passage.path for passage in found.passages]


def first(query: str) -> str:
    return paths(SHIPPED.search(query))[0]


# What ships.


def test_every_shipped_runbook_has_alerts_and_the_four_sections() -> None:
    assert len(SHIPPED.runbooks) == 12
    assert SHIPPED.skipped == ()
    for runbook in SHIPPED.runbooks:
        lines = (ROOT / "runbooks" / runbook.path).read_text(encoding="utf-8").splitlines()
        assert lines[0] == f"# {runbook.title}"
        assert lines[2].startswith("Alerts: ")
        assert runbook.headings == ("Meaning", "Impact", "Diagnosis", "Mitigation")
        assert 20 <= len(lines) <= 40


def test_every_alert_of_a_shipped_runbook_finds_it_first() -> None:
    for runbook in SHIPPED.runbooks:
        for name in runbook.names:
            assert first(name) == runbook.path
            assert first(f"https://wiki.example/runbooks/alert/{name}.md".replace(" ", "-")) == runbook.path
            assert first(json.dumps({"labels": {"alertname": name, "namespace": "default"}})) == runbook.path


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("pods restart in a loop", "pod-crash-loop.md"),
        ("java.lang.OutOfMemoryError: Java heap space in payment-gw-def34", "oomkilled.md"),
        ("high error rate after a deployment", "high-error-rate-after-deploy.md"),
        ("order-worker: Environment variable LEDGER_URL is not set", "bad-configuration.md"),
        ("FATAL: sorry, too many clients already", "database-connections-exhausted.md"),
        ("0/5 nodes are available: 5 Insufficient memory", "pending-pods.md"),
        ("cannot write: no space left on device", "disk-full.md"),
        ("kube pod crash looping in prod", "pod-crash-loop.md"),
        ("KubePodCrashLoping", "pod-crash-loop.md"),
        ("certifcate expires tomorrow", "certificate-expiry.md"),
        ("container_memory_working_set_bytes", "oomkilled.md"),
    ],
)
def test_symptoms_find_the_runbook(query: str, path: str) -> None:
    assert first(query) == path


def test_the_name_of_an_alert_counts_more_than_the_rest_of_its_payload() -> None:
    assert first(json.dumps(ALERT)) == "queue-backlog.md"


def test_what_nothing_matches_is_told_in_words() -> None:
    found = SHIPPED.search("coffee machine descaling")
    assert found.passages == ()
    assert found.note == (
        "None of the 12 runbooks matches. No runbook mentions `coffee`, `descaling`. "
        "Try the alert's name, or other words for the symptoms."
    )
    assert SHIPPED.search(" \n?").note == "The query has no word to search for. There are 12 runbooks."


def test_a_weak_match_is_shown_and_called_one() -> None:
    found = SHIPPED.search("flamingo ransomware in the job queue")
    assert paths(found)[0] == "queue-backlog.md"
    assert found.note == (
        "Weak match: check that the runbook fits. No runbook mentions `flamingo`, `ransomware`. "
        "Try the alert's name, or other words for the symptoms."
    )
    assert SHIPPED.search("DNSLookupFailures").note == ""


# Passages.


def test_a_runbook_that_fits_is_shown_whole_and_of_another_the_best_section() -> None:
    whole = SHIPPED.search("queue backlog", limit=10_000).passages[0]
    assert whole.headings == ("Queue backlog: consumers fall behind",)
    assert whole.text == (ROOT / "runbooks" / "queue-backlog.md").read_text(encoding="utf-8").strip()
    part = SHIPPED.search("poison message dead-letter queue retention", limit=400).passages[0]
    assert part.headings == ("Queue backlog: consumers fall behind", "Mitigation")
    assert part.text.startswith("## Mitigation")
    assert part.text.endswith("\n…")


@given(st.integers(-5, 3000), st.integers(-2, 15))
def test_no_passage_is_longer_than_its_limit_and_there_are_no_more_than_asked_for(limit: int, top: int) -> None:
    found = SHIPPED.search("pods crash after a deploy", top, limit)
    assert len(found.passages) <= max(top, 0)
    assert all(len(passage.text) <= max(limit, 0) for passage in found.passages)


def test_equal_runbooks_come_by_path(tmp_path: Path) -> None:
    folder = written(tmp_path, b="# Flaky probe\n", a="# Flaky probe\n", c="# Flaky probe\n", d="# Other\n")
    assert paths(load(folder).search("flaky probe")) == ["a.md", "b.md", "c.md"]


# Reading Markdown.


def test_names_come_from_title_front_matter_file_and_alerts() -> None:
    alerts = "**Alerts:** `NodeGone`, NodeLost; fires when one node is out of reach"
    text = f"---\ntitle: 'Node down'\n---\n# KubeNodeDown\n\n{alerts}\n"
    runbook = parse("node/kube-node-down.md", text)
    assert runbook.title == "KubeNodeDown"
    assert runbook.names == ("KubeNodeDown", "Node down", "NodeGone", "NodeLost")
    assert parse("billing/README.md", "").names == ("billing",)


def test_a_heading_in_a_code_block_is_none() -> None:
    runbook = parse("a.md", "# A\n\n```sh\n# not a heading\n```\n\n## B ##\n\ntext\n\n### C\n\n## D\n")
    assert [section.headings for section in runbook.sections] == [(), ("B",), ("B", "C"), ("D",)]


def test_identifiers_are_found_whole_and_in_parts(tmp_path: Path) -> None:
    folder = written(tmp_path, a="Look at `StatefulSet` and node_disk_io_time.", b="Other words.", c="Nothing here.")
    for query in ("StatefulSet", "stateful set", "statefulset", "node_disk_io_time", "io time", "nodes disk"):
        assert paths(load(folder).search(query)) == ["a.md"]


# Folders that are not as they should be.


def test_links_that_lead_out_are_refused_and_others_are_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Launch codes\n")
    folder = tmp_path / "runbooks"
    hidden = folder / "..data"  # how Kubernetes mounts a ConfigMap
    hidden.mkdir(parents=True)
    (hidden / "inside.md").write_text("# Inside\n")
    (folder / "inside.md").symlink_to(hidden / "inside.md")
    (folder / "same.md").symlink_to("inside.md")
    (folder / "out.md").symlink_to(secret)
    (folder / "gone.md").symlink_to("nowhere.md")
    (folder / "circle.md").symlink_to("circle.md")
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    runbooks = load(folder)
    assert [each.path for each in runbooks.runbooks] == ["inside.md"]
    assert {each.name: each.reason for each in runbooks.skipped} == {
        "out.md": "it is a link that leads out of the folder",
        "gone.md": "it is a link that leads nowhere",
        "circle.md": "it is a link that leads nowhere",
    }
    assert runbooks.search("launch codes").passages == ()


def test_only_regular_files_of_bounded_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "huge.md").write_bytes(b"x" * (MAX_FILE + 1))
    (tmp_path / "notes.txt").write_text("ignored")
    (tmp_path / "GOOD.MARKDOWN").write_text("# Good\n")
    (tmp_path / ".hidden.md").write_text("# Hidden\n")
    runbooks = load(tmp_path)
    assert [each.path for each in runbooks.runbooks] == ["GOOD.MARKDOWN"]
    assert [(each.name, each.reason) for each in runbooks.skipped] == [
        ("huge.md", "it is larger than 1,000,000 bytes"),
        ("pipe.md", "it is not a regular file"),
    ]


def test_wrong_bytes_are_replaced_and_wide_encodings_are_read(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes("# Störung\r\n\r\nfrobnicator überlastet\r\n".encode("latin-1"))
    (tmp_path / "wide.md").write_bytes("# Broken pipe\n\nsprocket\n".encode("utf-16"))
    (tmp_path / "nul.md").write_bytes(b"\x00\xff\xfe widget \x00")
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("# Gadget\n")
    runbooks = load(tmp_path)
    assert paths(runbooks.search("frobnicator")) == ["latin.md"]
    assert paths(runbooks.search("sprocket")) == ["wide.md"]
    assert paths(runbooks.search("widget")) == ["nul.md"]
    assert paths(runbooks.search("gadget")) == ["caf?.md"]


@pytest.mark.parametrize(
    "text",
    ["](" * 100_000, "# " + "](" * 100_000, "# a" + " " * 200_000 + "b", "a_" * 100_000, "```\n~~~\n" * 50_000,
     "---\n" * 50_000, "#" * 200_000, "Alert: " + "`" * 200_000, "<" * 200_000, "\n" * 200_000,
     "title:" + " " * 100_000],
)  # fmt: skip
def test_text_that_is_made_to_be_slow_is_read_quickly(tmp_path: Path, text: str) -> None:
    runbooks = load(written(tmp_path, odd=text, good="# Good flamingo\n"))
    assert paths(runbooks.search("flamingo")) == ["good.md"]


def test_an_empty_folder_has_nothing_to_search_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert load(tmp_path).search("disk") == Matches((), "There are no runbooks to search.")
    for folder in (tmp_path / "missing", Path("a\0b"), written(tmp_path, a="") / "a.md"):
        with pytest.raises(RunnerError, match=r"the folder of runbooks .* cannot be read"):
            load(folder)


def test_a_folder_is_indexed_again_only_where_it_has_changed(tmp_path: Path) -> None:
    before = load(written(tmp_path, a="# Walrus\n", b="# Other\n"))
    assert load(tmp_path) is before
    written(tmp_path, c="# Walrus again\n")
    after = load(tmp_path)
    assert paths(after.search("walrus")) == ["a.md", "c.md"]
    (tmp_path / "a.md").unlink()
    assert paths(load(tmp_path).search("walrus")) == ["c.md"]


def test_without_lunr_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['lunr'] = None\n"
        "from pathlib import Path\n"
        "from sre_runner.errors import RunnerError\n"
        "from sre_runner.tools.runbooks.search import load\n"
        "try: load(Path(sys.argv[1]))\n"
        "except RunnerError as error: print(error.message, error.hint, sep='; ')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "runbooks")], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "searching runbooks needs the package `lunr`, which is not installed; "
        "Install it: pip install 'sre-run[runbooks]'\n"
    )


# Queries of any kind.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["alertname", "summary", "labels"]) | st.text(), inner)
    ),
    max_leaves=20,
)
ODD = st.text("](){}[]*/<>\\\ud800\0~^+-:") | st.from_regex(r"\A[A-Za-z_*/:.\[{\"#-]{1,80}\Z")
QUERIES = st.text() | ODD | JSON.map(json.dumps)


@given(QUERIES)
def test_any_query_is_answered_with_passages_or_words(query: str) -> None:
    found = SHIPPED.search(query)
    assert found == SHIPPED.search(query)
    assert found.passages or found.note


@given(st.lists(st.tuples(st.text(), st.text()), max_size=4), QUERIES)
def test_any_text_is_a_runbook(texts: list[tuple[str, str]], query: str) -> None:
    runbooks = Runbooks(parse(f"{name}.md", text) for name, text in texts)
    assert len(paths(runbooks.search(query, 10))) <= len(texts)


@pytest.mark.parametrize(
    "query",
    ["[" * 100_000, '{"a":' * 50_000, "{" + "9" * 100_000, "word " * 100_000, "a" * 1_000_000, "https://" * 50_000,
     " ".join(f"unknown{number}" for number in range(20_000)),
     json.dumps([{"summary": f"qwertz{number}x"} for number in range(5000)])],
)  # fmt: skip
def test_a_very_long_query_is_answered(query: str) -> None:
    SHIPPED.search(query)


def test_the_benchmark_prints_its_table(tmp_path: Path) -> None:
    queries = tmp_path / "queries.json"
    asked = [
        {"query": "OOMKilled", "first": ["oomkilled"], "kind": "alert"},
        {"query": "coffee descaling", "first": []},
    ]
    queries.write_text(json.dumps({"queries": asked}))
    command = [sys.executable, str(ROOT / "bench" / "runbooks.py"), str(ROOT / "runbooks"), str(queries)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[1:4]] == [
        ["alert", "1", "1", "1"],
        ["all", "1", "1", "1"],
        ["all", "kinds", "2", "2", "2"],
    ]
