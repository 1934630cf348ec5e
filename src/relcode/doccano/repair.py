"""Which pages on the server are left over from uploads that broke off, and may be deleted without losing work.

A page on which its coder has done anything is never among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from relcode.doccano.journal import Attempt
from relcode.doccano.listing import Example, with_details
from relcode.doccano.pages import Page, sent_labels, suggestions_of
from relcode.doccano.session import DoccanoSession

Planned = tuple[Page, dict[str, Any]]  # a page and its manifest entry


def by_page(examples: Iterable[Example]) -> dict[str, list[Example]]:
    """The examples that are pages of relcode, by page, in order of arrival."""
    found: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example.page is not None:
            found[example.page].append(example)
    return found


def surplus(
    admin: DoccanoSession,
    project_id: int,
    wanted: Mapping[str, Planned],
    there: Mapping[str, Sequence[Example]],
    attempts: Sequence[Attempt],
) -> set[int]:
    """The ids of examples to be deleted: half-made ones, and of a page that is there twice those without any work.

    If several of a page have work on them, all of these stay, for a person to decide.
    """
    halves = _half_made(wanted, there, attempts)
    doubtful = [
        example
        for uid in wanted
        if len(there.get(uid, ())) > 1 or any(example.example_id in halves for example in there.get(uid, ()))
        for example in there[uid]
    ]
    doomed: set[int] = set()
    for uid, examples in by_page(with_details(admin, project_id, doubtful)).items():
        page, entry = wanted[uid]
        sent = sent_labels(page, suggestions_of(entry))
        kept = [example for example in examples if example.example_id not in halves or _touched(example)]
        worked = [example for example in kept if _touched(example) or sorted(example.labels) != sent]
        keep = worked or kept[:1]
        doomed |= {example.example_id for example in examples} - {example.example_id for example in keep}
    return doomed


def _half_made(
    wanted: Mapping[str, Planned], there: Mapping[str, Sequence[Example]], attempts: Sequence[Attempt]
) -> set[int]:
    """Pages without labels from a file of which no page has labels: Doccano writes those of a file all at once, last.

    A coder may have emptied a page; then other pages of its file have theirs. The server's own retries make further
    rounds of the same file: the first arrivals of its pages are one round, the second another.
    """
    halves: set[int] = set()
    for attempt in attempts:
        if attempt.whole:
            continue
        labelled = [uid for uid in attempt.pages if uid in wanted and suggestions_of(wanted[uid][1])]
        for number in range(max((len(there.get(uid, ())) for uid in labelled), default=0)):
            arrived = [there[uid][number] for uid in labelled if len(there.get(uid, ())) > number]
            if not any(example.marks for example in arrived):
                halves |= {example.example_id for example in arrived}
    return halves


def _touched(example: Example) -> bool:
    return example.confirmed or example.commented
