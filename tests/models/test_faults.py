"""Errors in the service's own words become the API's, and none of the words is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.models.faults import HINTS, STATUS_KINDS, Stated, kind_of, stated_error

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "type", "message", "code", "x"]), inner),
)


@pytest.mark.parametrize(
    ("body", "stated"),
    [
        # The API's own.
        (
            {"type": "error", "error": {"type": "not_found_error", "message": "No."}},
            Stated("not_found_error", "No."),
        ),
        (
            {"type": "error", "error": {"type": "x", "message": "No.", "details": {"error_code": "a_limit"}}},
            Stated("x", "No.", "a_limit"),
        ),
        # LiteLLM, vLLM, Ollama, and bodies that say little.
        ({"error": {"message": "No.", "type": "None", "param": "None", "code": "400"}}, Stated("None", "No.", "", 400)),
        (
            {"object": "error", "message": "No.", "type": "Bad Request", "code": 400},
            Stated("Bad Request", "No.", "", 400),
        ),
        ({"error": "model 'q' not found"}, Stated("", "model 'q' not found")),
        ({"error": {"status": "UNAVAILABLE", "code": 503, "message": "No."}}, Stated("", "No.", "", 503)),
        ({"error": {"code": "model_not_found"}}, Stated()),
        ({"error": {"code": 7, "type": None, "message": 5, "details": []}}, Stated()),
        ({"type": "error", "message": "No."}, Stated("", "No.")),
        ({"error": None}, None),
        ({"detail": "Not Found"}, None),
        ([], None),
        (None, None),
    ],
)
def test_what_bodies_hold(body: Any, stated: Stated | None) -> None:
    assert stated_error(body) == stated


@pytest.mark.parametrize(
    ("type_", "status", "kind"),
    [
        ("NotFoundError", 404, "not_found_error"),
        ("None", 400, "invalid_request_error"),
        ("Bad Request", 400, "invalid_request_error"),
        ("", 529, "overloaded_error"),
        ("overloaded_error", 500, "overloaded_error"),
        ("overloaded_error", None, "overloaded_error"),
        ("authentication_error", 400, "authentication_error"),
        ("invalid_request_error", 401, "authentication_error"),
        ("api_error", 429, "rate_limit_error"),
        ("api_error", 500, "api_error"),
        ("invalid_request_error", None, "invalid_request_error"),
        ("InternalServerError", 418, "api_error"),
        ("", None, "api_error"),
        ("contract_spend_limit_reached", 429, "billing_error"),
    ],
)
def test_which_of_the_apis_errors_it_is(type_: str, status: int | None, kind: str) -> None:
    assert kind_of(Stated(type_), status) == kind


@given(JSON, st.none() | st.integers(100, 999))
def test_every_body_is_an_error_that_has_a_hint(body: Any, status: int | None) -> None:
    assert kind_of(stated_error(body) or Stated(), status) in HINTS


def test_every_kind_of_error_has_a_hint() -> None:
    assert set(STATUS_KINDS.values()) <= set(HINTS)
