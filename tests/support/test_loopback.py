"""The loopback server: it fails a test on everything that the real service or a script would not allow."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from loopback import Loopback, error, message, raw, reply, text, thinking, use
from messages_api import Rules


def ask(server: Loopback, system: str = "sre", *, path: str = "/v1/messages", **changes: Any) -> tuple[int, Any]:
    """Status and JSON of one request to the server, without any SDK."""
    body = {
        "model": "m",
        "max_tokens": 1,
        "system": [text(system)],
        "messages": [{"role": "user", "content": [text("?")]}],
    }
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request("POST", path, json.dumps({**body, **changes}).encode())
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def test_each_agent_has_its_script_however_they_interleave() -> None:
    names = ("Kubernetes expert", "log-analyst", "planner")
    scripts = {name: [reply(text(f"{name} {turn}")) for turn in range(20)] for name in names}
    heard: dict[str, list[str]] = {}

    def talk(name: str) -> None:
        system = f"You are the {name.replace('-', ' ').upper()}.\nNot the planner, nor the log analyst."
        heard[name] = [ask(server, system)[1]["content"][0]["text"] for _ in range(20)]

    with Loopback(scripts) as server:
        threads = [threading.Thread(target=talk, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert heard == {name: [f"{name} {turn}" for turn in range(20)] for name in names}
    assert len(server.requests) == 60
    assert len(server.of("planner")) == 20


def test_the_longest_fitting_key_is_taken() -> None:
    with Loopback({"expert": [reply(text("any"))], "database expert": [reply(text("one"))]}) as server:
        assert ask(server, "The database expert.")[1]["content"] == [text("one")]
        assert ask(server, "The network expert.")[1]["content"] == [text("any")]


def test_a_step_may_be_made_from_its_request() -> None:
    with Loopback(lambda request: reply(text(request.last[0]["text"] * 2))) as server:
        assert ask(server)[1]["content"] == [text("??")]


def test_other_paths_have_scripts_of_their_own() -> None:
    with Loopback({"/v1/oauth/token": [raw(b'{"access_token": "x"}')], "sre": []}) as server:
        assert ask(server, path="/v1/oauth/token") == (200, {"access_token": "x"})
    with pytest.raises(AssertionError, match="unexpected request to /v1/models"), Loopback([]) as server:
        assert ask(server, path="/v1/models")[0] == 400


def test_steps_left_over_fail() -> None:
    with (
        pytest.raises(AssertionError, match=r"steps left over: \{'sre': 1\}"),
        Loopback({"sre": [reply()] * 2}) as server,
    ):
        ask(server)


@pytest.mark.parametrize("system", ["sre", "somebody else"])
def test_an_unexpected_request_fails(system: str) -> None:
    with pytest.raises(AssertionError, match="unexpected request"), Loopback({"sre": []}) as server:
        assert ask(server, system)[0] == 400


def test_an_assertion_in_a_step_fails_the_test() -> None:
    def check(request: Any) -> Any:
        raise AssertionError("no evidence was sent")

    with pytest.raises(AssertionError, match="no evidence was sent"), Loopback({"sre": [check]}) as server:
        ask(server)


def test_the_test_s_own_error_comes_first_and_what_is_left_over_is_noted() -> None:
    with pytest.raises(KeyError) as caught, Loopback([reply()]):
        raise KeyError("mine")
    assert "steps left over" in caught.value.__notes__[0]


def test_replies_look_like_the_service_s() -> None:
    assert set(message(text("x"))) == {
        "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"
    }  # fmt: skip
    assert message(use("ask"))["stop_reason"] == "tool_use"
    assert message(text("x"))["stop_reason"] == "end_turn"
    assert "usage" not in message(usage=...)
    with Loopback([error(429, "Slow.", code="x_spend_limit_reached", retry_after=3)]) as server:
        assert ask(server) == (
            429,
            {
                "type": "error",
                "error": {
                    "type": "rate_limit_error",
                    "message": "Slow.",
                    "details": {"error_code": "x_spend_limit_reached"},
                },
            },
        )


USER = {"role": "user", "content": [text("?")]}
CALL = use("ask", {}, "toolu_a")
RESULT = {"type": "tool_result", "tool_use_id": "toolu_a", "content": [text("!")]}
MARKED = {"cache_control": {"type": "ephemeral"}}


def conversation(*contents: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[number % 2], "content": list(each)} for number, each in enumerate(contents)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"model": ""}, "model is missing"),
        ({"max_tokens": 0}, "max_tokens must be"),
        ({"tool_choice": {"type": "any"}}, "tool_choice"),
        ({"temperature": 0}, "temperature"),
        ({"tools": [{"name": "a b"}]}, "tool names"),
        ({"tools": [{"name": "a"}, {"name": "a"}]}, "tool names"),
        ({"system": [{**text("x"), **MARKED}] * 5}, "5 cache markers"),
        ({"messages": []}, "first message"),
        ({"messages": conversation([])}, "without content"),
        ({"messages": [{"role": "user", "content": "words"}]}, "without content"),
        ({"messages": conversation([text(" ")])}, "non-whitespace text"),
        ({"messages": conversation([text("?")], [{**thinking("."), **MARKED}], [text("?")])}, "marker on thinking"),
        ({"messages": conversation([text("?")], [CALL], [text("?")])}, "answered by results for []"),
        ({"messages": conversation([RESULT])}, "answered by results for ['toolu_a']"),
        ({"messages": conversation([text("?")], [CALL], [text("?"), RESULT])}, "must come first"),
        ({"messages": conversation([text("?")], [text("invented")], [text("?")])}, "never said"),
        ({"messages": conversation([text("?")], [CALL], [RESULT])}, "changes system, tools or an earlier message"),
    ],
)
def test_what_the_api_refuses(changes: dict[str, Any], fault: str) -> None:
    rules = Rules()
    rules.answered([CALL])
    body = {"model": "m", "max_tokens": 1, "messages": [USER], **changes}
    assert any(fault in each for each in rules.faults(body)), rules.faults(body)


def test_what_the_api_takes() -> None:
    rules = Rules()
    body = {"model": "m", "max_tokens": 1, "system": [{**text("x"), **MARKED}]}
    assert rules.faults({**body, "messages": [USER]}) == []
    rules.answered([thinking("."), CALL])
    grown = conversation([{**text("?"), **MARKED}], [thinking("."), CALL], [{**RESULT, **MARKED}, text("Go on.")])
    assert rules.faults({**body, "messages": grown}) == []
    assert rules.faults({**body, "messages": grown}) == [], "a retry sends the same again"
    assert rules.faults({**body, "system": [text("y")], "messages": grown}) != []
    assert Rules().faults("text") == ["the body is no JSON object"]


def test_a_request_that_the_api_refuses_fails_unless_that_is_left_out() -> None:
    with pytest.raises(AssertionError, match="max_tokens"), Loopback([reply()]) as server:
        assert ask(server, max_tokens=0)[0] == 400
    with Loopback([reply()], strict=False) as server:
        assert ask(server, max_tokens=0)[0] == 200
