"""What a monitoring system says of an incident: its payload made safe and small, and what the paths of a playbook find
in it."""

from sre_runner.config.alerts.paths import BadPathError as BadPathError
from sre_runner.config.alerts.paths import NothingThereError as NothingThereError
from sre_runner.config.alerts.paths import parsed as parsed
from sre_runner.config.alerts.paths import text_at as text_at
from sre_runner.config.alerts.payloads import LONGEST_LABEL as LONGEST_LABEL
from sre_runner.config.alerts.payloads import MOST as MOST
from sre_runner.config.alerts.payloads import labels_of as labels_of
from sre_runner.config.alerts.payloads import moment_of as moment_of
from sre_runner.config.alerts.payloads import resolved as resolved
from sre_runner.config.alerts.payloads import started_at as started_at
from sre_runner.config.alerts.reading import fitted as fitted
from sre_runner.config.alerts.reading import read as read
