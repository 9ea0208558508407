"""Which options of a program take a value, so that what is left are the words that say what it does and to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sre_runner.proposed.words import Word

_KUBECTL = (
    "-n --namespace --context --cluster --kubeconfig --user --as --as-group --token -s --server -l --selector"
    " -o --output -f --filename -k --kustomize -c --container --field-selector --replicas --grace-period --timeout"
    " --to-revision --revision --tail --since --since-time --image -p --patch --type --sort-by --for --from-literal --from-file"
    " --cpu --min --max --cpu-percent --requests --limits --port --target-port --name --pod-selector --overrides --restart"
    " --request-timeout --template --current-replicas --resource-version -L --label-columns --limit-bytes --dest-dir"
    " --to --keys --subresource --address --pod-running-timeout -v --target --profile --cache-dir"
    " --certificate-authority --raw --labels --annotations --env --serviceaccount --patch-file --max-log-requests"
    " --skip-wait-for-delete-timeout --chunk-size --images --confirm-file --image-pull-policy"
)
_DOCKER = (
    "-n --tail --since --until -f --filter --format -e --env -v --volume -p --publish --name -w --workdir -u --user"
    " --network --entrypoint -m --memory --cpus --restart -t --time -s --signal -H --host --context --project-name"
    " --profile --file --scale --replicas --image -l --label --mount --platform --pull --env-file --hostname --ip"
)
_ROWS: tuple[tuple[str, str], ...] = (
    ("kubectl oc k kubectl-argo-rollouts", _KUBECTL),
    (
        "helm",
        "-n --namespace --kube-context --kubeconfig -f --values --set --set-string --set-file --version"
        " --timeout -o --output --revision --max --history-max --repo --description --cascade --kube-token"
        " --post-renderer",
    ),
    ("docker podman nerdctl", _DOCKER),
    ("docker-compose podman-compose", _DOCKER),
    ("crictl", "-r -o --runtime-endpoint --tail --since --name --state --label --pod -n --namespace --id"),
    (
        "systemctl",
        "-H --host -M --machine -t --type -n --lines -o --output -s --signal -p --property --state --root"
        " --kill-whom --kill-who --job-mode --what",
    ),
    (
        "journalctl",
        "-u --unit -n --lines --since --until -S -U -p --priority -o --output -M --machine -t -g --grep -b"
        " --vacuum-size --vacuum-time --vacuum-files -D --directory -k --user-unit",
    ),
    (
        "psql pg_dump pg_restore dropdb createdb dropuser pg_isready pg_basebackup reindexdb vacuumdb pgbench",
        "-h --host -p --port -U --username -d --dbname -c --command -f --file -v --set -o -F -t --table -n"
        " --schema -D -j --jobs -P -R",
    ),
    (
        "mysql mariadb mysqladmin mysqldump",
        "-h --host -P --port -u --user -D --database -e --execute -S --socket --defaults-file",
    ),
    ("redis-cli valkey-cli", "-h -p -s -a -u -n -r -i --user --pass --cacert --cert --key --pattern --eval"),
    ("mongo mongosh", "--eval --host --port -u -p --username --password --authenticationDatabase --file -f"),
    ("cqlsh", "-e --execute -f -k -u -p"),
    ("clickhouse-client", "-q --query -h --host --port -u --user --password -d --database"),
    (
        "git",
        "-C -c --git-dir --work-tree -m --message -n --max-count --since --until --author --format --pretty"
        " --mainline -b -B --branch --grep -S -G -L",
    ),
    (
        "curl",
        "-X --request -H --header -d --data --data-raw --data-binary --data-urlencode -o --output -u --user"
        " -m --max-time --connect-timeout -w --write-out --cacert --cert --key -E -A --user-agent -e --referer"
        " --resolve --retry -T --upload-file -F --form -x --proxy --url -b --cookie -c --cookie-jar"
        " --interface --retry-delay --unix-socket --json -r --range -K --config",
    ),
    ("wget", "-O -o --header --method --body-data --post-data -T --timeout -t --tries -P --user --password"),
    (
        "argocd",
        "--server --auth-token --revision --resource --timeout --app-namespace -N --dest-namespace -o"
        " --output --project -l --selector --grpc-web-root-path --core-namespace --kind --resource-name"
        " --namespace --label --strategy --local -p --parameter --group --name --repo --path --dest-server"
        " --config --kube-context",
    ),
    (
        "terraform tofu terragrunt",
        "-target -var -var-file -state -lock-timeout -parallelism -chdir -replace -out",
    ),
    ("kill", "-s --signal -n -p"),
    ("pkill killall", "-s --signal -u -U --user -g -G -P -t --ns -o --older-than -y"),
    (
        "find",
        "-name -iname -mtime -mmin -size -type -path -user -group -maxdepth -mindepth -perm -newer -regex"
        " -inum -atime -ctime -printf -fstype -links",
    ),
    ("rsync", "-e --rsh --exclude --include --filter --bwlimit --log-file --files-from"),
    ("ssh scp sftp", "-i -p -P -l -o -F -J -L -R -D -b -c -E -m -S -W -w"),
    ("tail head", "-n -c --lines --bytes"),
    ("grep egrep zgrep", "-e -f -m -A -B -C --include --exclude"),
    ("nc ncat netcat", "-w -p -s -X -x -q -i"),
    ("dig host nslookup", "-t -p -c -k -b -q"),
    ("ping", "-c -i -w -W -s -I -t"),
    ("openssl", "-connect -servername -in -out -CAfile -cert -key -days"),
    (
        "etcdctl",
        "--endpoints --cacert --cert --key --user -w --write-out --command-timeout --dial-timeout --cluster- id",
    ),
    ("vault consul nomad", "-address -namespace -mount -token -format -version -versions -region -job"),
    ("gsutil", "-h -o"),
    ("velero", "-n --namespace --from-backup --include-namespaces --selector -l"),
    ("flux", "-n --namespace --context --kubeconfig --timeout"),
    ("istioctl linkerd", "-n --namespace --context -i --istioNamespace -o"),
    (
        "kafka-topics kafka-consumer-groups kafka-configs",
        "--bootstrap-server --topic --group --command-config --zookeeper --to-offset --shift-by --to-datetime"
        " --partitions",
    ),
    ("rabbitmqctl", "-n --node -p --vhost -t --timeout"),
    ("truncate", "-s --size -r -o"),
    ("bash sh zsh dash ksh ash", "-o -O --rcfile --init-file"),
    ("sudo doas", "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir"),
    ("env", "-u --unset -C --chdir -S"),
    ("nice", "-n --adjustment"),
    ("ionice", "-c -n -p --class --classdata"),
    ("timeout", "-k -s --kill-after --signal"),
    ("watch", "-n --interval"),
    (
        "xargs",
        "-n -I -i -P -L -d -s -a -E --max-args --max-procs --delimiter --replace --arg-file --max-lines",
    ),
    ("parallel", "-j --jobs -a --arg-file --delay --timeout"),
    ("stdbuf", "-i -o -e"),
    ("chroot", "--userspec --groups"),
    ("nsenter", "-t --target -S -G"),
    ("runuser su", "-u -g -G -s -c --command --shell"),
    ("strace", "-p -e -o -f -s"),
    ("flock", "-w --timeout -E"),
    ("systemd-run", "-p --property -u --unit -M"),
)
VALUED: Mapping[str, frozenset[str]] = {
    program: frozenset(options.split()) for programs, options in _ROWS for program in programs.split()
}
"""By program, the options behind which a value follows as a word of its own."""

_OF_CONTAINERS = {
    **dict.fromkeys(("exec", "run", "compose"), frozenset(("-t",))),
    **dict.fromkeys(("logs", "rm", "rmi", "kill"), frozenset(("-f", "-t", "-v"))),
}
_OF_CLUSTERS = {"logs": frozenset(("-f", "-p"))}
_FLAGS: Mapping[str, Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("kubectl", "oc", "k"), _OF_CLUSTERS),
    **dict.fromkeys(("docker", "podman", "nerdctl"), _OF_CONTAINERS),
}
"""By program and verb, the options that take no value there although they do elsewhere."""

LONG_ONLY = frozenset(("terraform", "tofu", "terragrunt", "find", "openssl", "vault", "consul", "nomad", "java", "dd"))
"""Programs whose options are words behind one dash: `-target` is one option and no row of letters."""

EVERY_LONG = frozenset(("aws", "gcloud", "az"))
"""Programs whose options nearly all take a value; what follows one is its value unless it looks like an option."""


@dataclass(frozen=True)
class Option:
    """An option as it is named (`--replicas`, `-n`), with its value where it has one, and the word that it is in."""

    name: str
    value: Word | None
    word: Word


@dataclass(frozen=True)
class Read:
    """The arguments of a program: words that are no options, options, and the index of the words behind the first
    `most` positionals or `--`; the number of words where there are none."""

    positionals: tuple[Word, ...]
    options: tuple[Option, ...]
    rest: int


def read_options(program: str, arguments: tuple[Word, ...], most: int | None = None) -> Read:
    """Arguments as positionals and options. With `most`, what follows so many positionals, or `--`, is left alone."""
    valued = VALUED.get(program, frozenset())
    positionals: list[Word] = []
    options: list[Option] = []
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word.text == "--":
            at += 1
            if most is not None:
                break
            positionals += arguments[at:]
            at = len(arguments)
        elif len(word.text) > 1 and word.text[0] in "-\u2013\u2014":
            following = arguments[at + 1] if at + 1 < len(arguments) else None
            flags = _FLAGS.get(program, {}).get(positionals[0].text, frozenset()) if positionals else frozenset()
            option = _option(program, word, following, valued - flags)
            options.append(option)
            at += 2 if option.value is following and following is not None else 1
        elif most is not None and len(positionals) >= most:
            break
        else:
            positionals.append(word)
            at += 1
    return Read(tuple(positionals), tuple(options), at)


def _option(program: str, word: Word, following: Word | None, valued: frozenset[str]) -> Option:
    name, equals, _ = word.text.partition("=")
    takes = following is not None and not following.text.startswith("--")
    if equals and (name.startswith("--") or program in LONG_ONLY):
        return Option(name, word.part(len(name) + 1), word)
    if word.text in valued and takes:
        return Option(word.text, following, word)
    if program in EVERY_LONG and takes and following is not None and not following.text.startswith("-"):
        return Option(word.text, following, word)
    short = word.text[:2]
    if short in valued and len(word.text) > 2 and program not in LONG_ONLY and short != "--":
        return Option(short, word.part(3 if word.text[2] == "=" else 2), word)
    return Option(word.text, None, word)
