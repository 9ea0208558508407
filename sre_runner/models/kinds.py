"""The kinds of model, by the name that a journal records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.model import Model
from sre_runner.models.offline.model import OfflineModel

MODEL_KINDS: Mapping[str, Callable[[Callable[[str], None]], Model]] = {
    "anthropic": lambda on_wait: AnthropicModel(on_wait=on_wait),
    "offline": lambda _: OfflineModel(),
}
"""Each maker is given what to call with a sentence while the model waits before it tries again."""
