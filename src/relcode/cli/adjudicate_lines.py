"""What `relcode adjudicate report` and `explain` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relcode.adjudication import DisputeReport


def report_lines(found: DisputeReport) -> list[str]:
    """The report of the disputes."""
    lines = [f"{found.decisions} label(s) decided by the adjudicator; {found.unexplained} without a reason"]
    for pair in found.pairs:
        why = ", ".join(f"{name} {count}" for name, count in pair.reasons.items())
        lines.append(f"  {pair.accepted} accepted, not {pair.rejected}: {pair.count}{f' ({why})' if why else ''}")
    if found.reasons:
        lines.append("reasons: " + ", ".join(f"{name} {count}" for name, count in found.reasons.items()))
    lines += [f"{coder.coder}: decided for {coder.right}, against {coder.wrong}" for coder in found.coders]
    lines += [
        f"codebook unclear: session {place['session_id']}, turn {place['turn']}, {place['code']} ({place['verdict']}ed)"
        for place in found.unclear
    ]
    return lines


def chain_lines(chain: dict[str, Any]) -> list[str]:
    """The chain of a label, with its words."""
    span = chain["span"]
    words = f"“{span['text']}”"
    lines = [f"{span['code']} at {span['start']} to {span['end']} {words}: {chain['verdict']}ed, {chain['decision']}"]
    for each in chain.get("given", ()):
        source = each["suggestion"]
        came = "" if source is None else f" a suggestion of {source['source']}: {source['code']}"
        if source is not None and "score" in source:
            came += f", {source['score']:.2f}"
        lines.append(f"  {each['coder']}: {each['start']} to {each['end']}, {each['provenance']}{came}")
    others = [coder for coder in chain.get("asked", ()) if coder not in chain["coders"]]
    if others:
        lines.append(f"  not given by {', '.join(others)}")
    if chain["decision"] == "adjudicated":
        lines.append(
            f"  decided by {chain.get('adjudicator') or 'the adjudicator'}; reason: {chain['reason'] or 'none given'}"
        )
    lines += [
        f"  reviewed by {each['reviewer']}: {each['judgement']}" + (f"; {each['remark']}" if each["remark"] else "")
        for each in chain.get("reviews", ())
    ]
    lines.append(f"  codebook {chain.get('codebook', '')}, batch {chain.get('batch', '')}")
    return lines
