"""`relcode score`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.scoring.estimate import Estimate
    from relcode.scoring.files import ScoreReport

app = typer.Typer()
_SHOWN = 10  # sessions named that are unlike those of training


@app.command()
def score(
    sources: Annotated[
        list[str], typer.Argument(metavar="SRC...", help="Files, folders, globs or URLs of transcripts.")
    ],
    model: Annotated[str, typer.Option("--model", help=f"{HELP}.")],
    out: Annotated[str, typer.Option("--out", help="A folder of shards, or one file if it ends in .parquet.")],
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes, or workers of a cluster; by default all cores.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Dask: local, slurm, or a scheduler's address (tcp://host:8786).")
    ] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="A last column with the segments' words.")] = False,
    shard_words: Annotated[
        int | None, typer.Option("--shard-words", min=1, help="About how many words a shard holds (200,000).")
    ] = None,
    remote: Annotated[
        bool, typer.Option("--remote", help="Sources and --out may be on other machines (s3://bucket/folder).")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say how long it would take.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Score transcripts with a model: a row a segment. What stands in --out already and is unchanged is kept.

    Example: relcode score transcripts/ --model models/first --out scores/
    """
    from relcode.cli.score_progress import progress_shown
    from relcode.errors import TranscriptError
    from relcode.scoring.estimate import estimate
    from relcode.scoring.files import score as score_files
    from relcode.scoring.plan import SHARD_WORDS
    from relcode.scoring.remote import elsewhere, place

    chosen: dict[str, Any] = {
        "jobs": jobs or _cores(),
        "with_text": with_text,
        "shard_words": shard_words or SHARD_WORDS,
        "remote": remote,
    }
    folder = model_folder(model)
    if remote and (far := elsewhere(map(place, [*sources, out]))):
        say(f"note: transcripts or scores leave this machine or come from another: {', '.join(far)}")
    with progress_shown() as progress:
        if dry_run:
            found = estimate(sources, folder, out, **chosen, progress=progress)
        else:
            report = score_files(sources, folder, out, **chosen, cluster=cluster, progress=progress)
    if json:
        emit_json(found if dry_run else report)
    if dry_run:
        _say_estimate(found)
        faults = found.faults
    else:
        _say_report(report, out)
        faults = report.faults
    if faults:
        others = "the other sessions can be scored" if dry_run else "the other sessions were scored"
        raise TranscriptError(f"{len(faults)} fault(s); {others}:", faults)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _say_estimate(found: Estimate) -> None:
    say(
        f"{found.sessions} session(s), {found.words} words; {found.missing} session(s), {found.missing_words} words are to be "
        f"scored: about {_duration(found.seconds)} with {found.jobs} process(es), about {found.megabytes:.0f} MB. "
        f"Nothing was written; {found.sampled_words} words were tried."
    )


def _say_report(report: ScoreReport, out: str) -> None:
    say(
        f"{out}: {report.segments} segments of {report.scored} session(s) scored now and {report.kept} kept; {report.model}"
    )
    if report.removed:
        say(f"{out}: {report.removed} session(s) of the earlier run are not among the sources and stand in it no more")
    for name in report.damaged:
        say(f"{out}: {name} was damaged or gone; its sessions were scored again")
    if report.unlike is None:
        say("note: the model cannot tell whether sessions are like those that it was trained on")
    elif report.unlike:
        say(
            f"note: {len(report.unlike)} session(s) are unlike those that the model was trained on; do not trust their codes:"
        )
        for session_id, measures in list(report.unlike.items())[:_SHOWN]:
            say(f"  {session_id}: {', '.join(measures)}")
        if len(report.unlike) > _SHOWN:
            say(f"  ... and {len(report.unlike) - _SHOWN} more (--json lists all)")


def _duration(seconds: float) -> str:
    for unit, length in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{max(seconds, 1):.0f} second(s)"
