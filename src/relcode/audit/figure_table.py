"""Every figure of an audit as a row: for spreadsheets and statistics programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from relcode.audit.exchange import Influence, Response, TalkChange
from relcode.audit.figure import Figure
from relcode.audit.intervals import Estimate, Mark
from relcode.audit.result import Along, AuditResult, Caseload, CodeRate, Course, Exposure, Group
from relcode.provenance import written_beside

_TALK_UNITS = {"words": "words", "self_reference": "per_100_words", "present_tense": "per_100_verbs"}
_RESPONSE_NUMBERS = ("count", "occasions", "expected", "residual", "session_z", "p", "p_adjusted")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One number.

    `section`: the part of the result; `of`: whether all sessions count, or those of one therapist, dyad, client or
    session, who is then named. `statistic`: which number of the measure. `at`: the lag, the tenth, the place along the
    session (0 to 1), the number of the session, the turn. `source`: `coders`, `machine`, or `transcript` where no code
    is needed. `mark`: of a machine's figures, whether it was corrected; `how`: by what.
    """

    section: str
    measure: str
    code: str = ""
    second_code: str = ""
    speaker: str = ""
    of: str = "all"
    therapist: str = ""
    dyad: str = ""
    client: str = ""
    session: str = ""
    at: float | None = None
    statistic: str = "value"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str = ""
    source: str = ""
    mark: Mark = ""
    how: str = ""
    reason: str = ""


def figure_rows(result: AuditResult) -> list[Row]:
    """The rows of all figures, in the order of the result."""
    source = {"coded labels": "coders", "none": "none"}.get(result.source_kind, "machine")
    rows = [msgspec.structs.replace(row, source=row.source or source) for row in _rows(result)]
    mark: Mark = "uncorrected" if result.uncorrected else ""
    # a bare number has no mark of its own: its measure's figures come from the same codes
    return [msgspec.structs.replace(row, mark=mark) if row.source == source and not row.mark else row for row in rows]


def write_figures(path: Path, result: AuditResult) -> None:
    """Write `figure_rows` as CSV, beside and then renamed, readable for the owner alone."""
    with written_beside(path, mode=0o600) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Row.__struct_fields__)
        table.writerows([_safe(value) for value in msgspec.structs.astuple(row)] for row in figure_rows(result))


def _safe(value: object) -> object:
    """A name that a spreadsheet would take for a formula gets a quote before it, as OWASP says."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _rows(result: AuditResult) -> Iterator[Row]:
    yield from _exposure(result.exposure)
    for section in ("headline", "figures", "interpretations", "ruptures"):
        yield from _figures(getattr(result, section), Row(section=section, measure=""))
    yield from _figures(result.referents, Row(section="referents", measure="", source="transcript"))
    for rate in result.rates:
        yield from _code_rate(rate)
    for tenth in result.here_and_now:
        of = Row(section="here_and_now", measure="here_and_now", speaker=tenth.speaker, at=tenth.tenth, unit="per_100")
        yield _number(of, "count", tenth.count)
        yield _estimate(of, tenth.estimate)
    for line in result.along:
        yield from _along(line)
    for cell in result.responses:
        yield from _response(cell)
    for change in result.client_talk:
        yield from _talk(change)
    for influence in result.influences:
        yield from _influence(influence)
    yield from _episodes(result)
    yield from _groups(result.by_therapist, "by_therapist", "therapist")
    yield from _groups(result.by_session, "by_session", "session")
    for course in result.course:
        yield from _course(course)
    for caseload in result.caseload:
        yield from _caseload(caseload)


def _estimate(of: Row, estimate: Estimate, statistic: str = "value", how: str = "", unit: str | None = None) -> Row:
    return msgspec.structs.replace(
        of,
        statistic=statistic,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n=estimate.n,
        reason=estimate.reason,
        mark=estimate.mark,
        how=how,
        unit=of.unit if unit is None else unit,
    )


def _number(of: Row, statistic: str, value: float | None, unit: str = "count", reason: str = "") -> Row:
    return msgspec.structs.replace(of, statistic=statistic, value=value, unit=unit, reason=reason)


def _exposure(exposure: Exposure) -> Iterator[Row]:
    of = Row(section="exposure", measure="", source="transcript")
    for name in ("sessions", "turns", "timed_sessions", "minutes"):
        yield _number(msgspec.structs.replace(of, measure=name), "value", getattr(exposure, name))
    for speaker, role in (("T", "therapist"), ("C", "client")):
        for name in ("turns", "words", "segments"):
            own = msgspec.structs.replace(of, measure=name, speaker=speaker)
            yield _number(own, "value", getattr(exposure, f"{role}_{name}"))
    for name in ("talk_share", "question_share"):
        yield _estimate(msgspec.structs.replace(of, measure=name, unit="share"), getattr(exposure, name))
    yield from _figures(exposure.figures, of)


def _figures(figures: Iterable[Figure], of: Row) -> Iterator[Row]:
    for figure in figures:
        own = msgspec.structs.replace(of, measure=figure.id, unit=figure.unit)
        correction = figure.correction
        yield _estimate(own, figure.estimate, how="" if correction is None else correction.how or correction.reason)
        if correction is not None and correction.raw is not None:
            yield _estimate(own, correction.raw, "raw")
        if figure.chance is not None:
            yield _estimate(own, figure.chance, "chance")
        if figure.posterior is not None:
            yield _number(own, "above_half", figure.posterior.above_half, "probability")


def _code_rate(rate: CodeRate) -> Iterator[Row]:
    of = Row(section="rates", measure="rate", code=rate.code, speaker=rate.speaker, unit="per_100")
    correction = rate.correction
    yield _number(of, "count", rate.count)
    yield _estimate(of, rate.estimate, how="" if correction is None else correction.how or correction.reason)
    if correction is not None and correction.raw is not None:
        yield _estimate(of, correction.raw, "raw")
    yield _estimate(of, rate.per_50_minutes, unit="per_50_minutes")


def _along(line: Along) -> Iterator[Row]:
    of = Row(section="along", measure=line.measure, speaker=line.speaker or "", unit="per_100")
    yield _number(of, "count", line.count, reason=line.reason)
    for point in line.points:
        yield _estimate(msgspec.structs.replace(of, at=point.position), point.estimate)


def _response(cell: Response) -> Iterator[Row]:
    of = Row(section="responses", measure="response", code=cell.intervention, second_code=cell.client_code, at=cell.lag)
    for name in _RESPONSE_NUMBERS:
        unit = "count" if name in ("count", "occasions", "expected") else "index"
        yield _number(of, name, getattr(cell, name), unit, cell.reasons.get(name, ""))
    for name in ("share", "base"):
        yield _estimate(of, getattr(cell, name), name, unit="share")
    for name in ("yules_q", "yules_q_within"):
        yield _estimate(of, getattr(cell, name), name, unit="index")


def _talk(change: TalkChange) -> Iterator[Row]:
    unit = _TALK_UNITS[change.measure]
    of = Row(section="client_talk", measure=change.measure, code=change.intervention, speaker="C", unit=unit)
    yield _number(of, "occasions", change.occasions)
    for name in ("usual", "after"):
        yield _number(of, name, getattr(change, name), unit, change.difference.reason)
    yield _estimate(of, change.difference, "difference")


def _influence(line: Influence) -> Iterator[Row]:
    of = Row(
        section="influences",
        measure=f"{line.series}_between_{line.level}",
        of="all" if line.dyad is None else "dyad",
        dyad=line.dyad or "",
        unit="standard_deviations",
        source="transcript" if line.series == "length" else "",
    )
    yield _number(of, "groups", line.groups)
    for name in ("therapist_actor", "client_actor", "therapist_to_client", "client_to_therapist"):
        yield _estimate(of, getattr(line, name), name)


def _episodes(result: AuditResult) -> Iterator[Row]:
    for episode in result.episodes:
        of = Row(
            section="episodes",
            measure="repair_latency",
            code=" ".join(episode.kinds),
            second_code=" ".join(episode.repair_kinds),
            speaker=episode.speaker,
            of="session",
            session=episode.session_id,
            at=episode.last_turn,
        )
        missing = "" if episode.repair_turn is not None else f"no repair in the {episode.turns_after} turn(s) after it"
        yield _number(of, "turns", episode.latency_turns, "turns", missing)
        if episode.latency_seconds is not None:
            yield _number(of, "seconds", episode.latency_seconds, "seconds")


def _groups(groups: Sequence[Group], section: str, kind: str) -> Iterator[Row]:
    for group in groups:
        named = {"of": kind, kind: group.name}
        yield from _figures(group.figures, msgspec.structs.replace(Row(section=section, measure=""), **named))
        of = msgspec.structs.replace(Row(section=section, measure="", source="transcript"), **named)
        for name in ("sessions", "therapist_segments", "client_segments"):
            yield _number(msgspec.structs.replace(of, measure=name), "value", getattr(group, name))


def _course(course: Course) -> Iterator[Row]:
    of = Row(section="course", measure=course.measure, of="dyad", dyad=course.dyad, therapist=course.therapist or "")
    for point in course.points:
        own = msgspec.structs.replace(of, of="session", session=point.session_id, at=point.session_number)
        yield _estimate(own, point.estimate, unit=course.unit)
    yield _estimate(of, course.trend, "trend", unit="odds_ratio")
    for name in ("first", "last"):
        yield _estimate(of, getattr(course, name), name, unit=course.unit)


def _caseload(caseload: Caseload) -> Iterator[Row]:
    of = Row(
        section="caseload",
        measure=caseload.measure,
        of="therapist",
        therapist=caseload.therapist,
        unit=caseload.unit,
    )
    for line in caseload.clients:
        own = msgspec.structs.replace(of, of="client", client=line.client)
        yield _number(own, "sessions", line.sessions)
        for name in ("raw", "shrunk"):
            yield _estimate(own, getattr(line, name), name)
    for name in ("typical", "spread"):
        yield _estimate(of, getattr(caseload, name), name)
