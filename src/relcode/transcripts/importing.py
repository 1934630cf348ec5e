"""Import: any supported format to canonical transcripts; the good files land, the broken ones are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from relcode.errors import TranscriptError
from relcode.provenance import hash_bytes, hash_file, hash_text
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts.asking import AskColumns, Asker, AskRoles, OpenRolesError
from relcode.transcripts.canonical import canonical_bytes, session_path, write_session
from relcode.transcripts.doubts import doubt_of_name, doubts_of
from relcode.transcripts.files import find_files, passed_over, read_bytes
from relcode.transcripts.manifest import Manifest, Output, key_of
from relcode.transcripts.metadata import read_metadata, with_metadata
from relcode.transcripts.preview import FilePreview, preview_of
from relcode.transcripts.read import FileRead
from relcode.transcripts.roles import Roles
from relcode.transcripts.source import Options
from relcode.transcripts.speakers import AskedMark, read_speakers

_CONFIRM = (
    "roles are not known in some files: write a table with --write-speakers FILE, correct it and give it back with "
    "--speakers FILE; or take what is proposed with certainty with --accept-proposed-roles"
)


@dataclass(repr=False)
class ImportReport:
    """What an import did. `imported`: (source, session id, turns, written anew); `faults`: a line each; `notes`.

    `previews`: of a dry run, a file each. `asked`: marks without a role, with names: for the user's eyes alone. `labels`: how
    many came with projects and were written.
    """

    imported: list[tuple[str, str, int, bool]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    previews: list[FilePreview] = field(default_factory=list)
    asked: list[AskedMark] = field(default_factory=list)
    labels: int = 0


def import_transcripts(
    sources: Iterable[str | Path],
    out: Path,
    *,
    metadata: Path | None = None,
    therapists: Iterable[str] = (),
    clients: Iterable[str] = (),
    speakers: Path | None = None,
    file_format: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    accept_proposed: bool = False,
    ask_roles: AskRoles | None = None,
    ask_columns: AskColumns | None = None,
    labels: Path | None = None,
    dry_run: bool = False,
    watch: Callable[[Sequence[Path]], Iterable[Path]] = lambda files: files,
) -> ImportReport:
    """Read transcripts and write each session as canonical JSON lines in `out`.

    A file with a fault is listed in the report and does not stop the others. A source that was imported before with the
    same options, and whose output is unchanged, is not read again.

    Parameters
    ----------
    speakers
        A table of marks and roles (`read_speakers`).
    columns
        Of tables: what (`speaker`, `text`, `session`, `t0`, `t1`, `utterance`) -> a header's name or a number from 1.
    accept_proposed
        Take roles that are proposed with certainty; each is noted.
    ask_roles, ask_columns
        Called with what a file leaves open; None as an answer leaves the file out, as a fault.
    labels
        Where the codings that come with projects (`.qdpx`) are written, as spans in the imported turns: one file, or, where
        the name has no suffix, a folder with a file a coder.
    watch
        Called with the files; what it returns is iterated in their place, so that progress can be shown.

    Raises
    ------
    TranscriptError
        A source that does not exist, or an unreadable table of metadata or speakers.
    DataError
        `out` or `labels` cannot be written.
    """
    sources = list(sources)
    roles = Roles(tuple(therapists), tuple(clients), () if speakers is None else read_speakers(speakers))
    options = Options(roles, file_format, encoding, dict(columns or {}), sheet, guess_encoding=True)
    extra = {} if metadata is None else read_metadata(metadata)
    run = _Run(
        out, options, extra, Asker(ask_roles, ask_columns, accept_proposed), dry_run, wants_labels=labels is not None
    )
    try:
        for path in watch(find_files(sources, with_notes=True)):
            run.take(path)
    finally:
        run.finish()
    if labels is not None:
        run.put_labels(labels)
    run.report.notes += [f"{metadata}: no transcript of session {name}" for name in extra if name not in run.places]
    run.report.notes += _beside(sources)
    return run.report


class _Run:
    """One import: what is known while the files are taken one after another."""

    def __init__(
        self,
        out: Path,
        options: Options,
        extra: dict[str, dict[str, Any]],
        asker: Asker,
        dry_run: bool,
        *,
        wants_labels: bool,
    ) -> None:
        self.out = out
        self.options = options
        self.extra = extra
        self.asker = asker
        self.dry_run = dry_run
        self.wants_labels = wants_labels
        self.spans: list[Span] = []
        self.report = ImportReport(notes=asker.notes, asked=asker.asked)
        self.places: dict[str, Path] = {}
        self.manifest = Manifest.read(out)
        table = [(row.mark, row.role, row.session) for row in options.roles.table]
        named = (options.roles.therapists, options.roles.clients, table)
        said = (options.file_format, options.encoding, sorted(options.columns.items()), options.sheet)
        self.key_options = hash_text(repr((named, said, sorted(extra.items()))))

    def take(self, path: Path) -> None:
        """Import one file, or list what is wrong with it."""
        try:
            key = key_of(path, read_bytes(path), self.key_options)
            if not (self.dry_run or self.wants_labels) and self._is_done(path, key):
                return
            read = self.asker.read(path, self.options)
        except OpenRolesError as error:
            self._fault(path, error.faults, self.dry_run and self.asker.read_as_proposed(path, self.options, error))
            return
        except TranscriptError as error:
            self._fault(path, error.faults or (error.message,))
            return
        except (RecursionError, MemoryError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            # a fault of relcode's own: the other files are imported nevertheless, and no words are shown
            what = f"{path}: relcode itself failed ({type(error).__name__}); leave the file out, and report this"
            self._fault(path, (what,))
            return
        doubts = _doubts(path, read)
        if read.labels and not self.wants_labels:
            doubts.append(f"{len(read.labels)} label(s) were left out; --labels FILE writes them")
        self.report.notes += [f"{path}: {doubt}" for doubt in doubts]
        if self.dry_run:
            self.report.previews.append(preview_of(path, read, doubts))
        outputs = [self._put(path, with_metadata(found.session, self.extra)) for found in read.sessions]
        self.spans += [span for span in read.labels if self.places.get(span.session_id) == path]
        self.report.faults += read.faults
        if not self.dry_run and None not in outputs and not read.faults:
            self.manifest.put(key, dict(output for output in outputs if output is not None))

    def put_labels(self, place: Path) -> None:
        """Write the labels that came with the sessions of this import."""
        self.report.labels = len(self.spans)
        if not self.spans:
            self.report.notes.append(f"{place}: there are no labels to be written; projects (.qdpx) bring some")
        elif not self.dry_run:
            for file, spans in _label_files(place, self.spans).items():
                write_spans(file, spans)

    def finish(self) -> None:
        if any(fault.count("--therapist NAME") for fault in self.report.faults):
            self.report.notes.append(_CONFIRM)
        if not self.dry_run:
            self.manifest.write()

    def _is_done(self, path: Path, key: str) -> bool:
        outputs = self.manifest.entries.get(key)
        if not outputs or any(session in self.places for session in outputs):
            return False
        if any(_hash_of(session, self.out) != output.hash for session, output in outputs.items()):
            return False
        for session, output in outputs.items():
            self.places[session] = path
            self.report.imported.append((str(path), session, output.turns, False))
        return True

    def _put(self, path: Path, session: Session) -> tuple[str, Output] | None:
        """Write a session unless it stands there; None where another file has given it."""
        name = session.session_id
        if name in self.places:
            self._fault(path, (f"{path}: session {name} stands in {self.places[name]} too; one was kept",))
            return None
        self.places[name] = path
        digest = hash_bytes(canonical_bytes(session))
        fresh = _hash_of(name, self.out) != digest
        if fresh and not self.dry_run:
            write_session(session, self.out)
        self.report.imported.append((str(path), name, len(session.turns), fresh))
        return name, Output(digest, len(session.turns))

    def _fault(self, path: Path, faults: Iterable[str], read: FileRead | Literal[False] | None = None) -> None:
        faults = list(faults)
        self.report.faults += faults
        if self.dry_run:
            preview = preview_of(path, read, _doubts(path, read)) if read else FilePreview(str(path))
            preview.faults = faults
            self.report.previews.append(preview)


def _label_files(place: Path, spans: Sequence[Span]) -> dict[Path, list[Span]]:
    """What is written where: all labels into one file, or each coder's into one of a folder, as `agreement` takes them."""
    if place.suffix and not place.is_dir():
        return {place: list(spans)}
    files: dict[Path, list[Span]] = {}
    for span in spans:
        files.setdefault(place / f"{span.source.replace(':', '-')}.jsonl", []).append(span)
    return files


def _doubts(path: Path, read: FileRead) -> list[str]:
    doubts = list(read.doubts)
    several = len(read.sessions) > 1
    for found in read.sessions:
        name = found.session.session_id
        made = doubts_of(found.session, found.utterances, found.cast) if found.utterances else []
        doubts += [f"session {name}: {doubt}" if several else doubt for doubt in made]
    if read.sessions and read.sessions[0].utterances:
        about_name = doubt_of_name(path, read.sessions[0].session.session_id)
        doubts += [about_name] if about_name else []
    return doubts


def _hash_of(session_id: str, folder: Path) -> str | None:
    try:
        return hash_file(session_path(Session(session_id, ()), folder))
    except OSError:
        return None  # there is none, or writing will say what is wrong


def _beside(sources: Sequence[str | Path]) -> list[str]:
    kinds = Counter(file.suffix.lower() or "no suffix" for file in passed_over(sources))
    return [
        f"{count} file(s) in the folders with {kind} were passed over; name them one by one to have them looked at"
        for kind, count in sorted(kinds.items())
    ]
