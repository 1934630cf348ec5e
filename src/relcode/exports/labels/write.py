"""Write the labels of sessions in a format for other programs, beside and then renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from relcode.exports.labels.codes import LabelCodes
from relcode.exports.labels.conll import Columns, to_conll
from relcode.exports.labels.convokit import write_corpus
from relcode.exports.labels.docbin import to_docbin
from relcode.exports.labels.gather import Labelled, gather
from relcode.exports.labels.project import to_project
from relcode.exports.labels.project_check import read_back
from relcode.exports.labels.table import write_csv, write_parquet
from relcode.exports.plugins import label_files
from relcode.exports.transcripts import ExportReport
from relcode.provenance import written_beside
from relcode.records import Session, Span
from relcode.transcripts.canonical import session_path


def export_labels(
    sessions: Iterable[Session], spans: Iterable[Span], out: Path, *, to: str, folders: Sequence[Path] = ()
) -> ExportReport:
    """Write labels and the words that they are of in the format `to` in the folder `out`.

    `conll` and `docbin` (`.spacy`) give a file a session, named after it; `csv` and `parquet` one table (`labels.csv`), `qdpx`
    one project, `convokit` the five files of a corpus. What a format does not hold, and labels and sessions that are left
    out, are notes.

    Parameters
    ----------
    folders
        Folders with codebooks that override the shipped ones; a project (`qdpx`) holds the codebooks of its labels.

    Raises
    ------
    LabelError
        No label is of these sessions.
    DataError
        `out` cannot be written.
    PluginError
        The format is a plug-in's, which is not here or failed.
    """
    labelled, notes = gather(sessions, spans)
    report = ExportReport(notes=notes)
    if to == "qdpx":
        _qdpx(labelled, out, report, folders)
    elif to in _WRITERS:
        _WRITERS[to](labelled, out, report)
    else:
        _plugin(labelled, out, report, to)
    return report


def _plugin(labelled: Sequence[Labelled], out: Path, report: ExportReport, name: str) -> None:
    for file, data in label_files(name, labelled).items():
        with written_beside(out / file) as beside:
            beside.write_bytes(data)
        report.exported.append((_count(labelled), str(out / file)))


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


def _docbin(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    for each in labelled:
        data, widened, without = to_docbin(each)
        _put(each.session, out, "spacy", data, report)
        if widened:
            what = "cut a token; their span is wider, and `attrs` of the span group has their bounds"
            report.notes.append(f"session {each.session.session_id}: {widened} label(s) {what}")
        if without:
            report.notes.append(f"session {each.session.session_id}: {without} label(s) on no token were left out")


def _convokit(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    write_corpus(labelled, out)
    report.exported.append((_count(labelled), str(out)))


def _csv(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    write_csv(labelled, out / "labels.csv")
    report.exported.append((_count(labelled), str(out / "labels.csv")))


def _parquet(labelled: Sequence[Labelled], out: Path, report: ExportReport) -> None:
    write_parquet(labelled, out / "labels.parquet")
    report.exported.append((_count(labelled), str(out / "labels.parquet")))


def _qdpx(labelled: Sequence[Labelled], out: Path, report: ExportReport, folders: Sequence[Path]) -> None:
    codes = LabelCodes((span for each in labelled for span in each.spans), folders)
    if codes.unknown:
        report.notes.append(f"{codes.unknown} code(s) of codebooks that are not here have no description")
    with written_beside(out / "labels.qdpx") as beside:
        beside.write_bytes(to_project(labelled, codes))
        report.notes += read_back(labelled, beside)
    report.exported.append((_count(labelled), str(out / "labels.qdpx")))


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
    "docbin": _docbin,
    "convokit": _convokit,
}
LABEL_FORMATS = (*_WRITERS, "qdpx")
