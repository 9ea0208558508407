"""Names of attributes, and what differs between the two versions of the GenAI conventions that are spoken here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
MAX_TOKENS = "gen_ai.request.max_tokens"
FINISH_REASONS = "gen_ai.response.finish_reasons"
CONVERSATION = "gen_ai.conversation.id"
AGENT = "gen_ai.agent.name"
AGENT_DESCRIPTION = "gen_ai.agent.description"
TOOL = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_DESCRIPTION = "gen_ai.tool.description"
TOOL_CALL = "gen_ai.tool.call.id"
TOOL_ARGUMENTS = "gen_ai.tool.call.arguments"
TOOL_RESULT = "gen_ai.tool.call.result"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHE_READ = "gen_ai.usage.cache_read.input_tokens"
SYSTEM = "gen_ai.system_instructions"
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
TOOL_DEFINITIONS = "gen_ai.tool.definitions"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - a name of the conventions
ERROR = "error.type"

RUN = "sre_run.run.id"
PLAYBOOK = "sre_run.playbook"
DIGEST = "sre_run.configuration.digest"
REHEARSAL = "sre_run.rehearsal"
RESUMED = "sre_run.resumed"
REUSES = "sre_run.reuses"
SEVERITY = "sre_run.severity"
PARTIAL = "sre_run.partial"
EXIT_CODE = "sre_run.exit_code"
ASSIGNMENT = "sre_run.assignment.id"
STATUS = "sre_run.assignment.status"
TURNS = "sre_run.assignment.turns"
FINDINGS = "sre_run.assignment.findings"
CALL = "sre_run.call.number"
LABEL = "sre_run.call.label"
MADE = "sre_run.call.made"
REUSED = "sre_run.call.reused"
NO_DATA = "sre_run.call.no_data"
ESTIMATED = "sre_run.usage.estimated"

CHAT, INVOKE_AGENT, EXECUTE_TOOL, INVOKE_WORKFLOW = "chat", "invoke_agent", "execute_tool", "invoke_workflow"

OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"
LATEST = "gen_ai_latest_experimental"


@dataclass(frozen=True)
class Conventions:
    """One version of the conventions. `latest` says that it is v0.1.0 of their own repository, not v1.41.0."""

    schema: str
    workflow: str
    cache_write: str
    latest: bool = False


V1_41 = Conventions(
    "https://opentelemetry.io/schemas/1.41.0", "gen_ai.workflow.name", "gen_ai.usage.cache_creation.input_tokens"
)
"""The last version of the general conventions that has those for GenAI, which backends know."""

V0_1 = Conventions("", AGENT, "gen_ai.usage.cache_write.input_tokens", latest=True)
"""The first version of the GenAI conventions in a repository of their own."""


def spoken(environ: Mapping[str, str]) -> Conventions:
    """The version that `OTEL_SEMCONV_STABILITY_OPT_IN` asks for."""
    asked = {word.strip() for word in environ.get(OPT_IN, "").split(",")}
    return V0_1 if LATEST in asked else V1_41
