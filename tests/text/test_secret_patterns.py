"""What looks like a secret, and what does not. The keys are made of pieces, so that no scanner takes them for real."""

from __future__ import annotations

import base64
import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.text.secret_patterns.assignments import PLACEHOLDER
from sre_runner.text.secret_patterns.recognise import SHAPES, Shape, recognised

AB = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA"
LONG = AB * 8
B64 = base64.b64encode(bytes(range(7, 200))).decode()
JWT = ".".join(("ey" + "J" + AB, "ey" + "J" + AB + AB, AB + "_-" + AB))
PEM = (
    "-----BEGIN {0}PRIVATE "
    + "KEY-----\n"
    + f"{B64[:64]}\n{B64[64:128]}\n{B64[128:140]}==\n-----END {{0}}PRIVATE KEY-----"
)
RSA = PEM.format("RSA ")

KEYS = {
    "AWS access key ID": "AK" + "IA" + "ABCDEFGH234567QR",
    "Google API key": "AI" + "za" + LONG[:35],
    "Google OAuth client secret": "GOC" + "SPX-" + LONG[:28],
    "Google OAuth access token": "ya" + "29." + LONG[:100],
    "Azure client secret": "abc" + "8Q" + "~" + LONG[:34],
    "GitHub token": "gh" + "p_" + LONG[:36],
    "GitHub fine-grained token": "github" + "_pat_" + LONG[:22] + "_" + LONG[:59],
    "GitLab token": "gl" + "pat-" + LONG[:20],
    "Slack token": "xo" + "xb-123456789012-1234567890123-" + LONG[:24],
    "Stripe key": "sk_" + "live_" + LONG[:24],
    "Stripe restricted key": "rk_" + "test_" + LONG[:24],
    "Stripe webhook secret": "whs" + "ec_" + LONG[:32],
    "Anthropic key": "sk-" + "ant-api03-" + LONG[:93] + "AA",
    "OpenAI key": "sk-" + "proj-" + LONG[:100],
    "OpenAI key, of the old kind": "sk-" + LONG[:48],
    "npm token": "np" + "m_" + LONG[:36],
    "PyPI token": "py" + "pi-AgEIcHlwaS5vcmc" + LONG[:100],
    "Docker Hub token": "dckr" + "_pat_" + LONG[:27],
    "Hugging Face token": "h" + "f_" + "abCdeFghIjklMnopQrstUvwxYzabCdefGh",
    "Vault token": "hv" + "s." + LONG[:90],
    "DigitalOcean token": "dop" + "_v1_" + "0123456789abcdef" * 4,
    "Grafana token": "gl" + "sa_" + LONG[:32] + "_0a1b2c3d",
    "SendGrid key": "S" + "G." + LONG[:22] + "." + LONG[:43],
    "age key": "AGE-SECRET" + "-KEY-1" + "QPZRY9X8" * 7 + "AB",
    "JSON Web Token": JWT,
}
OTHERS = [f"gh{kind}_{LONG[:36]}" for kind in "ousr"] + [
    *("AS" + "IA" + "ABCDEFGH234567QR", "xa" + "pp-1-A012345-123456-" + LONG[:40], "xo" + "xe.xoxp-1-" + LONG[:40]),
    *("gl" + "rt-" + LONG[:20], "gl" + "pat-" + LONG[:27] + ".01.170abcdef", "sk_" + "test_" + LONG[:99]),
    *("sk-" + "svcacct-" + LONG[:90], "sk-" + "or-v1-" + "0123456789abcdef" * 4, "hv" + "b." + LONG[:120]),
]

BESIDE = {
    "AWS_SECRET_ACCESS_KEY=%s": LONG[:36] + "/+Ab",
    'aws_secret_access_key = "%s"': LONG[:40],
    '{"SecretAccessKey": "%s"}': LONG[:40],
    '{\\"SecretAccessKey\\": \\"%s\\"}': LONG[:40],
    "<SecretAccessKey>%s</SecretAccessKey>": LONG[:40],
    '"SessionToken": "%s"': B64,
    "https://b.s3.amazonaws.com/k?X-Amz-Signature=%s&x=1": "0123456789abcdef" * 4,
    "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=%s;EndpointSuffix=y": LONG[:86] + "==",
    "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=%s": LONG[:43] + "=",
    "https://x.blob.core.windows.net/c?sv=2022-11-02&sr=c&sig=%s&se=2030": LONG[:43] + "%3D",
    "https://hooks.slack.com/services/%s": "T01" + "ABCDEF/B01ABCDEF/" + LONG[:24],
    "postgres://app:%s@db:5432/orders": "hunter2",
    "redis://:%s@cache": "correct-horse",
    "amqps://svc%%40x:%s@mq/": "p%40ss",
    "Authorization: Bearer %s": "abcdefgh",
    "curl -H 'authorization: Basic %s' https://x": base64.b64encode(b"user:hunter2").decode(),
    '"Authorization": ["Bearer %s"]': LONG[:30],
    "authorization=Token %s": "0123456789abcdef0123",
    "proxy said: Bearer %s was refused": LONG[:32],
    "$ curl -sS -u admin:%s https://x": "hunter2",
    '{"auths":{"ghcr.io":{"auth":"%s"}}}': base64.b64encode(b"user:hunter2").decode(),
    '{\\"auths\\": {\\"ghcr.io\\": {\\"auth\\": \\"%s\\"}}}': base64.b64encode(b"user:hunter2").decode(),
    "\\x1b[31mtoken\\x1b[0m %s": "gh" + "p_" + LONG[:36],
    "https://x/?t%%3D%s%%26": "gh" + "p_" + LONG[:36],
    "password=%s": "hunter2",
    "PGPASSWORD=%s psql -h db": "correcthorse",
    "DB_PASS=%s": "s3cr3t!x",
    "spring.datasource.password=%s": "Sommer2024",
    "password: %s": "hunter2",
    "DB_PASSWORD:    %s": "x9-Kq!",
    'password: "%s"': "correct horse battery",
    '{"user": "a", "password": "%s", "x": 1}': "hunterhunter",
    '{\\"password\\":\\"%s\\"}': "hunter2",
    '{"dbPassword":"%s"}': 'hun\\"ter\\\\2',
    "mysql --user=root --password=%s db": "hunter2",
    "login --password %s --user x": "hunter2",
    "kubeadm join 10.0.0.1:6443 --token %s": "abcdef." + "0123456789abcdef",
    "connecting with user=app password=%s host=db": "hunter2;"[:7],
    "https://host/cb?access_token=%s&state=1": LONG[:40],
    "api_key=%s": LONG[:20],
    "X-API-Key: %s": LONG[:32],
    'apiKey: "%s"': LONG[:32],
    "CLIENT_SECRET=%s": "~" + LONG[:30],
    "client_secret: %s": "0123456789abcdef0123456789abcdef",
    "VAULT_TOKEN=%s": "s." + LONG[:24],
    "consul_http_token: %s": "8ad2b3c4-1111-4222-8333-0123456789ab",
    "the token token=%s": LONG[:20],
    "- name: DB_PASSWORD\n  value: %s\n- name: X\n": "hunterhunter",
    '"name": "API_TOKEN",\n   "value": "%s"': LONG[:20],
    '{"name":"DB_PASSWORD","value":"%s"}': "hunter2",
    '{\\"name\\": \\"DB_PASSWORD\\",\\n  \\"value\\": \\"%s\\"}': "hunter2",
}

ORDINARY = f"""
image: registry.example.com/shop/checkout@sha256:{"0123456789abcdef" * 4}
Image ID: docker-pullable://nginx@sha256:{"fedcba9876543210" * 4}
uid: 6f1c2d9e-7a55-4c1e-9b1d-2f4a8c0e5d11  resourceVersion: "184467"  trace_id=4bf92f3577b34da6a3ce929d0e0e4736
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
commit 9fceb02d0ae598e95dc970b74767f19372d61af8 (HEAD -> main) tag v1.2.3-rc1+build.5
pod/checkout-7d9f8c6b5-x2x7v pod-template-hash=7d9f8c6b5 payload={B64}
etag: "33a64df551425fcc55e4d42a148795d9f25f89d4" checksum/config: {"ab12" * 16}
FATAL: password authentication failed for user "app"
password: authentication failed; token: invalid; token: expired; secret: not found, Password: required
Error: secret "db-credentials" not found; secretName: db-credentials-v2; token: default-token-x7k2p
  DB_PASSWORD:  <set to the key 'password' in secret 'db-credentials'>  Optional: false
  API_TOKEN:    <set to the key 'token' of config map 'x'>  Optional: true
      secretKeyRef: {{name: db-credentials-2, key: db-password-1}}
- name: DB_PASSWORD
  valueFrom:
    secretKeyRef:
      key: password
      name: db-credentials-v1
- name: REQUEST_TIMEOUT
  value: 30seconds
password: ${{DB_PASSWORD}} token: $TOKEN key: {{{{ .Values.apiKey }}}} password=**** password=[REDACTED] password: <>
password=$(cat /run/secrets/db) PASSWORD_FILE=/run/secrets/db-1 token_file: /var/run/secrets/token2
def connect(user: str, password: str, token: Optional[str] = None): return login(user, password=password)
password = config.db.password; token = self.get_token(1); api_key = os.environ["API_KEY1"]; secret = load_secret(name1)
max_tokens: 4096 prompt_tokens=1234 total_tokens=99 nextToken=AAEAAd0f1 continue_token: eyJ2IjoibWV0 page_token=CAUQAA2
key="default/nginx-7d9f8c6b5-x2x7v" cache_key=user:1234 routing_key=orders.created.v1 groupKey={{}}:{{alertname="x1"}}
dedup_key: 0123456789abcdef0123456789abcdef idempotency_key=6f1c2d9e-7a55-4c1e-9b1d-2f4a8c0e5d11 partitionKey=abc12345
"service_key": "default/Job/java-api-checker", "keyboard": "de-1", "author": "Jane2000Doe", "token_type": "bearer2x"
http://user@host:8080/path@v2 https://grafana:3000/d/abc?orgId=1 tcp://10.0.0.1:443 docker://a:b/c@sha256:0123
Warning: bearer authentication required. Authorization: Bearer <token>. Authorization: none. Bearer token was not sent
-----BEGIN CERTIFICATE-----
{B64[:64]}
-----END CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
ssh-ed25519 {B64[:60]} me@host SHA256:{LONG[:43]}
task-{LONG[:48].lower()} risk-{LONG[:20]} sk-learn sk-toolbox desk-{LONG[:48]} npm_config_cache=/x hf_hub_download
AKIA in a word: {"X" + "AKIA" + "ABCDEFGH234567QR"} and {"AKIA" + "ABCDEFGH234567QRS"}; eyJhbGciOiJub25lIn0 alone
kind: Secret
metadata:
  name: empty
secrets "x" is forbidden: User "system:serviceaccount:a:b" cannot get resource "secrets" in API group ""
kind: ConfigMap
data:
  color: blue-12345678
encryption_key_rotation: 90d1 password_encryption = scram-sha-256 private_key_id: 1234abcd1234 key_fingerprint=ab:cd:12
"""


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_recognised_by_its_shape(name: str) -> None:
    key = KEYS[name]
    for before, after in ((" ", " "), ('"', '"'), ("x=", "\n"), ("'", "',"), ("(", ")"), ("\\n", "\\n")):
        seen = recognised(f"a{before}{key}{after}b")
        assert seen.text == f"a{before}[masked:1]{after}b", before
        assert seen.count == 1
        assert sum(seen.kinds.values()) == 1
    assert recognised(f"log {key} end").kinds == {name: 1}


@pytest.mark.parametrize("key", OTHERS)
def test_other_kinds_of_keys_are_recognised(key: str) -> None:
    assert recognised(f"log {key}, end").text == "log [masked:1], end"


@pytest.mark.parametrize("around", BESIDE)
def test_a_value_is_recognised_by_what_stands_beside_it(around: str) -> None:
    text = f"before {around % '…'} after"
    assert recognised(f"before {around % BESIDE[around]} after").text == text.replace("…", "[masked:1]")


@pytest.mark.parametrize("line", ORDINARY.strip().split("\n"))
def test_ordinary_lines_are_left(line: str) -> None:
    assert recognised(line).text == line


def test_ordinary_text_is_left_as_a_whole() -> None:
    seen = recognised(ORDINARY)
    assert (seen.text, seen.count, seen.kinds) == (ORDINARY, 0, {})
    assert recognised(json.dumps(ORDINARY)).text == json.dumps(ORDINARY)


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("write", [str, lambda t: json.dumps(t)[1:-1], lambda t: t.replace("\n", "\n    "), json.dumps])
def test_of_a_private_key_only_its_ends_are_left(kind: str, write: type[str]) -> None:
    seen = recognised(f"x {write(PEM.format(kind))} y")
    assert seen.count == 1
    assert re.fullmatch(
        r'x "?-----BEGIN [A-Z ]*PRIVATE KEY-----(\s|\\n)+\[masked:1\](\s|\\n)+-----END [A-Z -]*"? y', seen.text
    )


def test_a_private_key_that_is_cut_is_masked_as_far_as_it_goes() -> None:
    begin = RSA[: RSA.index("\n") + 1]
    assert recognised(RSA[:120]).text == f"{begin}[masked:1]"
    assert recognised(f"{RSA[:105]}\n").text == f"{begin}[masked:1]\n"
    assert recognised(f"{RSA[:120]}\n\nMore text follows").text == f"{begin}[masked:1]\n\nMore text follows"


def test_equal_secrets_have_equal_numbers() -> None:
    one, two = KEYS["GitHub token"], KEYS["npm token"]
    seen = recognised(f"{two} {one} token={one} {two} password=hunter2")
    assert seen.text == "[masked:1] [masked:2] token=[masked:2] [masked:1] password=[masked:3]"
    assert seen.count == 3
    assert sum(seen.kinds.values()) == 5
    assert recognised(seen.text).text == seen.text
    assert recognised("password=[masked] token: [masked:12]").count == 0


def test_a_secret_keeps_its_number_from_text_to_text() -> None:
    numbers: dict[str, int] = {}
    more = {"ours": "ours-[0-9]+"}
    first, second = recognised("ours-1 ours-2", more, numbers), recognised("ours-3 ours-2", more, numbers)
    assert (first.text, second.text) == ("[masked:1] [masked:2]", "[masked:3] [masked:2]")
    assert (first.count, second.count) == (2, 2)


def test_more_shapes_can_be_given() -> None:
    more = {"ours": r"\bours-[0-9]{6}\b", "id": r"id=(?P<secret>[0-9]+)"}
    seen = recognised("x ours-123456 id=42 ours-123456", more)
    assert (seen.text, seen.count, seen.kinds) == ("x [masked:1] id=[masked:2] [masked:1]", 2, {"ours": 2, "id": 1})


SECRET_YAML = """
apiVersion: v1
items:
- apiVersion: v1
  data:
    password: cGFzc3dvcmQ=
    tls.key: "bG9uZ2tleQ=="
    empty: ""
  kind: Secret
  metadata:
    labels:
      data: keep
    name: one
  type: Opaque
- apiVersion: v1
  data:
    color: Ymx1ZQ==
  kind: ConfigMap
- kind: Secret
  metadata:
    name: two
  stringData:
    config.yaml: |
      user: app
      pin: 1234

    user: app
  type: Opaque
kind: List
---
kind: Deployment
spec:
  kind: Secret
data:
  keep: this
"""


def test_the_values_of_secrets_in_yaml_are_masked_and_no_others() -> None:
    seen = recognised(SECRET_YAML)
    wanted = SECRET_YAML.replace("cGFzc3dvcmQ=", "[masked:1]").replace("bG9uZ2tleQ==", "[masked:2]")
    wanted = wanted.replace("user: app\n      pin: 1234", "[masked:3]\n      [masked:4]").replace(
        "user: app", "user: [masked:5]"
    )
    assert seen.text == wanted
    indented = "".join(f"  {line}\n" for line in SECRET_YAML.split("\n"))
    assert recognised(indented).count == 5


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("levels", [0, 1, 2])
def test_the_values_of_secrets_in_json_are_masked_and_no_others(indent: int | None, levels: int) -> None:
    secret = {"data": {"a": "QUFBQQ==", "b.c": "QkJCQg=="}, "kind": "Secret", "metadata": {"labels": {"x": "keep"}}}
    later = {
        "kind": "Secret",
        "metadata": {"name": "n", "data": {"keep": "this"}},
        "stringData": {"a": 'x"y\\z{', "e": ""},
    }
    other = {"kind": "ConfigMap", "data": {"keep": "that"}, "spec": {"kind": "Secret"}}
    data: object = {"items": [secret, other, later, other], "data": {"keep": "it"}, "kind": "List"}
    text = json.dumps(data, indent=indent)
    for _ in range(levels):
        text = json.dumps({"log": text})
    seen = recognised(f"answer: {text}")
    assert seen.count == 3
    assert seen.text.count("[masked:") == 3
    assert seen.text.count("keep") == text.count("keep")
    masked_one = re.search(r'\\*"(data|stringData)\\*": \{', seen.text)
    assert masked_one
    assert not re.search("QUFB|QkJC|x.{1,9}y.{1,9}z", seen.text)
    assert all(each in seen.text for each in ("this", "that", "it"))


def test_a_secret_that_is_cut_is_masked_as_far_as_it_goes() -> None:
    assert recognised('{"kind": "Secret", "data": {"a": "QUFBQQ==", "b": "QkJC').text == (
        '{"kind": "Secret", "data": {"a": "[masked:1]", "b": "[masked:2]'
    )
    assert recognised("kind: Secret\ndata:\n  a: QUFBQQ==").text == "kind: Secret\ndata:\n  a: [masked:1]"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_shape_says_who_defines_it_and_has_an_example(shape: Shape) -> None:
    assert shape.source.startswith("https://")
    assert "…" in shape.example
    assert shape.hints
    assert "secret" in re.compile(shape.regex).groupindex or shape.name in KEYS
    # A secret is only looked for where a hint stands; so every beginning that the regex allows has one.
    assert any(hint in shape.example for hint in shape.hints)


HASHES = st.one_of(
    st.binary(min_size=32, max_size=32).map(lambda raw: f"sha256:{raw.hex()}"),
    st.binary(min_size=20, max_size=20).map(bytes.hex),
    st.binary(min_size=16, max_size=48).map(lambda raw: base64.b64encode(raw).decode()),
    st.uuids().map(str),
    st.integers(0, 10**20).map(str),
    st.from_regex(r"[a-z]{3,9}-[a-f0-9]{9,10}-[bcdf-hj-np-tv-z2-9]{5}", fullmatch=True),
    st.sampled_from(
        ["trace_id=", "image: ", "commit ", "digest=", '"uid": "', "resourceVersion: ", "pod/", ", ", "\n", " = "]
    ),
)


@settings(max_examples=200)
@given(st.lists(HASHES, max_size=40).map(" ".join))
def test_text_of_hashes_is_unchanged(text: str) -> None:
    assert recognised(text).text == text


@settings(max_examples=200)
@given(st.text(max_size=60), st.sampled_from([*KEYS.values(), RSA]), st.text(max_size=60))
def test_text_around_a_key_is_left(before: str, key: str, after: str) -> None:
    alone = recognised(f"{before} \n"), recognised(f"\n {after}")
    if alone[0].count == alone[1].count == 0:
        body = key.split("-----\n")[1].split("\n-----")[0] if key is RSA else key
        assert (
            recognised(f"{before} \n{key}\n {after}").text == f"{before} \n{key.replace(body, '[masked:1]')}\n {after}"
        )


UNITS = [
    *(
        "a",
        "A",
        "-",
        "=",
        ":",
        " ",
        "\n",
        "\\",
        '"',
        "{",
        "}",
        "eyJ",
        "eyJaaaaaaaaaaaa.",
        "-----BEGIN PRIVATE KEY-----",
        "sk-",
        "gl",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----\nAAAA\n",
        "://",
        "://a:",
        "://a:b",
        "Authorization: Bearer ",
        "password=",
        "password",
        "secret ",
    ),
    *(
        "token=token",
        "key: ",
        '"kind": "Secret", "data": {',
        "kind: Secret\n",
        "data:\n",
        "  data:\n   kind: Secret\n",
        "xoxb-",
        "Bearer ",
    ),
    *(
        "name: A\n",
        "name: TOKEN\\n",
        "--password ",
        "pass_",
        "secret=secret:",
        "hooks.slack.com/services/",
        "AKIA",
        "sig=",
        "8Q~",
        "- ",
    ),
    *(
        '\\"',
        "secret_",
        "AgE",
        "pypi-AgE",
        "AccountKey=",
        "Bearer a",
        "passwordpassword=a.",
        "token=" + "k" * 400 + "!",
        "BEGIN ",
    ),
    *("curl ", "curl -u a:", "auths"),
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_in_proportion_to_the_text(unit: str) -> None:
    text = f'"kind": "Secret" -----END PRIVATE KEY----- kind: Secret\n{unit * (300_000 // len(unit))}'
    started = time.process_time()
    recognised(text)
    assert time.process_time() - started < 4


def test_placeholders_are_no_values() -> None:
    for text in (
        "${X}",
        "$X",
        "$(cat x)",
        "{{ x }}",
        "<none>",
        "****",
        "xxxx",
        "%s",
        "[REDACTED]",
        "changeme",
        "your-token-here",
        "…",
    ):
        assert PLACEHOLDER.fullmatch(text) or text == "…"
    for text in ("hunter2", "$ecret99!", "correct horse", "Xy{1"):
        assert not PLACEHOLDER.fullmatch(text)
