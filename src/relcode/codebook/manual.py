"""A codebook as the manual that coders read: Markdown, or one HTML page that prints well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from relcode.codebook.changes import who
from relcode.codebook.cue_words import LEGEND, cue_line
from relcode.codebook.schema import Code, Codebook
from relcode.pages import page_environment

EXAMPLE_KINDS = (
    ("hit", "Yes"),
    ("near_hit", "Yes, though it looks like a miss"),
    ("near_miss", "No, though it looks like a hit"),
    ("miss", "No"),
)
_TEMPLATES = Path(__file__).parent / "templates"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_GREY = "#888888"


def as_markdown(codebook: Codebook, codes: Sequence[Code] | None = None, *, cues: bool = False) -> str:
    """Render a codebook; the same text is the guideline of the Doccano projects.

    Parameters
    ----------
    codes
        These alone, without the front matter.
    cues
        Add an appendix with the cues of each code.
    """
    lines = [f"# {codebook.title}", f"`{codebook.reference}`", ""]
    if codes is None:
        lines += [*_front_lines(codebook), "## Contents", *(f"- {code.id}: {code.name}" for code in codebook.codes), ""]
    else:
        lines += [codebook.description.strip(), ""]
    shown = codebook.codes if codes is None else codes
    for code in shown:
        lines += _code_lines(code, codebook)
    if cues:
        lines += ["## Appendix: cues", LEGEND, ""]
        for code in shown:
            lines += [f"### Cues of {code.id}", *(_cue_markdown(*cue_line(cue)) for cue in code.cues), ""]
    return "\n".join(lines).strip() + "\n"


def as_html(codebook: Codebook, codes: Sequence[Code] | None = None, *, cues: bool = False) -> str:
    """Render a codebook as one self-contained HTML page: no script, no network, a style for print.

    The parameters are those of `as_markdown`.
    """
    return (
        _environment()
        .get_template("manual.html.j2")
        .render(
            codebook=codebook,
            codes=codebook.codes if codes is None else codes,
            whole=codes is None,
            cues=cues,
            legend=LEGEND,
            kinds=EXAMPLE_KINDS,
            style=Markup((_TEMPLATES / "manual.css").read_text(encoding="utf-8")),
        )
    )


def code_facts(code: Code, codebook: Codebook) -> list[tuple[str, str]]:
    """The short facts of a code, what each is and how it stands; both forms of the manual show them."""
    facts = [("Speaker", who(code.speakers)), ("Base rate", _base_rate(code))]
    if code.parent:
        facts.append(("Part of", code.parent))
    parts = [name for name in codebook.family(code.id) if name != code.id]
    if parts:
        facts.append(("Sub-codes", ", ".join(parts)))
    if code.beats:
        facts.append(("Goes before", f"{', '.join(code.beats)}, where both compete for the same words"))
    stronger = [other.id for other in codebook.codes if code.id in other.beats]
    if stronger:
        facts.append(("Gives way to", f"{', '.join(stronger)}, where both compete for the same words"))
    if code.exclusive:
        group = [other.id for other in codebook.codes if other.exclusive == code.exclusive]
        facts.append(("At most one of", f"{', '.join(group)}, in a segment (group “{code.exclusive}”)"))
    if code.mode:
        facts.append(("Ordinary mode", "given only where no relational code of the therapist holds; then exactly one"))
    if code.key:
        facts.append(("Shortcut key", code.key))
    if code.was:
        facts.append(("Formerly", ", ".join(code.was)))
    if code.origin:
        facts.append(("From", code.origin))
    return facts


def _base_rate(code: Code) -> str:
    per_hundred = 100 * code.prior
    number = f"{per_hundred:.0f}" if per_hundred >= 10 else f"{per_hundred:.2g}"
    return f"about {number} of 100 segments of the {who(code.speakers, ' and ')}"


def _front_lines(codebook: Codebook) -> list[str]:
    lines = [f"By {', '.join(codebook.authors)}.", ""] if codebook.authors else []
    lines += [codebook.description.strip(), ""]
    for title, items in (
        ("Sources", codebook.sources),
        ("Put together of", codebook.references if codebook.members else ()),
        ("Uses word lists and cues of", codebook.uses),
    ):
        if items:
            lines += [f"**{title}**", *(f"- {item}" for item in items), ""]
    return lines


def _code_lines(code: Code, codebook: Codebook) -> list[str]:
    (_, speaker), *facts = code_facts(code, codebook)
    lines = [f"## {code.id}: {code.name}", f"*Speaker: {speaker}.*", "", code.definition.strip(), ""]
    for title, items in (("Include", code.include), ("Exclude", code.exclude)):
        if items:
            lines += [f"**{title}**", *(f"- {item}" for item in items), ""]
    if code.rules:
        lines += ["**Which code?**", *(f"- against {rule.against}: {rule.ask}" for rule in code.rules), ""]
    for kind, title in EXAMPLE_KINDS:
        examples = getattr(code.examples, kind)
        if examples:
            lines += [f"**{title}**", *(f"- “{example}”" for example in examples), ""]
    return [*lines, "**In short**", *(f"- {name}: {said}" for name, said in facts), ""]


def _cue_markdown(name: str, weight: str, said: str) -> str:
    return f"- {name}, {weight}" + (f": `{said.replace('`', chr(39))}`" if said else "")


def _safe_color(color: str) -> str:
    """The code's colour where it is one, so that nothing else gets into the style."""
    return color if _COLOR.fullmatch(color) else _GREY


def _anchor(code_id: str) -> str:
    return f"code-{code_id}"


@cache
def _environment() -> Environment:
    environment = page_environment(_TEMPLATES)
    environment.filters.update(facts=code_facts, cue_line=cue_line, color=_safe_color, anchor=_anchor)
    return environment
