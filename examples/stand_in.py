"""Code the example sessions in a study's Doccano as one of the shipped coders, so that a tutorial need not wait for people.

The labels go in over the calls that Doccano's page makes, through the coder's own account, and every page is confirmed.
Example: python examples/stand_in.py anna --study study --raw raw
"""

from __future__ import annotations

import argparse
from pathlib import Path

from relcode.deid import deidentify, move_spans, read_decisions
from relcode.doccano.coding import Entered, enter_labels
from relcode.doccano.projects import find_project, label_types
from relcode.doccano.server import read_server
from relcode.doccano.session import connect
from relcode.ledger import CONSENSUS
from relcode.project import Project
from relcode.records import Span
from relcode.spans import read_spans
from relcode.transcripts import read_sessions

LABELS = Path(__file__).resolve().parent / "labels"
SHIPPED = {"anna": "coder_A", "ben": "coder_B", "adjudicator": "accepted"}
BATCH = "1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("account", choices=SHIPPED)
    parser.add_argument("--study", type=Path, required=True)
    parser.add_argument("--raw", type=Path, required=True, help="the imported sessions, before de-identification")
    parser.add_argument("--batch", default=BATCH, help="the batch whose pages are coded")
    parser.add_argument("--labels", type=Path, help="labels of the imported sessions instead of the shipped ones")
    given = parser.parse_args()
    done = enter(given.account, given.study, given.raw, batch=given.batch, labels=given.labels)
    print(what_was_done(given.account, done))


def enter(account: str, study: Path, raw: Path, *, batch: str = BATCH, labels: Path | None = None) -> Entered:
    """Make the pages of an account equal to its shipped labels, and confirm them."""
    project = Project.load(study)
    server = read_server(project.folder)
    session = connect(server.url, account, server.accounts[account])
    coder = CONSENSUS if account == "adjudicator" else account
    project_id = find_project(session, batch, coder)
    if project_id is None:
        raise SystemExit(f"{account} has no project in Doccano yet: push first.")
    codes = set(label_types(session, project_id).values())
    spans = [
        span
        for span in shipped_labels(labels or LABELS / f"{SHIPPED[account]}.jsonl", raw, study)
        if span.code in codes
    ]
    return enter_labels(session, project_id, project.open_ledger().pages(coder, batch), spans)


def what_was_done(account: str, done: Entered) -> str:
    return (
        f"{account}: {done.pages} pages confirmed; {done.kept} labels kept, {done.added} added, {done.deleted} deleted"
    )


def shipped_labels(labels: Path, raw: Path, study: Path) -> list[Span]:
    """Labels of the sessions in `raw`, moved to where their words are in the study's de-identified transcripts."""
    sessions = read_sessions([raw])
    there = {session.session_id: session.turns for session in read_sessions([study / "transcripts"])}
    spans = [span for span in read_spans(labels) if span.session_id in there]
    reviewed = raw.parent / "deid-decisions.jsonl"
    for decisions in [[], read_decisions(reviewed)[0]] if reviewed.exists() else [[]]:
        made = deidentify(sessions, decisions=decisions)
        if {session.session_id: session.turns for session in made.sessions} == there:
            return move_spans(spans, made)
    raise SystemExit(f"{study} does not hold what `relcode deid {raw}` makes of these sessions: make the study anew.")


if __name__ == "__main__":
    main()
