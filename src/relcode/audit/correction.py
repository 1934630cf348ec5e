"""Machine-made figures: rates corrected with a hand-coded sample, everything else marked as uncorrected.

What is computed elsewhere (`relcode.rates`) comes in as plain records: a rate of codes in one speaker's segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from relcode.audit.figure import Correction, Figure
from relcode.audit.intervals import Estimate
from relcode.audit.measures import RATES
from relcode.audit.result import AuditResult, CodeRate, Group
from relcode.codebook import Codebook
from relcode.records import Role

Marked = TypeVar("Marked")
Line = TypeVar("Line", Figure, CodeRate)
_FROM_CODES = (
    *("headline", "figures", "rates", "here_and_now", "responses", "client_talk", "by_therapist", "by_session"),
    *("interpretations", "along", "ruptures", "course", "caseload"),
)
OF_ONE_SESSION = "of one session alone: the machine's errors differ between sessions"


class Target(msgspec.Struct, frozen=True):
    """A rate that can be corrected: segments of one speaker that carry any of these codes or their sub-codes."""

    role: Role
    codes: tuple[str, ...]


class CorrectedRate(msgspec.Struct, frozen=True):
    """A corrected share of segments (0 to 1), or the reason why there is none. `therapist`: None where all count."""

    target: Target
    therapist: str | None
    estimate: Estimate
    how: str = ""


class Corrections(msgspec.Struct, frozen=True):
    """Corrected rates of the audited sessions, and in words the sample that they are corrected with."""

    sample: str
    rates: tuple[CorrectedRate, ...]


def targets(codebook: Codebook) -> tuple[Target, ...]:
    """All rates of an audit that can be corrected: of each code and family by speaker, and of codes together."""
    families = dict.fromkeys(name for code in codebook.codes for name in (code.id.partition(".")[0], code.id))
    roles = {
        name: dict.fromkeys(
            role for code in codebook.codes if code.id in codebook.family(name) for role in code.speakers
        )
        for name in families
    }
    own = [Target(role, (name,)) for name in families for role in roles[name]]
    return tuple(dict.fromkeys([*own, *(Target(role, names) for role, names in RATES.values())]))


def with_marks(result: AuditResult, corrections: Corrections | None) -> AuditResult:
    """A result from a machine's codes: what can be corrected is, everything else made from codes is marked."""
    marked: dict[str, Any] = {name: _marked(getattr(result, name)) for name in _FROM_CODES}
    marked["influences"] = tuple(line if line.series == "length" else _marked(line) for line in result.influences)
    if corrections is not None:
        every = _Corrector(corrections.rates, None)
        marked.update({name: every.figures(marked[name]) for name in ("headline", "figures")})
        marked["rates"] = tuple(every.code_rate(rate) for rate in marked["rates"])
        marked["by_therapist"] = tuple(_of_therapist(group, corrections) for group in marked["by_therapist"])
        marked["by_session"] = tuple(_of_session(group) for group in marked["by_session"])
        marked["correction"] = corrections.sample
    return msgspec.structs.replace(result, **marked)


class _Corrector:
    """Puts the corrected rates of a group of sessions in the place of the counted ones."""

    def __init__(self, rates: Sequence[CorrectedRate], therapist: str | None) -> None:
        self._found = {rate.target: rate for rate in rates if rate.therapist == therapist}

    def figures(self, figures: Sequence[Figure]) -> tuple[Figure, ...]:
        return tuple(self._changed(each, Target(*RATES[each.id])) if each.id in RATES else each for each in figures)

    def code_rate(self, rate: CodeRate) -> CodeRate:
        return self._changed(rate, Target(rate.speaker, (rate.code,)))

    def _changed(self, line: Line, target: Target) -> Line:
        found = self._found.get(target)
        if found is None or line.estimate.value is None:
            return line
        if found.estimate.value is None:
            return msgspec.structs.replace(line, correction=Correction(reason=found.estimate.reason))
        estimate = msgspec.structs.replace(found.estimate.scaled(100), n=line.estimate.n, mark="corrected")
        return msgspec.structs.replace(line, estimate=estimate, correction=Correction(raw=line.estimate, how=found.how))


def _of_therapist(group: Group, corrections: Corrections) -> Group:
    return msgspec.structs.replace(group, figures=_Corrector(corrections.rates, group.name).figures(group.figures))


def _of_session(group: Group) -> Group:
    why = Correction(reason=OF_ONE_SESSION)
    return msgspec.structs.replace(
        group,
        figures=tuple(msgspec.structs.replace(x, correction=why) if x.id in RATES else x for x in group.figures),
    )


def _marked(value: Marked) -> Marked:
    """The same with every estimate in it marked as uncorrected."""
    if isinstance(value, Estimate):
        return msgspec.structs.replace(value, mark="uncorrected")
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: _marked(each) for name, each in fields.items() if isinstance(each, (Estimate, tuple, Figure))}
        return msgspec.structs.replace(value, **changed)
    if isinstance(value, tuple):
        return type(value)(_marked(each) for each in value)
    return value
