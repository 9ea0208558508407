from __future__ import annotations

import pytest

from sre_runner.coordination.proposed.calls import MOST_WRAPPED, calls

KNOWN = frozenset(("kubectl", "rm", "psql", "kill", "systemctl", "docker"))


def called(text: str) -> list[str]:
    return [" ".join([call.name, *(each.text for each in call.arguments)]) for call in calls(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/usr/bin/kubectl get pods", ["kubectl get pods"]),
        ("k get pods", ["kubectl get pods"]),
        ("A=1 B=2 kubectl get pods", ["kubectl get pods"]),
        ("A=1", []),
        ("$ kubectl get pods", ["$", "kubectl get pods"]),
        ("sudo -u root rm -rf /x", ["sudo -u root", "rm -rf /x"]),
        ("timeout 5 sudo kill 1", ["timeout 5", "sudo", "kill 1"]),
        ("if true; then rm x; fi", ["if true", "then", "rm x", "fi"]),
        ("bash -c 'rm -rf /x'", ["bash -c rm -rf /x", "rm -rf /x"]),
        (
            "ssh admin@db-1 'systemctl stop x; kill 1'",
            ["ssh admin@db-1 systemctl stop x; kill 1", "systemctl stop x", "kill 1"],
        ),
        ("ssh db-1 systemctl stop x", ["ssh db-1", "systemctl stop x"]),
        ("kubectl exec -it pod-1 -n x -- rm y", ["kubectl exec -it pod-1 -n x --", "rm y"]),
        ("kubectl exec pod-1 -- sh -c 'rm y z'", ["kubectl exec pod-1 --", "sh -c rm y z", "rm y z"]),
        ("kubectl exec -it pod-1", ["kubectl exec -it pod-1"]),
        ("kubectl get pods -- rm", ["kubectl get pods -- rm"]),
        ("docker exec -it db psql -c x", ["docker exec -it db", "psql -c x"]),
        ("docker compose exec db psql", ["docker compose exec db", "psql"]),
        ("find . -name x -exec rm {} \\;", ["find . -name x -exec", "rm {} ;"]),
        ("find . -name x", ["find . -name x"]),
        ("kafka-topics.sh --list", ["kafka-topics --list"]),
        ("mkfs.ext4 /dev/sdb", ["mkfs /dev/sdb"]),
    ],
)
def test_the_program_behind_others_is_found(text: str, expected: list[str]) -> None:
    assert called(text) == expected


def test_programs_around_a_program_are_looked_behind_so_far() -> None:
    assert called("sudo " * (MOST_WRAPPED - 1) + "rm x")[-1] == "rm x"
    assert "rm x" not in called("sudo " * MOST_WRAPPED + "rm x")


def test_quotes_in_quotes_end_somewhere() -> None:
    text = "rm x"
    for _ in range(7):
        text = "bash -c '" + text.replace("'", "'\\''") + "'"
    assert len(called(text)) < 40
