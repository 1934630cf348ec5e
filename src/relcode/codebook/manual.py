"""A codebook as a text that coders read: definitions, rules and examples as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.codebook.schema import Code, Codebook

_EXAMPLE_KINDS = (
    ("hit", "Yes"),
    ("near_hit", "Yes, though it looks like a miss"),
    ("near_miss", "No, though it looks like a hit"),
    ("miss", "No"),
)
_SPEAKERS = {"T": "therapist", "C": "client"}


def as_markdown(codebook: Codebook, codes: Sequence[Code] | None = None) -> str:
    """Render codes (all by default) of a codebook; the same text is the guideline of the Doccano projects."""
    lines = [f"# {codebook.title}", f"`{codebook.reference}`", "", codebook.description.strip(), ""]
    for code in codebook.codes if codes is None else codes:
        lines += _code_lines(code)
    return "\n".join(lines).strip() + "\n"


def _code_lines(code: Code) -> list[str]:
    who = " or ".join(_SPEAKERS[speaker] for speaker in code.speakers)
    lines = [f"## {code.id}: {code.name}", f"*Speaker: {who}.*", "", code.definition.strip(), ""]
    for title, items in (("Include", code.include), ("Exclude", code.exclude)):
        if items:
            lines += [f"**{title}**", *(f"- {item}" for item in items), ""]
    if code.rules:
        lines += ["**Which code?**", *(f"- against {rule.against}: {rule.ask}" for rule in code.rules), ""]
    for kind, title in _EXAMPLE_KINDS:
        examples = getattr(code.examples, kind)
        if examples:
            lines += [f"**{title}**", *(f"- “{example}”" for example in examples), ""]
    return lines
