"""The review in a terminal: a panel a finding, a key a decision, each decision kept at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from relcode.errors import UsageError

if TYPE_CHECKING:
    from rich.panel import Panel

    from relcode.deid import Decision, Finding
    from relcode.records import Session, Turn

KEYS = "a accept · r reject · A, R everywhere for this client · 1-9 accept under a label · j next · k back · q stop"
_SAID: dict[str, tuple[Literal["accept", "reject"], Literal["here", "client"]]] = {
    "a": ("accept", "here"),
    "r": ("reject", "here"),
    "A": ("accept", "client"),
    "R": ("reject", "client"),
}


def review_in_terminal(
    sessions: Sequence[Session],
    findings: Sequence[Finding],
    known: Sequence[Decision],
    *,
    who: str,
    keep: Callable[[Decision], None],
    keys: Iterator[str] | None = None,
) -> int:
    """Show the findings that no one has decided yet, doubts first; return how many decisions were made.

    Parameters
    ----------
    keep
        Called with each decision as it is made.
    keys
        Where keys come from; by default the keyboard.

    Raises
    ------
    UsageError
        There is no terminal.
    """
    from rich.console import Console

    from relcode.deid import decisions_in_force
    from relcode.deid.review import is_decided

    console = Console(stderr=True)
    if keys is None and not console.is_terminal:
        raise UsageError("--terminal needs a terminal; --html FILE writes a page instead.")
    pressed = _keyboard() if keys is None else keys
    by_id = {session.session_id: session for session in sessions}
    decided = list(known)
    waiting = sorted(findings, key=lambda finding: finding.probability)
    at = 0
    while at < len(waiting):
        finding = waiting[at]
        session = by_id[finding.session_id]
        if is_decided(finding, session, decisions_in_force(decided, sessions)):
            at += 1
            continue
        console.print(_panel(finding, session, at, len(waiting)))
        key = next(pressed, "q")
        if key == "q":
            break
        decision = _decision(finding, session, key, who)
        if decision is not None:
            keep(decision)
            decided.append(decision)
        elif key == "k":
            at = max(0, at - 1)
        elif key in "j \r\n":
            at += 1
    return len(decided) - len(known)


def _decision(finding: Finding, session: Session, key: str, who: str) -> Decision | None:
    """What a key says of a finding; None if it says nothing."""
    from relcode.deid import Decision
    from relcode.deid.decisions import LABELS
    from relcode.provenance import hash_text

    number = int(key) if len(key) == 1 and key in "123456789" else 0
    if not number and key not in _SAID:
        return None
    said, scope = _SAID["a" if number else key]
    return Decision(
        session_id=finding.session_id,
        turn=finding.turn,
        turn_sha256=hash_text(_turn(session, finding.turn).text),
        start=finding.start,
        end=finding.end,
        label=LABELS[number - 1] if number else finding.label,
        decision=said,
        scope=scope,
        who=who,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        dyad=session.dyad if scope == "client" else None,
        text=finding.text if scope == "client" else None,
    )


def _panel(finding: Finding, session: Session, at: int, of: int) -> Panel:
    """The finding's turn, its words marked, between the turns before and after."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    lines = []
    for turn in session.turns:
        if abs(turn.turn - finding.turn) > 1:
            continue
        line = Text(f"{turn.turn} {turn.speaker}  ", style="dim")
        if turn.turn == finding.turn:
            line.append(_visible(turn.text[: finding.start]), style="not dim")
            line.append(_visible(finding.text), style="not dim bold reverse")
            line.append(_visible(turn.text[finding.end :]), style="not dim")
        else:
            line.append(_visible(turn.text))
        lines.append(line)
    title = f"{at + 1} of {of}: {finding.session_id}, turn {finding.turn}"
    doubt = "" if finding.probability >= 0.5 else ", a doubt: stays unless accepted"
    lines.append(Text(f"\n{finding.label} {finding.probability:.2f} ({finding.reason}){doubt}", style="bold"))
    lines.append(Text(KEYS, style="dim"))
    return Panel(Group(*lines), title=Text(_visible(title)))


def _visible(text: str) -> str:
    """The text without what would steer the terminal: escapes, and marks that turn its direction round."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def _turn(session: Session, number: int) -> Turn:
    return next(turn for turn in session.turns if turn.turn == number)


def _keyboard() -> Iterator[str]:
    import click

    while True:
        yield click.getchar()
