from __future__ import annotations

from markdown_it import MarkdownIt

from sre_runner.coordination.proposed.marks import MOST_CHARACTERS, checked
from sre_runner.coordination.proposed.seen import Seen
from sre_runner.render.run.marks import MOST_SHOWN, marks_below


def shown(command: str) -> list[str]:
    return marks_below(command, checked(command, Seen.of(()))).splitlines()


def test_what_a_command_destroys_comes_first_and_each_kind_has_one_line() -> None:
    assert shown("kubectl logs web-1 -n shop; kubectl delete pod <pod> web-1; kubectl delete pod $P") == [
        "- **Stops the pods**: `kubectl delete pod`",
        "- **Not seen in this run**: pod `web-1`, namespace `shop`",
        "- **To be filled in**: `<pod>`, `$P`",
    ]
    assert shown("kubectl get pods") == []


def test_many_places_are_counted() -> None:
    (line,) = shown("kubectl logs " + " ; kubectl logs ".join(f"web-{n}" for n in range(MOST_SHOWN + 3)))
    assert line.endswith(f"pod `web-{MOST_SHOWN - 1}`, 3 more")


def test_a_long_command_says_what_was_not_checked() -> None:
    assert shown("x" * (MOST_CHARACTERS + 1)) == ["- **Not checked**: what comes after the first 20,000 characters"]


def test_a_name_cannot_break_out_of_its_line() -> None:
    text = "\n".join(shown("kubectl logs '`# x\n\n## <b>y</b>'  'a`b' -n '*x*'"))
    tokens = [token.type for token in MarkdownIt().parse(text)]
    assert "heading_open" not in tokens
    assert "html_block" not in tokens
