"""Tools that run a program, without a shell: no argument of a call becomes an option or another command."""

from __future__ import annotations

from sre_runner.tools.command.checks import problems as problems
from sre_runner.tools.command.rendering import RefusedCallError as RefusedCallError
from sre_runner.tools.command.rendering import prepared as prepared
from sre_runner.tools.command.spec import SCHEMA as SCHEMA
from sre_runner.tools.command.spec import CommandSpec as CommandSpec
from sre_runner.tools.command.spec import parse as parse
from sre_runner.tools.command.tool import CommandTool as CommandTool
from sre_runner.tools.command.tool import prerequisites as prerequisites
