"""Which words of a program are names that must be real, and of what kind.

A row is `programs: what they are told to do = kinds`, the kinds of the words that follow in order; `kind*` takes all
of them, `typed*` are objects of Kubernetes (`TYPE NAME…` or `TYPE/NAME`). `|` is a choice, `*` any word. Options stand
in rows of their own.
"""

from __future__ import annotations

WORDS = """
kubectl oc: get|describe|delete|edit|patch|label|annotate|wait|scale|autoscale|expose|top|taint = typed*
kubectl oc: set image = imaged*
kubectl oc: rollout|set * = typed*
kubectl oc: argo rollouts * = typed*
kubectl oc: logs = pod container
kubectl oc: exec|attach|port-forward|debug|rsh = pod
kubectl oc: drain|cordon|uncordon = node*
kubectl oc: adm drain|cordon|uncordon = node*
kubectl oc: cp = copied*
kubectl oc: config use-context = context
kubectl oc: project = namespace
helm: history|status|upgrade|uninstall|delete|test = release
helm: rollback = release version
helm: get values|manifest|notes|hooks|all = release
argocd: app get|sync|history|diff|delete|wait|logs|resources|set|terminate-op = release
argocd: app rollback = release version
systemctl: status|restart|stop|start|reload|show|cat|kill|enable|disable|mask|unmask|is-active = unit*
service: = unit
docker podman nerdctl crictl: logs|exec|inspect|restart|stop|rm|kill|start|stats|top|pause|unpause = container*
docker podman nerdctl: service rollback|inspect|logs|ps|update = resource
docker podman nerdctl crictl: pull|rmi = image
psql mysql mariadb dropdb pg_dump: = database
ssh ping dig host nslookup traceroute mtr: = host
nc telnet: = host
git: revert|show|checkout|cherry-pick|reset = revision*
gcloud: * describe|delete|stop|start|reset|restart|failover|resize = resource
gcloud: * * describe|delete|stop|start|reset|restart|failover|resize = resource
"""

OPTIONS = """
kubectl oc: -n=namespace --namespace=namespace -c=container --container=container --context=context
  --to-revision=version --revision=version -f=file --filename=file -k=file --kustomize=file -l=selector
  --selector=selector --field-selector=fields --image=image --from=typed
helm flux velero istioctl linkerd: -n=namespace --namespace=namespace --kube-context=context --context=context
  --revision=version --version=version -f=file --values=file
psql pg_dump pg_restore pg_isready dropdb createdb vacuumdb reindexdb: -h=host --host=host -d=database --dbname=database
  -t=table --table=table
mysql mariadb mysqladmin mysqldump: -h=host --host=host -D=database --database=database
redis-cli valkey-cli: -h=host
mongo mongosh: --host=host
journalctl: -u=unit --unit=unit
argocd: --revision=version --dest-namespace=namespace
kafka-topics kafka-consumer-groups kafka-configs: --topic=resource --group=resource
openssl: -connect=host -servername=host
"""

TYPES = """
pod: po pod pods
node: no node nodes
namespace: ns namespace namespaces project projects
workload: deploy deployment deployments sts statefulset statefulsets ds daemonset daemonsets rs replicaset replicasets
  job jobs cj cronjob cronjobs rollout rollouts dc deploymentconfig
service: svc service services ep endpoints
"""

EVERYWHERE = """
default kube-system kube-public kube-node-lease localhost 127.0.0.1 ::1 kubernetes kubernetes.default.svc busybox alpine
ubuntu debian nicolaka/netshoot curlimages/curl latest HEAD stable postgres mysql template1 / /tmp /etc /etc/hosts
/etc/resolv.conf /var /var/log /proc /dev/null - 0 all *
"""
"""Names that are there wherever one works, so that nothing has to show them."""


def rows(table: str) -> list[tuple[list[str], str]]:
    """The rows of a table, each as the names before its colon and what stands behind it."""
    split = [row.partition(":") for row in table.replace("\n  ", " ").strip().splitlines()]
    return [(names.split(), rest.strip()) for names, _, rest in split]
