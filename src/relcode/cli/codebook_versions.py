"""`relcode codebook diff` and `relcode codebook migrate`: from one version of a codebook to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say
from relcode.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relcode.codebook import Codebook
    from relcode.codebook.diff import CodebookDiff
    from relcode.codebook.migrate import Listed, Migration

_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]
_FOLLOWS = {"none": "labels stand", "review": "see again", "recode": "code anew"}


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The former version: id or file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new version: id or file.")],
    json: _Json = False,
) -> None:
    """Say what changed between two versions of a codebook, and which labels must be seen again.

    A code that takes over others says so in the new version: `was: [OLD]`.

    Example: relcode codebook diff old/rupture-repair.yaml codebooks/rupture-repair.yaml
    """
    from relcode.codebook.diff import diff_codebooks

    found = diff_codebooks(load_book(old), load_book(new))
    if json:
        emit_json(found)
        return
    for line in _diff_lines(found):
        print(line)
    say(f"{found.old} to {found.new}: {len(found.changes)} change(s)")
    say(f"labels to see again: {', '.join(found.review) or 'none'}")
    say(f"to code anew: {', '.join(found.recode) or 'none'}")


def migrate(
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="Labels as spans (.jsonl).")],
    old: Annotated[str, typer.Option("--from", help="The version that they were coded with: id or file.")],
    new: Annotated[str, typer.Option("--to", help="The new version: id or file.")],
    out: Annotated[Path, typer.Option("--out", help="File for the labels that are carried over.")],
    recode: Annotated[Path | None, typer.Option("--recode", help="File for those that must be coded anew.")] = None,
    transcripts: Annotated[
        list[str] | None,
        typer.Option("--transcripts", help="Transcripts, to know who spoke where a speaker rule changed; repeatable."),
    ] = None,
    json: _Json = False,
) -> None:
    """Carry labels over to a new version of their codebook; list those to see again and to code anew.

    Example: relcode codebook migrate labels/accepted.jsonl --from old.yaml --to new.yaml --out labels/new.jsonl
    """
    from relcode.codebook.migrate import migrate_labels
    from relcode.spans import read_labels, write_spans
    from relcode.transcripts import read_sessions

    if len({path.resolve() for path in (labels, out, recode) if path}) < 2 + (recode is not None):
        raise UsageError("LABELS, --out and --recode are different files; the old labels stay as they are.")
    before, after = load_book(old), load_book(new)
    sessions = read_sessions(transcripts) if transcripts else []
    moved = migrate_labels(read_labels(labels, sessions), before, after, sessions=sessions)
    if recode is not None:
        write_spans(recode, [listed.label for listed in moved.recode])
    write_spans(out, moved.labels)
    if json:
        emit_json(_migration_json(moved))
    else:
        for what, some in (("see again", moved.review), ("code anew", moved.recode)):
            for row in _rows(some):
                print("\t".join([what, *map(str, row.values())]))
    _say_migration(moved, out, recode)
    _say_left_out(labels)


def load_book(name: str) -> Codebook:
    """A codebook by id or by the path of its file."""
    from relcode.codebook import load_codebook

    return load_codebook(Path(name) if name.endswith((".yaml", ".yml")) and "+" not in name else name)


def _diff_lines(found: CodebookDiff) -> Iterator[str]:
    for change in found.changes:
        follows = _FOLLOWS[change.consequence] if change.code else ""
        yield f"{follows:<13}{change.says}" + (f" [see again too: {', '.join(change.also)}]" if change.also else "")
        for sign, text in (("-", change.before), ("+", change.after)):
            yield from (f"{'':<13}{sign} {line}" for line in text.splitlines())


def _rows(some: tuple[Listed, ...]) -> Iterator[dict[str, object]]:
    """Where each label stands and why it is listed; none of its words."""
    for listed in some:
        span = listed.label
        place = {"session_id": span.session_id, "turn": span.turn, "start": span.start, "end": span.end}
        yield {**place, "code": span.code, "source": span.source, "why": "; ".join(listed.reasons)}


def _migration_json(moved: Migration) -> dict[str, object]:
    return {
        "from": moved.old,
        "to": moved.new,
        "given": moved.given,
        "carried": moved.carried,
        "review": list(_rows(moved.review)),
        "recode": list(_rows(moved.recode)),
        "doubled": len(moved.doubled),
        "others": moved.others,
    }


def _say_migration(moved: Migration, out: Path, recode: Path | None) -> None:
    say(
        f"{out}: of {moved.given} label(s) {moved.carried} carried over to {moved.new}, {len(moved.review)} of them to see again"
    )
    if moved.recode:
        turns = {(listed.label.session_id, listed.label.turn) for listed in moved.recode}
        where = f"in {recode}" if recode else "left out (--recode FILE keeps them)"
        say(
            f"{len(moved.recode)} label(s) to code anew, {where}; until then {len(turns)} turn(s) lack a label in {out}"
        )
    if moved.doubled:
        say(f"{len(moved.doubled)} label(s) fell together with another in a merger; the other is kept")
    if moved.others:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(moved.others.items()))
        say(f"{sum(moved.others.values())} label(s) are not of {moved.old} and pass through unchanged ({listed})")


def _say_left_out(path: Path) -> None:
    """Name the fields of a file of labels that are none of form 2; writing leaves them out."""
    import msgspec

    from relcode.records import Span

    lines = [line for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    fields = {key for line in lines for key in msgspec.json.decode(line)} - set(Span.__struct_fields__)
    if fields:
        say(f"note: {len(fields)} field(s) that labels do not have are left out: {', '.join(sorted(fields))}")
