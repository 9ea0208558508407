"""Python runs this first in every program that a test starts, because `conftest.py` puts the folder on PYTHONPATH."""

import network_guard

network_guard.install(in_tests=False)
