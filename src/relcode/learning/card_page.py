"""The model's card as a page: what it is for, what it learned from, how well it does each code, what is weak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from relcode.learning.card import ceiling_in_words, interval_in_words, number_in_words, statements
from relcode.learning.card_charts import codes_chart, curve_chart
from relcode.learning.card_words import data_in_words, more_in_words, protocol_in_words, threshold_in_words
from relcode.pages import page_environment, report_style

_TEMPLATES = Path(__file__).parent / "templates"


def render_card(card: dict[str, Any]) -> str:
    """Render the card as one HTML file. It names sessions by their ids and hashes, and repeats no word of them."""
    card = {**statements(card), **card}  # cards made before these stood in them
    turn, segment = card["cross_validation"]["turn"], card["cross_validation"]["segment"]
    ceiling = card.get("coder_ceiling")
    second = {row["code"]: row for row in ceiling["turn"]["codes"]} if ceiling else {}
    environment = page_environment(_TEMPLATES)
    environment.filters |= {
        "figure": number_in_words,
        "interval": interval_in_words,
        "ceiling": ceiling_in_words,
        "threshold": threshold_in_words,
    }
    return environment.get_template("card.html.j2").render(
        card=card,
        style=report_style(),
        turn=turn,
        segment=segment,
        of_segments={row["code"]: row for row in segment["codes"]},
        ceiling=ceiling,
        second=second,
        apart=card.get("held_out"),
        errors=card.get("label_errors", []),
        data=data_in_words(card),
        protocol=protocol_in_words(card),
        more=more_in_words(card),
        codes_chart=Markup(codes_chart(turn["codes"], second)),
        curve_chart=Markup(curve_chart(card.get("learning_curve") or [])),
    )
