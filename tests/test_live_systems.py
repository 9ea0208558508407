"""The shipped live playbooks against stand-ins of real systems: the real kubectl, and Prometheus where it is there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes_api import Cluster, kubernetes_api
from loki import loki
from programs import found, free_port, until
from prometheus import missing, monitoring
from shop import CHECKOUT, NAMESPACE, STOREFRONT

from sre_runner.cli import main
from sre_runner.journal.record import Record, record_of
from sre_runner.runs.options import RunOptions
from sre_runner.runs.replay import replay
from sre_runner.runs.run import run

ROOT = Path(__file__).parents[1]
TRIAGE = ROOT / "playbooks" / "live-triage.yaml"
INVESTIGATION = ROOT / "playbooks" / "live-investigation.yaml"
SRE_RUN = Path(sys.executable).with_name("sre-run")
SERVERS = {
    "PROMETHEUS_URL": ("check_service_health", "get_metric_trend"),
    "ALERTMANAGER_URL": ("list_alerts",),
    "LOKI_URL": ("count_errors", "search_logs"),
}
needs_kubectl = pytest.mark.skipif(found("kubectl") is None, reason="not installed: kubectl")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with kubernetes_api(tmp_path_factory.mktemp("cluster")) as up:
        yield up


@pytest.fixture
def here(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for runs; kubectl looks at the stand-in, and no server is known."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    for name in SERVERS:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "runs"


def sre_run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def wishes(playbook: Path, runs: Path, service: str) -> list[object]:
    inputs = ("--input", f"namespace={NAMESPACE}", "--input", f"service={service}")
    return [playbook, "--live", "--offline", *inputs, "--runs", runs]


def only(runs: Path) -> Path:
    (folder,) = runs.iterdir()
    return folder


def quotes(record: Record, agent: str) -> list[str]:
    """What an agent cites, with single spaces."""
    cited = [each.quote for finding in record.reports()[agent].findings for each in finding.evidence]
    return [" ".join(quote.split()) for quote in cited]


@needs_kubectl
def test_a_first_look_names_the_cause_of_the_crash_loop_in_kubectls_words(
    here: Path, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = sre_run(capsys, *wishes(TRIAGE, here, CHECKOUT.name))
    assert code == 0, err
    record = record_of(only(here))
    assert record.conclusion
    assert record.conclusion.fields["severity"] == "P1"
    assert "DATABASE_URL is not set" in record.conclusion.fields["root_cause"]["statement"]
    quoted = quotes(record, "workload-expert")
    assert "ERROR required environment variable DATABASE_URL is not set" in quoted
    assert any(quote.startswith(f"{CHECKOUT.pod()} 0/1 CrashLoopBackOff 12 (") for quote in quoted)
    assert any("Back-off restarting failed container checkout" in quote for quote in quoted)
    suspect = record.reports()["rollout-expert"].fields["suspect_change"]
    assert "release 1.9.0: settings moved to a config map" in suspect
    assert "kubectl rollout undo deployment/checkout -n shop" in out
    assert "search_runbooks" in {call.request.name for call in record.calls_of("tool")}
    assert replay(record) == record.conclusion
    assert cluster.writes == []
    assert not any("secrets" in request.path for request in cluster.requests)


@needs_kubectl
def test_conclusion_json_and_journal_say_where_the_answers_came_from(
    here: Path, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, err = sre_run(capsys, *wishes(TRIAGE, here, CHECKOUT.name))
    folder = only(here)
    place = f"kubectl, context stand-in, cluster {cluster.url}"
    whole = (folder / "conclusion.md").read_text(encoding="utf-8")
    for text in (out, whole):
        assert "**Live tools.** Looked at: kubectl, context stand-in, cluster" in text
    assert cluster.url in whole
    assert "folder runbooks (search_runbooks)" in whole
    assert "on live systems" in err
    written = (folder / "run.json").read_text(encoding="utf-8")
    assert place in written
    assert json.loads(written)["status"] == "complete"
    answers = [
        call.outcome.tool_answer
        for call in record_of(folder).calls_of("tool")
        if call.outcome and call.outcome.tool_answer
    ]
    assert {answer.origin for answer in answers if answer.from_tool} == {place, "folder runbooks"}


@needs_kubectl
def test_the_change_is_that_of_the_service_and_not_of_a_neighbour(here: Path) -> None:
    inputs = {"namespace": NAMESPACE, "service": STOREFRONT.name}
    record, _ = run(RunOptions(TRIAGE, inputs=inputs, offline=True, runs=here))
    assert record.conclusion
    assert "ImagePullBackOff" in record.conclusion.fields["root_cause"]["statement"]
    assert "deployment storefront" in record.conclusion.fields["root_cause"]["statement"]
    assert "deployment checkout" not in record.conclusion.fields["root_cause"]["statement"]


@needs_kubectl
def test_an_empty_namespace_is_no_incident_and_no_error(here: Path) -> None:
    inputs = {"namespace": "default", "service": "web"}
    record, _ = run(RunOptions(TRIAGE, inputs=inputs, offline=True, runs=here))
    answers = [call.outcome.tool_answer for call in record.calls_of("tool") if call.outcome]
    kubectl = [answer for answer in answers if answer and answer.origin.startswith("kubectl")]
    assert kubectl
    assert all(answer.no_data and not answer.is_error for answer in kubectl)
    assert record.conclusion
    assert record.conclusion.fields["severity"] == "P4"


@needs_kubectl
def test_a_cluster_that_does_not_answer_is_told_before_anything_is_done(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cluster: Cluster
) -> None:
    dead = tmp_path / "kubeconfig"
    text = cluster.kubeconfig.read_text(encoding="utf-8")
    dead.write_text(text.replace(cluster.url, f"http://127.0.0.1:{free_port()}"), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(dead))
    code, out, err = sre_run(capsys, *wishes(TRIAGE, here, CHECKOUT.name))
    assert (code, out) == (2, "")
    assert not here.exists()
    assert "1 problem" in err
    assert "kubectl reaches no cluster: " in err
    assert "was refused" in err
    assert "sre-run doctor" in err


def test_a_program_that_is_missing_is_told_before_anything_is_done(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = sre_run(capsys, *wishes(TRIAGE, here, CHECKOUT.name))
    assert (code, out) == (2, "")
    assert not here.exists()
    assert err.count("the program `kubectl` is not on the PATH, or cannot be run (for `list_pods`, `get_events`") == 1
    assert "tools.d/kubernetes.yaml:" in err
    assert "--without list_pods --without get_events" in err
    assert "1 problem" in err


@needs_kubectl
def test_variables_that_are_missing_are_one_error_each_with_place_and_hint(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = sre_run(capsys, *wishes(INVESTIGATION, here, CHECKOUT.name))
    assert (code, out) == (2, "")
    assert not here.exists()
    for variable, file in zip(SERVERS, ("kubernetes", "alerts", "logs"), strict=True):
        assert err.count(f"the variable {variable} of the server") == 1
        assert f"tools.d/{file}.yaml:" in err
    assert "3 problems" in err


@needs_kubectl
def test_a_dead_server_is_one_error_and_its_tools_can_be_left_out(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOKI_URL", f"http://127.0.0.1:{free_port()}")
    others = [tool for name in ("PROMETHEUS_URL", "ALERTMANAGER_URL") for tool in SERVERS[name]]
    without = [word for tool in others for word in ("--without", tool)]
    code, _, err = sre_run(capsys, *wishes(INVESTIGATION, here, CHECKOUT.name), *without)
    assert code == 2
    assert not here.exists()
    assert "1 problem" in err
    assert "the server loki (127.0.0.1:" in err
    assert "connection refused (for `count_errors`, `search_logs`)" in err
    assert "--without count_errors --without search_logs" in err
    with loki() as server:
        monkeypatch.setenv("LOKI_URL", server.url)
        code, out, err = sre_run(capsys, *wishes(INVESTIGATION, here, CHECKOUT.name), *without)
    assert code == 0, err
    assert f"- Without {others[0]}" in out
    whole = (only(here) / "conclusion.md").read_text(encoding="utf-8")
    for tool in others:
        assert tool in whole
    record = record_of(only(here))
    assert not {call.request.name for call in record.calls_of("tool")} & set(others)
    assert "ERROR required environment variable DATABASE_URL is not set" in str(quotes(record, "telemetry-expert"))


@needs_kubectl
@pytest.mark.skipif(missing() is not None, reason=missing() or "")
def test_alerts_and_figures_of_real_programs(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monitoring(tmp_path) as shop, loki() as server:
        shop.firing()
        monkeypatch.setenv("LOKI_URL", server.url)
        monkeypatch.setenv("PROMETHEUS_URL", shop.prometheus)
        monkeypatch.setenv("ALERTMANAGER_URL", shop.alertmanager)
        assert until(lambda: shop.query('rate(http_requests_total{service="storefront"}[5m])'))
        inputs = {"namespace": NAMESPACE, "service": STOREFRONT.name}
        record, _ = run(RunOptions(INVESTIGATION, inputs=inputs, offline=True, runs=here))
    answers: dict[str, str] = {}
    for call in record.calls_of("tool", "investigate/telemetry-expert"):
        if call.outcome and call.outcome.tool_answer:
            answers[call.request.name] = answers.get(call.request.name, "") + call.outcome.tool_answer.text
    assert '"figure": "error rate in percent"' in answers["check_service_health"]
    assert '"alertname": "HighErrorRate"' in answers["check_service_health"]
    assert '"alert": "HighErrorRate"' in answers["list_alerts"]
    assert not [call for call in record.calls_of("tool") if call.outcome and call.outcome.outcome == "failed"]


SLOW = """#!/bin/sh
case " $* " in *" logs "*) if [ -e "$SLOWLY" ]; then : > "$SLOWLY.began"; sleep 8; fi ;; esac
exec {kubectl} "$@"
"""


@needs_kubectl
def test_a_run_that_was_killed_in_a_live_call_goes_on_to_the_same_conclusion(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room = tmp_path / "room"
    for name in ("agents.d", "tools.d", "playbooks", "runbooks"):
        shutil.copytree(ROOT / name, room / name)
    logs = room / "tools.d" / "logs.yaml"
    text = logs.read_text(encoding="utf-8")
    logs.write_text(text.replace("optional_env: [KUBECONFIG,", "optional_env: [KUBECONFIG, SLOWLY,"), encoding="utf-8")
    slow = tmp_path / "bin" / "kubectl"
    slow.parent.mkdir()
    slow.write_text(SLOW.format(kubectl=found("kubectl")), encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SLOWLY", str(tmp_path / "slowly"))
    playbook = room / "playbooks" / TRIAGE.name
    inputs = {"namespace": NAMESPACE, "service": CHECKOUT.name}
    undisturbed, _ = run(RunOptions(playbook, inputs=inputs, offline=True, runs=tmp_path / "undisturbed"))

    (tmp_path / "slowly").touch()
    command = [str(each) for each in (SRE_RUN, *wishes(playbook, here, CHECKOUT.name))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert until(lambda: (tmp_path / "slowly.began").exists())
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (tmp_path / "slowly").unlink()
    killed = record_of(only(here))
    assert killed.conclusion is None
    assert any(call.request.name == "get_pod_logs" and not call.outcome for call in killed.calls_of("tool"))

    code, _, err = sre_run(capsys, "resume", only(here))
    assert code == 0, err
    resumed = record_of(only(here))
    assert resumed.conclusion
    assert undisturbed.conclusion
    assert resumed.conclusion.fields == undisturbed.conclusion.fields
    assert replay(resumed) == resumed.conclusion
