"""kubectl's context and rights: the real kubectl against the stand-in, and programs that answer as others' would."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from kubernetes_api import kubernetes_api
from programs import found
from serving import Answer, Serving

from sre_runner.tools.backends.kubectl import Kubectl, context_of, rights
from sre_runner.tools.backends.look import Seen
from sre_runner.tools.processes import Finished

KUBECTL = found("kubectl")
real = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl on the PATH")
VIEW = '{"current-context": "eu", "clusters": [{"cluster": {"server": "https://eu"}}], "contexts": [{"context": {}}]}'


def seen(folder: Path, program: str, config: Path | str, *context: str) -> list[Seen]:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": str(config)}
    return asyncio.run(Kubectl(program, context, env, folder).seen())


@real
def test_a_user_that_only_reads(tmp_path: Path) -> None:
    assert KUBECTL
    with kubernetes_api(tmp_path) as cluster:
        (one,) = seen(tmp_path, KUBECTL, cluster.kubeconfig)
        assert not [request for request in cluster.writes if "selfsubject" not in request.path]
    text = f"kubectl, context stand-in, cluster {cluster.url}: only reading is allowed (namespace shop)"
    assert one == Seen("ok", text)


@real
def test_contexts_and_clusters_that_are_not_there(tmp_path: Path) -> None:
    assert KUBECTL
    assert seen(tmp_path, KUBECTL, tmp_path / "none")[0][:2] == ("fail", "kubectl has no context to use")
    with kubernetes_api(tmp_path) as cluster:
        assert seen(tmp_path, KUBECTL, cluster.kubeconfig, "--context=other")[0].level == "fail"
    (gone,) = seen(tmp_path, KUBECTL, cluster.kubeconfig)
    assert gone.level == "fail"
    assert cluster.url in gone.text
    assert "kubectl auth can-i" in gone.hint


@real
def test_a_cluster_that_refuses_the_user(tmp_path: Path) -> None:
    assert KUBECTL
    with Serving(lambda request: Answer(401, b"{}")) as server, kubernetes_api(tmp_path) as cluster:
        config = cluster.kubeconfig.read_text(encoding="utf-8").replace(cluster.url, server.url)
        cluster.kubeconfig.write_text(config, encoding="utf-8")
        (one,) = seen(tmp_path, KUBECTL, cluster.kubeconfig)
    assert one.level == "fail"


def told(listing: str, said: str = "", code: int = 0, late: bool = False) -> Seen:
    context = context_of(VIEW)
    assert context
    (one,) = rights(context, Finished(listing, said, code, timed_out=late))
    assert one.text.startswith("kubectl, context eu, cluster https://eu: ")
    return one


def test_what_an_answer_means() -> None:
    assert told("pods [] [] [get]\n").level == "ok"
    assert told("pods [] [] [create get]\n").text.endswith("more than reading is allowed: `create pods`")
    assert told("pods [] [] [get]\n", "warning: the list may be incomplete: webhook").level == "warn"
    assert told("").text.endswith("it answers, and allows nothing in default")
    assert told("", "x\nerror: Unauthorized", 1)[:2] == ("fail", f"{context_of(VIEW)}: error: Unauthorized")
    assert told("", "", 1).text.endswith("exit code 1")
    assert told("", late=True).text.endswith("it did not answer in time")
    many = "".join(f"r{number} [] [] [delete]\n" for number in range(100))
    assert told(many).text.endswith("`delete r0`, `delete r1`, `delete r2`, `delete r3`, …")


@pytest.mark.parametrize("view", ["", "{}", "[]", "null", '{"clusters": 1}', "[" * 100_000, VIEW.replace("[{", "[[{")])
def test_a_configuration_that_names_no_cluster(view: str) -> None:
    assert context_of(view) is None
