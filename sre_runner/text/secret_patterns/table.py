"""Shapes of keys and tokens that services give out, from their own documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Shape(NamedTuple):
    """What a secret looks like.

    `regex` finds it in time proportional to the text; its group `secret`, or all that it finds, is masked. `example`
    shows the shape, with `…` for what is random. `source` says who defines it. Where `hints` are given, one of them is
    in every text that has such a secret, so that most texts need no search.
    """

    name: str
    regex: str
    example: str
    source: str
    hints: tuple[str, ...] = ()


def _token(name: str, prefix: str, rest: str, source: str, *more: str) -> Shape:
    """A token that begins with a prefix (or several with one first letter) and does not stand inside a longer word."""
    first, prefixes = prefix[0], (prefix, *more)
    begins = "|".join(each[1:] for each in prefixes)
    # Escapes and colour codes end with letters, too: `\n`, `%3A`, `[31m`.
    alone = rf"(?:(?<![A-Za-z0-9_]{first})|(?<=\\[nrt]{first})|(?<=%[0-9A-Fa-f]{{2}}{first})|(?<=[\[0-9]m{first}))"
    regex = rf"{first}{alone}(?:{begins}){rest}(?![A-Za-z0-9_])"
    return Shape(name, regex, f"{_literal(prefix)}…", source, tuple(_literal(each) for each in prefixes))


def _literal(prefix: str) -> str:
    """The beginning of a regex that stands for itself."""
    for at, one in enumerate(prefix):
        if not (one.isalnum() or one in "_-"):
            return prefix[:at]
    return prefix


_GITHUB = "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/"
_AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
_SAS = "https://learn.microsoft.com/rest/api/storageservices/create-service-sas"
_OPENAI = "https://platform.openai.com/docs/api-reference/authentication"
_GRAFANA = "https://grafana.com/docs/grafana/latest/administration/service-accounts/"
_VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens"
_NPM = "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/"
_DO = "https://docs.digitalocean.com/reference/api/create-personal-access-token/"
_SENDGRID = "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys"
_GOOGLE = "https://developers.google.com/identity/protocols/oauth2"
_BETWEEN = r"""["'\\\s:=>,]{1,12}"""
"""What may stand between a name and its value: in JSON, in YAML, in a shell, in XML."""

SHAPES: Sequence[Shape] = (
    _token("AWS access key ID", "AKIA", "[A-Z2-7]{16}", _AWS, "ASIA"),
    Shape(
        "AWS secret access key, beside its name",
        rf"(?:[Ss]ecret_?[Aa]ccess_?[Kk]ey|SECRET_ACCESS_KEY){_BETWEEN}(?P<secret>[A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])",
        'SecretAccessKey": "…',
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        ("ecret", "SECRET"),
    ),
    Shape(
        "AWS session token, beside its name",
        rf"(?:[Ss]ession_?[Tt]oken|SESSION_TOKEN|[Ss]ecurity-[Tt]oken){_BETWEEN}(?P<secret>[A-Za-z0-9/+=%]{{100,4000}}+)",
        "AWS_SESSION_TOKEN=…",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html",
        ("oken", "TOKEN"),
    ),
    Shape(
        "AWS request signature",
        r"X-Amz-Signature=(?P<secret>[0-9a-f]{64})(?![0-9a-f])",
        "X-Amz-Signature=…",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html",
        ("X-Amz-Signature",),
    ),
    _token("Google API key", "AIza", "[0-9A-Za-z_-]{35}", "https://cloud.google.com/docs/authentication/api-keys"),
    _token("Google OAuth client secret", "GOCSPX-", "[A-Za-z0-9_-]{28}", _GOOGLE),
    _token("Google OAuth access token", r"ya29\.", "[A-Za-z0-9_-]{30,2000}+", _GOOGLE),
    Shape(
        "Azure storage or shared access key",
        r"(?:Account|SharedAccess)Key=(?P<secret>[A-Za-z0-9+/]{40,90}+={0,2})",
        "AccountKey=…==",
        "https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string",
        ("Key=",),
    ),
    Shape(
        "Azure SAS signature",
        r"[?&;](?:amp;)?sig=(?P<secret>[A-Za-z0-9+/%]{40,100}+(?:=|%3[Dd])?)",
        "&sig=…%3D",
        _SAS,
        ("sig=",),
    ),
    Shape(
        "Azure client secret",
        r"(?:(?<![A-Za-z0-9_~.-])|(?<=\\[nrt]))[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])",
        "…8Q~…",
        "https://learn.microsoft.com/purview/sit-defn-azure-ad-client-secret",
        ("8Q~",),
    ),
    _token("GitHub token", "ghp_", "[A-Za-z0-9]{36,250}+", _GITHUB, "gho_", "ghu_", "ghs_", "ghr_"),
    _token("GitHub fine-grained token", "github_pat_", "[A-Za-z0-9_]{22,250}+", _GITHUB),
    _token(
        "GitLab token",
        "glpat-",
        r"[A-Za-z0-9_-]{20,300}+(?:\.[A-Za-z0-9_-]{2,40}+){0,2}",
        "https://docs.gitlab.com/security/tokens/",
        *(f"{kind}-" for kind in ("gldt", "glrt", "glcbt", "glptt", "glft", "glimt", "glagent", "gloas", "glsoat")),
    ),
    _token(
        "Slack token",
        "xox[abeoprs]-",
        r"(?=[A-Za-z-]{0,80}+[0-9])[A-Za-z0-9.-]{10,250}+",
        "https://docs.slack.dev/authentication/tokens",
        "xoxe\\.xox[bp]-",
        "xapp-",
    ),
    Shape(
        "Slack webhook",
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,200}+)",
        "hooks.slack.com/services/T…/B…/…",
        "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
        ("hooks.slack",),
    ),
    _token("Stripe key", "sk_live_", "[A-Za-z0-9]{16,250}+", "https://docs.stripe.com/keys", "sk_test_"),
    _token("Stripe restricted key", "rk_live_", "[A-Za-z0-9]{16,250}+", "https://docs.stripe.com/keys", "rk_test_"),
    _token("Stripe webhook secret", "whsec_", "[A-Za-z0-9+/=]{24,250}+", "https://docs.stripe.com/webhooks"),
    _token("Anthropic key", "sk-ant-", "[A-Za-z0-9_-]{20,250}+", "https://docs.anthropic.com/en/api/overview"),
    _token(
        "OpenAI key",
        "sk-proj-",
        "[A-Za-z0-9_-]{40,250}+",
        _OPENAI,
        "sk-svcacct-",
        "sk-admin-",
        "sk-or-v1-",
    ),
    _token("OpenAI key, of the old kind", "sk-", "[A-Za-z0-9]{48}", _OPENAI),
    _token("npm token", "npm_", "[A-Za-z0-9]{36}", _NPM),
    _token("PyPI token", "pypi-", "AgE[A-Za-z0-9_-]{50,1000}+", "https://pypi.org/help/#apitoken"),
    _token("Docker Hub token", "dckr_pat_", "[A-Za-z0-9_-]{20,100}+", "https://docs.docker.com/security/access-tokens/"),
    _token("Hugging Face token", "hf_", "[A-Za-z]{34}", "https://huggingface.co/docs/hub/security-tokens"),
    _token("Vault token", r"hvs\.", "[A-Za-z0-9_-]{24,250}+", _VAULT, r"hvb\.", r"hvr\."),
    _token("DigitalOcean token", "dop_v1_", "[0-9a-f]{64}", _DO),
    _token("Grafana token", "glsa_", "[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}", _GRAFANA),
    _token("SendGrid key", r"SG\.", r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", _SENDGRID),
    _token("age key", "AGE-SECRET-KEY-1", "[A-Z0-9]{58}", "https://github.com/C2SP/C2SP/blob/main/age.md"),
    _token(
        "JSON Web Token",
        "eyJ",
        r"[A-Za-z0-9_-]{10,4000}+\.eyJ[A-Za-z0-9_-]{10,8000}+\.[A-Za-z0-9_-]{0,2000}+",
        "https://www.rfc-editor.org/rfc/rfc7519",
    ),
    Shape(
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\{1,8}[nr])*+"
        r"(?P<secret>(?:(?!-----)[^-]|-(?!----)){1,20000}?(?=(?:\s|\\{1,8}[nr]){0,8}+-----END )"
        r"|[A-Za-z0-9+/=]{16,5000}+(?:(?:\s|\\{1,8}[nr]){1,40}+[A-Za-z0-9+/=]{16,100}+){0,400}+"
        r"(?:(?:\s|\\{1,8}[nr]){1,40}+[A-Za-z0-9+/=]{1,15}+(?=[\s\"']{0,9}+\Z))?+)",
        "-----BEGIN RSA PRIVATE KEY----- …",
        "https://www.rfc-editor.org/rfc/rfc7468",
        ("PRIVATE KEY",),
    ),
    Shape(
        "password in a URL",
        r"""://[^\s/?\#@:"'<>\\]{0,100}+:(?P<secret>[^\s/?\#"'<>\\]{1,256})@""",
        "postgres://user:…@host",
        "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        ("://",),
    ),
    Shape(
        "password of curl",
        r"""curl [^\n|]{0,300}?(?:-u|--user)[ =]["']?[^\s:"']{1,100}:(?P<secret>[^\s"'\\]{3,200}+)""",
        "curl -u user:…",
        "https://curl.se/docs/manpage.html#-u",
        ("curl ",),
    ),
    Shape(
        "credentials of a container registry",
        r"""["']auth(?:\\*+["']) ?: ?(?:\\*+["'])(?P<secret>[A-Za-z0-9+/]{12,4000}+={0,2})(?=\\*+["'])""",
        '"auths": {"ghcr.io": {"auth": "…"}}',
        "https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/",
        ("auths",),
    ),
    Shape(
        "Authorization header",
        r"""[Aa](?:uthorization|UTHORIZATION)["'\\\s:=>\[]{1,12}"""
        r"(?:[Bb]earer|[Bb]asic|[Tt]oken|[Nn]egotiate|BEARER|BASIC)[ +]{1,4}(?P<secret>[A-Za-z0-9._~+/=-]{8,4000}+)",
        "Authorization: Bearer …",
        "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2",
        ("uthorization", "UTHORIZATION"),
    ),
    Shape(
        "bearer token",
        r"[Bb](?:earer|EARER) {1,4}(?P<secret>(?=[A-Za-z._~+/-]{0,200}+[0-9])[A-Za-z0-9._~+/-]{20,4000}+={0,2})",
        "Bearer …",
        "https://www.rfc-editor.org/rfc/rfc6750",
        ("earer ", "EARER "),
    ),
)  # fmt: skip
"""In the order in which messages list them. Names with values and Kubernetes manifests are found by other modules."""
