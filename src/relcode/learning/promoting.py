"""Promote a model if it is better than the present one on sessions that neither knows; go back to the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from relcode.errors import ModelError, UsageError
from relcode.learning.compared import Comparison
from relcode.learning.comparison import compare
from relcode.learning.load import load_model
from relcode.learning.model_folder import folder_hash
from relcode.learning.model_store import ModelStore
from relcode.learning.promotions import Event, Promotion, now
from relcode.records import Session, Span


def promote(
    store: ModelStore,
    model_id: str,
    sessions: Sequence[Session] = (),
    gold: Iterable[Span] | None = None,
    *,
    seed: int = 0,
) -> Promotion:
    """Promote a model of the store, or keep it aside; both are recorded with the reason.

    The first model of a codebook is promoted as it is. Any other must have the higher turn-level macro-F1 on labelled
    sessions that neither it nor the promoted model knows, by a difference whose whole interval lies above zero.

    Raises
    ------
    ModelError
        There is no such model, it or the promoted one is refused, it is the promoted one, or they cannot be compared
        (see `compare`). Nothing is recorded then.
    UsageError
        There is a promoted model, and no labels to compare on.
    """
    folder = store.find(model_id)
    candidate = load_model(folder)
    codebook = candidate.codebook.id
    promotions = store.promotions(codebook)
    present = promotions.present
    comparison: Comparison | None = None
    event: Event = "promoted"
    reason = "the first of its codebook: there was none to compare with"
    if present is not None:
        if present.model == candidate.id:
            raise ModelError(f"{candidate.id} is the promoted model of {codebook} already.")
        if gold is None:
            raise UsageError(
                f"{present.model} is promoted for {codebook}: give --labels of sessions that neither it nor {candidate.id} "
                "was trained on, to compare the two."
            )
        before = load_model(store.checked(present, codebook))
        comparison = compare(before, candidate, sessions, gold, seed=seed)
        event = "promoted" if comparison.better else "kept aside"
        reason = _reason(comparison)
    return promotions.append(
        Promotion(
            event=event,
            model=candidate.id,
            sums=folder_hash(folder),
            codebook=candidate.codebook.reference,
            instead_of=None if present is None else present.model,
            reason=reason,
            at=now(),
            comparison=comparison,
        )
    )


def rollback(store: ModelStore, codebook: str) -> Promotion:
    """Make the model before the promoted one the promoted one again.

    Where there is none before, and the promoted one is refused as not as it was written, none is promoted afterwards.

    Raises
    ------
    ModelError
        No model of the codebook is promoted, there is none before it, or the one before is not as it was promoted.
    """
    promotions = store.promotions(codebook)
    if promotions.present is None:
        raise ModelError(f"No model of {codebook} is promoted in {store.folder}: there is nothing to go back from.")
    *earlier, present = promotions.stack
    reason = f"asked to go back from {present.model}"
    if earlier:
        store.checked(earlier[-1], codebook)
    elif (fault := _fault(store, present, codebook)) is None:
        raise ModelError(f"{present.model} is the first promoted model of {codebook}: there is none before it.")
    else:
        reason = f"{present.model} was the first, and is refused: {fault}"
    return promotions.append(
        Promotion(
            event="rolled back",
            model=earlier[-1].model if earlier else "",
            sums=earlier[-1].sums if earlier else "",
            codebook=earlier[-1].codebook if earlier else present.codebook,
            instead_of=present.model,
            reason=reason,
            at=now(),
        )
    )


def _fault(store: ModelStore, promotion: Promotion, codebook: str) -> str | None:
    try:
        store.checked(promotion, codebook)
    except ModelError as error:
        return error.message
    return None


def _reason(comparison: Comparison) -> str:
    if comparison.better:
        found = "better than"
    elif comparison.high is not None and comparison.high < 0:
        found = "worse than"
    else:
        found = "not shown to be better than"
    return f"{found} {comparison.present}: {comparison.in_words}"
