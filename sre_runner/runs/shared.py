"""What the runs of one process share: the model's connections, the configuration's files, the tools' servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sre_runner.config.directory import Directory
from sre_runner.investigation.pool import Share
from sre_runner.models.model import Model
from sre_runner.tools.backends.connections import Connections


@dataclass(frozen=True)
class Shared:
    """What a run is given instead of making it. Whoever made it has checked what tools need, and closes it.

    `kind` is that of the model, and `model` makes the run's own from what to call before each wait. `connections` are
    those of the playbook's servers, `share` the run's part of a budget over all. `sequence` gives the number of a run
    whose folder has this highest one, which it is asked for only where it has to be.
    """

    kind: str
    model: Callable[[Callable[[str], None]], Model]
    directory: Directory
    connections: Connections
    share: Share | None = None
    sequence: Callable[[Callable[[], int]], int] = lambda last: last() + 1
