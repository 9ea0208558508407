import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.documents.yaml.document import parse
from sre_runner.errors import RunnerError
from sre_runner.tools.mcp.entries import entries_text
from sre_runner.tools.mcp.live import Identity
from sre_runner.tools.mcp.tools import Offered, differences, entry

WHO = Identity("kubernetes-mcp-server", "0.0.57", "kubernetes-mcp-server")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
WORDS = st.lists(st.sampled_from(["pod", "on:", "- x", "#", "1e5", "yes", "\n", " ", "é", "'", '"'])).map(" ".join)
KEY = st.from_regex(r"[a-z0-9_$-]{1,9}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(-1e9, 1e9) | TEXT | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z0-9_$-]{1,9}", fullmatch=True), inner)
    ),
    max_leaves=8,
)


def test_the_file_reads_as_a_person_would_write_it():
    schema = {"type": "object", "properties": {"name": {"type": "string", "enum": ["on", "1e5"]}}, "required": ["name"]}
    tools = [
        Offered("pods_log", "Read a log.\n\nThe last lines.", schema, True),
        Offered("a.b", "x", schema, True),
        Offered("pods_delete", " ".join(["long-word"] * 15), {"type": "object"}, False),
    ]
    assert entries_text("kubernetes", WHO, tools) == (
        "# From the MCP server kubernetes: kubernetes-mcp-server 0.0.57 (kubernetes-mcp-server). "
        "Review the descriptions: agents read them.\n"
        "tools:\n"
        "  pods_log:\n"
        "    description: |-\n"
        "      Read a log.\n"
        "\n"
        "      The last lines.\n"
        "    effect: read\n"
        "    input_schema:\n"
        "      type: object\n"
        "      properties:\n"
        "        name:\n"
        "          type: string\n"
        "          enum:\n"
        "            - 'on'\n"
        '            - "1e5"\n'
        "      required:\n"
        "        - name\n"
        "    live:\n"
        "      mcp:\n"
        "        server: kubernetes\n"
        "        tool: pods_log\n"
        "  pods_delete:\n"
        "    description: >-\n"
        "      long-word long-word long-word long-word long-word long-word long-word long-word long-word long-word\n"
        "      long-word long-word long-word long-word long-word\n"
        "    effect: write\n"
        "    input_schema:\n"
        "      type: object\n"
        "    live:\n"
        "      mcp:\n"
        "        server: kubernetes\n"
        "        tool: pods_delete\n"
    )


def test_what_nobody_sees_is_written_as_an_escape():
    text = entries_text(
        "k", Identity("a\nb: c", "\u200b", "x"), [Offered("x", "Read\u200b\u202e it\u00a0é.", {}, True)]
    )
    assert "\\u200B\\u202E it\\_" in text
    assert text.count("\n#") == 0
    assert text.split("\n")[1] == "tools:"


@settings(max_examples=150)
@given(TEXT | WORDS, st.dictionaries(KEY, JSON, max_size=4))
def test_what_is_written_is_read_back_the_same(description, schema):
    tool = Offered("x", description, schema, False)
    data = parse(entries_text("k", WHO, [tool]), "f").data["tools"]
    assert data == {"x": entry("k", tool)}
    assert differences(data["x"], tool) == []


def test_a_tool_that_our_reader_would_refuse_cannot_be_written():
    deep = {}
    for _ in range(150):
        deep = {"items": deep}
    with pytest.raises(RunnerError, match="cannot be written"):
        entries_text("k", WHO, [Offered("x", "d", deep, True)])
