import pytest

from sre_runner.documents.json_schema.subset import complaints
from sre_runner.errors import RunnerError
from sre_runner.tools.mcp.spec import (
    MCP_SERVER_SCHEMA,
    FromEnv,
    McpServerSpec,
    endpoint,
    environment,
    parse,
    place,
    secrets,
    server_problems,
    unset,
)


@pytest.mark.parametrize(
    "data",
    [
        {"command": ["kubernetes-mcp-server", "--read-only"], "env": ["KUBECONFIG"], "timeout": 5},
        {"url": {"env": "MCP_URL"}, "headers": {"Authorization": {"env": "MCP_AUTH"}}},
        {"url": "https://mcp.example.com/mcp"},
    ],
)
def test_what_fits_the_schema_is_parsed(data):
    assert complaints(MCP_SERVER_SCHEMA, data) == []
    spec = parse("k", data)
    assert list(spec.command) == data.get("command", [])
    assert spec.timeout == data.get("timeout", 30.0)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"command": []},
        {"command": "kubectl"},
        {"command": ["a"], "url": "https://x"},
        {"command": ["a"], "headers": {}},
        {"command": ["a\0"]},
        {"url": "https://x", "env": ["A"]},
        {"url": {"env": "A-B"}},
        {"url": "https://x", "timeout": 0},
        {"command": ["a"], "env": ["A B"]},
    ],
)
def test_what_does_not_fit_is_a_complaint(data):
    assert complaints(MCP_SERVER_SCHEMA, data)


def test_the_variables_of_a_server_are_known_before_it_is_used():
    spec = parse("k", {"url": {"env": "U"}, "headers": {"A": {"env": "H"}, "B": "b", "C": {"env": "H"}}})
    assert spec.variables == ("U", "H")
    assert unset(spec, {"U": "https://x", "H": " "}) == ["H"]
    with pytest.raises(RunnerError, match="H is not set; the MCP server `k` needs it"):
        endpoint(spec, {"U": "https://x"})


def test_the_environment_of_a_process_is_an_allow_list():
    spec = McpServerSpec("k", ("x",), ("KUBECONFIG",))
    environ = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "LANG": "C", "KUBECONFIG": "/k", "TOKEN": "t", "PATHX": "x"}
    assert set(environment(spec, environ)) == {"PATH", "HOME", "LC_ALL", "LANG", "KUBECONFIG"}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/mcp",
        "file:///etc/passwd",
        "http://",
        "http://user:pass1234@x/mcp",
        "http://x:0/",
        "http://x:99999/",
        "http://x/#a",
        "http://x\\@y/",
        "http://x y/",
        "http://\u2179.com/",
        "http://[::1/",
        "x/mcp",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_and_not_named(url):
    with pytest.raises(RunnerError) as error:
        endpoint(McpServerSpec("k", url=FromEnv("U")), {"U": url})
    assert "U (the URL of the MCP server `k`)" in error.value.message
    assert url not in error.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "x"), ("a b", "x"), ("X", "a\nb"), ("X", "ü"), ("Mcp-Session-Id", "1"), ("Accept", "x")],
)
def test_a_header_that_cannot_be_sent_is_refused(name, value):
    with pytest.raises(RunnerError):
        endpoint(McpServerSpec("k", url="http://x/", headers={name: FromEnv("H")}), {"H": value})


@pytest.mark.parametrize(
    ("data", "place", "wrong"),
    [
        ({"url": "ftp://x/mcp"}, ("url",), "does not begin with http"),
        ({"url": "http://user:pass1234@x/mcp"}, ("url",), "has a user or a password"),
        ({"url": "http://x/#a"}, ("url",), "has a fragment"),
        ({"url": "http://x/", "headers": {"Host": "x"}}, ("headers", "Host"), "belongs to the connection"),
        ({"url": "http://x/", "headers": {"Mcp-Session-Id": "1"}}, ("headers", "Mcp-Session-Id"), "the connection"),
        ({"url": "http://x/", "headers": {"a b": "x"}}, ("headers", "a b"), "is not the name of a header"),
        ({"url": "http://x/", "headers": {"X": "ü"}}, ("headers", "X"), "characters that no header can have"),
        ({"url": "http://x/", "headers": {"X": "1", "x": "2"}}, ("headers", "x"), "is there twice"),
        ({"url": "http://x/", "headers": {"Authorization": "Bearer abc"}}, ("headers", "Authorization"), "a secret"),
    ],
)
def test_what_is_wrong_whatever_the_environment_holds(data, place, wrong):
    ((found, message, hint),) = server_problems(parse("k", data))
    assert found == place
    assert wrong in message
    assert hint


@pytest.mark.parametrize(
    "data",
    [
        {"command": ["kubernetes-mcp-server"], "env": ["KUBECONFIG"]},
        {"url": {"env": "MCP_URL"}, "headers": {"Authorization": {"env": "MCP_AUTH"}}},
        {"url": "https://mcp.example.com/mcp?project=a"},
    ],
)
def test_nothing_is_wrong_with_a_server_as_it_should_be(data):
    assert server_problems(parse("k", data)) == []


def test_header_values_of_the_environment_are_secrets_and_places_have_no_password():
    spec = McpServerSpec("k", url="http://x:81/mcp", headers={"A": FromEnv("H"), "B": "literal-value"})
    assert secrets(spec, {"H": "Bearer abcdefgh1"}) == {"Bearer abcdefgh1", "abcdefgh1"}
    assert place(spec, {}) == "x:81"
    assert place(McpServerSpec("k", ("/usr/bin/server", "-x")), {}) == "server"
