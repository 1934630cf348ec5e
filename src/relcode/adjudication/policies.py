"""Policies: deciding without a person. What no person and no agreement of coders decided says so in its source."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from relcode.adjudication.findings import Finding
from relcode.errors import UsageError
from relcode.records import Span

_EXPECTED = "expected agreed, union, majority, senior:CODER or majority+senior:CODER"


class Policy(msgspec.Struct, frozen=True):
    """A policy; `senior`: the coder whose word counts, alone or where there is a tie."""

    name: str
    senior: str | None = None

    def __str__(self) -> str:
        return self.name if self.senior is None else f"{'majority+' * (self.name == 'majority')}senior:{self.senior}"


class Decision(msgspec.Struct, frozen=True):
    """A label accepted or rejected.

    `decision`: `agreed`, `adjudicated`, `single` or `policy:<policy>`. `findings`: what the coders had given, of this
    code on these words; none where the adjudicator added the label.
    """

    span: Span
    decision: str
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    accepted: bool = True

    @property
    def coders(self) -> tuple[str, ...]:
        """Who had given the label, sorted."""
        return tuple(sorted({coder for finding in self.findings for coder in finding.given}))


def check_policy(policy: str) -> Policy:
    """Read a policy.

    Raises
    ------
    UsageError
        There is no such policy.
    """
    if policy in ("agreed", "union", "majority"):
        return Policy(policy)
    name, _, coder = policy.partition(":")
    if name in ("senior", "majority+senior") and coder:
        return Policy(name.partition("+")[0], coder)
    raise UsageError(f"There is no policy {policy!r}; {_EXPECTED}.")


def decide(findings: Sequence[Finding], policy: str | Policy) -> list[Decision]:
    """Decide every finding without a person; those that `undecided` names are left out.

    `agreed`: accept what all coders of the turn gave. `union`: what any gave. `majority`: what more than half of them gave,
    by the code; with `+senior:<coder>` that coder's word decides a tie, else nothing tied is accepted. `senior:<coder>`:
    what that coder gave, as drawn, on turns that he or she coded. What one coder alone has coded is accepted.

    Raises
    ------
    UsageError
        There is no such policy.
    """
    policy = check_policy(policy) if isinstance(policy, str) else policy
    left = {id(finding) for finding in undecided(findings, policy)}
    decisions = []
    for finding in findings:
        if id(finding) in left:
            continue
        spans = _chosen(finding, policy)
        decision = "single" if finding.single else "agreed" if finding.agreed else f"policy:{policy}"
        for span in spans or finding.spans:
            decisions.append(Decision(accepted_span(span, decision), decision, (finding,), accepted=bool(spans)))
    return decisions


def undecided(findings: Sequence[Finding], policy: Policy) -> list[Finding]:
    """The disputes that a policy does not decide: with `senior:<coder>` those on turns that this coder has not coded."""
    if policy.name != "senior":
        return []
    return [finding for finding in findings if finding.disputed and policy.senior not in finding.asked]


def accepted_span(span: Span, decision: str) -> Span:
    """The span as an accepted label; its source says how, where coders did not agree and no person decided."""
    how = decision.removeprefix("policy:").partition(":")[0].partition("+")[0]
    source = "accepted" if decision in ("agreed", "adjudicated") else f"accepted:{how}"
    return msgspec.structs.replace(span, source=source, score=None, why=())


def _chosen(finding: Finding, policy: Policy) -> tuple[Span, ...]:
    """The spans of a finding that a policy accepts; none where it rejects it."""
    if policy.name == "senior" and policy.senior in finding.asked:
        return finding.given.get(policy.senior or "", ())
    if finding.agreed or finding.single or policy.name == "union":
        return finding.spans
    if policy.name != "majority":
        return ()
    for_it, against = len(finding.given), len(finding.asked) - len(finding.given)
    tied_for = for_it == against and policy.senior in finding.given
    return finding.spans if for_it > against or tied_for else ()
