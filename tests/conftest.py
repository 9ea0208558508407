"""What holds for every test: a neutral environment without credentials, and no network but this machine's own.

Both are done as soon as this file is imported, before any module of the project is.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from guard import network_guard
from hypothesis import settings

# Credentials and addresses of services, proxies, what changes how a terminal program writes, what slows Python down.
STRIPPED = re.compile(
    r"(?:ANTHROPIC|APPDATA|AWS|AZURE|CLAUDE|CLOUD_ML|CLOUDSDK|GCLOUD|GEMINI|GITHUB|GOOGLE|KUBE(?!RNETES_MCP_SERVER$)|OPENAI|OTEL|VERTEX)\w*"
    r"|SRE_RUN_(?!(?:AXE|CASES|MERMAID|SCREENSHOTS)$)\w*"
    r"|(?:HTTPS?|ALL|NO|FTP|WSS?)_PROXY|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL)_CA_BUNDLE|SSLKEYLOGFILE"
    r"|NO_COLOR|FORCE_COLOR|CLICOLOR(?:_FORCE)?|PY_COLORS|COLORTERM|COLUMNS|LINES|PAGER|TTY_\w+|JUPYTER_\w+|CI"
    r"|PYTHON(?:WARNINGS|IOENCODING|BREAKPOINT|DONTWRITEBYTECODE)|XDG_CONFIG_HOME",
    re.IGNORECASE,
)

HOME = Path(tempfile.mkdtemp(prefix="sre-run-home-"))
"""An empty home directory: no profile of the SDK's, no other program's configuration."""

for name in [name for name in os.environ if STRIPPED.fullmatch(name)]:
    del os.environ[name]
sys.dont_write_bytecode = False  # neither these modules nor the project's are compiled again by every process
os.environ["HOME"] = os.environ["USERPROFILE"] = str(HOME)
os.environ["PYTHONPATH"] = str(Path(__file__).parent / "guard")

network_guard.install(in_tests=True)
if "network_guard" in sys.modules:  # this is a worker of a test run: `sitecustomize` has installed one that ends it
    sys.modules["network_guard"].STANDS_BACK = True  # type: ignore[attr-defined]

# The same examples every time: a change that breaks a test is the change's fault.
settings.register_profile("sre-run", deadline=None, max_examples=25, derandomize=True, print_blob=True)
settings.load_profile("sre-run")


@pytest.fixture(autouse=True)
def _stayed_on_this_machine() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even where something swallowed the refusal."""
    network_guard.REFUSED.clear()
    yield
    assert not network_guard.REFUSED, f"tests must not leave this machine: {network_guard.REFUSED}"


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run a test marked `no_cover` without a trace function.

    pytest-cov stops its own, but in a worker of pytest-xdist it has started two (7.1), and the other goes on.
    """
    traces = sys.gettrace(), threading.gettrace()
    if item.get_closest_marker("no_cover"):
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]  # as the documentation has it
    try:
        yield
    finally:
        sys.settrace(traces[0])
        threading.settrace(traces[1])  # type: ignore[arg-type]


def pytest_unconfigure() -> None:
    """Leave nothing in the temporary directory."""
    shutil.rmtree(HOME, ignore_errors=True)
