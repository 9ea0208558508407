import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mcp_serving import SDK, alive, gone, hostile, within

from sre_runner.tools.mcp.errors import McpError
from sre_runner.tools.mcp.sessions import Sessions
from sre_runner.tools.mcp.spec import McpServerSpec
from sre_runner.tools.mcp.tools import Listings, call


def called(spec, tool="do", seconds=10.0, **arguments):
    """The answer to one call."""
    return within(spec, lambda sessions: call(sessions, spec.name, tool, arguments, seconds))


def problem(spec, environ=None):
    """The error of a server that cannot be used."""
    with pytest.raises(McpError) as error:
        within(spec, lambda sessions: sessions.identity(spec.name), environ)
    return error.value


def test_parallel_calls_share_one_process_which_is_gone_at_the_end():
    async def work(sessions):
        calls = (call(sessions, "sdk", "pid", {}, 10) for _ in range(5))
        return [answer.text for answer in await asyncio.gather(*calls)], await sessions.identity("sdk")

    pids, identity = within(SDK, work)
    assert len(set(pids)) == 1
    assert gone(pids[0])
    assert str(identity).startswith("test-server 1.2.3 (python")


def test_the_process_sees_only_what_is_passed_on():
    spec = McpServerSpec("sdk", SDK.command, ("KUBECONFIG",))
    environ = {**os.environ, "KUBECONFIG": "/k", "OTHER": "x", "LC_ALL": "C.UTF-8", "ANTHROPIC_API_KEY": "secret-key"}
    answer = within(spec, lambda sessions: call(sessions, "sdk", "environment", {}, 10), environ)
    assert set(answer.text.split()) - {"LANG", "LANGUAGE", "LC_CTYPE"} == {"HOME", "KUBECONFIG", "LC_ALL", "PATH"}


def test_a_server_that_dies_is_started_once_more_and_no_more():
    async def work(sessions):
        return [
            await call(sessions, "sdk", tool, {"code": 3} if tool == "dies" else {}, 10)
            for tool in ("dies", "pid", "dies", "pid")
        ]

    died, pid, again, never = within(SDK, work)
    assert "ended with exit code 3" in died.text
    assert "panic: index out of range" in died.text
    assert (died.is_error, died.from_tool) == (True, False)
    assert not pid.is_error
    assert "ended with exit code 3" in again.text
    assert "started 2 times and is not started again" in never.text


def test_a_server_that_is_killed_between_two_calls_is_started_again():
    async def work(sessions):
        first = (await call(sessions, "bad", "do", {}, 10)).text
        os.kill(int(first), signal.SIGKILL)
        await asyncio.sleep(0.2)
        return first, (await call(sessions, "bad", "do", {}, 10)).text

    first, second = within(hostile("usual"), work)
    assert second.isdigit()
    assert first != second
    assert gone(second)


def test_a_call_that_is_not_answered_ends_at_its_timeout_and_costs_no_other():
    async def work(sessions):
        slow = asyncio.create_task(call(sessions, "sdk", "slow", {"seconds": 60}, 0.3))
        echo = await call(sessions, "sdk", "echo", {"text": "here"}, 10)
        return await slow, echo

    slow, echo = within(SDK, work)
    assert "did not answer within 0.3 s" in slow.text
    assert (slow.is_error, slow.from_tool) == (True, False)
    assert echo.text == "here"
    assert "did not answer within 0.2 s" in called(hostile("silent-call"), seconds=0.2).text


def test_a_server_that_is_never_ready_is_given_up():
    error = problem(hostile("silent", timeout=0.3))
    assert "was not ready within 0.3 s" in error.message
    assert "by hand" in error.hint


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("chatter", "it wrote 2 lines to stdout that are not messages, first: Welcome!"),
        ("other-protocol", "failed: Unsupported protocol version from the server: 1999-01-01"),
        ("wrong-begin", "answered what does not fit the protocol"),
    ],
)
def test_what_keeps_a_server_from_being_used_is_said(way, why):
    assert why in problem(hostile(way, timeout=1)).message


def test_a_server_that_speaks_only_the_newest_protocol_is_used():
    async def work(sessions):
        identity = str(await sessions.identity("bad"))
        tools = [tool.name for tool in await Listings(sessions).offered("bad")]
        return (
            identity,
            tools,
            await call(sessions, "bad", "do", {}, 5),
            await call(sessions, "bad", "do", {"ask": 1}, 5),
        )

    identity, tools, answer, ask = within(hostile("modern"), work)
    assert identity.startswith("a server without a name (python")
    assert tools == ["do"]
    assert answer.text == "modern"
    assert "asks a person for more input" in ask.text


def test_a_server_that_ends_before_it_is_ready_says_why_without_the_secret():
    environ = {**os.environ, "TEST_TOKEN": "abcdefgh12345"}
    error = problem(hostile("last-words", env=("TEST_TOKEN",)), environ)
    assert "cannot be used: it ended with exit code 7" in error.message
    assert "cannot read the kubeconfig, token=" in error.message
    assert "abcdefgh12345" not in error.message


def test_a_program_that_is_not_there_a_variable_that_is_not_set():
    missing = problem(McpServerSpec("k", ("no-such-mcp-server", "--read-only")))
    assert "`k` cannot be started: `no-such-mcp-server`: No such file or directory" in missing.message
    assert "PATH" in missing.hint
    assert "TOKEN_X is not set" in problem(McpServerSpec("k", SDK.command, ("TOKEN_X",))).message
    assert "cannot be started" in problem(McpServerSpec("k", ("a\0b",))).message


@pytest.mark.no_cover
def test_an_answer_of_50_mb_is_thrown_away_within_bounded_memory_and_the_next_call_is_answered():
    async def work(sessions):
        await sessions.identity("bad")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        large = await call(sessions, "bad", "do", {}, 30)
        return large, await call(sessions, "bad", "do", {"small": True}, 10), before

    large, small, before = within(hostile("huge"), work)
    assert "larger than 16 MiB" in large.text
    assert small.text == "small"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kilobytes


@pytest.mark.no_cover
def test_a_line_that_never_ends_ends_the_session():
    async def work(sessions):
        first = await call(sessions, "bad", "do", {}, 30)
        second = await call(sessions, "bad", "do", {}, 30)
        return first, second

    first, second = within(hostile("endless"), work)
    assert "larger than 16 MiB" in first.text
    assert second.is_error


def test_a_flood_on_stderr_neither_blocks_nor_fills_the_memory():
    assert called(hostile("flood"), seconds=30).text == "flooded"


def test_lines_that_are_no_messages_are_passed_over():
    assert called(hostile("garbage")).text.isdigit()
    assert "it wrote" not in called(hostile("garbage")).text


def test_what_a_server_says_of_itself_cannot_steer_a_terminal():
    identity = within(hostile("usual"), lambda sessions: sessions.identity("bad"))
    assert identity.name == "\\x1b[31mhostile\\u200b"
    assert identity.version == "6.6 6"
    refused = called(hostile("refuses"))
    assert refused.text == "the MCP server `bad`: answered: no such thing\\x1b[1m"
    assert (refused.is_error, refused.from_tool) == (True, True)


def test_an_answer_that_does_not_fit_the_protocol_is_an_error():
    assert "does not fit the protocol" in called(hostile("wrong")).text


@pytest.mark.parametrize(("way", "what"), [("pages", "without end"), ("many", "without end")])
def test_a_listing_without_end_is_refused(way, what):
    with pytest.raises(McpError, match=what):
        within(hostile(way), lambda sessions: Listings(sessions).offered("bad"))


def test_the_whole_group_is_killed_at_the_end():
    child = called(hostile("child")).text
    assert child.isdigit()
    assert gone(child)


def test_a_server_that_ignores_the_end_of_its_stdin_and_sigterm_is_killed():
    started = time.monotonic()
    assert gone(called(hostile("deaf")).text)
    assert time.monotonic() - started < 6


def test_a_cancelled_run_leaves_no_process():
    pids = []

    async def run():
        async with Sessions({"bad": hostile("deaf")}) as sessions:
            pids.append((await call(sessions, "bad", "do", {}, 10)).text)
            asyncio.current_task().cancel()
            await asyncio.sleep(60)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert gone(pids[0])


def test_a_cancellation_in_the_middle_of_closing_kills_at_once():
    async def run():
        sessions = Sessions({"bad": hostile("deaf")})
        pid = (await call(sessions, "bad", "do", {}, 10)).text
        closing = asyncio.create_task(sessions.close())
        await asyncio.sleep(0.1)
        closing.cancel()
        await asyncio.sleep(0.2)
        return closing.cancelled(), gone(pid, 0)

    assert asyncio.run(run()) == (True, True)


def test_sessions_that_are_never_closed_end_with_the_event_loop():
    async def run():
        sessions = Sessions({"bad": hostile("deaf")})
        return (await call(sessions, "bad", "do", {}, 10)).text

    assert gone(asyncio.run(run()))


def test_closing_while_a_server_is_not_ready_does_not_wait_for_it():
    async def work(sessions):
        begin = asyncio.create_task(sessions.identity("bad"))
        await asyncio.sleep(0.3)
        await sessions.close()
        with pytest.raises(McpError, match="was stopped"):
            await begin

    started = time.monotonic()
    within(hostile("silent", timeout=60), work)
    assert time.monotonic() - started < 10


def test_a_caller_that_gives_up_does_not_end_the_begin_for_others():
    async def work(sessions):
        first = asyncio.create_task(sessions.identity("bad"))
        second = asyncio.create_task(sessions.identity("bad"))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert within(hostile("usual"), work).version == "6.6 6"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_a_run_that_is_interrupted_or_killed(number):
    way = "deaf" if number == signal.SIGINT else "usual"
    program = (
        "import asyncio, signal\nfrom mcp_serving import hostile\nfrom sre_runner.tools.mcp.sessions import Sessions\n"
        "from sre_runner.tools.mcp.tools import call\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "async def run():\n"
        f"    async with Sessions({{'bad': hostile({way!r})}}) as sessions:\n"
        "        print((await call(sessions, 'bad', 'do', {}, 10)).text, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(run())\n"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{Path(__file__).parent}"}
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    pid = run.stdout.readline().decode().strip()
    assert alive(pid)
    run.send_signal(number)
    _, errors = run.communicate(timeout=20)
    assert gone(pid)
    assert b"ResourceWarning" not in errors
