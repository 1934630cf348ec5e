"""Write the labels of sessions in a format for other programs, beside and then renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from relcode.exports.labels.conll import Columns, to_conll
from relcode.exports.labels.gather import Labelled, gather
from relcode.exports.labels.table import write_csv, write_parquet
from relcode.exports.transcripts import ExportReport
from relcode.provenance import written_beside
from relcode.records import Session, Span
from relcode.transcripts.canonical import session_path


def export_labels(sessions: Iterable[Session], spans: Iterable[Span], out: Path, *, to: str) -> ExportReport:
    """Write labels and the words that they are of in the format `to` in the folder `out`.

    `conll` gives a file a session, named after it; `csv` and `parquet` one table (`labels.csv`). What a format does not
    hold, and labels and sessions that are left out, are notes.

    Raises
    ------
    LabelError
        No label is of these sessions.
    DataError
        `out` cannot be written.
    """
    labelled, notes = gather(sessions, spans)
    report = ExportReport(notes=notes)
    _WRITERS[to](labelled, out, report)
    return report


def _conll(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    columns = Columns.of_labels(labelled)
    for each in labelled:
        data, inexact = to_conll(each, columns)
        _put(each.session, out, "conll", data, report)
        if inexact:
            report.notes.append(
                f"session {each.session.session_id}: {inexact} label(s) that cut a token or lie on one another stand in "
                "comments, as tags cannot hold them"
            )


def _csv(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    write_csv(labelled, out / "labels.csv")
    report.exported.append((_count(labelled), str(out / "labels.csv")))


def _parquet(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    write_parquet(labelled, out / "labels.parquet")
    report.exported.append((_count(labelled), str(out / "labels.parquet")))


def _put(session: Session, out: Path, suffix: str, data: bytes, report: ExportReport) -> None:
    path = session_path(session, out).with_suffix(f".{suffix}")
    with written_beside(path) as beside:
        beside.write_bytes(data)
    report.exported.append((session.session_id, str(path)))


def _count(labelled: Sequence[Labelled]) -> str:
    return f"{sum(len(each.spans) for each in labelled)} label(s) of {len(labelled)} session(s)"


_WRITERS: dict[str, Callable[[Sequence[Labelled], Path, ExportReport], None]] = {
    "conll": _conll,
    "csv": _csv,
    "parquet": _parquet,
}
LABEL_FORMATS = tuple(_WRITERS)
