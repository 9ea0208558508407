"""What both pages are made with: templates that escape everything, and a policy that lets nothing else run or load."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sre_runner.text.output import printable

POLICY = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""The content security policy: no page loads or sends anything, and only its own style and script count."""


def rendered(template: str, style: str, script: str, **values: object) -> str:
    """A template with its values, and the files of these names as its style sheet and script."""
    css, js = _asset(style), f"{_asset('theme.js')}\n{_asset(script)}"
    policy = POLICY.format(style=_hash(css), script=_hash(js))
    page = _ENVIRONMENT.get_template(template)
    # The package's own files, which have no text of a run.
    return page.render(style=Markup(css), script=Markup(js), policy=policy, **values)  # noqa: S704


def _finalized(value: object) -> object:
    """Text without control or invisible characters, whoever wrote it; what is markup already has been through here."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return (files("sre_runner.render.html") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


_ENVIRONMENT = Environment(
    loader=PackageLoader("sre_runner.render.html", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_finalized,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
