"""The files that `relcode deid` writes: all of them are in place, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from relcode.deid import Decision, DeidResult, KeyFile
    from relcode.deid.surrogates import Mode
    from relcode.ledger import Ledger, NewEvent
    from relcode.records import Session, Span

_REPORT_FIELDS = ("session_id", "turn", "start", "end", "label", "text")


@dataclass(frozen=True)
class Outputs:
    """Where to write: transcripts to a folder, the others only if asked for. `spans` are the labels to be moved."""

    out: Path
    report: Path | None = None
    offsets: Path | None = None
    spans: Path | None = None
    spans_out: Path | None = None


@dataclass
class Written:
    """What was done, by the new ids of the sessions: findings by label, and what was changed besides the turns.

    `not_applied`: decisions that no longer fit, a line each.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    not_applied: tuple[str, ...] = ()


def write_deidentified(
    sessions: Sequence[Session],
    outputs: Outputs,
    *,
    mode: Mode,
    key_file: KeyFile | None = None,
    ledger: Ledger | None = None,
    decisions: Iterable[Decision] = (),
    entities: str | None = None,
) -> Written:
    """De-identify a dyad at a time and write; files take their names when all is written, the key before all others.

    Raises
    ------
    DataError
        Something cannot be written, or labels belong to none of the sessions; nothing was changed then.
    """
    from relcode.deid import Key, decisions_in_force, deidentify_by_dyad
    from relcode.deid.gate import append_records, deid_records
    from relcode.deid.offsets import offset_lines
    from relcode.provenance import written_beside
    from relcode.transcripts.canonical import canonical_text, session_path

    key = Key() if key_file is None else key_file.key
    spans = _Spans(outputs.spans, sessions)
    review = decisions_in_force(decisions, sessions)
    written = Written(not_applied=review.not_applied)
    records: list[NewEvent] = []
    there = {path.stem for path in outputs.out.glob("*.jsonl")} if outputs.out.is_dir() else set()
    with ExitStack() as stack:
        report = stack.enter_context(_lines(outputs.report, private=True))
        offsets = stack.enter_context(_lines(outputs.offsets))
        for result in deidentify_by_dyad(
            sessions, mode=mode, key=key, taken_ids=there, review=review, entities=entities
        ):
            for session in result.sessions:
                beside = stack.enter_context(written_beside(session_path(session, outputs.out)))
                beside.write_text(canonical_text(session), encoding="utf-8")
            _write_lines(report, ({name: getattr(f, name) for name in _REPORT_FIELDS} for f in result.findings))
            _write_lines(offsets, offset_lines(result.sessions, result.session_ids, result.offset_maps))
            spans.move(result)
            written.counts |= _counted(result)
            written.notes |= result.notes
            records += deid_records(result) if ledger is not None else []
        _write_lines(stack.enter_context(_lines(outputs.spans_out)), spans.moved())
        if key_file is not None:
            stack.enter_context(key_file.written())
    if ledger is not None:
        append_records(records, ledger)
    return written


class _Spans:
    """Labels made before, moved to where their words stand now; their order stays."""

    def __init__(self, path: Path | None, sessions: Sequence[Session]) -> None:
        from relcode.errors import LabelError
        from relcode.spans import read_spans

        self._spans: list[Span] = [] if path is None else read_spans(path, sessions)
        ids = {session.session_id for session in sessions}
        others = sorted({span.session_id for span in self._spans} - ids)
        if others:
            raise LabelError(
                f"{path} holds labels of sessions that are not among the transcripts, and would keep words that were not "
                "de-identified. Give their transcripts too.",
                [f"session {session_id}" for session_id in others],
            )

    def move(self, result: DeidResult) -> None:
        """Move those that belong to the sessions of a result."""
        from relcode.deid import move_spans

        own = {session_id for session_id, _ in result.offset_maps} | result.session_ids.keys()
        places = [number for number, span in enumerate(self._spans) if span.session_id in own]
        for number, span in zip(places, move_spans((self._spans[n] for n in places), result), strict=True):
            self._spans[number] = span

    def moved(self) -> Sequence[Span]:
        return self._spans


def _counted(result: DeidResult) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {session.session_id: {} for session in result.sessions}
    for finding in result.findings:
        labels = counts[result.session_ids.get(finding.session_id, finding.session_id)]
        labels[finding.label] = labels.get(finding.label, 0) + 1
    return counts


@contextlib.contextmanager
def _lines(path: Path | None, *, private: bool = False) -> Iterator[BinaryIO | None]:
    """A file to write lines to; it takes its name, for the caller's eyes alone if `private`, when the block ends well."""
    from relcode.provenance import written_beside

    if path is None:
        yield None
        return
    with written_beside(path, mode=0o600 if private else None) as beside, beside.open("wb") as file:
        yield file


def _write_lines(file: BinaryIO | None, items: Iterable[Any]) -> None:
    import msgspec

    if file is not None:
        file.write(msgspec.json.Encoder().encode_lines(items))
