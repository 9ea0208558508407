"""A server of other people's making: `kubernetes-mcp-server` of npm, or the one KUBERNETES_MCP_SERVER names."""

import asyncio
import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sre_runner.documents.yaml.document import parse
from sre_runner.tools.mcp.entries import entries_text
from sre_runner.tools.mcp.sessions import Sessions
from sre_runner.tools.mcp.spec import McpServerSpec
from sre_runner.tools.mcp.tools import Listings, call, differences

PROGRAM = os.environ.get("KUBERNETES_MCP_SERVER") or shutil.which("kubernetes-mcp-server")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no kubernetes-mcp-server on the PATH (npm install -g kubernetes-mcp-server)"
)


class Cluster(BaseHTTPRequestHandler):
    """A Kubernetes API that has nothing."""

    def do_GET(self):
        body = json.dumps({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}).encode()
        self.send_response(404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def kubeconfig(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Cluster) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        context = {"name": "test", "context": {"cluster": "test", "user": "test"}}
        cluster = {"name": "test", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "test", "contexts": [context]}
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps({**config, "clusters": [cluster], "users": [{"name": "test", "user": {}}]}))
        yield path
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("options", [("--read-only",), ()])
def test_its_tools_are_listed_written_read_back_and_called(kubeconfig, options):
    spec = McpServerSpec("kubernetes", (PROGRAM, *options), ("KUBECONFIG",))

    async def run():
        async with Sessions({"kubernetes": spec}, {**os.environ, "KUBECONFIG": str(kubeconfig)}) as sessions:
            tools = await Listings(sessions).offered("kubernetes")
            text = entries_text("kubernetes", await sessions.identity("kubernetes"), tools)
            arguments = {"namespace": "default"}
            return tools, text, await call(sessions, "kubernetes", "pods_list_in_namespace", arguments, 20)

    tools, text, answer = asyncio.run(run())
    entries = parse(text, "f").data["tools"]
    assert "pods_log" in entries
    assert [differences(entries[tool.name], tool) for tool in tools] == [[] for _ in tools]
    effects = {name: entry["effect"] for name, entry in entries.items()}
    assert effects["pods_list_in_namespace"] == "read"
    assert ("pods_delete" in effects) == (not options)
    assert effects.get("pods_delete", "write") == "write"
    assert answer.is_error
    assert answer.from_tool
