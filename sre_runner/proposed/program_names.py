"""The names in calls of programs other than kubectl: hosts, ports, files, units, containers, releases, databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sre_runner.proposed.kubernetes_names import image
from sre_runner.proposed.unwrapping import Call
from sre_runner.proposed.words import Word

Found = tuple[str, Word]

_URL = re.compile(
    r"(?:https?|rediss?|postgres(?:ql)?|mysql|amqps?|mongodb|tcp)://"
    r"(?:[^\s/@'\"]{1,128}@)?([\w.-]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?"
)
_HOST_PORT = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(\d{1,5})$")
_PATH = re.compile(r"(?:/|~/|\./|\.\./)[\w@.~+-]+(?:/[\w@.~+-]+)*/?$")
_BUCKET = re.compile(r"(?:s3|gs)://([\w.-]+)")
_OPTIONS: dict[str, dict[str, str]] = {
    program: dict(pair.split(":") for pair in options.split())
    for programs, options in {
        "helm flux velero istioctl linkerd": "-n:namespace --namespace:namespace --kube-context:context --context:context"
        " --revision:version --version:version",
        "psql pg_dump pg_restore pg_isready dropdb createdb reindexdb vacuumdb pg_basebackup": "-h:host --host:host"
        " -p:port --port:port -d:database --dbname:database -t:table --table:table",
        "mysql mysqladmin mysqldump mariadb": "-h:host --host:host -P:port --port:port -D:database --database:database",
        "redis-cli valkey-cli": "-h:host -p:port",
        "mongo mongosh": "--host:host --port:port",
        "journalctl": "-u:unit --unit:unit",
        "ssh scp": "-p:port -P:port",
        "argocd": "--revision:version --dest-namespace:namespace --app-namespace:namespace",
        "kafka-topics kafka-consumer-groups kafka-configs": "--topic:resource --group:resource",
        "openssl": "-servername:host",
    }.items()
    for program in programs.split()
}
_HOSTS = frozenset(
    ("ssh", "ping", "dig", "host", "nslookup", "nc", "ncat", "telnet", "traceroute", "mtr", "ping6", "tracepath")
)
_UNITS = frozenset(
    (
        "status",
        "restart",
        "stop",
        "start",
        "reload",
        "show",
        "cat",
        "kill",
        "enable",
        "disable",
        "mask",
        "unmask",
        "is-active",
    )
)
_OF_CONTAINERS = frozenset(
    (
        "logs",
        "exec",
        "inspect",
        "restart",
        "stop",
        "rm",
        "kill",
        "start",
        "stats",
        "top",
        "port",
        "pause",
        "unpause",
        "cp",
    )
)
_HELM_GETS = frozenset(("values", "manifest", "notes", "hooks", "all", "metadata"))
_HELM = frozenset(("history", "rollback", "status", "upgrade", "uninstall", "delete", "test", "get"))
_ARGOCD = frozenset(
    (
        "get",
        "sync",
        "rollback",
        "history",
        "diff",
        "delete",
        "wait",
        "logs",
        "resources",
        "set",
        "manifests",
        "terminate-op",
    )
)
_CLOUD_OPTION = re.compile(
    r"--(?:[a-z0-9-]*-)?(?:ids?|names?|identifiers?|arns?|cluster|service|bucket|zone|region|project|instance|tasks?|key|url)$"
)
_GCLOUD_VERBS = frozenset(
    ("describe", "delete", "stop", "start", "reset", "restart", "failover", "get-credentials", "resize", "ssh")
)
_GIT_REVISIONS = frozenset(("revert", "show", "checkout", "cherry-pick", "reset", "diff"))


def program_names(call: Call) -> Iterator[Found]:
    """The names of a call, each with its kind."""
    options = _OPTIONS.get(call.name, {})
    for option in call.read.options:
        if option.value is not None and option.name in options:
            yield options[option.name], option.value
    yield from _addresses(call)
    yield from _paths(call)
    yield from _of_program(call)


def _addresses(call: Call) -> Iterator[Found]:
    for word in call.arguments:
        for found in _URL.finditer(word.text):
            yield "host", word.part(found.start(1), found.end(1))
            if found[2]:
                yield "port", word.part(found.start(2), found.end(2))
        for found in _BUCKET.finditer(word.text):
            yield "resource", word.part(found.start(1), found.end(1))
    if call.name in _HOSTS or call.name == "curl":
        yield from _hosts(call)
    elif call.name == "openssl" and (value := call.option("-connect")):
        yield from _host_and_port(value)


def _hosts(call: Call) -> Iterator[Found]:
    words = [each for each in call.read.positionals if not each.text.startswith(("@", "+"))]
    for word in words[:1]:
        if "://" not in word.text:
            behind = word.part(word.text.rfind("@") + 1)
            yield from _host_and_port(behind.part(0, (behind.text + "/").index("/")))
    if call.name in ("nc", "ncat", "telnet"):
        yield from (("port", each) for each in words[1:2])


def _host_and_port(word: Word) -> Iterator[Found]:
    if found := _HOST_PORT.match(word.text):
        yield "host", word.part(found.start(1), found.end(1))
        yield "port", word.part(found.start(2), found.end(2))
    else:
        yield "host", word


def _paths(call: Call) -> Iterator[Found]:
    made = ("--raw", "-o", "-O", "--output", "--dest-dir", "-w", "--write-out")
    values = [each.value for each in call.read.options if each.value is not None and each.name not in made]
    words = call.read.positionals
    copies = call.name in ("cp", "mv", "tee", "scp") or (
        call.name in ("kubectl", "oc") and words[:1] and words[0].text == "cp"
    )
    for word in (*(words[:-1] if copies else words), *values):
        if (
            _PATH.match(word.text)
            and not word.text.startswith("/dev/")
            and call.name not in ("redis-cli", "sed", "awk")
        ):
            yield "path", word


def _of_program(call: Call) -> Iterator[Found]:
    words = call.read.positionals
    verb, rest = (words[0].text if words else ""), words[1:]
    if call.name == "systemctl" and verb in _UNITS:
        yield from (("unit", each) for each in rest)
    elif call.name == "service":
        yield from (("unit", each) for each in words[:1])
    elif call.name in ("docker", "podman", "nerdctl", "crictl"):
        yield from _containers(verb, rest)
    elif call.name == "helm":
        yield from _helm(verb, rest)
    elif call.name == "argocd" and verb == "app" and len(rest) > 1 and rest[0].text in _ARGOCD:
        yield "release", rest[1].part(rest[1].text.rfind("/") + 1)
        yield from (("version", each) for each in rest[2:3] if rest[0].text == "rollback")
    elif call.name == "git" and verb in _GIT_REVISIONS:
        yield from (("version", each) for each in rest if re.fullmatch(r"[0-9a-f]{7,40}|v?\d+\.\d[\w.-]*", each.text))
    elif call.name in ("psql", "mysql", "dropdb", "pg_dump", "mariadb") and words:
        yield from (("database", each) for each in words[:1] if "://" not in each.text and "=" not in each.text)
    elif call.name in ("aws", "gcloud", "az"):
        yield from _clouds(call)


def _containers(verb: str, words: tuple[Word, ...]) -> Iterator[Found]:
    if verb in ("run", "pull", "rmi"):
        for word in words[:1]:
            yield from image(word)
    elif verb in _OF_CONTAINERS:
        yield from (("container", each.part(0, (each.text + ":").index(":"))) for each in words if "/" not in each.text)


def _helm(verb: str, words: tuple[Word, ...]) -> Iterator[Found]:
    if verb == "get" and words and words[0].text in _HELM_GETS:
        words = words[1:]
    if verb in _HELM and words:
        yield "release", words[0]
        yield from (("version", each) for each in words[1:2] if verb == "rollback")


def _clouds(call: Call) -> Iterator[Found]:
    for option in call.read.options:
        if option.value is not None and _CLOUD_OPTION.match(option.name) and "=" not in option.value.text:
            yield "resource", option.value
    texts = [each.text for each in call.read.positionals]
    at = next((at for at, text in enumerate(texts) if text in _GCLOUD_VERBS), -1) if call.name == "gcloud" else -1
    if at >= 0:
        yield from (("resource", each) for each in call.read.positionals[at + 1 :])
