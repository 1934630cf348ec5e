"""Two versions of a codebook compared in the field's terms: what changed, and which labels must be seen again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from relcode.codebook.changes import Change, Consequence, code_changes
from relcode.codebook.cue_changes import cue_changes, lexicon_changes
from relcode.codebook.lineage import Lineage, trace_codes
from relcode.codebook.schema import Codebook

__all__ = ["Change", "CodebookDiff", "Consequence", "diff_codebooks"]


class CodebookDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from `old` to `new` (references).

    `carried`: old id -> the new id that its labels get; a code that was removed or split is not there. `review`: codes
    of the new version whose labels must be seen again. `recode`: codes whose labels do not carry over, or for which
    turns were never coded.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    carried: dict[str, str]
    review: tuple[str, ...]
    recode: tuple[str, ...]

    @property
    def reasons(self) -> dict[str, tuple[str, ...]]:
        """Why labels must be seen again: code of the new version -> sentences."""
        found: dict[str, list[str]] = {}
        for change in self.changes:
            if change.consequence == "review":
                found.setdefault(change.code, []).append(change.says)
            for other in change.also:
                found.setdefault(other, []).append(f"may be confused with {change.code}; {change.says}")
        return {code: tuple(reasons) for code, reasons in found.items()}


def diff_codebooks(old: Codebook, new: Codebook) -> CodebookDiff:
    """Compare two versions of a codebook.

    Renamed, merged and split codes are known by `was` in the new version. A removed and an added code whose definitions
    are nearly the same are reported as a guess as well; nothing follows from a guess.
    """
    lineage = trace_codes(old, new)
    changes = [
        *_whole(old, new),
        *_descent(new, lineage),
        *_within(old, new, lineage),
        *lexicon_changes(old, new),
    ]
    if changes and old.reference == new.reference:
        says = f"the version is {new.version} in both: raise it, or labels of the two cannot be told apart"
        changes.insert(0, Change(code="", kind="codebook", says=says))
    changes = [_resolved(change, new, lineage) for change in changes]
    diff = CodebookDiff(
        old=old.reference,
        new=new.reference,
        changes=tuple(changes),
        carried={code_id: targets[0] for code_id, targets in lineage.targets.items() if len(targets) == 1},
        review=(),
        recode=tuple(dict.fromkeys(change.code for change in changes if change.consequence == "recode")),
    )
    reasons = diff.reasons
    return msgspec.structs.replace(diff, review=tuple(code for code in new.code_ids if code in reasons))


def _whole(old: Codebook, new: Codebook) -> Iterator[Change]:
    """Changes of the codebook's head, and of its members where it is put together of several."""
    for kind, before, after in (("id", old.id, new.id), ("title", old.title, new.title)):
        if before != after:
            yield Change(code="", kind="codebook", says=f"{kind} changed", before=before, after=after)
    if old.description.split() != new.description.split():
        yield Change(
            code="", kind="codebook", says="description reworded", before=old.description, after=new.description
        )
    lists = (
        ("authors", old.authors, new.authors),
        ("sources", old.sources, new.sources),
        ("codebooks used", old.uses, new.uses),
        ("sessions that weights were fitted to", old.fitted, new.fitted),
        ("codebooks put together", [*old.references], [*new.references]),
    )
    for name, was, now in lists:
        if name == "codebooks put together" and not (old.members or new.members):
            continue
        dropped = [item for item in was if item not in now]
        added = [item for item in now if item not in was]
        if dropped or added:
            said = ", ".join(f"{len(some)} {what}" for some, what in ((added, "added"), (dropped, "dropped")) if some)
            says = f"{name}: {said}"
            yield Change(code="", kind="codebook", says=says, before="\n".join(dropped), after="\n".join(added))
    if [name for name in old.code_ids if name in new.by_id] != [name for name in new.code_ids if name in old.by_id]:
        yield Change(code="", kind="codebook", says="the order of the codes changed")


def _descent(new: Codebook, lineage: Lineage) -> Iterator[Change]:
    """Codes removed, split, renamed, merged, added, and guesses at renamings."""
    for code_id, targets in lineage.targets.items():
        if not targets:
            yield Change(code=code_id, kind="removed", says=f"{code_id} removed", consequence="recode")
        elif len(targets) > 1:
            says = f"{code_id} split into {', '.join(targets)}"
            yield Change(code=code_id, kind="split", says=says, consequence="recode")
    for code_id, sources in lineage.sources.items():
        if len(sources) > 1:
            yield Change(code=code_id, kind="merged", says=f"{', '.join(sources)} merged into {code_id}")
        elif sources and sources[0] != code_id and lineage.targets[sources[0]] == (code_id,):
            yield Change(code=code_id, kind="renamed", says=f"{sources[0]} renamed to {code_id}")
        elif not sources:
            yield _added(code_id, new)
    for code_id, like, share in lineage.guesses:
        says = (
            f"{code_id} may be renamed to {like}: a guess, {share:.0%} of the definition is the same; "
            f"if so, write `was: [{code_id}]` at {like}"
        )
        yield Change(code=code_id, kind="guess", says=says)


def _added(code_id: str, new: Codebook) -> Change:
    code = new.by_id[code_id]
    unknown = f"; it was {', '.join(code.was)}, which the old version has not" if code.was else ""
    return Change(
        code=code_id,
        kind="added",
        says=f"{code_id} added{unknown}; no turn has been coded for it yet",
        consequence="recode",
        also=tuple(dict.fromkeys(rule.against for rule in code.rules)),
    )


def _within(old: Codebook, new: Codebook, lineage: Lineage) -> Iterator[Change]:
    for code in new.codes:
        former = lineage.former(code.id)
        if former is not None:
            yield from code_changes(old.by_id[former], code, lineage)
            yield from cue_changes(old.by_id[former], code, lineage)


def _resolved(change: Change, new: Codebook, lineage: Lineage) -> Change:
    """`also` as codes of the new version to which labels are carried over: families taken apart, the code itself left out."""
    also = dict.fromkeys(code for name in change.also for code in new.family(name))
    labelled = {targets[0] for targets in lineage.targets.values() if len(targets) == 1}
    kept = tuple(code for code in also if code != change.code and code in labelled)
    return msgspec.structs.replace(change, also=kept)
