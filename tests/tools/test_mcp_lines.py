import json

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.tools.mcp.lines import Lines, Oversized, Said


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b""))), st.integers(1, 7))
def test_lines_are_the_same_however_they_arrive(lines, size):
    data = b"".join(line + b"\n" for line in lines)
    reader = Lines(30)
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    assert [line for chunk in chunks for line in reader.feed(chunk)] == lines


@given(st.integers(0, 10**15 - 1), st.booleans(), st.integers(1, 5000), st.text(min_size=400, max_size=500))
def test_of_a_line_that_is_too_long_the_id_is_made_out_and_the_next_line_is_whole(number, first, size, text):
    message = {"jsonrpc": "2.0", "id": number, "result": {"id": 5, "text": text}}
    if not first:
        message["id"] = message.pop("id")
    data = json.dumps(message).encode() + b"\nnext\n"
    reader = Lines(300)
    found = [line for start in range(0, len(data), size) for line in reader.feed(data[start : start + size])]
    assert found == [Oversized(number), b"next"]


def test_a_line_whose_id_is_clear_is_told_before_it_ends():
    reader = Lines(100)
    assert reader.feed(b'{"jsonrpc":"2.0","id":7,"result":"' + b"x" * 200) == [Oversized(7)]
    assert reader.feed(b"x" * 1000) == []
    assert reader.skipped > 1000
    assert reader.feed(b'"}\n{}\n') == [b"{}"]
    assert reader.skipped == 0


def test_an_id_inside_of_the_result_or_of_no_message_is_none():
    reader = Lines(100)
    for line in (b'{"result":{"x":"%s","id":5}}', b'{"jsonrpc":"2.0","method":"%s"}', b"%s"):
        assert reader.feed(line % (b"x" * 300) + b"\n") == [Oversized(None)]


@given(st.lists(st.binary(max_size=40)))
def test_of_what_was_said_the_beginning_and_the_end_are_kept(chunks):
    said, whole = Said(16), b"".join(chunks)
    for chunk in chunks:
        said.add(chunk)
    kept = whole if len(whole) <= 16 else whole[:8] + b"\n[...]\n" + whole[-8:]
    assert said.text == kept.decode(errors="replace").strip()
