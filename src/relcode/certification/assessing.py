"""Reading a coder's calibration pages against the accepted labels: per code, and difference by difference.

The unit is the turn: a code is present in it or not, among the turns whose speaker may carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.certification.attempts import Attempt, Standard
from relcode.certification.rules import Guidance, guidance
from relcode.choices import CertificationChoices
from relcode.codebook import Codebook
from relcode.records import Span

CERTIFIED, NOT_YET, TOO_FEW = "certified", "not yet", "too few instances"


class Estimated(Protocol):
    """A coefficient with its interval (`reliability.Coefficient`)."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def reason(self) -> str | None: ...


# (ratings, page of each turn) -> `kappa` and `f1`. Ratings: axes (accepted labels and coder, turn); 1 present, 0 absent.
Measuring = Callable[[npt.NDArray[np.float64], npt.NDArray[np.int64]], Mapping[str, Estimated]]


class Measure(msgspec.Struct, frozen=True):
    """A coefficient with its 95 % interval; None where it is undefined, and `reason` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


class CodeResult(msgspec.Struct, frozen=True):
    """One code. `turns` looked at; in `instances` of them it is accepted: `hits` that the coder gave too, `misses` not;
    `false_alarms`: given and not accepted. `batches`: the attempts that count."""

    code: str
    batches: tuple[str, ...]
    turns: int
    instances: int
    hits: int
    misses: int
    false_alarms: int
    kappa: Measure
    f1: Measure
    status: str


class Difference(msgspec.Struct, frozen=True):
    """A turn in which coder and accepted labels differ on a code, without the words. `missed`: accepted and not given,
    else given and not accepted. `given`, `accepted`: all codes of the turn on each side."""

    batch: str
    session_id: str
    turn: int
    code: str
    missed: bool
    given: list[str]
    accepted: list[str]
    guidance: Guidance


class Assessment(msgspec.Struct, frozen=True):
    """A coder's calibration. `pages`, `confirmed`: of the last attempt. `unsettled`: pages left out because their session
    is not settled (any more), or its text has changed."""

    coder: str
    codebook: str
    coefficient: str
    threshold: float
    instances: int
    batches: tuple[str, ...]
    pages: int
    confirmed: int
    unsettled: int
    codes: list[CodeResult]
    differences: list[Difference]

    @property
    def complete(self) -> bool:
        """Whether the last attempt was confirmed wholly: only then anything is decided by it."""
        return 0 < self.pages == self.confirmed


class _Turn(msgspec.Struct, frozen=True):
    """A turn on a confirmed page: its speaker (None where the manifest does not say), and the codes on both sides."""

    page: str
    batch: str
    session_id: str
    turn: int
    speaker: str | None
    accepted: frozenset[str]
    given: frozenset[str]


def assess(
    coder: str,
    attempts: Sequence[Attempt],
    standard: Standard,
    codebook: Codebook,
    choices: CertificationChoices,
    measure: Measuring,
) -> Assessment:
    """Compare a coder's attempts with the accepted labels.

    The last attempt decides. A code that occurs too seldom in it is read together with the attempts before, as far back as
    it takes. Pages that are not confirmed yet are left out.
    """
    turns = {attempt.batch: _turns(attempt, standard) for attempt in attempts}
    results = [_code_result(code, attempts, turns, codebook, choices, measure) for code in codebook.code_ids]
    last = attempts[-1] if attempts else None
    return Assessment(
        coder=coder,
        codebook=codebook.reference,
        coefficient=choices.coefficient,
        threshold=choices.threshold,
        instances=choices.instances,
        batches=tuple(attempt.batch for attempt in attempts),
        pages=len(last.pages) if last else 0,
        confirmed=len(last.confirmed) if last else 0,
        unsettled=sum(not standard.covers(entry) for attempt in attempts for entry in attempt.pages),
        codes=[result for result in results if result.instances or result.false_alarms],
        differences=_differences(turns[last.batch], codebook) if last else [],
    )


def _turns(attempt: Attempt, standard: Standard) -> list[_Turn]:
    found: list[_Turn] = []
    for entry in attempt.pages:
        if entry["page"] not in attempt.confirmed or not standard.covers(entry):
            continue
        speakers = {turn: speaker for turn, speaker, *_ in entry.get("turns", ())}
        accepted = standard.labels(entry)
        given = [span for span in attempt.labels if span.session_id == entry["session_id"]]
        for turn in range(entry["first_turn"], entry["last_turn"] + 1):
            codes = [_codes_in(turn, spans) for spans in (accepted, given)]
            found.append(
                _Turn(entry["page"], attempt.batch, entry["session_id"], turn, speakers.get(turn), codes[0], codes[1])
            )
    return found


def _codes_in(turn: int, spans: Sequence[Span]) -> frozenset[str]:
    return frozenset(span.code for span in spans if span.turn == turn)


def _code_result(
    code: str,
    attempts: Sequence[Attempt],
    turns: Mapping[str, Sequence[_Turn]],
    codebook: Codebook,
    choices: CertificationChoices,
    measure: Measuring,
) -> CodeResult:
    units: list[_Turn] = []
    batches: list[str] = []
    for attempt in reversed(attempts):
        own = [unit for unit in turns[attempt.batch] if unit.speaker is None or codebook.allows(code, unit.speaker)]
        units += own
        batches.append(attempt.batch)
        if sum(code in unit.accepted for unit in units) >= choices.instances:
            break
    ratings = np.array([[code in unit.accepted for unit in units], [code in unit.given for unit in units]], dtype=float)
    pages = {page: row for row, page in enumerate(dict.fromkeys(unit.page for unit in units))}
    rows = np.array([pages[unit.page] for unit in units], dtype=np.int64)
    found = {name: _measure_of(value) for name, value in measure(ratings, rows).items()}
    accepted, given = ratings.astype(bool)
    instances = int(accepted.sum())
    decisive = found[choices.coefficient].value
    enough = decisive is not None and decisive >= choices.threshold
    return CodeResult(
        code=code,
        batches=tuple(reversed(batches)),
        turns=len(units),
        instances=instances,
        hits=int((accepted & given).sum()),
        misses=int((accepted & ~given).sum()),
        false_alarms=int((given & ~accepted).sum()),
        kappa=found["kappa"],
        f1=found["f1"],
        status=TOO_FEW if instances < choices.instances else CERTIFIED if enough else NOT_YET,
    )


def _measure_of(found: Estimated) -> Measure:
    return Measure(found.value, found.low, found.high, found.reason)


def _differences(turns: Sequence[_Turn], codebook: Codebook) -> list[Difference]:
    """The differences of one attempt, by session and turn; codes that the codebook does not have are left out."""
    found: list[Difference] = []
    for unit in sorted(turns, key=lambda each: (each.session_id, each.turn)):
        for code in sorted((unit.accepted ^ unit.given) & codebook.by_id.keys()):
            missed = code in unit.accepted
            # What differs on the other side is likelier to have been taken for it than what both have.
            instead = sorted(unit.given - unit.accepted if missed else unit.accepted - unit.given)
            found.append(
                Difference(
                    batch=unit.batch,
                    session_id=unit.session_id,
                    turn=unit.turn,
                    code=code,
                    missed=missed,
                    given=sorted(unit.given),
                    accepted=sorted(unit.accepted),
                    guidance=guidance(codebook, code, instead, missed=missed),
                )
            )
    return found


def words_of(difference: Difference, spans: Sequence[Any]) -> list[tuple[str, str]]:
    """(code, words) of the labels in a difference's turn, by place."""
    own = [span for span in spans if (span.session_id, span.turn) == (difference.session_id, difference.turn)]
    return [(span.code, span.text) for span in sorted(own, key=lambda span: span.key)]
