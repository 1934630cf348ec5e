"""The supervisor's report: balance, sequences and repairs of coded sessions, with their uncertainty and excerpts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

import numpy as np
import pandas as pd

from relcode.audit.along import lines_along
from relcode.audit.balance import interpretation_figures
from relcode.audit.caseload import caseloads, client_of
from relcode.audit.client_talk import client_talk
from relcode.audit.correction import CorrectedRate, Corrections, Target, targets, with_marks
from relcode.audit.course import courses
from relcode.audit.exposure import exposure
from relcode.audit.figure import Figure
from relcode.audit.influence import influences
from relcode.audit.intervals import Estimate
from relcode.audit.lags import client_responses
from relcode.audit.material import Material, material_from_labels
from relcode.audit.measures import balances, code_rates, headline, here_and_now_tenths
from relcode.audit.referents import early_life, referent_figures
from relcode.audit.repairs import answered_figure, rupture_figures
from relcode.audit.report import render_report
from relcode.audit.result import AuditResult, Group, SessionLine, TurnMarks
from relcode.audit.ruptures import rupture_episodes
from relcode.audit.scored import material_from_scores
from relcode.codebook import Codebook
from relcode.errors import UsageError
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.version import VERSION

__all__ = [
    "AuditResult",
    "CorrectedRate",
    "Corrections",
    "Estimate",
    "Figure",
    "Target",
    "audit",
    "render_report",
    "targets",
]


def audit(
    sessions: Iterable[Session],
    codebook: Codebook,
    *,
    labels: Sequence[Span] | None = None,
    scores: pd.DataFrame | None = None,
    source: str,
    corrections: Corrections | None = None,
    seed: int = 0,
) -> AuditResult:
    """Compute every figure of the report from labels or from scores.

    Parameters
    ----------
    labels, scores
        Exactly one of them: spans (contract form 2), or a row a segment (form 3).
    source
        In words, where the labels or scores come from; it stands in the report.
    corrections
        Rates corrected with a hand-coded sample, of scores or a machine's spans.
    seed
        For the bootstrap and the permutations: the same seed gives the same figures.

    Raises
    ------
    UsageError
        Neither or both of labels and scores were given.
    TranscriptError, LabelError
        The data do not fit each other; see `material`, `scored`.
    """
    kept = tuple(sessions)
    if labels is not None and scores is None:
        material = material_from_labels(kept, codebook, labels)
    elif scores is not None and labels is None:
        material = material_from_scores(kept, codebook, scores)
    else:
        raise UsageError("Give either labels or scores, not both or neither.")
    coded = material.choose(material.coded)
    episodes = rupture_episodes(coded)
    result = AuditResult(
        relcode=VERSION,
        codebook=codebook.reference,
        source=source,
        source_kind=material.source_kind,
        uncorrected=material.uncorrected,
        seed=seed,
        sessions=_session_lines(material),
        notes=material.notes,
        exposure=exposure(material, seed=seed),
        headline=_headline(coded, seed),
        figures=(*balances(coded, seed=seed), early_life(coded)),
        rates=code_rates(coded, seed=seed),
        here_and_now=here_and_now_tenths(coded, seed=seed),
        episodes=episodes,
        responses=client_responses(coded, seed=seed),
        client_talk=client_talk(coded, seed=seed),
        influences=influences(coded, seed=seed),
        by_therapist=_by_therapist(coded, seed),
        by_session=_by_session(coded, seed),
        interpretations=interpretation_figures(coded, seed=seed),
        referents=referent_figures(material, seed=seed),
        along=lines_along(coded, seed=seed),
        ruptures=rupture_figures(coded, episodes),
        course=courses(coded, seed=seed),
        caseload=caseloads(coded, seed=seed),
        marks=_marks(coded),
    )
    return with_marks(result, corrections) if material.uncorrected else result


def _headline(material: Material, seed: int) -> tuple[Figure, ...]:
    return (*headline(material, seed=seed), answered_figure(material, rupture_episodes(material)))


def _by_session(material: Material, seed: int) -> tuple[Group, ...]:
    names = [session.session_id for session in material.sessions]
    return _groups(material, names, seed) if len(names) > 1 else ()


def _by_therapist(material: Material, seed: int) -> tuple[Group, ...]:
    names = [session.therapist or "not named" for session in material.sessions]
    return _groups(material, names, seed) if len(set(names)) > 1 else ()


def _groups(material: Material, names: Sequence[str], seed: int) -> tuple[Group, ...]:
    """The headline figures of each group of sessions, in the order of their names: no ranking."""
    series = pd.Series(names)
    groups: list[Group] = []
    for name in sorted(set(names)):
        part = material.choose((series == name).to_numpy())
        groups.append(
            Group(
                name=name,
                sessions=len(part.sessions),
                therapist_segments=int(part.speaks("T").sum()),
                client_segments=int(part.speaks("C").sum()),
                figures=_headline(part, seed),
            )
        )
    return tuple(groups)


def _marks(material: Material) -> tuple[TurnMarks, ...]:
    ids = material.codebook.code_ids
    return tuple(
        TurnMarks(
            material.sessions[material.turn_session[row]].session_id,
            int(material.turn_number[row]),
            tuple(ids[column] for column in np.flatnonzero(material.turn_codes[row])),
        )
        for row in np.flatnonzero(material.turn_codes.any(axis=1))
    )


def _session_lines(material: Material) -> tuple[SessionLine, ...]:
    return tuple(
        SessionLine(
            session_id=session.session_id,
            sha256=hash_session(session),
            dyad=session.dyad,
            therapist=session.therapist,
            session_number=session.session_number,
            turns=len(session.turns),
            coded=bool(coded),
            client=client_of(material, row),
        )
        for row, (session, coded) in enumerate(zip(material.sessions, material.coded, strict=True))
    )


class _Callable(ModuleType):
    """This package, called as the function of its name: `relcode.audit` is both, whichever was imported first."""

    __call__ = staticmethod(audit)


sys.modules[__name__].__class__ = _Callable
