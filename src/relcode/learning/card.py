"""The model's card as a page that people read."""

from __future__ import annotations

from typing import Any

from relcode.learning.card_words import data_in_words, more_in_words, protocol_in_words, threshold_in_words
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
    lines = [f"# Model {card['id']}", "", f"Codebook `{card['codebook']}`, kind `{card['kind']}`."]
    if card["synthetic"]:
        lines += ["", "**Trained on synthetic sessions only** (invented people): its figures say nothing of real ones."]
    lines += ["", f"**Intended use.** {USE}", "", f"**Not for.** {NOT_FOR}"]
    lines += ["", f"**Training.** {' '.join([*data_in_words(card), *protocol_in_words(card)])}"]
    lines += ["", _macro_in_words(card)]
    if more := more_in_words(card):
        lines += ["", more]
    lines += ["", *_code_rows(card)]
    errors = [row["calibration_error"] for row in card["cross_validation"]["segment"]["codes"]]
    defined = [error for error in errors if error is not None]
    if defined:
        mean, worst = sum(defined) / len(defined), max(defined)
        lines += ["", f"Expected calibration error over codes (segments): mean {mean:.3f}, worst {worst:.3f}."]
    lines += ["", "Environment: " + ", ".join(f"{name} {value}" for name, value in card["environment"].items()) + "."]
    return "\n".join(lines) + "\n"


def _macro_in_words(card: dict[str, Any]) -> str:
    cross, ceiling, apart = card["cross_validation"], card.get("coder_ceiling"), card.get("held_out")
    said = (
        f"Macro-F1 over codes with ten or more instances: turn level {interval_in_words(cross['turn'], 'macro_f1')} "
        f"({cross['turn']['macro_codes']} codes), segment level {interval_in_words(cross['segment'], 'macro_f1')} "
        f"({cross['segment']['macro_codes']} codes)."
    )
    if apart:
        said += (
            f" On {apart['sessions_judged']} sessions that were held out: {interval_in_words(apart['turn'], 'macro_f1')} at "
            f"turn level ({apart['turn']['macro_codes']} codes)."
        )
    if ceiling:
        said += f" {ceiling_in_words(ceiling)}: {interval_in_words(ceiling['turn'], 'macro_f1')} at turn level."
    return said


def ceiling_in_words(ceiling: dict[str, Any]) -> str:
    """Who a model is compared with, as the beginning of a sentence."""
    who = ceiling.get("of", "a second coder against the labels")
    return f"Coder ceiling ({who}), on {ceiling['sessions']} sessions"


def _code_rows(card: dict[str, Any]) -> list[str]:
    second = {row["code"]: row for row in card.get("coder_ceiling", {}).get("turn", {}).get("codes", [])}
    lines = [
        "| code | turns | precision | recall | F1 [95 %] | PR area | coder ceiling F1 | threshold | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in card["cross_validation"]["turn"]["codes"]:
        code = card["codes"][row["code"]]
        note = "" if code["learned"] else "too few to learn: from the cues alone"
        ceiling = number_in_words(second[row["code"]]["f1"]) if row["code"] in second else ""
        lines.append(
            f"| {row['code']} | {row['instances']} | {number_in_words(row['precision'])} "
            f"| {number_in_words(row['recall'])} | {interval_in_words(row, 'f1')} "
            f"| {number_in_words(row['average_precision'])} | {ceiling} | {threshold_in_words(code['threshold'])} | {note} |"
        )
    return lines


def statements(card: dict[str, Any]) -> dict[str, Any]:
    """What the card says beside its figures: the intended use, what the model is not for, and its weak codes.

    `weak_codes` (code -> why): too few to learn, too few for a figure, or a turn-level F1 below one half, where a code
    comes with more than two errors for each hit.
    """
    rows = card["cross_validation"]["turn"]["codes"]
    folds = card["training"]["folds"]
    reasons = {row["code"]: _weakness(row, card["codes"][row["code"]], folds) for row in rows}
    return {
        "intended_use": USE,
        "not_for": NOT_FOR,
        "weak_codes": {code: reason for code, reason in reasons.items() if reason},
    }


def _weakness(row: dict[str, Any], code: dict[str, Any], folds: int) -> str | None:
    if not code["learned"]:
        return "too few to learn: from the cues alone"
    if row["instances"] < LEAST_INSTANCES:
        return f"{row['instances']} turn(s): too few for a figure to trust"
    if code.get("learned_in_folds", folds) < folds:
        return f"could be learned in {code['learned_in_folds']} of {folds} folds; in the others the cues were judged"
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
