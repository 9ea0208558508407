"""Which patterns keep a text from beginning with a dash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.tools.command.patterns import admits_no_dash

PATTERN = st.lists(
    st.sampled_from(
        [
            *"^$|()-a.*+?[]\\{},",
            *("^", "[a-z]", "[^-]", "[^a]", "[+-.]", "[-a]", "[a-]", "[]a-]", "[[:punct:]]", "[\\w-]", "{0,2}", "{2}"),
            *(r"\d", r"\w", r"\W", r"\-", r"\.", r"\A", r"\z", r"\b", r"\Q-\E", r"\x2d", r"\pP", "(?:", "(?m)"),
            *("(?i:", "{0}", "(?P<n>", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
        ]
    ),
    max_size=8,
).map("".join)
DASHED = st.text(st.sampled_from("-a.b\n +,"), max_size=5).map("-{}".format)


@pytest.mark.no_cover
@settings(max_examples=2000, deadline=None)
@given(PATTERN | PATTERN.map("^{}".format) | PATTERN.map("^[a-z]{}".format), st.lists(DASHED, min_size=1, max_size=12))
def test_a_pattern_that_admits_no_dash_admits_none(pattern, texts):
    if not admits_no_dash(pattern):
        return
    re2 = pytest.importorskip("re2", reason="google-re2 is not installed")
    try:
        by_re2 = re2.compile(pattern)
    except re2.error:
        return
    for text in ["-", "--", "-a", "-\na", *texts]:
        assert not by_re2.search(text), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", True),
        ("^pod-", True),
        ("^(pod|node)/.*", True),
        ("^(?:[a-z]+|[0-9]{3})$", True),
        (r"^\d+[smh]$", True),
        (r"^\w", True),
        ("^[^-].*$", True),
        ("^[^\\s-]", True),
        (r"\A/", True),
        ("^[a-z]*$", True),
        ("^$", True),
        ("^a?[0-9]", True),
        ("^a$|^b$", True),
        ("^[]a]", True),
        ("", False),
        ("^", False),
        ("^.*$", False),
        ("a", False),
        ("a|^b", False),
        ("^a|b", False),
        ("^[a-z]*", False),
        ("^(a|)", False),
        ("^a?-", False),
        ("^[-a-z]", False),
        ("^[a-z-]", False),
        ("^[+-.]", False),
        ("^[^a]", False),
        (r"^[\W]", False),
        (r"^\W", False),
        (r"^\-", False),
        (r"^\x2d", False),
        (r"^\Q-\E", False),
        ("^*a", False),
        ("^a{0}", False),
        ("^a?$*", False),
        ("(?m)^a", False),
        ("^a(?m)|^b", False),
        ("^[[:punct:]]", False),
        ("^" + "(" * 30 + "a" + ")" * 30, False),
        ("^[a", False),
        ("^(a", False),
        ("^a\\", False),
        ("^a)", False),
        ("^((a)|[b])$", True),
        (r"^[\d.]", True),
        (r"^[\.-\/]", True),
        (r"^[\d-z]", False),
        (r"^[a-\d]", False),
        (r"^[\x2d]", False),
        ("^[a[:punct:]]", False),
        ("^a[^]|]b|^c", True),
        ("^a[[:alpha:]]", False),
        (r"^a\Q|\E", False),
        (r"^a\||^b[\]|]", True),
        ("^a+?b{2,3}?", True),
        ("^a{,2}", False),
        ("^a**", False),
        ("^(?P<name>a)", True),
        ("^a(?=b)", False),
    ],
)
def test_patterns_one_by_one(pattern, expected):
    assert admits_no_dash(pattern) == expected
