"""Run commands at once, kill them or their server at random instants (SIGKILL), and repeat them until all have ended well.

A kill counts if it hit a process that was running. What it is to hit and when is drawn from a seed; what the process is
doing at that instant is chance. A command that nobody disturbed has to end well; what else happens is a fault.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CLIENT, WEB_CHILD, WEB_MASTER, WEB, WORKER = "client", "web child", "web master", "web server", "worker"
BOTH = "web server and worker"
TARGETS = {CLIENT: 80, WEB_CHILD: 7, WEB_MASTER: 2, WEB: 3, WORKER: 5, BOTH: 3}  # of a hundred kills
KILLED_STARTS = 0.25  # share of the server's starts that are killed too
PATIENCE_SECONDS = 240.0  # what a command may take on a busy machine, whatever was killed around it
TRIES = 4  # how often a command may fail after a kill before somebody looks into it


@dataclass(frozen=True)
class Task:
    """A command. `program`: the name it is counted under; `usual_seconds`: within these it is killed."""

    program: str
    command: tuple[str, ...]
    usual_seconds: float
    who: str = ""

    def __str__(self) -> str:
        return f"{self.program} {self.who}".strip()


@dataclass
class Attempt:
    """A task under way. `disturbed`: the server was killed meanwhile, so that the task may fail."""

    task: Task
    process: subprocess.Popen[bytes]
    output: Path
    began: float
    after_kill: bool
    disturbed: bool = False


@dataclass(frozen=True)
class Kill:
    """What is to be killed, at which share of the usual time, and which of several."""

    target: str
    share: float
    pick: float


@dataclass
class Tally:
    """What was hit: kills by phase, program and target; and what went otherwise than it should."""

    kills: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    missed: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.kills.values())

    def phases(self) -> set[str]:
        return {phase for phase, _, _ in self.kills}

    def lines(self) -> Iterator[str]:
        """A line a phase, then what else is to be said."""
        yield f"{self.total} kills hit a running process, {self.missed} came too late"
        for phase in dict.fromkeys(phase for phase, _, _ in self.kills):
            own = {(program, target): count for (of, program, target), count in self.kills.items() if of == phase}
            told = ", ".join(
                f"{program} {count}" if target == CLIENT else f"{target} {count} (while {program} ran)"
                for (program, target), count in sorted(own.items())
            )
            yield f"  {phase}, {self.seconds[phase]:.0f} seconds: {told}"
        yield f"  ended with an error and repeated: {sum(self.repeated.values())}"
        yield from (f"  FAULT {fault}" for fault in self.faults)


class Harness:
    """Runs the commands of a team whose programs are killed.

    Parameters
    ----------
    folder
        Where the commands' outputs go.
    server_pids
        Process ids of the web server and the worker, 0 where there is none.
    start_server
        The command that starts the server again.
    """

    def __init__(
        self, folder: Path, rng: random.Random, *, server_pids: Callable[[], tuple[int, int]], start_server: Task
    ) -> None:
        self.folder = folder
        self.rng = rng
        self.server_pids = server_pids
        self.start_server = start_server
        self.tally = Tally()
        self._attempts = 0

    def run(self, phase: str, tasks: Callable[[int], Sequence[Task]], kills: int, *, targets: bool = True) -> None:
        """Run the tasks of round 0 at once until all have ended well and `kills` kills have hit.

        When all have ended and kills are left, the tasks of round 1 follow, and so on. `targets`: kill the server too.
        """
        planned = [self._draw(targets) for _ in range(kills)]
        began = time.monotonic()
        rounds = 0
        waiting = [(task, False) for task in tasks(rounds)]
        running: list[Attempt] = []
        failures: Counter[str] = Counter()
        due = None
        while waiting or running or planned:
            if not waiting and not running:
                rounds += 1
                waiting = [(task, False) for task in tasks(rounds)]
            running += [self._start(task, after_kill) for task, after_kill in waiting]
            waiting = []
            if planned and due is None:
                due = time.monotonic() + planned[-1].share * min(attempt.task.usual_seconds for attempt in running)
            if due is not None and time.monotonic() >= due:
                if self._strike(phase, planned[-1], running):
                    planned.pop()
                else:
                    self.tally.missed += 1
                due = None
            for attempt in [attempt for attempt in running if self._over(attempt)]:
                running.remove(attempt)
                if not self._ended_well(phase, attempt, failures):
                    waiting.append((attempt.task, True))
            time.sleep(0.005)
        self.tally.seconds[phase] = self.tally.seconds.get(phase, 0.0) + time.monotonic() - began

    def _draw(self, targets: bool) -> Kill:
        kinds = TARGETS if targets else {CLIENT: 1}
        (target,) = self.rng.choices(list(kinds), list(kinds.values()))
        return Kill(target, self.rng.random(), self.rng.random())

    def _start(self, task: Task, after_kill: bool) -> Attempt:
        self._attempts += 1
        output = self.folder / f"{self._attempts:04}-{task.program.replace(' ', '-')}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(task.command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        return Attempt(task, process, output, time.monotonic(), after_kill)

    def _strike(self, phase: str, kill: Kill, running: list[Attempt]) -> bool:
        """Kill; whether something running was hit."""
        if kill.target == CLIENT:
            alive = [attempt for attempt in running if attempt.process.poll() is None]
            return bool(alive) and self._kill_client(phase, alive[int(kill.pick * len(alive))])
        hit = self._kill_server(kill)
        if not hit:
            return False
        programs = sorted({attempt.task.program for attempt in running if attempt.process.poll() is None})
        self.tally.kills[phase, " and ".join(programs) or "nothing", kill.target] += 1
        for attempt in running:
            attempt.disturbed = True
        if kill.target != WEB_CHILD:
            self._start_server_again(phase)
            for attempt in running:
                attempt.began = time.monotonic()
        return True

    def _kill_client(self, phase: str, attempt: Attempt) -> bool:
        attempt.process.kill()
        hit = attempt.process.wait() == -signal.SIGKILL
        if hit:
            self.tally.kills[phase, attempt.task.program, CLIENT] += 1
        return hit

    def _kill_server(self, kill: Kill) -> bool:
        web, worker = self.server_pids()
        if kill.target == WEB_CHILD:
            children = [pid for pid in _children(web) if _is_alive(pid)]
            return bool(children) and _kill(children[int(kill.pick * len(children))])
        if kill.target == WEB_MASTER:  # its children end by themselves, a moment later
            return _kill(web)
        groups = {WEB: [web], WORKER: [worker], BOTH: [web, worker]}[kill.target]
        hit = [_kill(pid, group=True) for pid in groups]
        return any(hit)

    def _start_server_again(self, phase: str) -> None:
        for _ in range(10):
            attempt = self._start(self.start_server, True)
            end = time.monotonic() + self.start_server.usual_seconds * self.rng.random()
            if self.rng.random() < KILLED_STARTS:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    attempt.process.wait(max(0.0, end - time.monotonic()))
                if attempt.process.poll() is None and self._kill_client(phase, attempt):
                    continue
            if attempt.process.wait() == 0:
                return
            self._note_failure(phase, attempt)
        raise AssertionError(f"{phase}: the server did not start again; see {attempt.output}")

    def _over(self, attempt: Attempt) -> bool:
        if attempt.process.poll() is not None:
            return True
        if time.monotonic() - attempt.began < PATIENCE_SECONDS:
            return False
        self.tally.faults.append(
            f"{attempt.task} ({attempt.output.name}) did not end within {PATIENCE_SECONDS:.0f} seconds"
        )
        attempt.process.kill()
        attempt.process.wait()
        return True

    def _ended_well(self, phase: str, attempt: Attempt, failures: Counter[str]) -> bool:
        status = attempt.process.returncode
        if status == 0:
            return True
        if status == -signal.SIGKILL:
            failures[str(attempt.task)] = 0
            return False
        name = str(attempt.task)
        self._note_failure(phase, attempt)
        failures[name] = 0 if attempt.disturbed else failures[name] + 1
        if not attempt.disturbed and not attempt.after_kill:
            self.tally.faults.append(f"{phase}: {name} failed though nothing had been killed ({attempt.output.name})")
        if failures[name] > TRIES:
            raise AssertionError(f"{phase}: {name} does not end well any more; see {attempt.output}")
        return False

    def _note_failure(self, phase: str, attempt: Attempt) -> None:
        """A command whose server went away says so in a sentence, with status 1."""
        self.tally.repeated[f"{phase}: {attempt.task}"] += 1
        if attempt.process.returncode != 1 or "Traceback" in attempt.output.read_text(errors="replace"):
            self.tally.faults.append(
                f"{phase}: {attempt.task} broke down instead of saying why ({attempt.output.name})"
            )


def _kill(pid: int, *, group: bool = False) -> bool:
    """SIGKILL to a process (or its whole group); whether it was running."""
    if not _is_alive(pid):
        return False
    (os.killpg if group else os.kill)(pid, signal.SIGKILL)
    while _is_alive(pid):
        time.sleep(0.01)
    return True


def _is_alive(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return pid > 0 and bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")


def _children(pid: int) -> list[int]:
    shown = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in shown.stdout.splitlines())
    return sorted(int(child) for child, parent in pairs if int(parent) == pid)
