"""A person at Doccano's page in a real browser: one page of a coder (or of the adjudicator), coded with the mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from browser import Browser
from coding_page import Drawn, confirm, delete, draw, open_page, sign_in
from relcode.doccano.projects import find_project
from relcode.doccano.server import read_server
from relcode.doccano.session import connect
from relcode.ledger import Ledger
from relcode.records import Span
from team.coder import labels_on, note

DRAWN, DELETED = 2, 1  # labels a page: enough to see that what a person does arrives


def code_first_page(
    browser: Browser, study: Path, account: str, batch: str, spans: Sequence[Span], journal: Path, *, coder: str
) -> None:
    """Draw labels of `spans` on the first page that the account sees, delete a suggestion, confirm; note what stands there."""
    server = read_server(study)
    session = connect(server.url, account, server.accounts[account])
    project_id = find_project(session, batch, coder)
    assert project_id is not None
    example = session.get(f"projects/{project_id}/examples", limit=1)["results"][0]
    pages = {page["page"]: page for page in Ledger(study / "ledger.db").pages(coder, batch, role=None)}
    page = pages[example["meta"]["relcode"]["page"]]
    shown = msgspec.convert(page["suggestions"], list[Span]) if page["shown"] else []
    there = {span.key: span for span in shown}
    taken = [span for span in shown if _alone(span, shown)][:DELETED]
    added = [span for span in labels_on(page, spans) if span.key not in there and "\n" not in span.text][:DRAWN]
    sign_in(browser, server.url, account, server.accounts[account])
    open_page(browser, server.url, project_id, 1)
    for span in taken:
        delete(browser, example["text"], _drawn(page, span))
    for span in added:
        draw(browser, example["text"], _drawn(page, span))
    confirm(browser)
    gone = {span.key for span in taken}
    note(journal, page, 0, [span for span in [*there.values(), *added] if span.key not in gone])


def _alone(span: Span, shown: Sequence[Span]) -> bool:
    """Whether no other label stands on or beside its words, so that a person takes hold of the right one."""
    near = [other for other in shown if other.turn == span.turn and other.start <= span.end and span.start <= other.end]
    return [other.key for other in near] == [span.key]


def _drawn(page: Mapping[str, Any], span: Span) -> Drawn:
    starts = {turn: start for turn, _, start, *_ in page["turns"]}
    return Drawn(starts[span.turn] + span.start, starts[span.turn] + span.end, span.code)
