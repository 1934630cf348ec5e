"""The model's card as a page that people read."""

from __future__ import annotations

from typing import Any

from relcode.learning.evaluate import LEAST_INSTANCES

_WEAK_F1 = 0.5
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
        f"Macro-F1 over codes with ten or more instances: turn level {interval_in_words(cross['turn'], 'macro_f1')} "
        f"({cross['turn']['macro_codes']} codes), segment level {interval_in_words(cross['segment'], 'macro_f1')} "
        f"({cross['segment']['macro_codes']} codes)."
        + (
            f" The second coder, on {card['coder_ceiling']['sessions']} of the sessions: "
            f"{interval_in_words(card['coder_ceiling']['turn'], 'macro_f1')} at turn level."
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
        second = number_in_words(ceiling[row["code"]]["f1"]) if row["code"] in ceiling else ""
        lines.append(
            f"| {row['code']} | {row['instances']} | {number_in_words(row['precision'])} "
            f"| {number_in_words(row['recall'])} | {interval_in_words(row, 'f1')} "
            f"| {number_in_words(row['average_precision'])} | {second} | {code['threshold']:.3f} | {note} |"
        )
    errors = [row["calibration_error"] for row in cross["segment"]["codes"] if row["calibration_error"] is not None]
    if errors:
        lines += [
            "",
            f"Expected calibration error over codes (segments): mean {sum(errors) / len(errors):.3f}, worst {max(errors):.3f}.",
        ]
    lines += ["", "Environment: " + ", ".join(f"{name} {value}" for name, value in card["environment"].items()) + "."]
    return "\n".join(lines) + "\n"


def statements(card: dict[str, Any]) -> dict[str, Any]:
    """What the card says beside its figures: the intended use, what the model is not for, and its weak codes.

    `weak_codes` (code -> why): too few to learn, too few for a figure, or a turn-level F1 below one half, where a code
    comes with more than two errors for each hit.
    """
    rows = card["cross_validation"]["turn"]["codes"]
    reasons = {row["code"]: _weakness(row, learned=card["codes"][row["code"]]["learned"]) for row in rows}
    return {
        "intended_use": USE,
        "not_for": NOT_FOR,
        "weak_codes": {code: reason for code, reason in reasons.items() if reason},
    }


def _weakness(row: dict[str, Any], *, learned: bool) -> str | None:
    if not learned:
        return "too few to learn: from the cues alone"
    if row["instances"] < LEAST_INSTANCES:
        return f"{row['instances']} turn(s): too few for a figure to trust"
    if row["f1"] is None or row["f1"] < _WEAK_F1:
        return f"F1 {number_in_words(row['f1'])}: more than two errors for each hit"
    return None


def number_in_words(value: float | None) -> str:
    """Two digits, or `undefined`."""
    return "undefined" if value is None else f"{value:.2f}"


def interval_in_words(row: dict[str, Any], name: str) -> str:
    """A figure of a row with its interval, as `0.62 [0.41, 0.80]`."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    shown = number_in_words(row[name])
    return shown if low is None else f"{shown} [{low:.2f}, {high:.2f}]"
