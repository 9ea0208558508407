"""Which cluster kubectl is at, and what its user may do there, as kubectl itself says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sre_runner.text.naming import listed
from sre_runner.tools.backends.look import Seen
from sre_runner.tools.command.rights import beyond_reading

if TYPE_CHECKING:
    from sre_runner.tools.processes import Finished

SECONDS = 10.0
"""In which kubectl has to answer; for its context it only reads a file."""
_MOST_SHOWN = 4
_CONFIG = "Check KUBECONFIG and the context: kubectl config get-contexts."
_REACH = "Try it by hand: kubectl auth can-i --list."
_VIEW_ONLY = "Bind its user to a ClusterRole that only allows get, list and watch, and no Secrets."


@dataclass(frozen=True)
class Context:
    """What kubectl's configuration says; `namespace` is that of a command that names none."""

    name: str
    server: str
    namespace: str

    def __str__(self) -> str:
        return f"kubectl, context {self.name}, cluster {self.server}"


@dataclass(frozen=True)
class Kubectl:
    """kubectl as a tool runs it. `context` is its option, or nothing."""

    program: str
    context: tuple[str, ...]
    env: Mapping[str, str]
    directory: Path

    async def at(self) -> Context | None:
        """The context in use, None where there is none. Raises OSError or ValueError where kubectl does not start."""
        finished = await self._run("config", "view", "--minify", "--output=json")
        return context_of(finished.stdout)

    async def refusal(self) -> str:
        """Why the cluster does not answer, in kubectl's words, or "". Raises OSError where kubectl does not start."""
        finished = await self._run("version", "--output=json", "--request-timeout=8s")
        if finished.exit_code == 0:
            return ""
        return (finished.stderr.strip() or "no answer in time").splitlines()[-1][:300]

    async def seen(self) -> list[Seen]:
        """The context, and what is allowed in it. Raises OSError where kubectl does not start."""
        context = await self.at()
        if context is None:
            return [Seen("fail", "kubectl has no context to use", _CONFIG)]
        told = await self._run("auth", "can-i", "--list", "--no-headers", "--request-timeout=8s")
        return [*rights(context, told)]

    async def _run(self, *arguments: str) -> Finished:
        from sre_runner.tools.processes import run

        return await run(
            (self.program, *arguments, *self.context), env=self.env, cwd=self.directory, seconds=SECONDS, grace=1.0
        )


def context_of(view: str) -> Context | None:
    """The context of what `kubectl config view --minify --output=json` prints."""
    try:
        data = json.loads(view)
        inner = data["contexts"][0].get("context", {}) if data.get("contexts") else {}
        server = data["clusters"][0]["cluster"]["server"]
        return Context(str(data["current-context"] or "none"), str(server), str(inner.get("namespace", "default")))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None


def rights(context: Context, told: Finished) -> Iterator[Seen]:
    """What `kubectl auth can-i --list` came to."""
    if told.timed_out or told.exit_code:
        lines = told.stderr.strip().splitlines()
        why = "it did not answer in time" if told.timed_out else lines[-1] if lines else f"exit code {told.exit_code}"
        yield Seen("fail", f"{context}: {why}", _REACH)
        return
    more = beyond_reading(told.stdout)
    if more:
        yield Seen("warn", f"{context}: more than reading is allowed: {listed(more, _MOST_SHOWN)}", _VIEW_ONLY)
    elif not told.stdout.strip():
        yield Seen("warn", f"{context}: it answers, and allows nothing in {context.namespace}", _VIEW_ONLY)
    elif "incomplete" in told.stderr:
        yield Seen("warn", f"{context}: only reading as far as the cluster tells; the list is incomplete", _VIEW_ONLY)
    else:
        yield Seen("ok", f"{context}: only reading is allowed (namespace {context.namespace})")
