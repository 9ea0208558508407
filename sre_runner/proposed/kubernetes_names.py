"""The names in a call of kubectl or oc."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sre_runner.proposed.unwrapping import Call
from sre_runner.proposed.words import Word

Found = tuple[str, Word]

_TYPES: dict[str, str] = {
    each: kind
    for kind, types in {
        "pod": "po pod pods",
        "node": "no node nodes",
        "namespace": "ns namespace namespaces project projects",
        "workload": "deploy deployment deployments sts statefulset statefulsets ds daemonset daemonsets rs replicaset"
        " replicasets rc replicationcontroller replicationcontrollers job jobs cj cronjob cronjobs rollout rollouts dc"
        " deploymentconfig deploymentconfigs",
        "service": "svc service services ep endpoints",
    }.items()
    for each in types.split()
}
_OF_OBJECTS = frozenset(
    (
        "get",
        "describe",
        "delete",
        "edit",
        "patch",
        "label",
        "annotate",
        "wait",
        "scale",
        "autoscale",
        "expose",
        "top",
        "taint",
    )
)
_WITH_VERB = frozenset(("rollout", "set", "rollouts"))
_OF_PODS = frozenset(("logs", "exec", "attach", "port-forward", "debug", "rsh", "cp"))
_OF_NODES = frozenset(("drain", "cordon", "uncordon"))
_OPTIONS = {
    **dict.fromkeys(("-n", "--namespace"), "namespace"),
    **dict.fromkeys(("-c", "--container"), "container"),
    "--context": "context",
    "--to-revision": "version",
    "--revision": "version",
}
_FILES = frozenset(("-f", "--filename", "-k", "--kustomize", "--patch-file", "--kubeconfig"))
_FIELDS = {
    "spec.nodeName": "node",
    "metadata.namespace": "namespace",
    "involvedObject.namespace": "namespace",
    "involvedObject.name": "object",
    "metadata.name": "object",
}
_REQUIREMENT = re.compile(r"([\w./-]+)\s*(?:(!?==?)\s*([^,\s()]*)|\s(?:not)?in\s*\(([^()]*)\))")
_VALUE = re.compile(r"[^,\s]+")


def kubernetes_names(call: Call) -> Iterator[Found]:
    """The names of a call, each with its kind."""
    yield from _of_options(call)
    words = list(call.read.positionals)
    if words and words[0].text in ("adm", "argo"):
        words = words[1:]
    if not words:
        return
    verb, rest = words[0].text, words[1:]
    if verb in _WITH_VERB:
        yield from _objects(rest[1:], images=verb == "set")
    elif verb in _OF_OBJECTS:
        yield from _objects(rest)
    elif verb in _OF_PODS:
        yield from _pods(verb, rest)
    elif verb in _OF_NODES:
        yield from (("node", _behind(each, "/")) for each in rest)
    elif verb == "config" and rest[:1] and rest[0].text == "use-context":
        yield from (("context", each) for each in rest[1:2])
    elif verb == "project":
        yield from (("namespace", each) for each in rest[:1])


def _of_options(call: Call) -> Iterator[Found]:
    for option in call.read.options:
        value = option.value
        if value is None:
            continue
        if option.name in _OPTIONS:
            yield _OPTIONS[option.name], value
        elif option.name in ("-l", "--selector"):
            yield from (("label", each) for _, each in _requirements(value))
        elif option.name == "--field-selector":
            yield from ((_FIELDS[key], each) for key, each in _requirements(value) if key in _FIELDS)
        elif option.name in ("--image", "--images"):
            yield from image(value)
        elif option.name == "--from" and "/" in value.text:
            yield from _objects([value])
        elif option.name in _FILES and "://" not in value.text and not _follows(call):
            yield "file", value


def _follows(call: Call) -> bool:
    """Whether `-f` takes no file: `kubectl logs -f`."""
    return call.read.positionals[:1] == () or call.read.positionals[0].text == "logs"


def _requirements(selector: Word) -> Iterator[tuple[str, Word]]:
    """The keys and values that a selector asks for: `app=x`, `tier in (a, b)`."""
    for found in _REQUIREMENT.finditer(selector.text):
        if found[4] is None:
            yield found[1], selector.part(found.start(3), found.end(3))
        else:
            for value in _VALUE.finditer(selector.text, found.start(4), found.end(4)):
                yield found[1], selector.part(value.start(), value.end())


def _objects(words: Sequence[Word], *, images: bool = False) -> Iterator[Found]:
    """`TYPE NAME…` or `TYPE/NAME…`, and behind them what `set image` sets."""
    kind = ""
    for at, word in enumerate(words):
        text = word.text
        if "=" in text:
            if images:
                yield from _set(word)
        elif text.endswith("-") or text.startswith(("{", "[")) or (":" in text and "/" not in text):
            continue
        elif "/" in text and not text.startswith("<"):
            yield _kind(text.partition("/")[0]), _behind(word, "/")
        elif at == 0:
            kind = _kind(text.partition(",")[0])
        else:
            yield kind or "object", word


def _kind(type_: str) -> str:
    return _TYPES.get(type_.partition(".")[0].lower(), "object")


def _set(word: Word) -> Iterator[Found]:
    """`container=image:tag`; what `set env` and `set resources` set has no name."""
    at = word.text.index("=")
    if re.search(r"[:@/]", word.text[at:]):
        yield "container", word.part(0, at)
        yield from image(word.part(at + 1))


def _pods(verb: str, words: Sequence[Word]) -> Iterator[Found]:
    if verb == "cp":
        for word in words:
            place, colon, _ = word.text.partition(":")
            if colon:
                pod = word.part(0, len(place))
                if "/" in place:
                    yield "namespace", pod.part(0, place.index("/"))
                yield "pod", _behind(pod, "/")
                yield "path", word.part(len(place) + 1)
        return
    for word in words[:1]:
        if "/" in word.text and not word.text.startswith("<"):
            yield from _objects([word])
        else:
            yield "pod", word
    for word in words[1:]:
        if verb == "port-forward" and re.fullmatch(r"\d*:?\d+", word.text):
            yield "port", _behind(word, ":")
        elif verb == "logs":
            yield "container", word


def image(word: Word) -> Iterator[Found]:
    """An image as its repository and its tag or digest."""
    at = word.text.find("@")
    colon = at if at >= 0 else word.text.rfind(":")
    if colon <= word.text.rfind("/"):
        yield "image", word
        return
    yield "image", word.part(0, colon)
    yield "version", word.part(colon + 1)


def _behind(word: Word, sign: str) -> Word:
    return word.part(word.text.rfind(sign) + 1)
