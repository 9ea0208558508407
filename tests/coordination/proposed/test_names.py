from __future__ import annotations

import pytest

from sre_runner.coordination.proposed.marks import checked
from sre_runner.coordination.proposed.seen import Seen

NOTHING = Seen.of(())


def names(command: str) -> list[str]:
    """The names of a command of which nothing has shown any, each with its kind."""
    return [
        f"{mark.name} {command[mark.start : mark.end]}" for mark in checked(command, NOTHING) if mark.kind == "not_seen"
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("kubectl get pods -n shop --context prod", ["namespace shop", "context prod"]),
        ("kubectl delete pod web-1 web-2", ["pod web-1", "pod web-2"]),
        ("kubectl describe deploy/web svc/api", ["workload web", "service api"]),
        ("kubectl get certificates api-tls", ["object api-tls"]),
        ("kubectl rollout undo deployment web --to-revision=3", ["workload web", "version 3"]),
        (
            "kubectl set image deploy/web app=reg.io/shop/web:v2",
            ["workload web", "container app", "image reg.io/shop/web", "version v2"],
        ),
        (
            "kubectl set image deploy/web app=web@sha256:ab",
            ["workload web", "container app", "image web", "version sha256:ab"],
        ),
        ("kubectl set env deploy/web A=b", ["workload web"]),
        ("kubectl logs web-1 app -f", ["pod web-1", "container app"]),
        ("kubectl logs deploy/web -c app", ["workload web", "container app"]),
        ("kubectl exec -it web-1 -- cat /etc/app.conf", ["pod web-1", "path /etc/app.conf"]),
        ("kubectl drain worker-7 --force", ["node worker-7"]),
        ("oc adm drain worker-7", ["node worker-7"]),
        ("kubectl cp shop/web-1:/tmp/dump ./dump", ["namespace shop", "pod web-1"]),
        ("kubectl cp web-1:/tmp/dump .", ["pod web-1"]),
        ("kubectl get pods -l 'app=web,tier in (a, b)'", ["label web", "label a", "label b"]),
        ("kubectl get pods --field-selector spec.nodeName=worker-7,status.phase=Running", ["node worker-7"]),
        ("kubectl apply -f web.yaml", ["file web.yaml"]),
        ("kubectl apply -f https://x.io/web.yaml", ["host x.io"]),
        ("kubectl taint nodes worker-7 key=value:NoSchedule", ["node worker-7"]),
        ("kubectl taint nodes worker-7 key:NoSchedule", ["node worker-7"]),
        (
            "kubectl set image deploy/web app=reg.io/shop/web",
            ["workload web", "container app", "image reg.io/shop/web"],
        ),
        ("docker pull shop/web", ["image shop/web"]),
        ("kubectl label pod web-1 app- tier=x", ["pod web-1"]),
        ("kubectl create namespace shop", []),
        ("kubectl scale deploy/web --replicas=3 -n kube-system", ["workload web"]),
        ("kubectl config use-context prod", ["context prod"]),
        ("helm rollback web 41 -n shop", ["release web", "version 41", "namespace shop"]),
        ("helm get values web", ["release web"]),
        ("argocd app sync web", ["release web"]),
        ("sudo systemctl restart kubelet", ["unit kubelet"]),
        ("journalctl -u kubelet --since today", ["unit kubelet"]),
        ("docker logs web", ["container web"]),
        ("docker pull shop/web:v2", ["image shop/web", "version v2"]),
        ("psql -h db-1 -d orders -c 'SELECT * FROM items'", ["host db-1", "database orders", "table items"]),
        ("psql postgres://u:p@db-1:5432/orders", ["host db-1"]),
        ("ssh admin@db-1 uptime", ["host db-1"]),
        ("ping -c 3 db-1", ["host db-1"]),
        ("dig @1.1.1.1 web.io", ["host web.io"]),
        ("curl -s http://web.shop.svc:8080/health", ["host web.shop.svc"]),
        ("git revert 0a1b2c3 main", ["version 0a1b2c3"]),
        ("rm /data/x ~/y ./z", ["path /data/x", "path ~/y", "path ./z"]),
        ("cp /data/x /backup/x", ["path /data/x"]),
        ("kubectl get pod web-1 -o /tmp/x", ["pod web-1"]),
        ("aws rds reboot-db-instance --db-instance-identifier orders", ["resource orders"]),
        ("gcloud compute instances stop web-1", ["resource web-1"]),
        ("redis-cli -h cache-1 info", ["host cache-1"]),
        ("DELETE FROM items WHERE x = 1", ["table items"]),
        ("kubectl exec db-0 -- psql -c 'DROP TABLE items'", ["pod db-0", "table items"]),
        ("echo hello world", []),
        ("df -h", []),
        ("curl http://localhost:8080", []),
    ],
)
def test_what_must_be_real_is_a_name(command: str, expected: list[str]) -> None:
    assert names(command) == expected
