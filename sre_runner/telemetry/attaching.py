"""Whether a run is traced. Nothing of OpenTelemetry is imported unless this process was configured for it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sre_runner.telemetry.listener import Telemetry

PROVIDERS = ("OTEL_PYTHON_TRACER_PROVIDER", "OTEL_PYTHON_METER_PROVIDER")
"""Variables by which the API package itself loads an SDK."""


def listener(environ: Mapping[str, str] = os.environ, *, resumed: bool = False) -> Telemetry | None:
    """What makes spans and metrics of one run's events; None if nobody would receive them. It never raises.

    With `resumed` it reports only what comes after its `begin`: the rest was reported when it happened.
    """
    if "opentelemetry.trace" not in sys.modules and not any(environ.get(name) for name in PROVIDERS):
        return None
    try:
        from sre_runner.telemetry.listener import configured

        return configured(environ, resumed=resumed)
    except ImportError:
        return None
    except Exception as error:  # noqa: BLE001 - however tracing was configured, the incident is investigated
        logging.getLogger("sre_runner").warning("OpenTelemetry cannot be used; the run is not traced: %r", error)
        return None
