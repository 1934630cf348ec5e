"""`relcode adjudicate push|pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer(no_args_is_help=True, help="Settle disagreements in a consensus project: push, pull.")

_Batch = Annotated[str | None, typer.Option("--batch", help="Only this round of coding.")]
_Folder = Annotated[Path | None, typer.Option("--project", help="The project's folder.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command("push")
def push(
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SRC...]", help="Transcripts; by default the project's.")
    ] = None,
    batch: _Batch = None,
    adjudicator: Annotated[
        str, typer.Option("--adjudicator", help="The Doccano account that decides.")
    ] = "adjudicator",
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Send each page on which coders disagree to the consensus project, without saying who gave which label.

    Sessions count that at least two coders have confirmed wholly.

    Example: relcode adjudicate push --batch pilot
    """
    from relcode.adjudication import coded_sessions, find_disputes
    from relcode.deid.gate import check_gate
    from relcode.doccano.addresses import find_server
    from relcode.doccano.consensus import push_consensus
    from relcode.errors import DataError
    from relcode.project import Project
    from relcode.transcripts import read_sessions

    project = Project.find(folder)
    ledger = project.open_ledger()
    coded = coded_sessions(ledger, batch=batch)
    if not coded:
        raise DataError("No session is wholly confirmed by two coders yet. Run `relcode pull` once they are done.")
    named = {session.session_id for session in coded}
    sessions = [session for session in read_sessions(sources or [project.transcripts]) if session.session_id in named]
    check_gate(sessions, ledger)
    report = push_consensus(
        project,
        sessions,
        coded,
        find_disputes(ledger, coded),
        server=find_server(project),
        adjudicator=adjudicator,
    )
    if json:
        emit_json(report)
        return
    say(f"{report.sessions} session(s), {report.disputes} label(s) in dispute")
    for done in report.pushes:
        say(f"{done.project_name}: {done.uploaded} page(s) sent, {done.already_there} there before. {done.url}")
    if report.outdated:
        say(f"{report.outdated} page(s) stay as they were sent, though the coders' labels have changed since.")


@app.command("pull")
def pull(
    batch: _Batch = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="Decide without a person: agreed, union or first:CODER.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file of accepted labels; by default labels/accepted.jsonl.")
    ] = None,
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Record the accepted labels of each session that is decided wholly, and write them.

    Example: relcode adjudicate pull --out labels/accepted.jsonl
    """
    from relcode.adjudication import accepted_labels, check_policy, settle
    from relcode.doccano.addresses import find_server
    from relcode.doccano.consensus import pull_consensus
    from relcode.errors import DataError, DoccanoError
    from relcode.project import Project
    from relcode.spans import write_spans

    project = Project.find(folder)
    ledger = project.open_ledger()
    set_aside: list[str] = []
    if policy is not None:
        check_policy(policy)
    elif ledger.pages("consensus", batch):
        set_aside = pull_consensus(project, find_server(project), batch=batch).set_aside
    settlement = settle(ledger, batch=batch, policy=policy)
    if not settlement.settled and not settlement.unsettled:
        raise DataError("No session is coded wholly by enough coders yet. Run `relcode pull` once they are done.")
    path = out or project.labels / "accepted.jsonl"
    count = write_spans(path, accepted_labels(ledger))
    if json:
        emit_json({"settlement": settlement, "out": str(path), "labels": count})
    else:
        say(f"{len(settlement.settled)} session(s) settled: {settlement.accepted} label(s) accepted now")
        for session_id, missing in settlement.unsettled.items():
            say(f"{session_id}: not settled; {missing}")
        say(f"{path}: {count} accepted label(s)")
    if set_aside:
        raise DoccanoError(f"{len(set_aside)} thing(s) on the consensus pages could not be used:", set_aside)
