"""`relcode adjudicate push|pull|report|explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.adjudication import Settlement
    from relcode.choices import AdjudicationChoices
    from relcode.project import Project

app = typer.Typer(no_args_is_help=True, help="Settle disagreements: push, pull, report, explain.")

_Batch = Annotated[str | None, typer.Option("--batch", help="Only this round of coding.")]
_Folder = Annotated[Path | None, typer.Option("--project", help="The project's folder.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]
_Coders = Annotated[
    list[str] | None,
    typer.Option("--coder", help="Count this coder alone; may be repeated. For when another one has left."),
]
_Disputes = Annotated[
    str | None,
    typer.Option("--disputes", help="code, distance:D (0 to 1) or all; by default as relcode.toml says."),
]


@app.command("push")
def push(
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SRC...]", help="Transcripts; by default the project's.")
    ] = None,
    batch: _Batch = None,
    adjudicator: Annotated[
        str, typer.Option("--adjudicator", help="The Doccano account that decides.")
    ] = "adjudicator",
    disputes: _Disputes = None,
    coder: _Coders = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Replace pages on which coders have changed their labels since.")
    ] = False,
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Send each page on which coders disagree to the consensus project, without saying who gave which label.

    Sessions count once every turn is coded and every page confirmed by all who were given it.

    Example: relcode adjudicate push --batch pilot
    """
    import msgspec

    from relcode.adjudication import find_disputes, read_coverage
    from relcode.adjudication.record import read_record
    from relcode.deid.gate import check_gate
    from relcode.doccano.addresses import find_server
    from relcode.doccano.consensus import push_consensus
    from relcode.errors import DataError
    from relcode.project import Project
    from relcode.transcripts import read_sessions

    project = Project.find(folder)
    choices = _choices(project, disputes=disputes)
    ledger = project.open_ledger()
    coverage = read_coverage(read_record(ledger), batch=batch, coders=coder)
    coded = [session for session in coverage.ready if session.compared]
    if not coded:
        raise DataError(
            "No session is wholly confirmed by two coders yet. Run `relcode pull` once they are done.",
            [f"{session_id}: {missing}" for session_id, missing in coverage.waiting.items()],
        )
    named = {session.session_id for session in coded}
    sessions = [session for session in read_sessions(sources or [project.transcripts]) if session.session_id in named]
    check_gate(sessions, ledger)
    report = push_consensus(
        project,
        sessions,
        coded,
        find_disputes(ledger, coded, choices=choices),
        server=find_server(project),
        adjudicator=adjudicator,
        renew=renew,
    )
    if json:
        emit_json({**msgspec.to_builtins(report), "waiting": coverage.waiting})
        return
    say(f"{report.sessions} session(s), {report.disputes} label(s) in dispute")
    for done in report.pushes:
        say(f"{done.project_name}: {done.uploaded} page(s) sent, {done.already_there} there before. {done.url}")
    if report.outdated and not renew:
        say(f"{report.outdated} page(s) stay as they were sent, though the coders' labels have changed since: --renew.")
    for session_id, missing in coverage.waiting.items():
        say(f"{session_id}: not coded yet; {missing}")


@app.command("pull")
def pull(
    batch: _Batch = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            help="Decide without a person: agreed, union, majority, senior:CODER or majority+senior:CODER.",
        ),
    ] = None,
    disputes: _Disputes = None,
    single: Annotated[
        str | None, typer.Option("--single", help="accept or leave what one coder alone has coded.")
    ] = None,
    reasons: Annotated[
        str | None, typer.Option("--reasons", help="asked, or required before a session is settled.")
    ] = None,
    coder: _Coders = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file of accepted labels; by default labels/accepted.jsonl.")
    ] = None,
    chains: Annotated[
        Path | None, typer.Option("--chains", help="A .jsonl file with the chain of each label accepted or rejected.")
    ] = None,
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Record the accepted labels of each session that is decided wholly, and write them.

    Example: relcode adjudicate pull --out labels/accepted.jsonl
    """
    from relcode.adjudication import accepted_labels, all_chains, check_policy, settle
    from relcode.doccano.addresses import find_server
    from relcode.doccano.consensus import pull_consensus
    from relcode.errors import DataError, DoccanoError
    from relcode.project import Project
    from relcode.spans import write_spans

    project = Project.find(folder)
    choices = _choices(project, disputes=disputes, single=single, reasons=reasons)
    ledger = project.open_ledger()
    set_aside: list[str] = []
    if policy is not None:
        check_policy(policy)
    elif ledger.pages("consensus", batch):
        set_aside = pull_consensus(project, find_server(project), batch=batch).set_aside
    settlement = settle(ledger, batch=batch, policy=policy, coders=coder, choices=choices)
    if not settlement.settled and not settlement.unsettled:
        raise DataError(
            "No session is coded wholly by its coders yet. Run `relcode pull` once they are done.",
            [f"{session_id}: {missing}" for session_id, missing in settlement.waiting.items()],
        )
    path = out or project.labels / "accepted.jsonl"
    count = write_spans(path, accepted_labels(ledger))
    if chains is not None:
        _write_chains(chains, all_chains(ledger))
    if json:
        emit_json({"settlement": settlement, "out": str(path), "labels": count})
    else:
        _say_settlement(settlement)
        say(f"{path}: {count} accepted label(s)")
    if set_aside:
        raise DoccanoError(f"{len(set_aside)} thing(s) on the consensus pages could not be used:", set_aside)


@app.command("report")
def report(
    batch: _Batch = None,
    blind: Annotated[bool, typer.Option("--blind", help="Numbers in place of the coders' names.")] = False,
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """What the disputes say: pairs of codes, reasons, how often each coder was decided for, what the codebook leaves open.

    Example: relcode adjudicate report --blind
    """
    from relcode.adjudication import report_disputes
    from relcode.cli.adjudicate_lines import report_lines
    from relcode.project import Project

    found = report_disputes(Project.find(folder).open_ledger(), batch=batch, blind=blind)
    if json:
        emit_json(found)
        return
    for line in report_lines(found):
        print(line)


@app.command("explain")
def explain(
    session: Annotated[str, typer.Argument(help="Id of the session.")],
    turn: Annotated[int, typer.Argument(min=1, help="Number of the turn.")],
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """The chain behind each label decided in a turn: suggestion, coders, decision, reason, codebook version.

    Example: relcode adjudicate explain D1-T01-s03 12
    """
    from relcode.adjudication import explain_turn
    from relcode.cli.adjudicate_lines import chain_lines
    from relcode.errors import DataError
    from relcode.project import Project

    chains = explain_turn(Project.find(folder).open_ledger(), session, turn)
    if json:
        emit_json(chains)
        return
    if not chains:
        raise DataError(f"Nothing was decided in turn {turn} of session {session}. Run `relcode adjudicate pull`.")
    for chain in chains:
        for line in chain_lines(chain):
            print(line)


def _write_chains(path: Path, chains: list[dict[str, Any]]) -> None:
    """A line a label, with mode 0600: it repeats words of transcripts."""
    import msgspec

    from relcode.provenance import written_beside

    with written_beside(path, mode=0o600) as beside, beside.open("wb") as file:
        for chain in chains:
            file.write(msgspec.json.encode(chain) + b"\n")


def _choices(project: Project, **given: str | None) -> AdjudicationChoices:
    """The project's choices, with what the options say in their place."""
    import msgspec

    from relcode.choices import choice_faults

    said = {key: value for key, value in given.items() if value is not None}
    for fault in choice_faults({"adjudication": said}):
        key, _, what = fault.removeprefix("adjudication.").partition(": ")
        raise typer.BadParameter(what, param_hint=f"--{key}")
    return msgspec.structs.replace(project.adjudication, **said)


def _say_settlement(settlement: Settlement) -> None:
    say(
        f"{len(settlement.settled)} session(s) settled: {settlement.accepted} label(s) accepted now, "
        f"{settlement.rejected} rejected, {settlement.withdrawn} withdrawn"
        + (f", {settlement.amended} with a new chain" if settlement.amended else "")
    )
    for session_id, missing in settlement.unsettled.items():
        say(f"{session_id}: not settled; {missing}")
    for session_id, missing in settlement.waiting.items():
        say(f"{session_id}: not coded yet; {missing}")
    for line in settlement.warnings:
        say(line)
