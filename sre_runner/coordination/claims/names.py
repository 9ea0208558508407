"""Which words of a statement are names of things: pods, hosts, images, versions, paths, hashes, variables."""

from __future__ import annotations

import re

_KINDS = (
    "app application broker bucket cluster configmap container containers cronjob daemonset database deployment "
    "deployments host hosts image images ingress instance job jobs namespace namespaces node nodes pod pods pvc queue "
    "release replicaset secret server service services statefulset topic volume workload"
)
KINDS = frozenset(_KINDS.split())
"""Words beside which a word with hyphens is the name of something."""

_WORDS = (
    "a also and are as at but by did do does for from had has have in is it its itself label labels level limits name "
    "names no not of on only or quota quotas scope so that the to was were when where which wide with without"
)
_AFTER_NAMESPACE = frozenset(_WORDS.split())
"""Words behind `namespace` that are not its name."""

_NOT_NAMES = re.compile(
    r"(?:[pP][0-9]{1,2}|P[1-5]|[sS][eE][vV]-?[0-9]|[cfr][0-9]{1,3}|[1-5]xx|k8s|K8s|k3s|S3|EC2|IPv[46]|UTF-?(?:8|16)|"
    r"utf-?8|HTTP/?[123](?:\.[01])?|http2|h2|H2|x86(?:_64)?|amd64|arm64|base64|md5|MD5|SHA-?(?:1|256|512)|sha256|"
    r"OAuth2?|[Ll]og4j|i18n|L[347]|Q[1-4]|T-[0-9]+|2FA|TLSv?1\.[0-3]|Node\.js|node\.js|e\.g|i\.e|a\.m|p\.m|vs|"
    r"[0-9]{1,3}(?:st|nd|rd|th)|[A-Za-z0-9-]+/f[0-9]{1,3}|24/7|n/a|N/A|CI/CD|TCP/IP|SSL/TLS|I/O)"
)
"""Words with digits, dots or slashes that name nothing of this incident, and citations of findings and calls."""

_VERSION = re.compile(r"[vV]?[0-9]{1,5}(?:\.[0-9]{1,8}){1,3}(?:[-+.][0-9A-Za-z.+-]{1,60})?")
_IP = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?(?::[0-9]{1,5})?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HASH = re.compile(r"(?:sha(?:1|256|512):)?(?=[a-fA-F]*[0-9])[0-9a-fA-F]{7,128}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_PATH = re.compile(r"(?:~|\.{1,2})?/[^/].*")
_FILE = re.compile(r"[^/]*(?:/.*)?\.[A-Za-z]{2,5}")
_IMAGE = re.compile(r"(?:[\w.-]+(?::[0-9]{1,5})?/)*[\w.-]+(?::[\w.-]+|@sha256:[0-9a-f]{7,64})")
_PLACE = re.compile(r"[^\s:/]+:[0-9]{1,6}")
_DOTTED = re.compile(r"[\w$-]{2,}(?:\.[\w$-]{2,})+(?::[0-9]{1,6})?")
_SENTENCES = re.compile(r"[A-Za-z]?[a-z-]*\.[A-Z][a-z]*")
_OBJECT = re.compile(r"[A-Za-z]+/[A-Za-z0-9][\w.-]*")


def kind_of(word: str, before: str, after: str, quote: str) -> str:
    """The kind of thing that a word names; "" for a word that is only a word.

    `before` and `after` are the words beside it, in lower case; `quote` is the quotation mark around it, or "".
    """
    if _NOT_NAMES.fullmatch(word):
        return ""
    if any(each.isdigit() for each in word):
        return _with_digit(word)
    if _VARIABLE.fullmatch(word):
        return "variable"
    if "/" in word:
        return _with_slash(word, quote)
    if _DOTTED.fullmatch(word) and not _SENTENCES.fullmatch(word):
        return "host" if word.islower() else "name"
    return _plain(word, before, after, quote)


def _with_digit(word: str) -> str:
    shapes = (("address", _IP), ("version", _VERSION), ("uuid", _UUID), ("hash", _HASH), ("variable", _VARIABLE))
    for kind, shape in shapes:
        if shape.fullmatch(word):
            return kind
    if _PATH.fullmatch(word):
        return "path"
    if _PLACE.fullmatch(word):
        return "address" if word.islower() else "place"
    return "image" if ":" in word and _IMAGE.fullmatch(word) else "name"


def _with_slash(word: str, quote: str) -> str:
    if _PATH.fullmatch(word) or _FILE.fullmatch(word) or word.count("/") > 1:
        return "path"
    known = _OBJECT.fullmatch(word) and word.partition("/")[0].lower() in KINDS
    return "name" if known or quote or ("-" in word and ":" in word) else ""


def _plain(word: str, before: str, after: str, quote: str) -> str:
    if ":" in word:
        return "image" if _IMAGE.fullmatch(word) and "-" in word else ""
    if quote == "`":
        return "name"
    if "-" in word and word.islower():
        return "name" if quote or before in KINDS or after in KINDS else ""
    return "name" if before == "namespace" and word.islower() and word not in _AFTER_NAMESPACE else ""
