"""`relcode compare`: two therapists' or two periods' figures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.audit import AuditResult
    from relcode.records import Session

app = typer.Typer(add_completion=False)
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@app.command()
def compare(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="A.json B.json | SRC...",
            help="Two files that `relcode audit --json` wrote; or, with --contrast, transcripts.",
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="The page, one HTML file (mode 0600).")] = None,
    names: Annotated[str | None, typer.Option(help="What the two are called: T01,T02.")] = None,
    contrast: Annotated[
        str | None,
        typer.Option(help="Sessions where this holds against those where not: therapist=T01, date<2024-05-01."),
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="With --contrast: labels as spans (.jsonl).")] = None,
    scores: Annotated[Path | None, typer.Option(help="With --contrast: scores, a file or a folder.")] = None,
    hand: Annotated[
        list[Path] | None, typer.Option(help="Labels coded by hand that correct the scores; may be repeated.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="How the sessions of --hand were chosen: random, or a file of probabilities.")
    ] = None,
    codebook: Annotated[
        str | None, typer.Option(help="Id or file, several joined with +; by default that of the labels or scores.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn anew.")] = 0,
    table: Annotated[Path | None, typer.Option("--csv", help="A row a figure, a .csv file (mode 0600).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The comparison as JSON on stdout.")] = False,
) -> None:
    """Put two audits side by side: each figure of both, and the difference with its interval. It ranks nobody.

    A.json and B.json: what `relcode audit --json` wrote, each of one therapist or one period.

    Example: relcode compare T01.json T02.json --out compare.html
    """
    from relcode.audit.comparison import compare as compare_audits
    from relcode.audit.comparison_page import render_comparison, write_comparison
    from relcode.errors import UsageError
    from relcode.provenance import write_text

    if out is None and table is None and not as_json:
        raise UsageError("Nothing to write: give --out compare.html, --csv or --json.")
    if contrast is None:
        if given := [option for option, value in _evidence(labels, scores, hand, sample, codebook).items() if value]:
            raise UsageError(f"{given[0]} goes with --contrast: two audits that were written have their figures.")
        audits, called = _written(sources)
    else:
        asked = _Asked(labels, scores, hand or [], sample, codebook, seed)
        audits, called = asked.audits(sources, contrast)
    if names is not None:
        called = _called(names)
    result = compare_audits(*audits, names=called, seed=seed)
    for note in result.notes:
        say(f"note: {note}")
    if out is not None:
        write_text(out, render_comparison(result), mode=0o600)
        say(f"{out}: {called[0]} and {called[1]} side by side")
    if table is not None:
        write_comparison(table, result)
        say(f"{table}: {len(result.lines)} figures")
    if as_json:
        emit_json(result)


def _evidence(*given: object) -> dict[str, object]:
    return dict(zip(("--labels", "--scores", "--hand", "--sample", "--codebook"), given, strict=True))


def _called(names: str) -> tuple[str, str]:
    from relcode.errors import UsageError

    parts = [part.strip() for part in names.split(",")]
    if len(parts) != 2 or not all(parts) or parts[0] == parts[1]:
        raise UsageError(f"--names {names}: expected two names with a comma between them, such as T01,T02.")
    return parts[0], parts[1]


def _written(sources: Sequence[str]) -> tuple[tuple[AuditResult, AuditResult], tuple[str, str]]:
    """Two audits from files, named after these.

    Raises
    ------
    UsageError
        Not two files.
    DataError
        A file cannot be read, or is none that `relcode audit --json` wrote: both are checked.
    """
    import msgspec

    from relcode.audit import AuditResult
    from relcode.errors import DataError, UsageError
    from relcode.provenance import reason_of

    if len(sources) != 2:
        raise UsageError(
            f"Give two files that `relcode audit --json` wrote, not {len(sources)}; or transcripts with --contrast."
        )
    found, faults = [], []
    for source in sources:
        try:
            found.append(msgspec.json.decode(Path(source).read_bytes(), type=AuditResult))
        except OSError as error:
            faults.append(f"{source}: {reason_of(error)}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            faults.append(f"{source}: no figures of this relcode's `audit --json` ({error}); write it again")
    if faults:
        raise DataError("Two files that `relcode audit --json` wrote are needed:", faults)
    stems = Path(sources[0]).stem, Path(sources[1]).stem
    return (found[0], found[1]), stems if stems[0] != stems[1] else ("A", "B")


class _Asked:
    """What `--contrast` audits: the evidence of the command line."""

    def __init__(
        self,
        labels: Path | None,
        scores: Path | None,
        hand: list[Path],
        sample: str | None,
        codebook: str | None,
        seed: int,
    ) -> None:
        self._given = labels, scores, codebook
        self._hand, self._sample, self._seed = hand, sample, seed

    def audits(self, sources: Sequence[str], contrast: str) -> tuple[tuple[AuditResult, AuditResult], tuple[str, str]]:
        """The audits of the sessions where the condition holds, and of those where it does not."""
        from relcode.cli.audit import evidence_of
        from relcode.errors import UsageError
        from relcode.rates import Condition
        from relcode.transcripts import read_sessions

        labels, scores, codebook = self._given
        if (labels is None) == (scores is None):
            raise UsageError("With --contrast give either --labels or --scores.")
        if self._hand and scores is None:
            raise UsageError("--hand corrects a machine's scores; with --labels there are none.")
        condition = Condition.parse(contrast)
        sessions = read_sessions(sources)
        sides = _split(sessions, condition)
        evidence = evidence_of(sessions, labels, scores, None, codebook)
        opposite = Condition(condition.key, _OPPOSITE[condition.sign], condition.value)
        return (self._audit(sides[0], evidence), self._audit(sides[1], evidence)), (str(condition), str(opposite))

    def _audit(self, sessions: list[Session], evidence: dict[str, object]) -> AuditResult:
        from typing import Any, cast

        from relcode.audit import audit
        from relcode.cli.audit_correction import Asked, find_corrections

        own = cast(dict[str, Any], dict(evidence))
        ids = {session.session_id for session in sessions}
        if "labels" in own:
            own["labels"] = [label for label in own["labels"] if label.session_id in ids]
        else:
            asked = Asked(self._hand, self._sample)
            own["corrections"] = find_corrections(asked, sessions, own["scores"], own["codebook"])
            attributes = own["scores"].attrs
            own["scores"] = own["scores"][own["scores"]["session_id"].isin(ids)]
            own["scores"].attrs = attributes
        return audit(sessions, **own, seed=self._seed)


def _split(sessions: list[Session], condition: object) -> tuple[list[Session], list[Session]]:
    """The sessions where the condition holds, and where it does not; those that do not say its key are on neither side.

    Raises
    ------
    UsageError
        No session says the key, or one side is empty.
    """
    from typing import cast

    from relcode.errors import UsageError
    from relcode.rates import Condition
    from relcode.rates.groups import SESSION, check_keys

    asked = cast(Condition, condition)
    check_keys({session.session_id: session.metadata for session in sessions}, [asked.key])
    said = [
        session.session_id if asked.key in (SESSION, "session_id") else session.metadata.get(asked.key)
        for session in sessions
    ]
    sides = [
        [
            session
            for session, value in zip(sessions, said, strict=True)
            if value is not None and asked.holds(value) is side
        ]
        for side in (True, False)
    ]
    if not all(sides):
        values = sorted({str(value) for value in said if value is not None})
        listed = ", ".join(values[:12]) + (f" and {len(values) - 12} more" if len(values) > 12 else "")
        which = "no session" if not sides[0] else "every session"
        raise UsageError(f"--contrast {asked}: it holds for {which}; {asked.key} is {listed or 'said by none'}.")
    missing = sum(value is None for value in said)
    if missing:
        say(f"note: {missing} session(s) do not say {asked.key} and are on neither side")
    return sides[0], sides[1]
