from __future__ import annotations

from collections.abc import Iterator

import pytest

from sre_runner.casefile import Write
from sre_runner.coordination.proposed.danger_table import CLOUDS_AND_DATA, HOSTS, KUBERNETES, rows
from sre_runner.coordination.proposed.dangers import AGAIN, BACK
from sre_runner.coordination.proposed.marks import checked
from sre_runner.coordination.proposed.seen import Seen

NOTHING = Seen.of(())


def dangers(command: str, *writes: Write) -> dict[str, str]:
    """What each danger does, and the part of the command that says so."""
    marks = checked(command, NOTHING, writes)
    return {mark.says: command[mark.start : mark.end] for mark in marks if mark.kind == "danger"}


def examples() -> Iterator[tuple[str, str]]:
    """A command for every row of the tables that has no regular expression."""
    for programs, told, does in rows(KUBERNETES + HOSTS + CLOUDS_AND_DATA):
        for program in programs.split() if "~" not in told else ():
            words = [each.split("|")[0].replace("*", "x") for each in told.split() if each not in ("+", "**")]
            words = [each.replace("=", " ") if each[0] == "-" != each[1] else each for each in words]
            yield " ".join([program, *words]), does


@pytest.mark.parametrize(("command", "does"), list(examples()))
def test_every_row_is_found(command: str, does: str) -> None:
    assert does in dangers(command)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("kubectl delete pod web-1 -n shop", {"stops the pods": "kubectl delete pod"}),
        ("kubectl delete pods/web-1", {"stops the pods": "kubectl delete pods/web-1"}),
        (
            "kubectl -n shop scale deploy/web --replicas=0",
            {"stops every replica": "kubectl -n shop scale deploy/web --replicas=0"},
        ),
        ("kubectl scale deploy/web --replicas=10", {}),
        ("kubectl delete deployment web --dry-run=client", {}),
        ("kubectl delete deployment web --dry-run=none", {"deletes": "kubectl delete"}),
        ("kubectl delete --help", {}),
        ("kubectl get pods", {}),
        ("kubectl --new-option x delete deployment web", {"deletes": "kubectl --new-option x delete"}),
        (
            'kubectl patch deploy web -p \'{"spec":{"replicas":0}}\'',
            {"stops every replica": 'kubectl patch deploy web -p \'{"spec":{"replicas":0}}'},
        ),
        ("kubectl taint node n1 x=y:NoExecute", {"evicts pods from the node": "kubectl taint node n1 x=y:NoExecute"}),
        (
            "kubectl taint node n1 x=y:NoSchedule",
            {"keeps new pods off the node": "kubectl taint node n1 x=y:NoSchedule"},
        ),
        ("rm -rf /data", {"deletes files": "rm"}),
        ("sudo rm -rf /data", {"deletes files": "rm"}),
        ("ls rm", {}),
        ("echo rm -rf /data", {}),
        ("dd if=/dev/zero of=/dev/sda", {"overwrites its target": "dd if=/dev/zero of=/dev/sda"}),
        ("dd if=/dev/sda of=/dev/null", {}),
        ("kill -0 17", {}),
        ("kill -9 17", {"stops the process": "kill", "kills without a graceful stop": "-9"}),
        (
            "docker rm -fv web",
            {"deletes": "docker rm", "forces, without asking": "-fv", "deletes the volumes' data": "-fv"},
        ),
        ("git clean -n", {}),
        ("git push -f origin main", {"forces: overwrites commits at the remote": "-f"}),
        ("ip link set eth0 down", {"stops traffic": "ip link set eth0 down"}),
        ("curl -XDELETE http://x/y", {"deletes": "-XDELETE"}),
        ("curl http://x/y/_delete_by_query", {"asks for a deletion or a stop": "http://x/y/_delete_by_query"}),
        ("docker service scale web=0", {"stops every replica": "docker service scale web=0"}),
        ("> /var/log/app.log", {"empties the file": "/var/log/app.log"}),
        ("cat /dev/null > /var/log/app.log", {"empties the file": "/var/log/app.log"}),
        ("df -h > /tmp/out", {}),
        ("for p in $(kubectl get pods -o name); do kubectl delete $p; done", {"deletes": "kubectl delete"}),
        ("kubectl exec db-0 -- rm /data/x", {"deletes files": "rm"}),
        ('kubectl exec db-0 -- bash -c "cd /data && rm x"', {"deletes files": "rm"}),
    ],
)
def test_a_danger_is_said_at_its_place(command: str, expected: dict[str, str]) -> None:
    assert dangers(command) == expected


def write(tool: str, outcome: str = "done", **arguments: object) -> Write:
    return Write("a", tool, arguments, outcome)  # type: ignore[arg-type] - a word of the test


@pytest.mark.parametrize("command", ["kubectl rollout undo deployment/web -n shop", "helm rollback web 3"])
def test_what_this_run_changed_is_not_undone_without_a_word(command: str) -> None:
    assert list(dangers(command)) == [BACK]
    assert list(dangers(command, write("rollback_release", service="web"))) == [AGAIN]
    assert list(dangers(command, write("rollback_release", "unknown", service="web"))) == [AGAIN]
    assert list(dangers(command, write("rollback_release", deployment="deployment/web"))) == [AGAIN]
    assert list(dangers(command, write("rollback_release"))) == [AGAIN]
    assert list(dangers(command, write("rollback_release", "failed", service="web"))) == [BACK]
    assert list(dangers(command, write("rollback_release", service="checkout"))) == [BACK]
    assert list(dangers(command, write("page_on_call", service="web"))) == [BACK]
