"""CPU per model call of a batch, against as many single runs in one event loop that share nothing, and the SDK alone.

    .venv/bin/python bench/batch.py [--rows 100] [--jobs 8] [--rounds 3]

A server in a process of its own answers every call at once, so that only this side is measured. Each line of a round is
a process of its own; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SUPPORT = Path(__file__).parents[1] / "tests" / "support"
sys.path.insert(0, str(SUPPORT))

WAYS = ("sdk", "apart", "batch")
CALLS = 14
"""Of an investigation: thirteen of the specialist, the last one its report, and the conclusion."""


def serve() -> None:
    """Answer until stdin is closed; the first line printed is the address."""
    from aiohttp import web
    from loopback import Request
    from many import answer
    from replies import reply, use

    async def messages(request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        known = Request("/v1/messages", {}, b"submit_conclusion" if _concludes(body) else b"", body, "")
        turns = len(body["messages"])
        asks = len(body["tools"]) > 1 and turns < 2 * CALLS - 3
        step = reply(use("health", {"service": f"s{turns}"})) if asks else answer(known)
        return web.Response(body=step.body, content_type="application/json")

    async def main() -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/messages", messages)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.to_thread(sys.stdin.read)

    asyncio.run(main())


def _concludes(body: Any) -> bool:
    return bool(body["tools"]) and body["tools"][-1]["name"] == "submit_conclusion"


def measured(way: str, rows: int, jobs: int) -> None:
    """Carry out one way, and print CPU seconds after its imports and the peak of memory in KiB."""
    from many import configuration, list_of

    folder = Path(tempfile.mkdtemp())
    playbook = configuration(folder)
    agent = folder / "agents.d" / "looker.yaml"
    agent.write_text(agent.read_text() + f"max_iterations: {CALLS}\n")
    incidents = list_of(folder, [f"s{number}" for number in range(rows)])
    import anthropic  # noqa: F401

    from sre_runner.cli import cli
    from sre_runner.commands.batch import batch  # noqa: F401
    from sre_runner.render.run.formats import FORMATS  # noqa: F401

    began = time.process_time()
    if way == "batch":
        with contextlib.redirect_stdout(io.StringIO()):
            words = ["batch", str(playbook), str(incidents), "--jobs", str(jobs), "--runs", str(folder / "runs"), "-q"]
            assert cli.main(words, standalone_mode=False) == 0
    elif way == "apart":
        asyncio.run(_apart(playbook, folder, rows, jobs))
    else:
        asyncio.run(_sdk(rows, jobs))
    print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


async def _apart(playbook: Path, folder: Path, rows: int, jobs: int) -> None:
    from sre_runner.commands.run import keep
    from sre_runner.runs.options import RunOptions
    from sre_runner.runs.run import run_in_loop

    seats = asyncio.Semaphore(jobs)

    async def one(number: int) -> None:
        async with seats:
            options = RunOptions(playbook, inputs={"service": f"s{number}"}, runs=folder / "runs")
            record, where = await run_in_loop(options)
            assert keep(record, where, None).code == 0

    await asyncio.gather(*(one(number) for number in range(rows)))


async def _sdk(rows: int, jobs: int) -> None:
    """The same number of calls of the SDK's default client, which send the same kind of growing conversation."""
    import anthropic

    client, seats = anthropic.AsyncAnthropic(max_retries=0), asyncio.Semaphore(jobs)
    tool = {"name": "health", "description": "Health.", "input_schema": {"type": "object"}}
    tools = [tool, {**tool, "name": "submit_report"}]

    async def one() -> None:
        async with seats:
            messages: list[Any] = [{"role": "user", "content": "Look at it."}]
            for _ in range(CALLS):
                answer = await client.messages.create(
                    model="claude-sonnet-5-5", max_tokens=1000, system="You look.", messages=messages, tools=tools
                )
                results = [
                    {"type": "tool_result", "tool_use_id": block.id, "content": '{"status": "healthy"}'}
                    for block in answer.content
                    if block.type == "tool_use"
                ]
                content = [block.model_dump(exclude_none=True) for block in answer.content]
                messages += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]

    await asyncio.gather(*(one() for _ in range(rows)))
    await client.close()


def main() -> None:
    """Measure every way in turn, round after round, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--do", choices=[*WAYS, "serve"], help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.do == "serve":
        serve()
        return
    if wanted.do:
        measured(wanted.do, wanted.rows, wanted.jobs)
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--do", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin
    assert server.stdout
    address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    kept = {
        name: text for name, text in os.environ.items() if not re.match(r"(?i)anthropic|https?_proxy|all_proxy", name)
    }
    environ = {**kept, "ANTHROPIC_BASE_URL": address, "ANTHROPIC_API_KEY": "bench"}
    found: dict[str, list[tuple[float, int]]] = {way: [] for way in WAYS}
    for _ in range(wanted.rounds):
        for way in WAYS:
            command = [sys.executable, __file__, "--do", way, "--rows", str(wanted.rows), "--jobs", str(wanted.jobs)]
            seconds, memory = subprocess.run(
                command, env=environ, check=True, capture_output=True, text=True
            ).stdout.split()
            found[way].append((float(seconds), int(memory)))
    server.stdin.close()
    server.wait()
    medians = {way: statistics.median(seconds for seconds, _ in each) for way, each in found.items()}
    for way, median in medians.items():
        each = 1000 * median / (wanted.rows * CALLS)
        memory = max(kib for _, kib in found[way]) / 1024
        print(f"{way:6} {each:6.3f} ms a call   {median / medians['sdk']:5.2f} times the SDK   {memory:6.1f} MiB")


if __name__ == "__main__":
    main()
