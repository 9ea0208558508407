"""The table of commands that destroy, interrupt or force something: program, words, the word that says so, and why.

Words of a pattern are matched in order with what a program is told to do (its words that are no options, the first of
them first); `a|b` is a choice, `a*` a beginning, `**` any words before. `--name`, `--name=value` and `-x` are options,
wherever they stand; `~` begins a regular expression that is searched in each argument. Of the patterns of a program
that begin with a word the first that fits counts; those that begin with an option count beside it. A reason that tells
the way back says "reversible".
"""

from __future__ import annotations

from sre_runner.proposed.cluster_dangers import CLOUDS, CONTAINERS, KUBERNETES
from sre_runner.proposed.danger_words import Row
from sre_runner.proposed.host_dangers import DATABASES, GIT, HOSTS

TABLE: tuple[Row, ...] = (*KUBERNETES, *CONTAINERS, *CLOUDS, *GIT, *DATABASES, *HOSTS)

HARMLESS: dict[str, tuple[str, ...]] = {
    "": ("--help", "--dry-run", "--dryrun"),
    "kubectl oc": ("--dry-run=client", "--dry-run=server", "-h"),
    "helm argocd git aws flux": ("-h",),
    "git rsync": ("-n",),
    "apt apt-get": ("-s", "--simulate"),
    "kill": ("-0", "-l", "-L", "-3", "-QUIT", "-SIGQUIT", "-HUP", "-1", "-SIGHUP", "-USR1", "-USR2", "-s=0"),
    "pkill killall": ("-0", "-l", "-HUP", "-SIGHUP", "-USR1"),
    "systemctl": ("--check-inhibitors=yes",),
    "fsck e2fsck xfs_repair": ("-n",),
    "kafka-consumer-groups": ("--describe", "--list"),
    "redis-cli valkey-cli": ("--scan", "--bigkeys", "--stat", "--latency"),
    "shutdown": ("-c",),
}
"""Options with which a program of the table changes nothing; those of "" are for every program."""
