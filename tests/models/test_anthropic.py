"""The anthropic model: the real SDK against a real server on this machine, answers and faults."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from calling import KEY, TOOLS, asked, fail, no_authorities, play, with_model
from loopback import Loopback, Step, cut, dropped, error, message, raw, reply, text, thinking, use
from opentelemetry import trace

from sre_runner.casefile import ModelAnswer, Usage
from sre_runner.errors import ExitCode, ServiceError
from sre_runner.models.anthropic import MESSAGE_LENGTH, AnthropicModel
from sre_runner.models.credentials import CredentialsError
from sre_runner.models.faults import HINTS, STATUS_KINDS
from sre_runner.models.model import ModelError
from sre_runner.models.patience import Patience

__all__ = ["no_authorities"]


# What is sent


def test_a_plain_answer() -> None:
    answer, (sent,) = play(reply(text("A pod."), use("ask", {"pod": "a"}, "toolu_1")))
    assert answer == ModelAnswer(
        (text("A pod."), use("ask", {"pod": "a"}, "toolu_1")), "tool_use", Usage(120, 50, 400, 30), "claude-sonnet-5-5"
    )
    assert sent.path == "/v1/messages"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert "anthropic-beta" not in sent.headers


def test_the_body_has_what_was_asked_and_nothing_else() -> None:
    _, (sent,) = play(reply(text("Yes.")))
    marker = {"type": "ephemeral"}
    assert sent.body == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 4000,
        "system": [{**text("sre\nBe brief."), "cache_control": marker}],
        "tools": TOOLS,
        "messages": [{"role": "user", "content": [{**text("What is wrong?"), "cache_control": marker}]}],
    }


def test_the_trace_of_whoever_calls_is_not_passed_on() -> None:
    """The SDK would by default: to any server that speaks the API, and at a cost for each call."""
    caller = trace.NonRecordingSpan(trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(1)))
    with trace.use_span(caller):
        _, (sent,) = play(reply(text("Yes.")))
    assert "traceparent" not in sent.headers


def test_effort_is_sent_only_where_it_is_set() -> None:
    _, (sent,) = play(reply(text("Yes.")), request=asked(effort="low"))
    assert sent.body["output_config"] == {"effort": "low"}


def test_blocks_of_any_kind_come_back_byte_for_byte() -> None:
    """Thinking, its signature, unknown blocks and unknown fields: as they came, order of keys and numbers included."""
    first = [
        thinking("Näher hinsehen … 😀 \u2028 \\u00e9", "EqQBCg+/=="),
        {"type": "redacted_thinking", "data": "Eu8BCg=="},
        {"zeta": None, "type": "hologram_2027", "alpha": [1, 1.5, {"deep": {"b": 1, "a": 2}}], "empty": {}},
        {**text("Tabs\tand\r\nlines"), "citations": None, "new_field": [True, False]},
        use("ask", {"zz": 1, "aa": "</output>", "n": None, "f": 0.1}, "toolu_1") | {"caller": {"type": "direct"}},
    ]
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text("status: OOMKilled")]}

    async def talk(model: AnthropicModel) -> None:
        messages: list[Mapping[str, Any]] = [{"role": "user", "content": [text("What is wrong?")]}]
        answer = await model.reply(asked(*messages))
        messages += [{"role": "assistant", "content": list(answer.content)}, {"role": "user", "content": [result]}]
        await model.reply(asked(*messages))

    with Loopback({"sre": [reply(*first), reply(text("Memory."))]}) as server:
        with_model(server.url, talk)
    wire = json.dumps(first, ensure_ascii=False, separators=(",", ":")).encode()
    assert wire in server.requests[1].raw


def test_the_growing_tail_is_cached_and_the_conversation_stays_unmarked() -> None:
    """Marked: the system, the newest message, and the one that was newest in the call before."""
    messages: list[Mapping[str, Any]] = [{"role": "user", "content": [text("What is wrong?")]}]
    turns = 4

    async def talk(model: AnthropicModel) -> None:
        for turn in range(turns):
            answer = await model.reply(asked(*messages))
            calls = [block["id"] for block in answer.content if block["type"] == "tool_use"]
            results = [{"type": "tool_result", "tool_use_id": call, "content": [text(str(turn))]} for call in calls]
            messages.extend(
                [{"role": "assistant", "content": list(answer.content)}, {"role": "user", "content": results}]
            )

    with Loopback({"sre": [reply(thinking("Hm."), use("ask"), use("zoom")) for _ in range(turns)]}) as server:
        with_model(server.url, talk)
    marked = [
        [
            (number, place)
            for number, each in enumerate(sent.body["messages"])
            for place, block in enumerate(each["content"])
            if "cache_control" in block
        ]
        for sent in server.requests
    ]
    assert marked == [[(0, 0)], [(0, 0), (2, 1)], [(2, 1), (4, 1)], [(4, 1), (6, 1)]]
    assert "cache_control" not in json.dumps(messages)
    assert "cache_control" not in json.dumps(TOOLS)


@pytest.mark.parametrize(
    ("content", "marked"),
    [
        ([text("a"), {"type": "hologram_2027"}], 0),
        ([{"type": "hologram_2027"}], None),
    ],
)
def test_a_marker_stands_only_where_it_may(content: Sequence[Mapping[str, Any]], marked: int | None) -> None:
    _, (sent,) = play(reply(text("Yes.")), request=asked({"role": "user", "content": content}))
    assert [n for n, block in enumerate(sent.body["messages"][0]["content"]) if "cache_control" in block] == (
        [] if marked is None else [marked]
    )


def test_without_a_system_prompt_the_tools_are_cached_and_without_both_neither() -> None:
    with Loopback([reply(text("Yes.")), reply(text("Yes."))]) as server:
        with_model(server.url, lambda model: model.reply(asked(system="")))
        with_model(server.url, lambda model: model.reply(asked(system="", tools=[])))
    first, second = (sent.body for sent in server.requests)
    assert "system" not in first
    assert ["cache_control" in tool for tool in first["tools"]] == [False, False, True]
    assert not {"system", "tools"} & set(second)
    assert "cache_control" not in json.dumps(TOOLS)


def test_a_paused_turn_is_sent_back_unchanged() -> None:
    paused = [text("Searching."), {"type": "server_tool_use", "id": "srv_1", "name": "x", "input": {}}]

    async def talk(model: AnthropicModel) -> ModelAnswer:
        question = {"role": "user", "content": [text("What is wrong?")]}
        answer = await model.reply(asked(question))
        assert answer.stop_reason == "pause_turn"
        return await model.reply(asked(question, {"role": "assistant", "content": list(answer.content)}))

    with Loopback({"sre": [reply(*paused, stop="pause_turn"), reply(text("Done."))]}) as server:
        assert with_model(server.url, talk).stop_reason == "end_turn"
    newest = server.requests[1].body["messages"][-1]["content"]
    assert ["cache_control" in block for block in newest] == [True, False], "the newest message is the model's own"


@pytest.mark.parametrize(("max_tokens", "seconds"), [(4000, 600), (21_334, 600), (128_000, 3600)])
def test_a_large_max_tokens_needs_no_streaming(max_tokens: int, seconds: int) -> None:
    """The SDK refuses such a call unless it is given a timeout."""
    answer, (sent,) = play(reply(text("Long.")), request=asked(max_tokens=max_tokens))
    assert answer.content == (text("Long."),)
    assert sent.body["max_tokens"] == max_tokens
    assert float(sent.headers["x-stainless-read-timeout"]) == pytest.approx(seconds, abs=0.1)


def test_connections_are_used_again_and_many_calls_run_at_once() -> None:
    async def many(model: AnthropicModel) -> list[ModelAnswer]:
        return await asyncio.gather(*(model.reply(asked()) for _ in range(50)))

    with Loopback(lambda request: reply(text("Yes.")).after(0.05)) as server:
        began = time.monotonic()
        answers = with_model(server.url, many)
        took = time.monotonic() - began
    assert len(answers) == len(server.requests) == 50
    assert took < 50 * 0.05, "one after the other"


# What comes back


@pytest.mark.parametrize(
    "stop",
    ["end_turn", "tool_use", "max_tokens", "stop_sequence", "pause_turn", "refusal", "model_context_window_exceeded"],
)
def test_every_stop_reason_is_handed_through(stop: str) -> None:
    answer, _ = play(reply(text("…"), stop=stop))
    assert answer.stop_reason == stop


@pytest.mark.parametrize("stop", [..., 7])
def test_no_stop_reason_is_none(stop: object) -> None:
    assert play(reply(text("…"), stop_reason=stop))[0].stop_reason is None


@pytest.mark.parametrize("named", [..., None, "", 3])
def test_a_server_that_names_no_model_answered_as_the_one_that_was_asked(named: object) -> None:
    assert play(reply(text("Yes."), model=named))[0].model == "claude-sonnet-5-5"


def test_empty_content_is_an_answer() -> None:
    assert play(reply())[0].content == ()


def test_the_least_that_a_local_server_may_say() -> None:
    answer, _ = play(raw(b'{"content": [{"type": "text", "text": "Yes."}], "stop_reason": "end_turn"}'))
    assert (answer.content, answer.stop_reason, answer.model) == ((text("Yes."),), "end_turn", "claude-sonnet-5-5")
    assert answer.estimated


# Faults that pass


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (error(429), "rate limit (429)"),
        (error(429, retry_after=0), "rate limit (429)"),
        (error(408, kind="timeout_error"), "timeout (408)"),
        (error(409), "api (409)"),
        (error(500), "api (500)"),
        (error(503, x_should_retry="true"), "api (503)"),
        (raw(b"upstream timed out", 504, "text/plain"), "timeout (504)"),
        (error(529), "overloaded (529)"),
        (dropped(), "the connection failed"),
        (cut(reply(text("A pod is killed."))), "the answer was cut short"),
        (cut(error(500)), "api (500)"),
        (raw(b'{"id": "msg_1", "content": [{"ty'), "malformed answer"),
        (raw(b"<html>Sign in</html>", 200, "text/html"), "malformed answer"),
        (raw(b""), "malformed answer"),
    ],
)
def test_a_passing_fault_is_tried_again_and_the_person_is_told(step: Step, reason: str) -> None:
    waits: list[str] = []
    answer, attempts = play(step, step, reply(text("Yes.")), waits=waits)
    assert answer.content == (text("Yes."),)
    assert len({sent.raw for sent in attempts}) == 1, "every attempt sends the same"
    assert [wait.rpartition(" in ")[0] for wait in waits] == [
        f"The model service: {reason}; attempt {number}" for number in (2, 3)
    ]


@pytest.mark.parametrize(
    ("headers", "least"),
    [({"retry_after_ms": 80}, 0.08), ({"retry_after": "0.08"}, 0.08), ({"retry_after_ms": 80, "retry_after": 9}, 0.08)],
)
def test_a_stated_wait_is_obeyed(headers: Mapping[str, object], least: float) -> None:
    began = time.monotonic()
    waits: list[str] = []
    play(error(429, **headers), reply(text("Yes.")), waits=waits)
    assert least <= time.monotonic() - began < 5
    assert waits == ["The model service: rate limit (429); attempt 2 in 0.1 s."]


@pytest.mark.parametrize("status", [429, 529, 503])
@pytest.mark.parametrize(
    "after",
    # The ids are the same in every process that collects the tests.
    [3600, pytest.param(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), id="in an hour")],
)
def test_a_stated_wait_beyond_the_limit_fails_at_once(status: int, after: object) -> None:
    waits: list[str] = []
    failure = fail(error(status, retry_after=after), waits=waits)
    assert "it asks to wait 3" in failure.message
    assert "it is tried again for 60 s at most" in failure.message, "nothing was answered yet"
    assert waits == []


def test_faults_that_do_not_pass_end_with_the_limit() -> None:
    with Loopback(lambda request: error(529, "Overloaded")) as server, pytest.raises(ModelError) as caught:
        with_model(server.url, lambda model: model.reply(asked()), patience=Patience(0.15), first_wait=0.02)
    count = len(server.requests)
    assert count > 1
    assert caught.value.kind == "overloaded_error"
    assert caught.value.message.endswith(f": Overloaded (after {count} attempts)")


def test_a_limit_of_zero_tries_once() -> None:
    assert "attempts" not in fail(error(500), patience=Patience(0)).message


def test_no_answer_in_time_is_tried_again() -> None:
    waits: list[str] = []
    late = reply(text("Late.")).after(30)
    answer, _ = play(late, reply(text("Yes.")), timeout=0.2, waits=waits)
    assert answer.content == (text("Yes."),)
    assert waits[0].startswith("The model service: no answer in time; attempt 2 in ")
    failure = fail(late, timeout=0.2, patience=Patience(0))
    assert (failure.kind, failure.message) == ("timeout", "the model service did not answer in time")


def test_nobody_there() -> None:
    with Loopback({}) as server:
        url = server.url
    with pytest.raises(ModelError, match=r"cannot be reached: .*127\.0\.0\.1") as caught:
        with_model(url, lambda model: model.reply(asked()), patience=Patience(0))
    assert caught.value.kind == "connection"
    assert "ANTHROPIC_BASE_URL" in caught.value.hint


def test_a_wrong_sort_of_server_is_tried_a_few_times_only() -> None:
    """TLS spoken to a server that has none: as lasting as an untrusted certificate, and the same kind of error."""
    waits: list[str] = []
    with Loopback({}) as server, pytest.raises(ModelError, match=r"cannot be reached.*after 3 attempts") as caught:
        with_model(server.url.replace("http:", "https:"), lambda model: model.reply(asked()), waits=waits)
    assert caught.value.kind == "connection"
    assert len(waits) == 2


# Faults that stay


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (405, "api_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
    ],
)
def test_a_fault_of_the_request_is_never_tried_again(status: int, kind: str) -> None:
    failure = fail(error(status, "No.", kind=kind, request_id="req_7", retry_after=0, x_should_retry="true"))
    assert failure.kind == kind
    assert failure.message == f"the model service answered {status} {kind}, request req_7: No."
    assert failure.hint == HINTS[kind]
    bare = fail(raw(b"No.", status, "text/plain", request_id=""))
    assert (bare.kind, bare.message) == (kind, f"the model service answered {status} {kind}: No.")


@pytest.mark.parametrize("code", ["enforced", "contract", "linked_organization"])
def test_a_spend_limit_is_no_rate_limit(code: str) -> None:
    code += "_spend_limit_reached"
    assert fail(error(429, "Limit.", code=code, retry_after=0)).kind == "billing_error"
    failure = fail(error(429, "Limit.", kind=code))
    assert (failure.kind, failure.hint) == ("billing_error", HINTS["billing_error"])


def test_the_service_may_rule_out_another_try() -> None:
    assert fail(error(500, x_should_retry="false")).kind == "api_error"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>Sign in</html>", "Expecting value"),
        (b"\xff\xfe{}", "can't decode byte"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"content": [{"type": "x", "deep": ' + b"[" * 98 + b"]" * 98 + b"}]}", "nested more than 100 levels"),
        (b"[]", "not a JSON list"),
        (b"null", "not a JSON NoneType"),
        (b"{}", "its `content` is no list"),
        (b'{"content": null, "stop_reason": "end_turn"}', "its `content` is no list"),
        (b'{"content": ["words"]}', "something that is no block"),
        (b'{"content": [{"text": "no type"}]}', "something that is no block"),
        (b'{"content": [{"type": "tool_use", "input": {"n": NaN}}]}', "NaN is no JSON number"),
        (b'{"content": [{"type": "tool_use", "input": {"n": 1e999}}]}', "a number that is too large"),
        (b'{"content": [{"type": "tool_use", "input": {"n": 1' + b"0" * 5000 + b"}}]}", "a number that is too large"),
        (b'{"content": [{"type": "text", "text": "\\ud83d"}]}', "surrogates not allowed"),
    ],
)
def test_malformed_answers_are_tried_a_few_times(body: bytes, why: str) -> None:
    failure = fail(*[raw(body, content_type="text/html")] * 3)
    assert failure.kind == "malformed"
    assert failure.message.startswith("the model service gave a malformed answer (text/html): ")
    assert why in failure.message
    assert failure.message.endswith("(after 3 attempts)")


def test_pairs_of_halves_are_whole_characters() -> None:
    body = json.dumps(message(text("😀"))).encode()
    assert b"\\ud83d" in body
    assert play(raw(body))[0].content == (text("😀"),)


@pytest.mark.parametrize("words", ["half a character: \ud83d", float("nan")])
def test_what_json_cannot_say_is_told_and_not_sent(words: object) -> None:
    request = asked({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": words}]})
    with Loopback({"sre": []}) as server, pytest.raises(ModelError, match="the request cannot be sent") as caught:
        with_model(server.url, lambda model: model.reply(request))
    assert caught.value.kind == "invalid_request_error"
    assert server.requests == []


# What errors say


def test_an_error_never_repeats_the_key_or_control_characters() -> None:
    echo = f"key {KEY}\x1b[31m, another sk-ant-oat01-other, \r\n\u202ereversed " + "x" * 1000
    for step in (error(400, echo), raw(echo.encode(), 401, "text/plain"), error(403, "No.", request_id=KEY)):
        failure = fail(step)
        assert "sk-ant" not in failure.message
        assert "[masked]" in failure.message
        assert len(failure.message) < MESSAGE_LENGTH + 100


def test_keys_of_other_makes_and_headers_are_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-gateway: Bearer gateway-secret-1\nnot a header")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:proxy-secret-1@127.0.0.1:9")
    said = "local-secret-1 gateway-secret-1 proxy-secret-1"
    with Loopback({"sre": [error(400, said)]}) as server, pytest.raises(ModelError) as caught:
        with_model(server.url, lambda model: model.reply(asked()), api_key="local-secret-1")
    assert server.requests[0].headers["x-gateway"] == "Bearer gateway-secret-1"
    assert caught.value.message.endswith("[masked] [masked] [masked]")


def test_a_short_dummy_key_tears_no_holes_into_words() -> None:
    with Loopback({"sre": [error(400, "The latest test.")]}) as server, pytest.raises(ModelError) as caught:
        with_model(server.url, lambda model: model.reply(asked()), api_key="test")
    assert caught.value.message.endswith(": The latest test.")


def test_every_kind_of_error_has_a_hint() -> None:
    assert set(STATUS_KINDS.values()) <= set(HINTS)


# Cancelling and closing


def test_a_call_can_be_cancelled_and_the_model_used_again() -> None:
    async def cancel(model: AnthropicModel) -> ModelAnswer:
        task = asyncio.create_task(model.reply(asked()))
        while not server.requests:  # noqa: ASYNC110 (the server is in another thread)
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await model.reply(asked())

    with Loopback({"sre": [reply(text("Late.")).after(30), reply(text("Yes."))]}) as server:
        assert with_model(server.url, cancel).content == (text("Yes."),)


def test_waiting_between_attempts_can_be_cancelled() -> None:
    waiting = asyncio.Event()

    async def cancel(model: AnthropicModel) -> None:
        task = asyncio.create_task(model.reply(asked()))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Loopback({"sre": [error(429, retry_after=60)]}) as server:
        with_model(server.url, cancel, on_wait=lambda _: waiting.set())


def test_a_model_that_was_never_asked_closes_too() -> None:
    async def nothing(model: AnthropicModel) -> None:
        await model.close()

    with_model("http://127.0.0.1:9", nothing)


# Credentials and addresses


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback({"sre": [reply(text("Yes."))]}) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        with_model("", lambda model: model.reply(asked()), api_key=None, base_url=None)
    assert server.requests[0].headers["authorization"] == f"Bearer {server.environ['ANTHROPIC_API_KEY']}"


@pytest.mark.parametrize(
    ("name", "value", "header"),
    [
        ("ANTHROPIC_AUTH_TOKEN", "token-of-a-gateway", ("authorization", "Bearer token-of-a-gateway")),
        ("ANTHROPIC_CUSTOM_HEADERS", "X-Api-Key: key-of-a-gateway", ("x-api-key", "key-of-a-gateway")),
    ],
)
def test_other_ways_to_be_known(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, header: tuple[str, str]
) -> None:
    monkeypatch.setenv(name, value)
    with Loopback({"sre": [reply(text("Yes."))]}) as server:
        with_model(server.url, lambda model: model.reply(asked()), api_key=None)
    assert header in server.requests[0].headers.items()


def identity(monkeypatch: pytest.MonkeyPatch, token: str = "identity-token-1") -> None:
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN", token)
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "rule")
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", "organization")


def test_workload_identity_is_exchanged_for_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    identity(monkeypatch)
    token = json.dumps({"access_token": "sk-ant-oat01-x", "token_type": "Bearer", "expires_in": 600}).encode()
    with Loopback({"/v1/oauth/token": [error(500), raw(token)], "sre": [reply(text("Yes."))]}) as server:
        with_model(server.url, lambda model: model.reply(asked()), api_key=None)
    (sent,) = server.of("sre")
    assert sent.headers["authorization"] == "Bearer sk-ant-oat01-x"


def test_workload_identity_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    identity(monkeypatch)
    refused = raw(b'{"error": "invalid_grant", "error_description": "identity-token-1 is unknown"}', 400)
    with Loopback({"/v1/oauth/token": [refused] * 3}) as server, pytest.raises(ModelError) as caught:
        with_model(server.url, lambda model: model.reply(asked()), api_key=None)
    assert caught.value.kind == "authentication_error"
    assert "credentials for the model service cannot be used" in caught.value.message
    assert "invalid_grant" in caught.value.message
    assert "identity-token-1" not in caught.value.message


def test_a_token_file_that_is_gone_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    identity(monkeypatch, token="")
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN_FILE", "/nonexistent/token")
    with Loopback({}) as server, pytest.raises(ModelError, match="/nonexistent/token") as caught:
        with_model(server.url, lambda model: model.reply(asked()), api_key=None)
    assert "attempts" not in caught.value.message


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9"])
def test_no_credentials_are_an_error_before_anything_else(url: str | None) -> None:
    with pytest.raises(CredentialsError, match="no credentials for the model service were found") as caught:
        AnthropicModel(base_url=url)
    assert "ANTHROPIC_API_KEY" in caught.value.hint
    assert "--offline" in caught.value.hint
    assert caught.value.exit_code is ExitCode.SERVICE


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", "schlüssel-schlüssel", "two\x00parts"])
def test_a_key_that_no_header_takes(key: str) -> None:
    with pytest.raises(CredentialsError, match="has a space, line break or foreign character") as caught:
        AnthropicModel(api_key=key)
    assert key.strip() not in str(caught.value)


def test_a_profile_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_PROFILE", "nowhere")
    with pytest.raises(CredentialsError, match="cannot be used: Config file not found"):
        AnthropicModel()


@pytest.mark.parametrize(
    "url", ["", "localhost:11434", "ftp://localhost", "http://", "http://a b", "http://x:0", "http://x:y", "http://[x"]
)
def test_an_address_that_cannot_be_called(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(ServiceError, match="address is not usable"):
        AnthropicModel(api_key=KEY, base_url=url)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    with pytest.raises(ServiceError, match="address is not usable"):
        AnthropicModel(api_key=KEY)


@pytest.mark.parametrize(("name", "value"), [("SSL_CERT_FILE", "/nonexistent"), ("HTTPS_PROXY", "gopher://x")])
def test_a_network_setting_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ServiceError, match="no connection to the model service can be set up") as caught:
        AnthropicModel(api_key=KEY)
    assert name in caught.value.hint


def test_the_sdk_is_imported_only_when_a_model_is_made() -> None:
    code = (
        "import sys, sre_runner.models.anthropic as room\n"
        "heavy = lambda: sorted({'anthropic', 'httpx2', 'aiohttp', 'pydantic'} & set(sys.modules))\n"
        "assert not heavy(), heavy()\n"
        "room.AnthropicModel(api_key='test')\n"
        "assert 'anthropic' in heavy()\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=os.environ)
