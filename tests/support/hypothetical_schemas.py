"""Schemas and data for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from sre_runner.documents.json_schema.fitting import LIMITS
from sre_runner.documents.json_schema.string_rules import FORMATS

SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -1, 2.5, 1.0, 10**9, "", "a", "P1", "parallel", "rows", float("nan")]
)


VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["a", "arg", "equals", "any_of", "name", "judge", "debate"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


SMALL = st.integers(-1, 2)


LEAF = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["object", "array", "string", "number", "integer", "boolean", "null", ["string", "null"]]
        ),
        "enum": st.lists(VALUES, min_size=1, max_size=2),
        "const": VALUES,
        "required": st.lists(st.sampled_from(["a", "arg"]), max_size=2, unique=True),
        **dict.fromkeys(LIMITS, SMALL),
    },
)


TEXT_RULES = {
    "pattern": st.sampled_from(["a", "^a$", "^[^a]*$", "P[0-9]"]),
    "format": st.sampled_from([*FORMATS, "password"]),
    "uniqueItems": st.booleans(),
    "dependentRequired": st.dictionaries(st.sampled_from(["a", "arg"]), st.just(["b"]), max_size=1),
}


REFERENCES = st.sampled_from([{"$ref": "#/$defs/one"}, {"$ref": "#/$defs/other"}])


ANY = st.recursive(
    LEAF | st.booleans() | REFERENCES | st.fixed_dictionaries({}, optional=TEXT_RULES),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(
                ("properties", "dependentSchemas"), st.dictionaries(st.sampled_from(["a", "arg"]), inner, max_size=2)
            ),
            "patternProperties": st.dictionaries(st.sampled_from(["a", "^ar", "x"]), inner, max_size=2),
            **dict.fromkeys(
                ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"), inner
            ),
            **dict.fromkeys(("minContains", "maxContains"), st.integers(0, 2)),
            **dict.fromkeys(("oneOf", "anyOf", "allOf", "prefixItems"), st.lists(inner, min_size=1, max_size=2)),
        },
    ),
    max_leaves=6,
)


WHOLE = st.builds(
    lambda schema, one: {**schema, "$defs": {"one": one, "other": {"items": {"$ref": "#/$defs/other"}}}},
    ANY.filter(lambda schema: isinstance(schema, dict)),
    LEAF,
)


SCHEMAS_OF_TOOLS = (
    WHOLE.map(
        lambda schema: {
            **{key: schema[key] for key in schema if key not in ("anyOf", "oneOf", "allOf")},
            "type": "object",
        }
    )
    | WHOLE
)
"""Schemas of which many are those of a tool."""
