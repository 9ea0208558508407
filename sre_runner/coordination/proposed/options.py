"""Which options of a program take a value, so that what is left are the words that say what it does, and to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sre_runner.coordination.proposed.words import Word

_ROWS = """
kubectl oc k: -n --namespace --context --cluster --kubeconfig --user --as -s --server -l --selector -o --output -f
  --filename -k --kustomize -c --container --field-selector --replicas --grace-period --timeout --to-revision --revision
  --tail --since --since-time --image -p --patch --type --sort-by --for --from --from-literal --from-file --cpu --min
  --max --cpu-percent --requests --limits --port --target-port --name --pod-selector --overrides --patch-file --target
  --current-replicas -L -v --profile --raw --env --max-unavailable --request-timeout
helm: -n --namespace --kube-context -f --values --set --set-string --set-file --version --timeout -o --output
  --revision --max --history-max --repo
docker podman nerdctl crictl docker-compose podman-compose: -n --tail --since --until --filter --format -e --env -v
  --volume -p --publish --name -w --workdir -u --user --network -t --time -s --signal --file --scale --replicas --image
systemctl: -t --type -n --lines -o --output -s --signal -p --property -H --host -M --machine
journalctl: -u --unit -n --lines --since --until -S -U -p --priority -o --output -g --grep --vacuum-size --vacuum-time
psql pg_dump pg_restore pg_isready dropdb createdb vacuumdb reindexdb pgbench: -h --host -p --port -U --username -d
  --dbname -c --command -f --file -v -F -t --table -n --schema -j --jobs
mysql mariadb mysqladmin mysqldump: -h --host -P --port -u --user -D --database -e --execute
redis-cli valkey-cli: -h -p -s -a -u -n -r -i --user --pass --pattern
mongo mongosh: --eval --host --port -u -p --username --password
git: -C -c -m --message -n --max-count --since --until --author --format --mainline -b --branch
curl: -X --request -H --header -d --data --data-raw --data-binary -o --output -u --user -m --max-time
  --connect-timeout -w --write-out --cacert --cert --key -A --user-agent --resolve --retry -T --upload-file -F --form
  -x --proxy -b --cookie
wget: -O -o --header --method -T --timeout -t --tries -P
argocd: --server --revision --resource --timeout --app-namespace --dest-namespace -o --output --project -l --selector
  --kind --resource-name --namespace
terraform tofu terragrunt: -target -var -var-file -state -chdir -replace -out -lock-timeout
kill pkill killall: -s --signal -u --user -g -t -P
find: -name -iname -mtime -mmin -size -type -path -user -group -maxdepth -mindepth -perm -newer -regex
rsync: -e --rsh --exclude --include --filter --bwlimit
ssh scp: -i -p -P -l -o -F -J -L -R -D -c
tail head: -n -c
nc ncat telnet: -w -p -s -i
dig host nslookup: -t -p -c
ping: -c -i -w -W -s -I
openssl: -connect -servername -in -out -CAfile -cert -key
etcdctl: --endpoints --cacert --cert --key --user -w
vault consul nomad: -address -namespace -mount
velero flux istioctl linkerd: -n --namespace --context -i -o -l --selector
kafka-topics kafka-consumer-groups kafka-configs kafka-delete-records: --bootstrap-server --topic --group
  --command-config --to-offset --to-datetime --partitions
rabbitmqctl: -n -p
truncate: -s --size
"""


def _valued() -> dict[str, frozenset[str]]:
    rows = [row.partition(":") for row in _ROWS.replace("\n  ", " ").strip().splitlines()]
    return {program: frozenset(names.split()) for programs, _, names in rows for program in programs.split()}


_VALUED = _valued()
_FLAGS = {"logs": ("-f", "-p"), "clean": ("-n",), "rm": ("-f", "-v"), "push": ("-f", "-n"), "down": ("-v", "-t")}
"""By the first word of a program, options that take no value there."""
_EVERY_LONG = frozenset(("aws", "gcloud", "az"))
"""Programs whose options nearly all take a value."""


@dataclass(frozen=True)
class Option:
    """An option as it is named (`--replicas`, `-n`), its value where it has one, and the words that it stands in."""

    name: str
    value: Word | None
    words: tuple[Word, ...]


def split(program: str, arguments: Sequence[Word]) -> tuple[tuple[Word, ...], tuple[Option, ...]]:
    """The arguments of a program as the words that are no options, and its options."""
    positionals: list[Word] = []
    options: list[Option] = []
    rest: Iterator[tuple[int, Word]] = iter(enumerate(arguments))
    for at, word in rest:
        if word.text == "--":
            positionals += arguments[at + 1 :]
            break
        if len(word.text) < 2 or word.text[0] not in "-–—":  # noqa: RUF001 - dashes of people who write prose
            positionals.append(word)
            continue
        following = arguments[at + 1] if at + 1 < len(arguments) else None
        option = _option(program, positionals[0].text if positionals else "", word, following)
        options.append(option)
        if len(option.words) > 1:
            next(rest)
    return tuple(positionals), tuple(options)


def _option(program: str, verb: str, word: Word, following: Word | None) -> Option:
    name, equals, _ = word.text.partition("=")
    valued = _VALUED.get(program, frozenset())
    if equals and len(name) > 2:
        return Option(name, word.part(len(name) + 1), (word,))
    takes = name in valued or (program in _EVERY_LONG and name.startswith("--"))
    if takes and name not in _FLAGS.get(verb, ()) and following and not following.text.startswith("--"):
        return Option(name, following, (word, following))
    if len(word.text) > 2 and word.text[:2] in valued and name not in valued:
        return Option(word.text[:2], word.part(3 if word.text[2] == "=" else 2), (word,))
    return Option(word.text, None, (word,))
