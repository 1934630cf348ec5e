"""What `relcode import --dry-run` shows: data for the person who asked, and so on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relcode.transcripts.preview import FilePreview, SessionPreview

_MOST_SESSIONS = 5  # of one file


def show_previews(previews: Sequence[FilePreview], *, words: bool) -> None:
    """Print each file; `words`: with the first turns, and marks as they stand there."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for preview in previews:
        shown = preview if words else preview.without_words()
        encoding = f"; {shown.encoding}" if shown.encoding else ""
        what = f"{shown.format}: {shown.why}{encoding}" if shown.format else "cannot be read"
        console.print(f"[bold]{escape(shown.path)}[/bold]  {escape(what)}", soft_wrap=True)
        if shown.columns:
            console.print(_columns(shown))
        for session in shown.sessions[:_MOST_SESSIONS]:
            _show_session(console, session)
        if len(shown.sessions) > _MOST_SESSIONS:
            console.print(f"  ... and {len(shown.sessions) - _MOST_SESSIONS} further sessions")
        for doubt in shown.doubts:
            console.print(f"  [yellow]doubt:[/yellow] {escape(doubt)}", soft_wrap=True)
        if shown.faults:
            console.print(f"  [red]{len(shown.faults)} fault(s), listed below[/red]")


def _show_session(console: Any, session: SessionPreview) -> None:
    from rich.markup import escape

    times = "no times" if session.t0 is None or session.t1 is None else f"{_clock(session.t0)} to {_clock(session.t1)}"
    console.print(f"  session {escape(session.session_id)}: {session.turns} turns, {times}", soft_wrap=True)
    console.print(_speakers(session))
    for turn in session.first_turns:
        console.print(f"  [dim]{escape(turn)}[/dim]", soft_wrap=True)


def _columns(preview: FilePreview) -> Any:
    table = _table("holds", "column", "header", "because")
    for column in preview.columns:
        table.add_row(column.what, str(column.number), column.header, column.why)
    return table


def _speakers(session: SessionPreview) -> Any:
    table = _table("mark", "speaker", "utterances", "words", "")
    for speaker in session.speakers:
        proposed = "proposed: " + speaker.talk if speaker.proposed else ""
        table.add_row(speaker.mark, speaker.speaker, str(speaker.utterances), f"{speaker.share:.0%}", proposed)
    return table


def _table(*columns: str) -> Any:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=True, show_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("utterances", "words") else "left")
    return table


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
