"""The reliability of a study: all that a paper's section on it needs, from one table of ratings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.records import Session
from relcode.reliability.agreement import agreement_of, check_call
from relcode.reliability.anchoring import estimate_anchoring
from relcode.reliability.coded_pages import CodedPage
from relcode.reliability.codings import Coding
from relcode.reliability.confusions import find_confusions
from relcode.reliability.drift import find_drift
from relcode.reliability.groups import PartKind, group_agreement, recode_agreement
from relcode.reliability.material import Material, prepare
from relcode.reliability.plugins import notes_on_plugins
from relcode.reliability.ratings import Level
from relcode.reliability.results import Agreement, Coded, Machine


def reliability_of(
    codings: Sequence[Coding],
    *,
    sessions: Iterable[Session] | None = None,
    codebook: Codebook | None = None,
    pages: Sequence[CodedPage] = (),
    machines: Sequence[Machine] = (),
    by: Sequence[PartKind] = (),
    window: str = "week",
    levels: Sequence[Level] = (),
    draws: int = 1000,
    seed: int = 0,
    gamma: bool = False,
    notes: Sequence[str] = (),
) -> Agreement:
    """Agreement with everything around it: groups, confusable pairs, drift, anchoring, re-codes.

    Parameters
    ----------
    codings, sessions, codebook, levels, draws, seed, gamma
        As for `agreement`.
    pages
        The ledger's confirmed pages of all roles: the re-codes among them are compared with what they repeat.
    machines
        What is known of codings of models.
    by
        Kinds of groups that get figures of their own; pairs also where a model is one of the coders.
    window
        What a window of time is: `day`, `week`, `month`, `batch`.
    notes
        What was left out before.

    Raises
    ------
    UsageError, LabelError
        As `agreement`.
    """
    read = None if sessions is None else list(sessions)
    check_call(codings, read, levels)
    material = prepare(codings, read, codebook)
    result = agreement_of(material, levels=levels, draws=draws, seed=seed, gamma=gamma)
    kinds: list[PartKind] = list(by)
    if len(result.coders) < len(codings) and "pair" not in kinds:
        kinds.append("pair")
    told = [*notes, *result.notes, *notes_on_plugins()]
    groups = [
        group
        for kind in kinds
        for group in group_agreement(material, kind, window=window, levels=levels, draws=draws, seed=seed)
    ]
    groups += recode_agreement(pages, material, told, levels=levels, draws=draws, seed=seed)
    return msgspec.structs.replace(
        result,
        notes=told,
        coded=[_coded(material, row) for row in range(len(material.codings))],
        groups=groups,
        confusions=find_confusions(material, draws=draws, seed=seed),
        drift=find_drift(material, window=window),
        anchoring=estimate_anchoring(material, draws=draws, seed=seed),
        machines=list(machines),
    )


def _coded(material: Material, row: int) -> Coded:
    """What a coder coded, also of sessions that nobody else did."""
    coding = material.codings[row]
    seen = material.turns.covered[row]
    days = [page.confirmed.date() for page in coding.pages]
    return Coded(
        coder=coding.coder,
        sessions=len(np.unique(material.turns.session_row[seen])),
        turns=int(seen.sum()),
        segments=None if material.segments is None else int(material.segments.covered[row].sum()),
        labels=len(coding.spans),
        pages=len(coding.pages),
        first=min(days, default=None),
        last=max(days, default=None),
        batches=tuple(dict.fromkeys(page.batch for page in coding.pages)),
        versions=tuple(sorted({version for version in coding.versions().values() if version})),
    )
