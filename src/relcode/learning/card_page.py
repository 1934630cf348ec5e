"""The model's card as a page: what it is for, what it learned from, how well it does each code, what is weak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from relcode.learning.card import interval_in_words, number_in_words, statements
from relcode.pages import page_environment, report_style

_TEMPLATES = Path(__file__).parent / "templates"


def render_card(card: dict[str, Any]) -> str:
    """Render the card as one HTML file. It names sessions by their ids and hashes, and repeats no word of them."""
    card = {**statements(card), **card}  # cards made before these stood in them
    ceiling = card.get("coder_ceiling")
    environment = page_environment(_TEMPLATES)
    environment.filters["figure"] = number_in_words
    environment.filters["interval"] = interval_in_words
    return environment.get_template("card.html.j2").render(
        card=card,
        style=report_style(),
        turn=card["cross_validation"]["turn"],
        segment=card["cross_validation"]["segment"],
        calibration={row["code"]: row["calibration_error"] for row in card["cross_validation"]["segment"]["codes"]},
        dyads=len({entry["dyad"] for entry in card["training"]["sessions"]}),
        ceiling=ceiling,
        second={row["code"]: row for row in ceiling["turn"]["codes"]} if ceiling else {},
    )
