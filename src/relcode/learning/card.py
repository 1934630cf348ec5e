"""The model's card as a page that people read."""

from __future__ import annotations

from typing import Any

USE = (
    "Suggesting labels to trained coders who know the codebook; describing sessions like those it was trained on, with "
    "the rates marked as uncorrected or corrected with a random hand-coded sample."
)
NOT_FOR = (
    "Judging a therapist or a client; decisions on treatment, training or employment; sessions in other languages; "
    "rates without correction; any use in which nobody reads the words behind a figure."
)


def as_markdown(card: dict[str, Any]) -> str:
    """Render the card."""
    training, cross = card["training"], card["cross_validation"]
    dyads = {entry["dyad"] for entry in training["sessions"]}
    ceiling = {row["code"]: row for row in card.get("coder_ceiling", {}).get("turn", {}).get("codes", [])}
    lines = [f"# Model {card['id']}", "", f"Codebook `{card['codebook']}`, kind `{card['kind']}`."]
    if card["synthetic"]:
        lines += ["", "**Trained on synthetic sessions only** (invented people): its figures say nothing of real ones."]
    lines += [
        "",
        f"**Intended use.** {USE}",
        "",
        f"**Not for.** {NOT_FOR}",
        "",
        f"**Training.** {len(training['sessions'])} sessions of {len(dyads)} dyads; figures from {training['folds']}"
        f"-fold cross-validation in which no dyad is split (seed {training['seed']}); intervals are 95 % over sessions."
        + (
            f" The codebook's weights had been fitted to {training['codebook_fitted_to']} of them, so the figures are too "
            "good."
            if training.get("codebook_fitted_to")
            else ""
        ),
        "",
        f"Macro-F1 over codes with ten or more instances: turn level {_interval(cross['turn'], 'macro_f1')} "
        f"({cross['turn']['macro_codes']} codes), segment level {_interval(cross['segment'], 'macro_f1')} "
        f"({cross['segment']['macro_codes']} codes)."
        + (
            f" The second coder, on {card['coder_ceiling']['sessions']} of the sessions: "
            f"{_interval(card['coder_ceiling']['turn'], 'macro_f1')} at turn level."
            if ceiling
            else ""
        ),
        "",
        "| code | turns | precision | recall | F1 [95 %] | PR area | second coder F1 | threshold | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in cross["turn"]["codes"]:
        code = card["codes"][row["code"]]
        note = "" if code["learned"] else "too few to learn: from the cues alone"
        second = _number(ceiling[row["code"]]["f1"]) if row["code"] in ceiling else ""
        lines.append(
            f"| {row['code']} | {row['instances']} | {_number(row['precision'])} | {_number(row['recall'])} "
            f"| {_interval(row, 'f1')} | {_number(row['average_precision'])} | {second} | {code['threshold']:.3f} "
            f"| {note} |"
        )
    errors = [row["calibration_error"] for row in cross["segment"]["codes"] if row["calibration_error"] is not None]
    if errors:
        lines += [
            "",
            f"Expected calibration error over codes (segments): mean {sum(errors) / len(errors):.3f}, worst {max(errors):.3f}.",
        ]
    lines += ["", "Environment: " + ", ".join(f"{name} {value}" for name, value in card["environment"].items()) + "."]
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _interval(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    shown = _number(row[name])
    return shown if low is None else f"{shown} [{low:.2f}, {high:.2f}]"
