"""How long it takes to check what findings claim, as a ratio to masking the same answers: see README.md beside this."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from sre_runner.coordination.claims.marks import unseen
from sre_runner.coordination.claims.quotes import Weighing
from sre_runner.coordination.claims.seen import Index, Seen
from sre_runner.text.output import shown

SIZES = (125, 250, 500, 1000)
"""Kilobytes of answers. The findings grow with them, five for each: 200 findings rest on the largest."""
ANSWERS = 20
SECRETS = frozenset(("hunter2-of-the-gateway", "AKIA5EXAMPLE7KEY8OF9", "postgres://app:s3cr3t@db:5432"))


def line(chance: random.Random) -> str:
    """One line of a log, with the values that statements are about."""
    pod = f"payment-gw-{chance.randrange(16**5):05x}"
    at = f"14:{chance.randrange(60):02}:{chance.randrange(60):02}"
    return f"{at} WARN pod {pod} used {chance.randrange(900)}Mi, {chance.randrange(100)}% of v2.{chance.randrange(9)}.1"


def work(kilobytes: int, chance: random.Random) -> tuple[list[str], list[str]]:
    """Answers of so many kilobytes together, and statements of which every second one is false."""
    answers = []
    for _ in range(ANSWERS):
        lines = []
        while sum(map(len, lines)) < kilobytes * 1000 // ANSWERS:
            lines += [line(chance) for _ in range(50)]
        answers.append("\n".join(lines))
    count = kilobytes // 5
    true = [chance.choice(answer.splitlines()) for answer in answers for _ in range(count // ANSWERS // 2)]
    return answers, true + [line(chance) for _ in range(count - len(true))]


def check(answers: list[str], statements: list[str]) -> None:
    """Every statement against three of the answers, each of which is indexed once; and its quote."""
    weighings = [Weighing(answer) for answer in answers]
    indexes = [Index(answer) for answer in answers]
    for place, statement in enumerate(statements):
        cited = [(place + step) % len(answers) for step in range(3)]
        unseen(statement, Seen(indexes[each] for each in cited))
        weighings[cited[0]].weigh(statement)


def mask(answers: list[str]) -> None:
    """What every answer goes through before a model is shown it."""
    for answer in answers:
        shown(answer, SECRETS, len(answer))


def seconds(action: Callable[[], object]) -> float:
    """CPU seconds of an action, the least of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        action()
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each size (3)")
    given = parser.parse_args()
    print(f"{'answers':>10}{'findings':>10}{'check':>12}{'masking':>12}{'ratio':>8}{'ms a MB':>10}")
    for kilobytes in SIZES:
        answers, statements = work(kilobytes, random.Random(1))
        check_all = partial(check, answers, statements)
        pairs = [(seconds(check_all), seconds(partial(mask, answers))) for _ in range(given.rounds)]
        checked, masking = (min(column) for column in zip(*pairs, strict=True))
        ratio = median(one / other for one, other in pairs)
        print(
            f"{kilobytes:>7} kB{len(statements):>10}{checked * 1000:>9.0f} ms{masking * 1000:>9.0f} ms{ratio:>8.2f}"
            f"{checked * 1e6 / kilobytes:>10.0f}"
        )


if __name__ == "__main__":
    main()
