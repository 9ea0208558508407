"""Values beside names that say that they are secret: `password=…`, `"apiKey": "…"`, `--token …`, env of a pod."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sre_runner.text.secret_names import holds_a_secret

Span = tuple[int, int]

_VALUE = (
    r"""(?:(?P<level>\\{1,7}+)?(?P<quote>["'])"""
    r"""(?P<quoted>(?:(?!(?P=quote))[^\\\n]|(?(level)(?!(?P=level)(?P=quote))\\++["']?|\\[^\n])){4,500}+)"""
    r"""|(?P<bare>[^\s"'\\,;&<>|`(){}\[\]]{4,500}+)(?![(\[]))"""
)
"""A value in quotes, which JSON in JSON writes behind backslashes; or without them, and then no call and no index."""
_ASSIGNED = re.compile(
    r"(?:[Pp]ass(?:w(?:or)?d|phrase|code)|PASS(?:W(?:OR)?D|PHRASE|CODE)|(?:pass|PASS)(?<=_....)|[Pp]wd|PWD|pswd|PSWD"
    r"|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Cc]redential|CREDENTIAL|[Kk]ey|KEY)[\w-]{0,30}+"
    rf"""(?P<sep>["'\\\]]{{0,6}}+[ \t]{{0,20}}+(?::=|[:=]>?(?!=))[ \t]{{0,40}}+){_VALUE}"""
)
_FLAG = re.compile(rf"--(?P<name>[a-z][\w-]{{2,40}}+)(?P<sep>[ ]){_VALUE}")
_ENV = re.compile(
    r"""name(?:\\*+["'])?+[ \t]*+:[ \t]*+(?:\\*+["'])?+(?P<name>[\w.-]{3,100}+)(?:\\*+["'])?+,?(?:\s|\\++n){0,80}+"""
    rf"""(?:\\*+["'])?+value(?:\\*+["'])?+(?P<sep>[ \t]*+:[ \t]*+){_VALUE}"""
)
_KEY = re.compile(
    r"(?i)(?:access|account|admin|api|app|application|auth|client|consumer|deploy|encryption|hmac|ingestion|integration"
    r"|jwt|license|master|private|recovery|root|secret|session|shared|signing|ssh|storage|subscription|unseal"
    r"|webhook)[_.-]?key"
)
"""Keys that open something; many others only name something (`cache_key`, `routing_key`)."""

_LONGEST_NAME = 60
_IN_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")

PLACEHOLDER = re.compile(
    r"""(?ix)
    \$[({].* | \$(?:[A-Z_][A-Z0-9_]*|[a-z_]+) | \{\{.* | \{[A-Za-z_]\w*\}? | <.* | \[masked.*
    | %[sdvqr(%].* | [*x.•#?_-]+ | [A-Za-z0-9]{0,4}\*{3,}.*
    | (?:your|example|sample|dummy|fake)(?:[-_].*)? | change[-_]?me.*
    | \[?(?:redacted|hidden|filtered|removed|masked|omitted|sensitive|protected|encrypted)\]?
    | (?:null|none|nil|true|false|undefined|empty|unset|unknown|required|optional|invalid|missing|incorrect|expired
        |wrong|disabled|enabled|default|string|str|bool|boolean|int|integer|bytes|object|number|secretstr|found|failed
        |password|passwd|secret|token|value|text|file|yes|no|not)[.!]?
    """
)
"""What stands for a value, is a word of prose, or the type of a value."""
_EXPRESSION = re.compile(
    r"(?!.*[A-Za-z0-9]{20})[A-Za-z_]\w*+(?:(?:\.|->|::)[A-Za-z_]\w*+)++|(?=[A-Za-z_]*(?:pass|pwd|secret|token|cred|key))[A-Za-z_]++",
    re.IGNORECASE,
)
"""A name in a program."""
_PATH = re.compile(r"(?:~|\.{0,2})/[\w./@-]*|[A-Za-z]:[\\/].*|[a-z][a-z0-9+.-]*://.*|file:.*")
_NAMED = re.compile(r"[A-Z]?[a-z0-9.]++(?:[-/:_]++(?:[A-Z]?[a-z0-9.]++)?+)*+")
"""Objects of Kubernetes, versions, keys of files: words with separators, in lower case or with capitals."""
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_OTHER = re.compile(r"(?:sha\d+|md5)[:~-]|[,;:)\]}]", re.IGNORECASE)
"""Digests, and what follows a text that only ended here."""
_NO_CREDENTIAL = re.compile(
    r"(?i)(?:next|page|pagination|continu\w*|idempotency|cancel\w*|fencing|ring|sync|resume|request|partition|bos|eos|pad|csrf_?cookie)"
    r"[_.-]?token"
    r"|(?<!secret)(?<!secret[_.-])ids?$|(?:hash|digest|checksum|fingerprint|ref|arn|status|state|error|reason|message|uid"
    r"|position|encryption|namespace|created|updated|rotation|policy|store|class|manager|provider|key_?ref)s?$"
)


def assigned(text: str) -> Iterator[Span]:
    """Where such values stand."""
    at = 0
    while match := _ASSIGNED.search(text, at):
        group, name = _group(match), _name(text, match.start()) + text[match.start() : match.start("sep")]
        loose = group == "bare" and match["sep"][-1] in " \t" and match["sep"][0] not in "\"'\\"
        found = _is_secret(name.lstrip("-."), match[group], loose)
        if found:
            yield match.span(group)
        # A value that is none may itself be a name with a value.
        at = match.end() if found else match.start(group)
    for pattern in (_FLAG, _ENV):
        for match in pattern.finditer(text):
            group = _group(match)
            if _is_secret(match["name"], match[group], loose=pattern is _FLAG and group == "bare"):
                yield match.span(group)


def _group(match: re.Match[str]) -> str:
    return "bare" if match["quoted"] is None else "quoted"


def _name(text: str, end: int) -> str:
    """What of a name stands before this place."""
    start = end
    while start > 0 and end - start < _LONGEST_NAME and text[start - 1] in _IN_A_NAME:
        start -= 1
    return text[start:end]


@lru_cache(maxsize=4096)
def _says_secret(name: str) -> bool:
    a_key = "key" in name.lower()
    return holds_a_secret(name) and not _NO_CREDENTIAL.search(name) and not (a_key and not _KEY.search(name))


def _is_secret(name: str, value: str, loose: bool) -> bool:
    """Whether the value is one, by its name and by how it looks. `loose`: it may also be a word of prose or of code."""
    value = value.rstrip(".") if loose else value
    if not _says_secret(name):
        return False
    if any(kind.fullmatch(value) for kind in (PLACEHOLDER, _EXPRESSION, _PATH)) or _OTHER.match(value):
        return False
    if re.search(r"(?i)pass(?!ed|ing)|pwd|pswd", name):
        word = value.replace("_", "").isalpha()
        return len(value) >= 4 and not (word and (loose or len(value) < 6))
    return _looks_random(value, loose)


def _looks_random(value: str, loose: bool) -> bool:
    if len(value) < 8 or " " in value:
        return False
    if _UUID.fullmatch(value):
        return True
    if _NAMED.fullmatch(value):
        parts = re.split("[^A-Za-z0-9]", value)
        return any(len(part) >= 16 and not part.isalpha() and not part.isdigit() for part in parts)
    digits, letters = _DIGIT.search(value), _LETTER.search(value)
    mixed = not loose and value.isalnum() and value.lower() != value != value.upper()
    return letters is not None and (digits is not None or (mixed and len(value) >= 16))
