"""`relcode rates`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from relcode.cli.output import emit_json, progress, say

if TYPE_CHECKING:
    from relcode.cli.rates_material import Corpus, HandSample, Known
    from relcode.codebook import Codebook
    from relcode.project import Project
    from relcode.rates import Cells
    from relcode.scoring.read import Scores

app = typer.Typer()


@app.command()
def rates(
    scores: Annotated[
        Path, typer.Option("--scores", help="What `relcode score` wrote: a file, or a folder of shards.")
    ],
    labels: Annotated[
        list[Path] | None,
        typer.Option(
            "--labels", help="What was coded by hand (spans); may be repeated. By default the project's ledger."
        ),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option("--sample", help="How the sessions of --labels were chosen: random, or a file of probabilities."),
    ] = None,
    transcripts: Annotated[
        list[str] | None,
        typer.Option("--transcripts", help="Transcripts of the hand-coded sessions, and of others for their headers."),
    ] = None,
    metadata: Annotated[
        Path | None, typer.Option("--metadata", help="Table with a column session_id: therapist, date, phase ...")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Groups: therapist, client, session, third or any key, as therapist,third."),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help="Only these: therapist=T01. May be repeated: all must hold.")
    ] = None,
    contrast: Annotated[
        str | None, typer.Option("--contrast", help="Difference of where this holds and where not: session_number<9.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            help="Whose sessions are judged together: dyad, therapist, any key; session: each alone. By default dyad or "
            "client, where headers say it.",
        ),
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", help="A code or family; may be repeated; all by default.")
    ] = None,
    unit: Annotated[str, typer.Option("--unit", help="segment or turn.")] = "segment",
    predictor: Annotated[
        str, typer.Option("--predictor", help="What powers the estimate: the machine's probability or its decision.")
    ] = "probability",
    codebook: Annotated[str | None, typer.Option("--codebook", help="By default that of the scores.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="The model that made the scores, to leave out what it was trained on.")
    ] = None,
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Also count dyads that the model was trained on (too good to be true).")
    ] = False,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="All rows to a .csv file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
) -> None:
    """How often each code is given: counted by the machine, and corrected by a hand-coded random sample.

    Example: relcode rates --scores scores --labels hand.jsonl --sample random --transcripts study/ --by therapist
    """
    from relcode.cli.rates_table import print_rates, write_rates
    from relcode.cli.scores_read import codebook_of, codes_asked, project_here
    from relcode.errors import UsageError
    from relcode.rates import Cells, Condition, Rates, hand_coded, rate_rows
    from relcode.scoring.read import open_scores

    for option, value, choices in (
        ("unit", unit, ("segment", "turn")),
        ("predictor", predictor, ("probability", "decision")),
    ):
        if value not in choices:
            raise UsageError(f"--{option} {value}: expected {' or '.join(choices)}.")
    if sample is not None and not labels:
        raise UsageError("--sample says how the sessions of --labels were chosen; give --labels.")
    if labels and not transcripts:
        raise UsageError("--labels needs --transcripts: the hand-coded sessions, to match labels with segments.")
    conditions = [Condition.parse(text) for text in where or ()]
    compared = None if contrast is None else Condition.parse(contrast)
    read = open_scores(scores)
    project = project_here(folder)
    folders = [] if project is None else [project.codebooks]
    book = codebook_of(read, codebook, folders)
    codes = codes_asked(read, book, code or ())
    corpus, hand = _hand_sample(labels, sample, transcripts, metadata, project, book, folders)
    known = _known(read, model, allow_seen=allow_seen, coded=bool(hand.weights))
    marked = hand_coded(corpus.sessions, hand.spans, codes, hand.weights)
    cells = Cells(book, codes, marked, cast(Literal["segment", "turn"], unit))
    notes = [*hand.notes, *_add(cells, read, corpus, known)]
    rows = rate_rows(
        cells,
        corpus.metadata,
        by=[key.strip() for key in by.split(",")] if by else [],
        where=conditions,
        contrast=compared,
        cluster=cluster,
        unsampled=hand.unsampled,
        predictor=cast(Literal["probability", "decision"], predictor),
    )
    made_by = read.made_by.get("model_id", "model not named")
    found = Rates(
        made_by,
        book.reference,
        cells.unit,
        cast(Literal["probability", "decision"], predictor),
        hand.words,
        rows,
        notes,
    )
    if out is not None:
        write_rates(out, found)
        say(f"{out}: {len(rows)} row(s)")
    if json:
        emit_json(found)
    elif out is None:
        print_rates(found)
    for note in notes:
        say(f"note: {note}")


def _hand_sample(
    labels: Sequence[Path] | None,
    sample: str | None,
    transcripts: Sequence[str] | None,
    metadata: Path | None,
    project: Project | None,
    book: Codebook,
    folders: Sequence[Path],
) -> tuple[Corpus, HandSample]:
    """The headers, and what was coded by hand: in files, else in the ledger of the project."""
    from relcode.cli.rates_material import NO_SAMPLE, HandSample, read_corpus, sample_of_files, sample_of_ledger
    from relcode.spans import read_labels

    sources = list(transcripts or ([] if project is None else [str(project.transcripts)]))
    if labels:
        wanted = {span.session_id for path in labels for span in read_labels(path)}
        corpus = read_corpus(sources, metadata, wanted)
        return corpus, sample_of_files(labels, sample, corpus.sessions, book, folders)
    if project is not None:
        corpus = read_corpus(sources, metadata, set(project.open_ledger().sessions()))
        return corpus, sample_of_ledger(project, corpus.sessions, book)
    return read_corpus(sources, metadata, set()), HandSample(unsampled=NO_SAMPLE)


def _known(read: Scores, model: str | None, *, allow_seen: bool, coded: bool) -> Known | None:
    from relcode.cli.rates_material import known_to_model

    if not coded:
        return None
    known = known_to_model(read.made_by.get("model_id", ""), model)
    if known is None:
        say(
            "note: the model that made the scores is not found: if it was trained on what was coded by hand, every "
            "correction is wrong. Name it with --model."
        )
    elif allow_seen:
        say("note: --allow-seen: corrections by sessions that the model was trained on are too good to be true.")
        return None
    return known


def _add(cells: Cells, read: Scores, corpus: Corpus, known: Known | None) -> list[str]:
    """Add up the scores; notes on what was left out."""
    left_out = 0
    for table in progress(read.tables(cells.columns), what="adding up"):
        rows = table.to_pandas()
        if known is not None:
            seen = {name for name in rows["session_id"].unique() if known.holds(name, corpus.metadata)}
            left_out += len(seen)
            rows = rows[~rows["session_id"].isin(seen)]
        if len(rows):
            cells.add(rows.reset_index(drop=True))
    notes = []
    if left_out:
        notes.append(
            f"{left_out} session(s) of dyads that the model was trained on are left out; --allow-seen counts them"
        )
    if missing := sorted(set(cells.hand) - set(cells.sessions)):
        gone = len([name for name in missing if known is None or not known.holds(name, corpus.metadata)])
        notes += [f"{gone} hand-coded session(s) have no scores and are left out"] if gone else []
    unsaid = [name for name in cells.sessions if name not in corpus.metadata]
    if unsaid and corpus.metadata:
        notes.append(f"{len(unsaid)} session(s) have scores but no header among --transcripts and --metadata")
    return notes
