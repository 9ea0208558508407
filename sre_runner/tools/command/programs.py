"""Programs and options that make of an argument more than an argument, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

Reason = tuple[str, str]
"""Why, and what to do instead."""


def _each(words: str, reason: Reason) -> dict[str, Reason]:
    return dict.fromkeys(words.split(), reason)


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OWN = "Name the program itself as the first element."
SCRIPT = "Put the text into an executable script, name that as the program, and pass arguments as --name={{ name }}."

PROGRAMS: Mapping[str, Reason] = {
    **_each(
        "ash bash csh dash elvish fish ksh mksh nu pwsh sh tcsh xonsh zsh",
        ("a shell reads its arguments as commands", SCRIPT),
    ),
    **_each(
        "busybox chroot doas env exec flock ionice nice nohup nsenter parallel setsid stdbuf strace su sudo time "
        "timeout toybox unshare watch xargs",
        ("it takes another command as its arguments", _OWN),
    ),
    **_each(
        "ansible mosh pdsh rsh ssh", ("it runs commands on other machines", "Use a server's API by `http:` or `mcp:`.")
    ),
    **_each(
        "aria2c curl http https httpie lynx wget xh",
        ("an argument can lead it to any address, and to files", "Use `http:`: its server is named in the file."),
    ),
    **_each(
        "awk ed eval ex expect gawk gdb m4 make mawk nawk sed vi vim",
        ("its arguments can be programs that run commands", SCRIPT),
    ),
    **_each(
        "duckdb mariadb mongo mongosh mysql psql sqlite",
        ("its arguments can be statements that run commands or reach other hosts", SCRIPT),
    ),
}
"""Programs that take no argument of a call at all."""

INTERPRETERS = _words("bun deno lua node nodejs perl php pypy python ruby tclsh")
"""They run a script: a literal one, before any argument of a call."""
CODE_OPTION = re.compile(r"-[A-Za-z]*[ceEpr].*|--(?:eval|print|run|execute)(?:=.*)?")
"""An option of theirs before the script that takes a text to run."""
SHELL_OPTION = re.compile(r"-[a-z]*c")
"""The option of a shell that takes a text to run."""

_POD = ("it runs or copies something in a pod", "`get`, `describe`, `logs`, `events` and `top` only look.")
_CONTAINER = ("it runs or copies something in a container", "`ps`, `inspect` and `logs` only look.")
_KUBECTL_WORDS = _each("attach cp debug exec rsh run", _POD)
_CONTAINER_WORDS = _each("attach cp create exec run", _CONTAINER)
SUBCOMMANDS: Mapping[str, Mapping[str, Reason]] = {
    **dict.fromkeys(("k3s", "kubectl", "oc"), _KUBECTL_WORDS),
    **dict.fromkeys(("crictl", "ctr", "docker", "nerdctl", "podman"), _CONTAINER_WORDS),
    "find": _each("-exec -execdir -ok -okdir -fprint -fprintf -fls", ("it runs a command", "Only list the files.")),
}
"""Elements with which a program takes no argument of a call."""

WORDS: Mapping[str, int] = {
    **dict.fromkeys(
        _words(
            "argocd consul crictl ctr docker etcdctl flux git helm ip istioctl kubectl linkerd nerdctl nomad oc podman "
            "redis-cli systemctl terraform tofu vault"
        ),
        1,
    ),
    **dict.fromkeys(_words("aws az gcloud k3s"), 2),
}
"""Programs whose first words say what they do: so many of them."""
GROUPS = _words(
    "adm auth builder certificate compose config container context image kv network plugin pod rollout set stash "
    "submodule system volume"
)
"""Words that say it only together with the next."""

_KUBECTL = _words(
    "as as-group as-uid cache-dir certificate-authority client-certificate client-key cluster context f filename k "
    "kubeconfig kustomize o output password profile-output raw s server template tls-server-name token user username"
)
_HELM = "kube-apiserver kube-as-group kube-as-user kube-ca-file kube-context kube-token kubeconfig post-renderer repo"
LEADING: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("k3s", "kubectl", "oc"), _KUBECTL),
    "helm": _words(_HELM),
    **dict.fromkeys(("docker", "podman"), _words("H c config connection context host url")),
    "aws": _words("ca-bundle cli-input-json endpoint-url profile"),
}
"""Options by program that say where and as whom it acts, or what file it reads."""
RUNNING = _words(
    "checkpoint-action command exec post-renderer pre receive-pack rsh to-command upload-pack use-compress-program"
)
"""Options of any program whose value is a command."""

SHELL_WORDS = frozenset({"|", "||", "&", "&&", ">", ">>", "<", "<<", "|&", "2>&1", "2>/dev/null", "&>"})
"""Elements that only a shell would understand."""


def known_as(program: str) -> str:
    """The name of a program without its folder and version: `/usr/bin/python3.11` is `python`."""
    name = PurePath(program).name.lower().removesuffix(".exe")
    return re.sub(r"[-.\d]+$", "", name) or name


def option_name(text: str) -> str:
    """`output` of `--output=json`, `o` of `-o`; "" for what is no option."""
    return text.lstrip("-").partition("=")[0] if text.startswith("-") else ""
