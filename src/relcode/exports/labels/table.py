"""One table of all labels, a row a label: `labels.csv` for people and statistics, `labels.parquet` for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from relcode.exports.labels.gather import Labelled
from relcode.provenance import written_beside

COLUMNS = ("session_id", "turn", "speaker", "start", "end", "text", "code", "codebook", "source", "score")


def write_csv(labelled: Iterable[Labelled], path: Path) -> None:
    """UTF-8 with a header line; a codebook or score that is not known is empty."""
    with written_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(labelled))


def write_parquet(labelled: Iterable[Labelled], path: Path) -> None:
    """`turn`, `start`, `end` as int32, `score` as float64, others as string; null where something is not known."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = {"turn": pa.int32(), "start": pa.int32(), "end": pa.int32(), "score": pa.float64()}
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in COLUMNS])
    columns = list(zip(*_rows(labelled), strict=True))
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    with written_beside(path) as beside:
        pq.write_table(pa.table(arrays, schema=schema), beside)


def _rows(labelled: Iterable[Labelled]) -> list[tuple[object, ...]]:
    return [
        (
            span.session_id,
            span.turn,
            turn.speaker,
            span.start,
            span.end,
            span.text,
            span.code,
            span.codebook,
            span.source,
            span.score,
        )
        for each in labelled
        for turn, spans in each.turns()
        for span in spans
    ]
