"""The report: one HTML file that holds everything it shows. No script, no network, words only where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from relcode.audit.charts import balances_chart, rates_chart, tenths_chart
from relcode.audit.exchange import Response
from relcode.audit.figure import Place, Unit
from relcode.audit.intervals import Estimate
from relcode.audit.lags import CLIENT_CODES, INTERVENTIONS
from relcode.audit.result import AuditResult, CodeRate
from relcode.audit.session_map import legend, map_rows
from relcode.codebook import Codebook
from relcode.errors import DataError
from relcode.pages import page_environment, report_style
from relcode.provenance import hash_session
from relcode.records import Session, Turn

MOST_MAPS = 100
NOT_ON_RECORD = "nothing was said of it when this report was made."
PERCENT = "\u00a0%"  # a sign that never stands on a line without its number
_TEMPLATES = Path(__file__).parent / "templates"


def render_report(
    result: AuditResult,
    sessions: Sequence[Session],
    codebook: Codebook,
    *,
    redact: bool = False,
    not_on_record: str | None = NOT_ON_RECORD,
) -> str:
    """Render an audit as one self-contained HTML document.

    Parameters
    ----------
    sessions
        Those of the audit; their words are shown as excerpts.
    redact
        Leave every word of the sessions out; turns are named by their numbers.
    not_on_record
        What the report says of its de-identification; None where every session has passed a project's gate.

    Raises
    ------
    DataError
        The sessions are not those of the audit.
    """
    by_id = {session.session_id: session for session in sessions}
    changed = [
        f"session {line.session_id}: expected the text that was audited (SHA-256 {line.sha256[:12]})"
        for line in result.sessions
        if line.session_id not in by_id or hash_session(by_id[line.session_id]) != line.sha256
    ]
    if changed:
        raise DataError("The sessions given are not those of the audit.", changed)
    context = _Context(result, by_id, redact=redact)
    template = _environment().get_template("report.html.j2")
    return template.render(
        result=result,
        codebook=codebook,
        view=context,
        redact=redact,
        not_on_record=not_on_record,
        style=report_style(),
        charts=_charts(result),
        maps=_maps(result, by_id, codebook),
        legend=legend(result, codebook),
        used_codes=_used_codes(result),
        therapist_rates=_lines(result, "T"),
        client_rates=_lines(result, "C"),
        responses=_named_responses(result),
        influences=[line for line in result.influences if line.dyad is None],
        of_dyads=[x for x in result.influences if x.dyad is not None and x.therapist_actor.value is not None],
        client_talk=[line for line in result.client_talk if line.intervention in INTERVENTIONS],
    )


class _Context:
    """What the template asks: words and anchors of places, figures in words."""

    def __init__(self, result: AuditResult, sessions: dict[str, Session], *, redact: bool) -> None:
        self.uncorrected = result.uncorrected
        self.redact = redact
        self._row = {line.session_id: row for row, line in enumerate(result.sessions, start=1)}
        self._turns = {(session.session_id, turn.turn): turn for session in sessions.values() for turn in session.turns}
        self._shown = {line.session_id for line in result.sessions[:MOST_MAPS]}

    def anchor(self, session_id: str, turn: int) -> str:
        """The id of a turn in the list of transcripts."""
        return f"s{self._row[session_id]}-t{turn}"

    def is_shown(self, session_id: str) -> bool:
        """Whether the session's turns are listed in the report."""
        return session_id in self._shown

    def turn(self, place: Place) -> Turn:
        return self._turns[place.session_id, place.turn]

    def turns_between(self, session_id: str, first: int, last: int) -> list[Turn]:
        """The turns `first` to `last` of a session."""
        found = (self._turns.get((session_id, number)) for number in range(first, last + 1))
        return [turn for turn in found if turn is not None]


def number(value: float, unit: Unit) -> str:
    """A value as a reader wants it: `4.2` per hundred, `0.41`, `34 %`; shares near 0 or 100 % never look like these."""
    if unit == "index":
        return f"{value:.2f}"
    if unit != "share":
        return f"{value:.1f}"
    percent = 100 * value
    if 0 < percent < 0.1:
        return f"under 0.1{PERCENT}"
    if 99.9 < percent < 100:
        return f"over 99.9{PERCENT}"
    digits = 1 if 0 < percent < 1 or 99 < percent < 100 else 0
    return f"{percent:.{digits}f}{PERCENT}"


def interval(estimate: Estimate, unit: Unit) -> str:
    """`2.1 to 8.0`, or nothing where the value was counted."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = number(estimate.low, unit), number(estimate.high, unit)
    return f"{low.removesuffix(PERCENT) if unit == 'share' else low} to {high}"


def probability(value: float | None) -> str:
    """A p value to three decimals, or nothing."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def signed(estimate: Estimate) -> str:
    """A figure from -1 to 1 with its interval, or nothing."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.value:+.2f} ({estimate.low:+.2f} to {estimate.high:+.2f})"


def _named_responses(result: AuditResult) -> list[Response]:
    """The pairs of codes that the coding manual names; all, where the codebook has none of them."""
    named = [c for c in result.responses if c.intervention in INTERVENTIONS and c.client_code in CLIENT_CODES]
    return named or list(result.responses)


def _by_pair(responses: Sequence[Response]) -> list[list[Response]]:
    """The cells of each pair of codes, by lag."""
    pairs: dict[tuple[str, str], list[Response]] = {}
    for cell in sorted(responses, key=lambda cell: cell.lag):
        pairs.setdefault((cell.intervention, cell.client_code), []).append(cell)
    return list(pairs.values())


def _charts(result: AuditResult) -> dict[str, Markup]:
    drawn = {
        "balances": balances_chart(
            [*result.headline, *result.figures], label="Shares with 95 percent intervals; the table gives the numbers"
        ),
        "therapist": rates_chart(_lines(result, "T"), label="Therapist codes per 100 segments; table below"),
        "client": rates_chart(_lines(result, "C"), label="Client codes per 100 segments; table below"),
        "tenths": tenths_chart(result, label="Here-and-now talk along the session; the table gives the numbers"),
    }
    return {name: Markup(svg) for name, svg in drawn.items()}


def _lines(result: AuditResult, speaker: str) -> list[CodeRate]:
    return [rate for rate in result.rates if rate.speaker == speaker]


def _maps(result: AuditResult, sessions: dict[str, Session], codebook: Codebook) -> list[dict[str, Any]]:
    codes: dict[str, dict[int, tuple[str, ...]]] = {}
    for mark in result.marks:
        codes.setdefault(mark.session_id, {})[mark.turn] = mark.codes
    return [
        {
            "line": line,
            "rows": map_rows(sessions[line.session_id], codebook, codes.get(line.session_id, {})),
            "turns": sessions[line.session_id].turns,
            "codes": codes.get(line.session_id, {}),
        }
        for line in result.sessions[:MOST_MAPS]
    ]


def _used_codes(result: AuditResult) -> set[str]:
    return {rate.code for rate in result.rates if rate.count}


@cache
def _environment() -> Environment:
    environment = page_environment(_TEMPLATES)
    environment.filters.update(
        number=number, interval=interval, probability=probability, signed=signed, by_pair=_by_pair
    )
    return environment
