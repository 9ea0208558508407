"""Which variables hold secrets, by their names: words that say so, and longer words that only sound like it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

Table = Sequence[tuple[str, str]]
"""Patterns, each with its reason."""

HOLDS: Table = (
    # A word may be glued to the one before it (PGPASSWORD, ACCESSTOKEN).
    (r"(?:PASSW(?:OR)?D|PASSPHRASE|PASSCODE)S?\d*(?=_|$)", "a password by its name"),
    (r"(?:^|_)(?:PASS|PWD|PW|PSWD)\d*(?=_|$)", "a password, shortened (MYSQL_PWD, SMTP_PASS, LDAP_BIND_PW)"),
    (r"(?:DB|FTP|KEY|LDAP|MAIL|MY|PG|ROOT|SMTP|SQL|SSH|STORE|SUDO|USER)PASS(?=_|$)", "the same, glued (SSHPASS)"),
    (r"SECRETS?\d*(?=_|$)|SECRETKEY", "a secret by its name"),
    (r"TOKENS?\d*(?=_|$)", "a token: who has it may act"),
    (r"(?:^|_)(?:PAT|JWT|SAS|OTP|TOTP|MFA)(?=_|$)", "a token, shortened (GH_PAT, CI_JOB_JWT, AZURE_STORAGE_SAS)"),
    (r"(?:^|_)(?:COOKIES?)(?=_|$)", "a session, or Erlang's shared secret (RABBITMQ_ERLANG_COOKIE)"),
    (r"(?:^|_)(?:SALT|PEPPER)S?(?=_|$)", "what hashes and signatures are made with (WordPress: AUTH_SALT)"),
    (r"(?:^|_)KEYS?\d*(?=_|$)", "a key: of an API, for signing or for encryption"),
    (
        r"(?:API|ACCESS|ACCOUNT|APP|AUTH|ENCRYPTION|LICENSE|MASTER|PRIVATE|PRIV|SHARED|SIGNING|SSH)KEYS?(?=_|$)",
        "the same",
    ),
    (r"CREDENTIALS?(?=_|$)|(?:^|_)CREDS?(?=_|$)", "credentials"),
    (r"(?:^|_)PRIVATE(?=_|$)", "the private half of something"),
    (r"(?:^|_|O|REDISCLI)AUTH\d*(?=_|$)", "user and password, or a header (DOCKER_AUTH_CONFIG, REDISCLI_AUTH)"),
    (r"(?:^|_)(?:AUTHORIZATION|BEARER)(?=_|$)", "an HTTP header that carries credentials"),
    (r"(?:^|_)(?:DSN|CONN_?STR(?:ING)?|CONNECTION_?STR(?:ING)?)S?(?=_|$)", "a connection string with its password"),
    (r"(?:^|_)WEBHOOKS?(?=_|$)", "whoever knows the address of a webhook may post"),
    (
        r"(?:^|_)(?:HMAC|SIGNATURE|MNEMONIC|SEED_PHRASE|NETRC|HTPASSWD|KUBECONFIG_(?:DATA|B64|BASE64))(?=_|$)",
        "key material",
    ),
)
"""A name that holds a secret has one of these …"""

SOUNDS_LIKE: Table = (
    (r"^(?:OLD)?PWD$", "the shell's directories"),
    (r"(?:[A-Z0-9]+_)?PUB(?:LIC)?_?KEYS?", "meant to be known"),
    (r"(?:PARTITION|PRIMARY|FOREIGN|SORT|ROW|CACHE|ROUTE|SHARD|INDEX|MAP)_KEYS?(?=_|$)", "keys of data"),
    (r"KEY_?(?:BOARD|MAP|WORD|SPACE|CLOAK|CODE|BIND|PRESS|FRAME)", "other words with a key in them"),
    (r"KEY_(?:NAME|TYPE|SIZE|LENGTH|BITS|PREFIX|ROTATION|EXPIRY|USAGE)", "properties of a key"),
    (r"TOKEN_?IZ\w*", "of text for a model"),
    (
        r"(?:^|_)(?:MAX|MIN|NUM|TOTAL|PROMPT|COMPLETION|INPUT|OUTPUT|STOP|PAD)(?:_NEW)?_TOKENS?(?=_|$)",
        "a model's tokens",
    ),
    (r"TOKENS?_(?:PER|LIMIT|BUDGET|COUNT|USED)\w*", "the same"),
    (r"AUTHOR(?!IZ)\w*", "people"),
    (r"AUTHENTICATION_(?:BACKENDS?|CLASSES)|AUTHORIZATION_(?:MODE|ENABLED|POLICY)", "settings"),
    (r"SSH_AUTH_SOCK|XAUTHORITY", "paths"),
    (r"PRIVATE_(?:IPV?[46]?|DNS|HOST(?:NAME)?|NET(?:WORK)?|SUBNETS?|CIDRS?|VPC|ZONE|LINK|REGISTRY)\w*", "networks"),
    (r"SALT_(?:MASTER|MINION|ROUNDS?|VERSION|LENGTH|SIZE)\w*", "SaltStack, and settings"),
    (r"COOKIES?_(?:DOMAIN|SECURE|SAMESITE|SAME_SITE|HTTP_?ONLY|PATH|NAME|MAX_AGE|LIFETIME)\w*", "how a cookie is set"),
    (r"PASS(?:ENGER|IVE|THROUGH|PORT)\w*|(?:BY|COM|SUR|TRES)PASS\w*|PASS_?(?:COUNT|RATE|THRESHOLD)", "other words"),
    (r"SAS_(?:VERSION|HOME|ROOT)|OTP_(?:VERSION|RELEASE)", "SAS, and Erlang/OTP"),
    (r"SECRETS?_(?:STORE|BACKEND|ENGINE|MOUNT|NAMESPACE)\w*", "where secrets are"),
    (
        r"(?:AUTH|PASSWORD|TOKEN|JWT|KEY)_(?:MIN|MAX)_\w+|PASSWORD_(?:POLICY|LENGTH|COMPLEXITY|RESET)\w*",
        "rules for them",
    ),
)
"""… after these were taken out, which only sound like it …"""

ONLY_ABOUT = (
    "ALG", "ALGO", "ALGORITHM", "AUDIENCE", "AUD", "BACKEND", "CLASS", "COUNT", "DAYS", "DIR", "DIRECTORY", "DISABLED",
    "DRIVER", "ENABLED", "ENDPOINT", "EXPIRATION", "EXPIRES", "EXPIRES_IN", "EXPIRY", "FILE", "FILENAME", "FORMAT",
    "HEADER", "HELPER", "HOST", "HOSTNAME", "HOURS", "INTERVAL", "ISSUER", "KIND", "LEEWAY", "LENGTH", "LIFETIME",
    "METHOD", "MINUTES", "MODE", "NAME", "PATH", "PLUGIN", "PORT", "PREFIX", "PROVIDER", "REALM", "REGION", "REQUIRED",
    "SCOPE", "SCOPES", "SECONDS", "SERVER", "SERVICE", "SIZE", "SOCK", "SOURCE", "STRATEGY", "TIMEOUT", "TTL", "TYPE",
    "USER", "USERNAME", "VERSION",
)  # fmt: skip
"""… and does not end with a word that says that it is only about one: where it is, whose, how long it lives."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HOLDS = re.compile("|".join(pattern for pattern, _ in HOLDS))
_SOUNDS_LIKE = re.compile("|".join(pattern for pattern, _ in SOUNDS_LIKE))
_ABOUT = re.compile(
    rf"_(?:{'|'.join(ONLY_ABOUT)}"
    r"|(?<!WEBHOOK_)(?<!WEBHOOKS_)UR[IL]S?"
    r"|PORT_\d+_(?:TCP|UDP)(?:_ADDR|_PORT|_PROTO)?"  # what Kubernetes says of a service called `auth` or `token`
    r"|SERVICE_PORT_\w+)$"
)


@lru_cache(4096)
def holds_a_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret, as far as names tell."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", _CAMEL.sub("_", name)).upper()
    told = _SOUNDS_LIKE.sub("", words)
    return bool(_HOLDS.search(told)) and not _ABOUT.search(words)
