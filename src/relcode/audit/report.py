"""The report: one HTML file that holds everything it shows. No network; words only where asked for, and only as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from relcode.audit.charts import all_charts
from relcode.audit.exchange import Response
from relcode.audit.figure import Place, Places
from relcode.audit.lags import CLIENT_CODES, INTERVENTIONS
from relcode.audit.looks import Look, looks_of, style_of
from relcode.audit.numbers import count, interval, number, probability, signed
from relcode.audit.page_data import PlaceLists, page_data, sessions_data
from relcode.audit.result import AuditResult, CodeRate
from relcode.audit.shown import spans_of_labels, spans_of_scores
from relcode.audit.summary import sentences, title
from relcode.codebook import Codebook
from relcode.errors import DataError
from relcode.pages import joined_script, page_environment, report_style, source_hash
from relcode.provenance import hash_session
from relcode.records import Session, Span

NOT_ON_RECORD = "nothing was said of it when this report was made."
_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = ("sessions", "elements", "state", "filters", "map", "turns", "panel", "marks", "begin")


def render_report(
    result: AuditResult,
    sessions: Sequence[Session],
    codebook: Codebook,
    *,
    labels: Sequence[Span] = (),
    scores: pd.DataFrame | None = None,
    redact: bool = False,
    not_on_record: str | None = NOT_ON_RECORD,
) -> str:
    """Render an audit as one self-contained HTML document.

    Parameters
    ----------
    sessions
        Those of the audit; their words are shown where a turn is opened.
    labels, scores
        Those of the audit: where in a turn its codes lie, who gave them, why.
    redact
        Leave every word of the sessions out; turns are named by their numbers.
    not_on_record
        What the report says of its de-identification; None where every session has passed a project's gate.

    Raises
    ------
    DataError
        The sessions are not those of the audit.
    """
    ordered = _audited(result, sessions)
    spans = spans_of_labels(ordered, codebook, labels)
    if scores is not None:
        spans = spans_of_scores(ordered, codebook, scores)
    looks = looks_of(codebook.codes)
    style = "\n".join(
        [report_style(), (_TEMPLATES / "report.css").read_text(encoding="utf-8"), style_of(list(looks.values()))]
    )
    script = joined_script(_TEMPLATES / "report", _SCRIPT)
    page = _Page(result, ordered, codebook, looks, spans)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            result=result,
            codebook=codebook,
            page=page,
            redact=redact,
            not_on_record=not_on_record,
            style=Markup(style),
            script=script,
            style_hash=source_hash(style),
            script_hash=source_hash(script),
            title=title(result),
            sentences=sentences(result),
            charts=all_charts(result, _named_responses(result)),
            turns=sessions_data(ordered, codebook, spans, redact=redact),
            **_parts(result),
        )
    )


def _audited(result: AuditResult, sessions: Sequence[Session]) -> list[Session]:
    """The sessions of the audit, in its order."""
    by_id = {session.session_id: session for session in sessions}
    changed = [
        f"session {line.session_id}: expected the text that was audited (SHA-256 {line.sha256[:12]})"
        for line in result.sessions
        if line.session_id not in by_id or hash_session(by_id[line.session_id]) != line.sha256
    ]
    if changed:
        raise DataError("The sessions given are not those of the audit.", changed)
    return [by_id[line.session_id] for line in result.sessions]


class _Page:
    """What the template asks while it is filled: the numbers of lists of turns, the looks of codes, at last the data."""

    def __init__(
        self,
        result: AuditResult,
        sessions: Sequence[Session],
        codebook: Codebook,
        looks: dict[str, Look],
        spans: Sequence[Span],
    ) -> None:
        self.uncorrected = result.uncorrected
        self.all_uncorrected = result.uncorrected and all(rate.estimate.mark == "uncorrected" for rate in result.rates)
        self._places = PlaceLists(sessions)
        self._result, self._codebook, self._spans, self._looks = result, codebook, spans, looks
        figures = (*result.headline, *result.figures, *result.ruptures)
        self._of_measure = {figure.id: figure.places for figure in figures}
        ruptures = [rate.places for rate in result.rates if (rate.speaker, rate.code) == ("C", "RUP")]
        self._of_measure["rupture_rate"] = next(iter(ruptures), Places())
        self._row = {code: row for row, code in enumerate(codebook.code_ids)}
        self._session = {session.session_id: row for row, session in enumerate(sessions)}

    def places(self, places: Iterable[Place]) -> int:
        return self._places.number(places)

    def behind(self, measure: str, session_ids: Collection[str], label: str) -> dict[str, Any]:
        """What opens the turns of a measure in some of the sessions: the measure's figure has those of all."""
        own = [run for run in self._of_measure.get(measure, Places()).turns if run[0] in session_ids]
        places = Places(tuple(own))
        return {"list": self.places(places), "total": len(places), "label": label}

    def sessions_of(self, therapist: str, client: str) -> set[str]:
        """The ids of a therapist's sessions with a client."""
        lines = self._result.sessions
        return {line.session_id for line in lines if (line.therapist, line.client) == (therapist, client)}

    def session(self, session_id: str) -> int:
        """The row of a session in the page's data."""
        return self._session[session_id]

    def look(self, code: str) -> Look:
        return self._looks[code]

    def row(self, code: str) -> int:
        """The number of a code in the style and the data."""
        return self._row[code]

    def data(self) -> Markup:
        return page_data(self._result, self._codebook, self._looks, self._spans)

    def lists(self) -> Markup:
        return self._places.data()


def _parts(result: AuditResult) -> dict[str, Any]:
    """What the sections show of the result."""
    return {
        "used_codes": {rate.code for rate in result.rates if rate.count},
        "therapist_rates": _rates(result, "T"),
        "client_rates": _rates(result, "C"),
        "responses": _named_responses(result),
        "client_talk": [line for line in result.client_talk if line.intervention in INTERVENTIONS],
        "influences": [line for line in result.influences if line.dyad is None],
        "of_dyads": [x for x in result.influences if x.dyad is not None and x.therapist_actor.value is not None],
    }


def _rates(result: AuditResult, speaker: str) -> list[CodeRate]:
    return [rate for rate in result.rates if rate.speaker == speaker]


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


@cache
def _environment() -> Environment:
    environment = page_environment(_TEMPLATES)
    environment.filters.update(
        number=number, interval=interval, probability=probability, signed=signed, by_pair=_by_pair, counted=count
    )
    return environment
