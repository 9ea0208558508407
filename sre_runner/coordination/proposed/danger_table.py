"""The commands that destroy, stop or force something, and the words that say so.

A row is `programs: what they are told to do = what that does`. Words are matched in order with those that are no
options; `a|b` is a choice, `a*` a beginning, `*` any word. `--name`, `--name=value` and `-x` are options, `~` begins
a regular expression that is searched in each argument. Of a program's rows that begin with a word, or are only `*`,
the first that fits counts; a row that begins with `+` counts beside it.
"""

from __future__ import annotations

KUBERNETES = r"""
kubectl oc: delete pod|pods|po = stops the pods
kubectl oc: delete ns|namespace|namespaces|project = deletes the namespace and everything in it
kubectl oc: delete pvc|pv|persistentvolume* = deletes volumes; their data may go with them
kubectl oc: delete crd|crds|customresourcedefinition* = deletes every object of that kind
kubectl oc: delete no|node|nodes = deletes the node from the cluster
kubectl oc: delete = deletes
kubectl oc: drain = evicts every pod of the node
kubectl oc: adm drain = evicts every pod of the node
kubectl oc: cordon = keeps new pods off the node
kubectl oc: adm cordon = keeps new pods off the node
kubectl oc: adm prune = deletes
kubectl oc: rollout restart = restarts every pod
kubectl oc: rollout undo = goes back to an earlier release
kubectl oc: rollout pause = holds the rollout
kubectl oc: rollback = goes back to an earlier release
kubectl oc: argo rollouts undo|abort = goes back to an earlier release
kubectl oc: scale --replicas=0 = stops every replica
kubectl oc: patch ~\breplicas\W+0\b = stops every replica
kubectl oc: patch ~finalizers\W*(?:null|\[\s*\]|$) = skips the cleanup of finalizers
kubectl oc: patch ~"op"\s*:\s*"remove" = removes a part of the object
kubectl oc: patch ~\bminAvailable\W+0\b = lets every pod be evicted
kubectl oc: patch ~suspend\W+true\b = suspends it
kubectl oc: taint ~:NoExecute$ = evicts pods from the node
kubectl oc: taint ~:NoSchedule$ = keeps new pods off the node
kubectl oc: replace --force = deletes the object and creates it again
kubectl oc: apply --prune = deletes what the manifests no longer name
kubectl oc: + delete|drain|apply|adm --force = forces, without the usual safeguards
kubectl oc: + delete|drain|adm --grace-period=0|--now = kills without a graceful stop
kubectl oc: + drain|adm --disable-eviction = ignores disruption budgets
kubectl oc: + drain|adm --delete-emptydir-data|--delete-local-data = deletes the data of emptyDir volumes
kubectl oc: + delete --all = deletes every object of that kind in the namespace
helm: uninstall|delete|del|un = deletes the release and its objects
helm: rollback = goes back to an earlier release
helm: + upgrade|install|rollback --force = forces: may delete and create objects again
argocd: app delete|rm|delete-resource = deletes
argocd: app rollback = goes back to an earlier release
argocd: app terminate-op = stops the running sync
argocd: appset|cluster|proj|repo delete|rm = deletes
argocd: + app sync --prune = deletes what git no longer names
argocd: + app sync --force|--replace = forces: deletes objects and creates them again
flux: delete|uninstall = deletes
flux: suspend = stops following git
istioctl linkerd: uninstall = removes the mesh
velero: * delete = deletes
kubeadm: reset = takes the node out of the cluster
eksctl kind minikube k3d kops: delete = deletes the cluster or a part of it
etcdctl: del = deletes keys of the cluster
etcdctl: compact|compaction|defrag = discards old revisions, or stops the member meanwhile
etcdctl: member remove = removes a member of the quorum
etcdctl etcdutl: snapshot restore = loses everything since the snapshot
"""

HOSTS = r"""
rm unlink shred: * = deletes files
rmdir: * = deletes directories
mkfs wipefs blkdiscard mkswap: * = erases the device
dd: ~^of=(?!/dev/(?:null|stdout)$) = overwrites its target
truncate: * = cuts off the file's data
find: + -delete = deletes files
rsync: + --delete*|--remove-source-files = deletes what the source lacks
lvremove vgremove pvremove lvreduce: * = deletes the volume's data
zfs zpool: destroy|rollback = loses data
pkill killall: * = stops every process of that name
kill: * = stops the process
kill pkill killall: + -9|-KILL|-SIGKILL|-s=9|-s=KILL|-s=SIGKILL|--signal=KILL = kills without a graceful stop
fuser: + -k|-km|-mk|--kill = kills every process that uses it
reboot shutdown poweroff halt: * = stops the host
init telinit: 0|1|6 = stops the host
systemctl: stop|kill = stops the unit
systemctl: restart|try-restart|reload-or-restart = restarts the unit
systemctl: reboot|poweroff|halt|kexec|suspend|rescue|emergency|isolate = stops the host
systemctl: disable|mask = keeps the unit from starting again
systemctl: + disable|mask --now = stops the unit
service: * stop = stops the service
service: * restart = restarts the service
supervisorctl pm2: stop|shutdown|delete|kill = stops the process
supervisorctl pm2: restart|reload = restarts the process
journalctl: + --vacuum-size|--vacuum-time|--vacuum-files = deletes older logs
iptables ip6tables: + -F|--flush|-X|-D|--delete = removes firewall rules
nft: flush|delete = removes firewall rules
ip: link|route|addr ~^(?:down|del|delete|flush)$ = stops traffic
ifdown umount swapoff: * = takes it away from what uses it
userdel groupdel deluser: * = deletes the account
crontab: + -r = deletes every scheduled job
chmod chown chgrp: + -R|--recursive = changes access to everything below, with no way back
apt apt-get yum dnf apk zypper: remove|purge|autoremove|erase|del = removes packages
git: reset --hard = discards uncommitted changes
git: clean -f|-fd|-df|-fdx|-xdf|-ffdx|--force = deletes untracked files
git: filter-branch|filter-repo = rewrites the history
git: stash drop|clear = discards stashed changes
git: revert = reverts a commit
git: branch -D|-d|--delete = deletes the branch
git: tag -d|--delete = deletes the tag
git: push --delete|-d = deletes at the remote
git: + push --force|-f|--force-with-lease|--mirror = forces: overwrites commits at the remote
docker podman nerdctl docker-compose podman-compose: down|stop|kill = stops the containers
docker podman nerdctl: compose down|stop|kill = stops the containers
docker podman nerdctl: compose restart = restarts the containers
docker podman nerdctl crictl docker-compose podman-compose: restart = restarts the containers
docker podman nerdctl crictl docker-compose podman-compose: rm|rmp|rmi = deletes
docker podman nerdctl: compose rm = deletes
docker podman nerdctl: * prune|rm|remove = deletes
docker podman nerdctl: service rollback = goes back to an earlier release
docker podman nerdctl: service scale ~=0$ = stops every replica
docker podman nerdctl: + rm|rmi|system|volume|image|container|network -f|--force = forces, without asking
docker podman nerdctl docker-compose podman-compose: + compose|rm|down|system -v|--volumes = deletes the volumes' data
nomad: job stop = stops the job
nomad: node drain = evicts everything from the node
"""

CLOUDS_AND_DATA = r"""
aws: s3|s3api rm|rb = deletes
aws: * delete*|terminate*|purge*|deregister*|remove*|release* = deletes
aws: * revoke*|detach*|disable*|disassociate* = takes access or a connection away
aws: * reboot*|stop*|failover* = stops or restarts it
aws: * restore* = restores an older state
aws: ecs update-service --force-new-deployment = replaces every task
aws: ecs update-service --desired-count=0 = stops every replica
aws: autoscaling * --desired-capacity=0|--max-size=0 = stops every replica
aws: + s3 sync --delete = deletes what the source lacks
aws: + * --skip-final-snapshot|--force|--force-delete-without-recovery = forces: leaves no way back
gcloud az: ** delete|purge|destroy|remove|delete-*|remove-* = deletes
gcloud az: ** reset|stop|restart|reboot|failover|deallocate|suspend = stops or restarts it
gcloud: container clusters resize --num-nodes=0 = stops every node
gsutil rclone s3cmd mc: rm|rb|delete|deletefile|purge|del = deletes
gsutil rclone: rsync|sync = deletes what the source lacks
terraform tofu terragrunt pulumi cdk: destroy|down = destroys everything in the state
terraform tofu terragrunt: apply -destroy = destroys everything in the state
terraform tofu terragrunt: state|workspace rm|delete = removes it from the state
terraform tofu terragrunt: apply -replace = deletes the resource and creates it again
terraform tofu terragrunt: taint = replaces the resource at the next apply
terraform tofu terragrunt: force-unlock = forces the lock of another run
terraform tofu terragrunt: + apply|destroy -auto-approve = forces, without asking
vault consul: ** delete|destroy|revoke|disable = deletes or revokes
vault: operator seal = makes secrets unreadable
dropdb dropuser: * = drops it for good
pg_restore: + --clean|-c = drops what is there first
pg_ctl pg_ctlcluster: ** stop|restart = ends every connection
pg_ctl pg_ctlcluster: ** promote = makes the standby a primary
pg_resetwal: * = may lose or damage data
patronictl: failover|switchover|restart = ends every connection to the primary
patronictl: reinit|remove = deletes the member's data
mysqladmin: drop = drops it for good
mysqladmin: shutdown|kill = ends connections
redis-cli valkey-cli: flushall|flushdb = deletes every key
redis-cli valkey-cli: del|unlink|getdel|hdel|xtrim|ltrim = deletes keys
redis-cli valkey-cli: shutdown|failover = ends every connection
redis-cli valkey-cli: debug segfault|sleep|restart = stops the server
redis-cli valkey-cli: client kill = ends connections
redis-cli valkey-cli: cluster reset|forget|failover|delslots = takes a node or slots away
nodetool: decommission|removenode|assassinate|clearsnapshot = removes a node or a snapshot
nodetool: drain|stopdaemon|disablegossip|disablebinary = stops the node
kafka-topics kafka-consumer-groups kafka-configs: + --delete|--delete-config = deletes
kafka-delete-records: * = deletes records
kafka-consumer-groups: + --reset-offsets = skips messages, or has them read again
rabbitmqctl rabbitmqadmin: purge_queue|purge = deletes every message in the queue
rabbitmqctl rabbitmqadmin: delete*|reset|force_reset|forget_cluster_node|clear_* = deletes
rabbitmqctl rabbitmqadmin: stop*|shutdown|close_* = ends connections
ceph: ** purge|destroy|delete|rm = deletes data
curl: + -X=DELETE|--request=DELETE = deletes
wget: + --method=DELETE = deletes
curl wget: + ~_delete_by_query|/delete_series\b|/-/quit\b = asks for a deletion or a stop
"""

SQL = r"""
DROP\s+(?:TABLE|DATABASE|SCHEMA|KEYSPACE) = drops it for good
DROP = drops
TRUNCATE = deletes every row
ALTER\s+SYSTEM = changes a setting that outlives this incident
ALTER\b[^;]*\sDROP = drops
VACUUM\b[^;]*\bFULL = locks the table
(?:REINDEX|CLUSTER|LOCK) = locks the table
CREATE\s+(?:UNIQUE\s+)?INDEX(?!\s+CONCURRENTLY) = locks the table against writes
KILL = ends the connection or its query
SHUTDOWN = ends every connection
PURGE = deletes the binary logs
RESET\s+(?:MASTER|SLAVE|REPLICA) = loses the place in replication
STOP\s+(?:SLAVE|REPLICA) = stops replication
REVOKE = takes access away
"""
"""Regular expressions that are matched with the beginning of a statement, and what it does."""

HARMLESS = """
: --help --dry-run --dryrun
git rsync: -n
apt apt-get: -s --simulate
kill: -0 -l -3 -QUIT -HUP -SIGHUP -USR1 -USR2
pkill killall: -0 -l -HUP -USR1
shutdown: -c
"""
"""Options with which a program changes nothing; the first row is of every program."""


def rows(table: str) -> list[tuple[str, str, str]]:
    """The rows of a table as programs, what they are told to do, and what that does."""
    split = [row.rpartition(" = ") for row in table.splitlines() if row]
    return [(told.partition(": ")[0], told.partition(": ")[2], does) for told, _, does in split]
