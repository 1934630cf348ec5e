"""Labels carried over from one version of a codebook to the next; what must be seen again or coded anew is listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from relcode.codebook.changes import who
from relcode.codebook.diff import CodebookDiff, diff_codebooks
from relcode.codebook.schema import Codebook
from relcode.records import Session, Span

Speakers = Mapping[tuple[str, int], str]


class Listed(msgspec.Struct, frozen=True):
    """A label with what is to be said of it. To see again: as it was carried over. To code anew: as it was."""

    label: Span
    reasons: tuple[str, ...]


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """Where each label went; every label given is in exactly one of `carried`, `recode`, `doubled` and `others`.

    `labels`: the new file, in the old order: those carried over and those of other codebooks. `carried`: how many were
    carried over; `review` lists those of them that must be seen again. `recode`: not carried over. `doubled`: a merger
    made it the same as another label, which is carried over. `others`: of other codebooks (by their reference, or the
    code where a label names none), passed through unchanged.
    """

    old: str
    new: str
    labels: tuple[Span, ...]
    carried: int
    review: tuple[Listed, ...]
    recode: tuple[Listed, ...]
    doubled: tuple[Span, ...]
    others: dict[str, int]

    @property
    def given(self) -> int:
        """How many labels there were."""
        return self.carried + len(self.recode) + len(self.doubled) + sum(self.others.values())


def migrate_labels(
    spans: Iterable[Span], old: Codebook, new: Codebook, *, sessions: Iterable[Session] = ()
) -> Migration:
    """Carry labels of `old` over to `new`.

    A label is of `old` if it names this version of it, or names no codebook and has one of its codes.

    Parameters
    ----------
    sessions
        Their turns say who spoke: a label that the new speaker rule forbids is not carried over. Without them a label
        of a code whose speaker rule was tightened is listed to be seen again.
    """
    diff = diff_codebooks(old, new)
    move = _Move(
        old, new, diff, {(session.session_id, turn.turn): turn.speaker for session in sessions for turn in session}
    )
    labels: list[Span] = []
    review: list[Listed] = []
    recode: list[Listed] = []
    doubled: list[Span] = []
    others: Counter[str] = Counter()
    from_code: dict[tuple[object, ...], str] = {}
    for span in spans:
        if not move.is_own(span):
            others[span.codebook or f"code {span.code}"] += 1
            labels.append(span)
            continue
        refused = move.refusal(span)
        if refused:
            recode.append(Listed(span, (refused,)))
            continue
        moved = move.carried(span)
        if from_code.setdefault((moved.key, moved.source), span.code) != span.code:
            doubled.append(span)
            continue
        labels.append(moved)
        reasons = move.reasons(span)
        if reasons:
            review.append(Listed(moved, reasons))
    return Migration(
        old=old.reference,
        new=new.reference,
        labels=tuple(labels),
        carried=len(labels) - others.total(),
        review=tuple(review),
        recode=tuple(recode),
        doubled=tuple(doubled),
        others=dict(others),
    )


class _Move:
    """What happens to one label."""

    def __init__(self, old: Codebook, new: Codebook, diff: CodebookDiff, speakers: Speakers) -> None:
        self._old = old
        self._new = new
        self._carried = diff.carried
        self._reasons = diff.reasons
        self._speakers = speakers
        self._gone = {
            change.code: change.says
            for change in diff.changes
            if change.kind in ("removed", "split") and change.code not in diff.carried
        }

    def is_own(self, span: Span) -> bool:
        """Whether a label is of the old version."""
        if span.codebook is None:
            return span.code in self._old.by_id
        return span.codebook in (self._old.reference, *self._old.references)

    def refusal(self, span: Span) -> str | None:
        """Why a label cannot be carried over; None where it can."""
        if span.code not in self._old.by_id:
            return f"{span.codebook} has no code {span.code}"
        if span.code in self._gone:
            return self._gone[span.code]
        target = self._new.by_id[self._carried[span.code]]
        speaker = self._speakers.get((span.session_id, span.turn))
        before = self._old.by_id[span.code].speakers
        if speaker is not None and not self._new.allows(target.id, speaker):
            return f"{target.id} is for the {who(target.speakers)} alone; speaker {speaker} may not carry it"
        if speaker is None and not set(before) & set(target.speakers):
            return f"{target.id} is for the {who(target.speakers)} alone; {span.code} was for the {who(before)}"
        return None

    def carried(self, span: Span) -> Span:
        """The label under the new version."""
        target = self._carried[span.code]
        return msgspec.structs.replace(span, code=target, codebook=self._new.reference_of(target))

    def reasons(self, span: Span) -> tuple[str, ...]:
        """Why a label that is carried over must be seen again."""
        target = self._new.by_id[self._carried[span.code]]
        found = self._reasons.get(target.id, ())
        lost = [role for role in self._old.by_id[span.code].speakers if role not in target.speakers]
        if lost and (span.session_id, span.turn) not in self._speakers:
            return (*found, f"{target.id}: the {who(lost)} may no longer carry it, and who speaks here is not known")
        return found
