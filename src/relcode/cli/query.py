"""`relcode query`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()


@app.command()
def query(
    scores: Annotated[
        Path, typer.Option("--scores", help="What `relcode score` wrote: a file, or a folder of shards.")
    ],
    code: Annotated[str, typer.Option("--code", help="The code.")],
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="Only these: therapist=T01, third=3. May be repeated: all must hold."),
    ] = None,
    at_least: Annotated[
        float | None,
        typer.Option("--at-least", min=0, max=1, help="From this probability on; by default where the code holds."),
    ] = None,
    unsure: Annotated[
        bool,
        typer.Option(
            "--unsure", help="Where the machine should not decide; chosen on --labels of sessions it never saw."
        ),
    ] = False,
    labels: Annotated[
        list[Path] | None, typer.Option("--labels", help="With --unsure: what was coded by hand; needs --transcripts.")
    ] = None,
    precision: Annotated[
        float, typer.Option("--precision", help="With --unsure: this share is to be right where the code holds above.")
    ] = 0.8,
    recall: Annotated[
        float, typer.Option("--recall", help="With --unsure: this share of the code is not to be lost below.")
    ] = 0.9,
    codebook: Annotated[
        str | None, typer.Option("--codebook", help="With --unsure: by default that of the scores.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many, the most probable; 0: all.")] = 0,
    transcripts: Annotated[
        list[str] | None, typer.Option("--transcripts", help="For what headers say (--where), and for --words.")
    ] = None,
    metadata: Annotated[Path | None, typer.Option("--metadata", help="Table with a column session_id.")] = None,
    words: Annotated[bool, typer.Option("--words", help="Show the words too; needs --transcripts.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """The segments behind a figure: session, turn, segment, speaker, start, end, probability, held; tab-separated.

    Example: relcode query --scores scores --code TSI --where therapist=T01 --transcripts study/transcripts
    """
    import pandas as pd

    from relcode.cli.query_unsure import Wishes, band_in_words, chosen_band
    from relcode.cli.rates_material import read_corpus
    from relcode.errors import UsageError
    from relcode.rates import Condition, segments_behind
    from relcode.rates.groups import check_keys
    from relcode.rates.query import PLACE
    from relcode.scoring.read import open_scores

    if (words or unsure) and not transcripts:
        raise UsageError(f"{'--words' if words else '--unsure'} needs --transcripts.")
    if unsure is not bool(labels):
        raise UsageError("--unsure and --labels belong together: a hand-coded sample says where the machine errs.")
    if unsure and at_least is not None:
        raise UsageError("--unsure and --at-least name different segments; give one of them.")
    read = open_scores(scores)
    column = code.replace(".", "_")
    if column not in read.codes:
        raise UsageError(f"--code {code}: the scores have {', '.join(read.codes)} (dots are _ there).")
    conditions = [Condition.parse(text) for text in where or ()]
    said = read_corpus(transcripts or [], metadata, set()).metadata
    check_keys(said, [condition.key for condition in conditions])
    band = None
    if unsure:
        band = chosen_band(read, code, Wishes(labels or [], transcripts or [], metadata, codebook, precision, recall))
        for line in band_in_words(code, band):
            say(line)
    found = (
        segments_behind(table.to_pandas(), code, said, conditions, at_least=at_least, unsure=band)
        for table in read.tables([*PLACE, f"p_{column}", f"y_{column}"])
    )
    parts = [_most_probable(found, limit)] if limit else found
    if json or words:
        rows = [row for part in parts for row in _records(part)]
        if words:
            _add_words(rows, transcripts or [])
        if json:
            emit_json(rows)
            return
        parts = [pd.DataFrame(rows, columns=[*PLACE, "probability", "held", "words"])]
    _print(parts)


def _most_probable(found: Iterable[pd.DataFrame], limit: int) -> pd.DataFrame:
    """The most probable segments, in the order of the scores; no more are kept at once than are asked for."""
    import pandas as pd

    kept, count = pd.DataFrame(), 0
    for part in found:
        count += len(part)
        both = pd.concat([kept, part], ignore_index=True)
        kept = both.nlargest(limit, "probability", keep="first").sort_index()
    if count > limit:
        say(f"the {limit} most probable of {count} segments")
    return kept


def _records(part: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in part.to_dict("records")]


def _print(parts: Iterable[pd.DataFrame]) -> None:
    """Tab-separated, as they come: what is printed need not fit into memory."""
    count, head = 0, True
    sessions: set[str] = set()
    for part in parts:
        part.to_csv(sys.stdout, sep="\t", header=head, index=False, float_format="%.4f")
        head = False
        count += len(part)
        sessions.update(part["session_id"].unique())
    say(f"{count} segment(s) of {len(sessions)} session(s)")


def _add_words(rows: list[dict[str, Any]], transcripts: list[str]) -> None:
    """The words of each segment, on one line.

    Raises
    ------
    LabelError
        Segments do not lie in these transcripts: all sessions are named.
    """
    from relcode.cli.rates_material import read_corpus
    from relcode.errors import LabelError
    from relcode.spans import turn_texts

    texts = turn_texts(read_corpus(transcripts, None, {row["session_id"] for row in rows}).sessions)
    faults = set()
    for row in rows:
        text = texts.get(row["session_id"], {}).get(row["turn"])
        if text is None or row["end"] > len(text):
            faults.add(f"session {row['session_id']}: not among --transcripts, or changed since it was scored")
        else:
            row["words"] = " ".join(text[row["start"] : row["end"]].split())
    if faults:
        raise LabelError("Segments are not to be found in the transcripts:", sorted(faults))
