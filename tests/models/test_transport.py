"""How a reply's body is read: bounded, unpacked, and told apart from a service that is not there. And redirects."""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from calling import asked, fail, no_authorities, play, with_model
from loopback import Loopback, Step, cut, error, message, raw, reply, text

from sre_runner.errors import ServiceError
from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.faults import HINTS
from sre_runner.models.model import ModelError
from sre_runner.models.patience import Patience
from sre_runner.models.transport import MAX_BODY

__all__ = ["no_authorities"]

ANSWER = json.dumps(message(text("Yes."))).encode()


def packed(body: bytes, encoding: str, status: int = 200) -> Step:
    return raw(body, status, content_encoding=encoding)


def zipped(pieces: Iterator[bytes]) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


@pytest.mark.parametrize(
    "step",
    [
        packed(gzip.compress(ANSWER), "gzip"),
        packed(gzip.compress(ANSWER), "GZIP"),
        packed(zlib.compress(ANSWER), "deflate"),
        packed(ANSWER, "identity"),
        packed(ANSWER, "utf-8"),  # what some servers say, and do not mean
        packed(ANSWER + b" " * (MAX_BODY - len(ANSWER)), "identity"),
    ],
    ids=["gzip", "upper case", "deflate", "identity", "no encoding", "as large as it may be"],
)
def test_bodies_that_can_be_read(step: Step) -> None:
    assert play(step)[0].content == (text("Yes."),)


def test_a_small_body_that_unpacks_to_a_large_one_is_not_read_whole() -> None:
    small = zipped(b" " * 2**20 for _ in range(100))
    assert len(small) < 2**17
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    failure = fail(packed(small, "gzip"))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert failure.kind == "malformed"
    assert "it has more than 16 MiB once unpacked" in failure.message
    assert after - before < 80 * 1024, "KiB"


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_large_body_is_refused(encoding: str) -> None:
    failure = fail(packed(b" " * (MAX_BODY + 1), encoding))
    assert (failure.kind, "more than 16 MiB" in failure.message) == ("malformed", True)


def test_the_body_of_a_refusal_is_bounded_and_its_status_counts() -> None:
    failure = fail(packed(zipped(b" " * 2**20 for _ in range(30)), "gzip", 404))
    assert failure.kind == "not_found_error"
    assert fail(packed(b"no gzip", "gzip", 400)).kind == "invalid_request_error"
    assert fail(packed(b"{}", "gzip, gzip", 403)).kind == "permission_error"
    assert fail(cut(error(401))).kind == "authentication_error"


@pytest.mark.parametrize(
    ("step", "attempts", "why"),
    [
        (packed(b"no gzip at all", "gzip"), 3, "it is not packed by gzip, as it says"),
        (packed(b"\x00\x01", "deflate"), 3, "packed by deflate"),
        (packed(gzip.compress(gzip.compress(ANSWER)), "gzip, gzip"), 1, "it is packed more than once"),
        (packed(b"\xff\xfe\x00", "snappy"), 3, "packed by snappy): "),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_malformed(step: Step, attempts: int, why: str) -> None:
    failure = fail(*[step] * attempts)
    assert failure.kind == "malformed"
    assert "reached" not in failure.message
    assert why in failure.message


def test_an_answer_that_is_cut_short_is_called_so() -> None:
    failure = fail(cut(reply(text("A pod is killed."))), patience=Patience(0))
    assert (failure.kind, failure.hint) == ("cut_short", HINTS["cut_short"])
    assert failure.message.startswith("the model service's answer was cut short: ")


def test_a_server_that_speaks_another_protocol_is_there() -> None:
    async def talk() -> ModelError:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ESMTP\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        model = AnthropicModel(api_key="test", base_url=f"http://127.0.0.1:{port}", first_wait=0.001)
        with pytest.raises(ModelError) as caught:
            await model.reply(asked())
        await model.close()
        server.close()
        await server.wait_closed()
        return caught.value

    failure = asyncio.run(talk())
    assert failure.kind == "malformed"
    assert "it is not HTTP" in failure.message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the incident nor a header of one's own leaves for where nobody sent them."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Api-Key: gateway-key-777777")
    with Loopback({}) as other:
        location = other.url.replace("//", "//user:some-password@") + "/v1/messages?secret=1"
        failure = fail(raw(b"", status, "text/html", location=location))
        assert other.requests == []
    assert failure.kind == "redirect"
    assert failure.message == (f"the model service answered {status}, a redirect to {other.url}, which is not followed")
    assert failure.hint == (
        "It is another server: set ANTHROPIC_BASE_URL to the address of the service itself, without /v1."
    )


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        ({"location": "/v1/messages/"}, "It wants another path: set ANTHROPIC_BASE_URL"),
        ({"location": "https://127.0.0.1/v1/messages"}, "It wants https: set ANTHROPIC_BASE_URL"),
        ({}, "It does not say where to: set ANTHROPIC_BASE_URL"),
        ({"location": "http://[x"}, "It does not say where to: set ANTHROPIC_BASE_URL"),
        ({"location": "https://evil\u202eexample.test\x1b[31m/" + "x" * 3000}, ""),
    ],
)
def test_what_a_redirect_wants(location: dict[str, Any], hint: str) -> None:
    failure = fail(raw(b"", 308, **location))
    assert failure.hint.startswith(hint)
    assert len(failure.message) < 500


def test_a_redirect_names_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "gateway-secret-1.example")
    failure = fail(raw(b"", 302, location="https://gateway-secret-1.example/"))
    assert "gateway-secret-1" not in failure.message
    assert "[masked]" in failure.message


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_nothing_is_sent_to_a_proxy_of_another_sort(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback({}) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("http", scheme))
        with pytest.raises(ServiceError, match="the proxy for the model service is not usable"):
            with_model("http://127.0.0.1:9", lambda model: model.reply(asked()))
        assert proxy.requests == []


@pytest.mark.parametrize(
    ("body", "kind", "attempts"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Later."}}, "overloaded_error", 4),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "Later."}}, "rate_limit_error", 4),
        ({"error": {"message": "Later.", "type": "None", "code": "429"}}, "rate_limit_error", 4),
        ({"error": "model 'q' not found"}, "api_error", 3),
        ({"error": {"message": "No.", "type": "NotFoundError", "code": 404}}, "not_found_error", 1),
        ({"type": "error", "error": {"type": "authentication_error", "message": "No."}}, "authentication_error", 1),
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "No."}}, "invalid_request_error", 1),
        ({"type": "error", "content": [], "error": {"type": "not_found_error"}}, "not_found_error", 1),
    ],
)
def test_an_error_in_an_answer_is_that_error(body: Any, kind: str, attempts: int) -> None:
    step = raw(json.dumps(body).encode())
    if attempts == 4:  # it is tried again for as long as there is patience
        answer, sent = play(step, step, step, reply(text("Yes.")))
        assert (answer.content, len(sent)) == ((text("Yes."),), attempts)
        return
    failure = fail(*[step] * attempts)
    assert (failure.kind, failure.hint) == (kind, HINTS[kind])
    assert failure.message.startswith(f"the model service answered 200 {kind}")
    assert failure.ends_run is (kind == "authentication_error")


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (404, {"error": {"type": "NotFoundError", "message": "No `q`."}}, "not_found_error", "NotFoundError"),
        (400, {"error": {"message": "Invalid model", "type": "None", "code": "400"}}, "invalid_request_error", "None"),
        (400, {"object": "error", "message": "No.", "type": "Bad Request"}, "invalid_request_error", "Bad Request"),
        (401, {"error": {"type": "invalid_request_error"}}, "authentication_error", "invalid_request_error"),
    ],
)
def test_the_status_and_the_servers_own_word_are_both_told(status: int, body: Any, kind: str, said: str) -> None:
    failure = fail(raw(json.dumps(body).encode(), status))
    assert (failure.kind, failure.hint) == (kind, HINTS[kind])
    assert f'answered {status} {kind} (in its words "{said}")' in failure.message


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("type_", ["authentication_error", "billing_error", "Nope", ""])
def test_credentials_that_are_refused_end_the_run(status: int, type_: str) -> None:
    assert fail(error(status, kind=type_)).ends_run
    assert not fail(error(404, kind="")).ends_run
