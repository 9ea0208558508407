from __future__ import annotations

import pytest

from sre_runner.coordination.proposed.options import split
from sre_runner.coordination.proposed.words import commands, whole


def parts(text: str) -> tuple[list[str], dict[str, str | None]]:
    ((program, *arguments),) = commands(whole(text))
    positionals, options = split(program.text, arguments)
    values = {each.name: each.value.text if each.value else None for each in options}
    return [each.text for each in positionals], values


@pytest.mark.parametrize(
    ("text", "positionals", "options"),
    [
        ("kubectl -n x get pods -w", ["get", "pods"], {"-n": "x", "-w": None}),
        ("kubectl scale deploy/x --replicas=0", ["scale", "deploy/x"], {"--replicas": "0"}),
        ("kubectl scale deploy/x --replicas 0", ["scale", "deploy/x"], {"--replicas": "0"}),
        ("kubectl logs -f x", ["logs", "x"], {"-f": None}),
        ("kubectl apply -f x.yaml", ["apply"], {"-f": "x.yaml"}),
        ("kubectl get pods -nx", ["get", "pods"], {"-n": "x"}),
        ("kubectl get -n --watch", ["get"], {"-n": None, "--watch": None}),
        ("kubectl exec x -- a -n b", ["exec", "x", "a", "-n", "b"], {}),
        ("git clean -n x", ["clean", "x"], {"-n": None}),
        (
            "aws rds reboot-db-instance --db-instance-identifier x",
            ["rds", "reboot-db-instance"],
            {"--db-instance-identifier": "x"},
        ),
        ("terraform apply -target=x -auto-approve", ["apply"], {"-target": "x", "-auto-approve": None}),
        ("unknown -n x -", ["x", "-"], {"-n": None}),
        ("kubectl delete pod x —force", ["delete", "pod", "x"], {"—force": None}),
        ("kubectl get pods -n", ["get", "pods"], {"-n": None}),
    ],
)
def test_options_take_their_values_along(text: str, positionals: list[str], options: dict[str, str | None]) -> None:
    assert parts(text) == (positionals, options)
