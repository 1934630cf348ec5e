"""`relcode query`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from relcode.cli.output import emit_json, say

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
        float | None, typer.Option("--at-least", help="From this probability on; by default where the code holds.")
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
    from relcode.cli.rates_material import read_corpus
    from relcode.errors import UsageError
    from relcode.rates import Condition, segments_behind
    from relcode.rates.groups import check_keys
    from relcode.rates.query import PLACE
    from relcode.scoring import open_scores

    if words and not transcripts:
        raise UsageError("--words shows words of transcripts; give --transcripts.")
    read = open_scores(scores)
    column = code.replace(".", "_")
    if column not in read.codes:
        raise UsageError(f"--code {code}: the scores have {', '.join(read.codes)} (dots are _ there).")
    conditions = [Condition.parse(text) for text in where or ()]
    said = read_corpus(transcripts or [], metadata, set()).metadata
    check_keys(said, [condition.key for condition in conditions])
    found: list[dict[str, Any]] = []
    for table in read.tables([*PLACE, f"p_{column}", f"y_{column}"]):
        rows = segments_behind(table.to_pandas(), code, said, conditions, at_least=at_least)
        found += [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
    if limit and len(found) > limit:
        say(f"the {limit} most probable of {len(found)} segments")
        kept = sorted(range(len(found)), key=lambda row: -found[row]["probability"])[:limit]
        found = [found[row] for row in sorted(kept)]
    if words:
        _add_words(found, transcripts or [])
    if json:
        emit_json(found)
        return
    heads = [*PLACE, "probability", "held", *(["words"] if words else [])]
    print("\t".join(heads))
    for row in found:
        print("\t".join(f"{value:.4f}" if isinstance(value, float) else str(value) for value in map(row.get, heads)))
    say(f"{len(found)} segment(s) of {len({row['session_id'] for row in found})} session(s)")


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
