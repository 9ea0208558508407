"""`kill -9` at random moments, again and again: every resume comes to the undisturbed run's conclusion, and only what
was in flight is asked twice."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from killing import Ended, Knows, Place, named, told
from loopback import Loopback
from team import PLAYBOOK
from team_replies import scripts

from sre_runner.casefile import Conclusion

SEED = int(os.environ.get("SERIES_SEED") or random.SystemRandom().randrange(10**6))
CHAINS = {
    "payment-gateway": (4, 20),
    "triage-to-verification": (0, 4),
    "severity-debate": (0, 4),
    "roll-back-or-not": (0, 4),
    "payment-gateway-single": (0, 2),
}
"""How many runs of each playbook are killed while they start, and how many after that."""
LEAST_KILLS = 20
"""Of runs of the first playbook, with something in their journals."""
AT_ONCE = 3
SLOWEST = 0.5
"""Seconds that a reply takes at most."""
MOST_KILLS = 4
"""Of one run."""
AGAIN = 0.6
"""How likely a run that was resumed is killed as well."""
WRITE = "rollback_deployment"
LATEST = 0.97
"""Share of a run's measured time after which no kill is tried; the end is near enough to be missed."""


@dataclass(frozen=True)
class Undisturbed:
    """What the killed runs are compared with. Times are in seconds: until the journal begins, and from then on."""

    conclusion: Conclusion
    startup: float
    seconds: float


@dataclass
class Chain:
    """A run that is killed, resumed, perhaps killed again, and resumed to its end. `kills` are those in which something
    was recorded, `early` counts the others."""

    place: Place
    kills: list[Knows] = field(default_factory=list)
    resumes: int = 0
    early: int = 0


def playbook(name: str) -> str:
    return str(PLAYBOOK.with_name(f"{name}.yaml"))


def whole(name: str, place: Place) -> Undisturbed:
    """A run that nobody disturbs, in which every request is sent once."""
    began = time.monotonic()
    ended = place.process("run", playbook(name), "--runs", str(place.runs))
    assert ended.code == 0, ended.err
    took = time.monotonic() - began
    done = place.knows()
    assert done.record.conclusion
    assert set(done.asked.values()) == {1}
    assert set(done.asked) == {name for name, call in named(done.record) if call.request.kind == "model"}
    return Undisturbed(done.record.conclusion, took - done.record.seconds, done.record.seconds)


def several(name: str, server: Loopback, room: Path) -> Undisturbed:
    """As many at once as are killed at once, so that they take as long; all of them conclude the same."""
    places = [Place(room / f"whole-{n}", f"key-of-{name}-undisturbed-{n}", server) for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        done = list(threads.map(lambda place: whole(name, place), places))
    assert all(each.conclusion == done[0].conclusion for each in done)
    median = sorted(done, key=lambda each: each.seconds)[AT_ONCE // 2]
    return Undisturbed(done[0].conclusion, min(each.startup for each in done), median.seconds)


def chain(name: str, place: Place, usual: Undisturbed, dice: random.Random, moment: float) -> Chain:
    """Kill a run at `moment`, a share of its time (below 0: of its start), then its resumes, until one ends itself."""
    made = Chain(place)

    def kill(process: subprocess.Popen[str]) -> None:
        if moment < 0:
            place.sleep(process, -moment * usual.startup)
        else:
            place.until(process, lambda: place.size > 0)
            place.sleep(process, moment * usual.seconds)

    ended = place.process("run", playbook(name), "--runs", str(place.runs), kill=kill)
    while ended.code == -9:
        if not place.has_header:
            refused(made)
            return made
        made.kills.append(place.knows())
        assert place.key not in place.journal.read_text(), "a key is in the journal"
        again = len(made.kills) < MOST_KILLS and dice.random() < AGAIN
        ended = resumed(made, usual, dice) if again else place.process("resume", str(place.folder))
        made.resumes += 1
    assert ended.code == 0, ended.err
    return made


def resumed(made: Chain, usual: Undisturbed, dice: random.Random) -> Ended:
    """A resume that is killed while it starts, or a while after it has written something."""
    place, size, share, starting = made.place, made.place.size, dice.random(), dice.random() < 0.2

    def kill(process: subprocess.Popen[str]) -> None:
        if starting:
            place.sleep(process, share * usual.startup)
        else:
            place.until(process, lambda: place.size > size)
            place.sleep(process, share * max(usual.seconds - made.kills[-1].record.seconds, 0))

    return place.process("resume", str(place.folder), kill=kill)


def refused(made: Chain) -> None:
    """Nothing was recorded, and resume says so."""
    made.early += 1
    if made.place.folder is None:
        return
    ended = made.place.process("resume", str(made.place.folder))
    made.resumes += 1
    if made.place.journal.exists():
        assert (ended.code, "nothing was recorded" in ended.err) == (3, True), ended.err
    else:
        assert (ended.code, "is no run: it has no journal.jsonl" in ended.err) == (2, True), ended.err
    assert not made.place.asked()


def held(made: Chain, usual: Undisturbed) -> None:
    """The promises of resume, on a run that was killed at least once and has come to its end."""
    done = made.place.knows()
    assert done.record.exit_code == 0
    assert done.record.conclusion == usual.conclusion
    states = [*made.kills, done]
    for before, after in itertools.pairwise(states):
        again = Counter(after.starts)
        again.subtract(before.starts)
        assert all(again[name] == 0 for name in before.answered), "an answered call was made again"
        assert all(again[name] <= 1 for name in before.in_flight), "a call in flight was made again more than once"
        assert all(after.asked[name] == before.asked[name] for name in before.answered), "it was paid for again"
    in_flight = {name for state in made.kills for name in state.in_flight}
    assert {name for name, count in done.asked.items() if count > 1} <= in_flight
    assert {name for name, count in done.starts.items() if count > 1} <= in_flight
    assert all(count <= done.starts[name] for name, count in done.asked.items()), "a request that was not journaled"
    assert set(done.asked) == {name for name, call in named(done.record) if call.request.kind == "model"}
    assert set(done.asked) <= done.answered


@pytest.mark.parametrize("name", CHAINS)
def test_a_killed_run_is_resumed_to_the_same_conclusion(name: str, tmp_path: Path) -> None:
    starting, running = CHAINS[name]
    dice = random.Random(f"{SEED} {name}")
    moments = [-(n + dice.random()) / starting for n in range(starting)]
    moments += [(n + dice.random()) / running * LATEST for n in range(running)]
    began = time.monotonic()
    with Loopback(scripts(SEED, SLOWEST)) as server, ThreadPoolExecutor(AT_ONCE) as threads:
        usual = several(name, server, tmp_path)
        told(f"{name}: SERIES_SEED={SEED}, {usual.startup:.1f} s to start, {usual.seconds:.1f} s to investigate")

        def one(number: int) -> Chain:
            place = Place(tmp_path / str(number), f"key-of-{name}-{number}", server)
            own = random.Random(f"{SEED} {name} {number}")
            try:
                made = chain(name, place, usual, own, moments[number])
                if made.kills:
                    held(made, usual)
            except AssertionError as failure:
                failure.add_note(f"SERIES_SEED={SEED}, run {number} of {name}, killed at {moments[number]:.4f}")
                raise
            told(f"  {moments[number]:+.2f}: {words(made)}")
            return made

        done = list(threads.map(one, range(len(moments))))
    kills = sum(len(each.kills) for each in done)
    early = sum(each.early for each in done)
    twice = sum(count - 1 for each in done if each.kills for count in each.place.asked().values())
    told(
        f"{name}: {kills} kills, and {early} before anything was recorded; {sum(each.resumes for each in done)} "
        f"resumes; {twice} requests asked again; {time.monotonic() - began:.0f} s"
    )
    assert kills >= (LEAST_KILLS if name == "payment-gateway" else 1)


def slow_write(room: Path) -> str:
    """The playbook that asks for a rollback, in a configuration where that takes seconds."""
    for folder in ("agents.d", "playbooks", "tools.d", "runbooks"):
        shutil.copytree(PLAYBOOK.parents[1] / folder, room / folder)
    for file in (room / "tools.d").glob("*.yaml"):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        for answer in data["tools"].get(WRITE, {}).get("simulated", {}).get("answers", ()):
            answer["delay"] = 5.0
        file.write_text(json.dumps(data), encoding="utf-8")
    return str(room / "playbooks" / "triage-to-verification.yaml")


@pytest.mark.parametrize("assumed", ["done", "not-done"])
def test_a_write_that_had_begun_is_never_silently_repeated(assumed: str, tmp_path: Path) -> None:
    dice = random.Random(f"{SEED} {assumed}")
    with Loopback(scripts(SEED, SLOWEST)) as server:
        place = Place(tmp_path / "runs", f"key-of-a-write-{assumed}", server)

        def kill(process: subprocess.Popen[str]) -> None:
            place.until(
                process, lambda: place.size > 0 and f'"{WRITE}","request"'.encode() in place.journal.read_bytes()
            )
            place.sleep(process, dice.uniform(0, 2))

        arguments = ("run", slow_write(tmp_path), "--allow-write", WRITE, "--runs", str(place.runs))
        assert place.process(*arguments, kill=kill).code == -9
        before = place.knows()
        (write,) = [call for call in before.record.calls_of("tool") if call.request.name == WRITE]
        assert write.outcome is None
        asking = place.process("resume", str(place.folder))
        assert (asking.code, "nobody knows whether it was done: rollback_deployment" in asking.err) == (2, True)
        assert place.knows() == before
        ended = place.process("resume", str(place.folder), "--assume", assumed, "--allow-write", WRITE)
        assert ended.code == 0, ended.err
    calls = [call.request for call in place.knows().record.calls_of("tool")]
    made = [call for call in calls if (call.name, call.occurrence) == (WRITE, 1)]
    assert len(made) == (1 if assumed == "done" else 2)
    told(f"a write in flight, --assume {assumed}: 1 kill, 2 resumes")


def words(made: Chain) -> str:
    """Where the kills of a chain landed."""
    if not made.kills:
        return "before anything was recorded" if made.early else "it had come to its end"
    return ", ".join(f"{state.record.seconds:.2f} s, {len(state.in_flight)} in flight" for state in made.kills)
