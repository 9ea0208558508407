"""Live tools that ask a server by HTTP: `parse` and `problems` for their YAML, `HttpTool` for a run.

spec = parse({"server": "prometheus", "path": "/api/v1/query", "query": {"query": "{{ promql }}"}})
async with HttpClient(os.environ) as client:  # one for a run, from `sre_runner.tools.http.client`
    tool = HttpTool("query_metrics", spec, input_schema, resolve(server_spec, os.environ), client, timeout=30.0)
    answer = await tool.answer({"promql": "up"}, ())
"""

from __future__ import annotations

from sre_runner.tools.http.checks import problems as problems
from sre_runner.tools.http.prerequisites import Reached as Reached
from sre_runner.tools.http.prerequisites import prerequisites as prerequisites
from sre_runner.tools.http.request import Request as Request
from sre_runner.tools.http.spec import SCHEMA as SCHEMA
from sre_runner.tools.http.spec import HttpSpec as HttpSpec
from sre_runner.tools.http.spec import parse as parse
from sre_runner.tools.http.templates import RequestRefused as RequestRefused
