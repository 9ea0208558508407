"""Values beside names that say that they are secret: `password=…`, `"apiKey": "…"`, `--token …`, env of a pod."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sre_runner.secret_names import holds_a_secret

Span = tuple[int, int]

_KEYS = "|".join(
    f"[{word[0]}{word[0].upper()}]{word[1:]}|{word.upper()}"
    for word in (
        *(
            "api",
            "access",
            "account",
            "admin",
            "app",
            "application",
            "auth",
            "client",
            "consumer",
            "deploy",
            "encryption",
        ),
        *("hmac", "ingestion", "integration", "jwt", "license", "master", "private", "recovery", "root", "session"),
        *("shared", "signing", "ssh", "storage", "subscription", "unseal", "webhook"),
    )
)
_VALUE = (
    r"""(?:\\{0,7}["'](?P<quoted>(?:[^"'\\\n]|\\++[^"'\s\\]){4,500}+)"""
    r"""|(?P<bare>[^\s"'\\,;&<>|`(){}\[\]]{4,500}+)(?![(\[]))"""
)
_ASSIGNED = re.compile(
    r"(?:[Pp]ass(?:w(?:or)?d|phrase|code)|PASS(?:W(?:OR)?D|PHRASE|CODE)|(?:pass|PASS)(?<=_....)|[Pp]wd|PWD|pswd|PSWD"
    r"|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Cc]redential|CREDENTIAL"
    rf"|(?:{_KEYS})[_.-]?(?:[Kk]ey|KEY))[\w-]{{0,30}}+"
    r"""(?P<sep>["'\\\]]{0,6}+[ \t]{0,20}+(?:[:=]>?(?!=)|:=)[ \t]{0,40}+|[ ])"""
    + _VALUE
)  # fmt: skip
_ENV = re.compile(
    r"""name["'\\]{0,8}+[ \t]{0,8}+:[ \t]{0,8}+["'\\]{0,8}+(?P<name>[\w.-]{3,100}+)["'\\,]{0,9}+(?:\s|\\+n){1,80}+"""
    r"""|name["'\\]{1,8}+:["'\\]{1,8}+(?P<close>[\w.-]{3,100}+)["'\\]{1,8}+,"""
)
_ENV_VALUE = re.compile(rf"""["'\\]{{0,8}}+value["'\\]{{0,8}}+[ \t]{{0,8}}+:[ \t]{{0,8}}+{_VALUE}""")

_LONGEST_NAME = 60
_IN_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")

PLACEHOLDER = re.compile(
    r"""(?ix)
    \$[A-Za-z_({].* | \{\{.* | \{[A-Za-z_]\w*\}? | <.* | \[masked.* | %[sdvqr(%].* | %\([A-Za-z_]\w*\)s?
    | [*x.•#?_-]+ | [A-Za-z0-9]{0,4}\*{3,}.* | (?:your|example|sample|dummy|fake)(?:[-_].*)? | change[-_]?me.*
    | \[?(?:redacted|hidden|filtered|removed|masked|omitted|sensitive|protected|encrypted)\]?
    | (?:null|none|nil|true|false|undefined|empty|unset|unknown|required|optional|invalid|missing|incorrect|expired
        |wrong|disabled|enabled|default|string|str|bool|boolean|int|integer|bytes|object|number|secretstr|found|failed
        |password|passwd|secret|token|value|text|file|yes|no|not)[.!]?
    """
)
"""What stands for a value, is a word of prose, or the type of a value."""
_EXPRESSION = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+|[A-Za-z_]*(?:pass|pwd|secret|token|cred|key)[A-Za-z_]*", re.I
)
"""A name in a program."""
_PATH = re.compile(r"(?:~|\.{0,2})/[\w./@-]*|[A-Za-z]:[\\/].*|[a-z][a-z0-9+.-]*://.*|file:.*")
_NAMED = re.compile(r"[a-z0-9.]+(?:[-/:_][a-z0-9.]*)*")
"""Objects of Kubernetes, versions, keys of files: words in lower case with separators."""
_RANDOM_PART = re.compile(r"(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{16,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_DIGEST = re.compile(r"(?:sha\d+|md5)[:~-]", re.I)
_NO_CREDENTIAL = re.compile(
    r"(?i)(?:next|page|pagination|continu\w*|idempotency|cancel\w*|fencing|ring|sync|resume|request|partition|bos|eos|pad|csrf_?cookie)"
    r"[_.-]?token"
    r"|(?<!secret)(?<!secret[_.-])ids?$|(?:hash|digest|checksum|fingerprint|ref|arn|status|state|error|reason|message|uid"
    r"|position|namespace|created|updated|rotation|policy|store|class|manager|provider|key_?ref)s?$"
)


def assigned(text: str) -> Iterator[Span]:
    """Where such values stand."""
    for match in _ASSIGNED.finditer(text):
        name = _name(text, match.start()) + text[match.start() : match.start("sep")]
        separator = match["sep"].strip("\"'\\] \t")
        if separator or name.startswith("--"):
            group = "quoted" if match["quoted"] else "bare"
            loose = separator.startswith(":") and group == "bare" and not match["sep"].startswith(('"', "'", "\\"))
            if _is_secret(name.lstrip("-."), match[group], loose):
                yield match.span(group)
    for match in _ENV.finditer(text):
        value = _ENV_VALUE.match(text, match.end())
        if value:
            group = "quoted" if value["quoted"] else "bare"
            if _is_secret(match["name"] or match["close"], value[group], loose=False):
                yield value.span(group)


def _name(text: str, end: int) -> str:
    """What of a name stands before this place."""
    start = end
    while start > 0 and end - start < _LONGEST_NAME and text[start - 1] in _IN_A_NAME:
        start -= 1
    return text[start:end]


def _is_secret(name: str, value: str, loose: bool) -> bool:
    """Whether the value is one, by its name and by how it looks. `loose`: it may also be a word of prose."""
    value = value.rstrip(".") if loose else value
    if not holds_a_secret(name) or _NO_CREDENTIAL.search(name):
        return False
    if PLACEHOLDER.fullmatch(value) or _EXPRESSION.fullmatch(value) or _PATH.fullmatch(value) or _DIGEST.match(value):
        return False
    if re.search(r"(?i)pass(?!ed|ing)|pwd|pswd", name):
        return len(value) >= 4 and not (value.isalpha() and (loose or len(value) < 6)) and not (loose and " " in value)
    return _looks_random(value)


def _looks_random(value: str) -> bool:
    if len(value) < 8 or " " in value:
        return False
    if _UUID.fullmatch(value):
        return True
    if _NAMED.fullmatch(value):
        return _RANDOM_PART.search(value) is not None
    digits, letters = any(one.isdigit() for one in value), any(one.isalpha() for one in value)
    mixed = value.lower() != value != value.upper()
    return letters and (digits or (mixed and len(value) >= 16))
