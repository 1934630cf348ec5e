"""Simulated corpora: clients with sessions, sessions of pages, pages of units, and a machine that errs on them.

Rates differ between clients, between the sessions of a client and between the pages of a session, each by a beta
distribution around that of the level above with an intraclass correlation (`Alike`). The machine errs by habit in each
client and session. It was trained where the code was on `TRAINED_AT` of units: its probabilities are wrong everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.stats import norm

from relcode.rates.sums import Floats, Ints, Sums

TRAINED_AT = 0.05
LENGTH, LEAST, PAGE = 150, 30, 15  # units a session on average and at least; units a page
SENSITIVITY, SPECIFICITY = 0.7, 0.97
_CLIENT_HABIT, _SESSION_HABIT = 0.2, 0.15


@dataclass(frozen=True)
class Alike:
    """Intraclass correlations of units of one client (beyond the corpus), of one session, of one page."""

    client: float = 0.01
    session: float = 0.01
    page: float = 0.02


@dataclass(frozen=True)
class Corpus:
    """Of every unit: its session and page, whether it bears the code, the machine's decision and probability.

    `client`: by session. `first_page`: by page, the session that it lies in.
    """

    client: Ints
    session: Ints
    page: Ints
    session_of_page: Ints
    present: Floats
    decided: Floats
    probable: Floats

    @property
    def sessions(self) -> int:
        return len(self.client)

    def sums(self, weight: Floats) -> Sums:
        """Sums by session where units have these weights (0: not coded). Axis: unit."""
        coded = weight > 0
        both, expected = self.present * self.decided, self.present * self.probable
        columns = {
            "units": np.ones(len(weight)),
            "decided": self.decided,
            "probable": self.probable,
            "squared": self.probable**2,
        }
        of_coded = {
            "coded": np.ones(len(weight)),
            "present": self.present,
            "weight": weight,
            "w_present": weight * self.present,
            "w_decided": weight * self.decided,
            "w_probable": weight * self.probable,
            "w_both": weight * both,
            "w_expected": weight * expected,
        }
        rows = np.flatnonzero(coded)
        found = {name: np.bincount(self.session, values, self.sessions) for name, values in columns.items()}
        own = self.session[rows]
        found |= {name: np.bincount(own, values[rows], self.sessions) for name, values in of_coded.items()}
        return Sums(*(found[each.name] for each in fields(Sums)))


def corpus(rates: Floats, each: int, alike: Alike, drawn: np.random.Generator, moved: Floats | None = None) -> Corpus:
    """Draw a corpus of clients with `each` sessions.

    Parameters
    ----------
    rates
        By client, its own rate (`client_rates`).
    moved
        By session, what its rate is multiplied by (1 by default), such as before and after a supervision.
    """
    client = np.repeat(np.arange(len(rates)), each)
    of_session = rates[client] if moved is None else rates[client] * moved
    of_session = spread(of_session, alike.session, drawn)
    length = np.maximum(LEAST, drawn.negative_binomial(9, 9 / (9 + LENGTH), len(client)))
    pages = -(-length // PAGE)
    session_of_page = np.repeat(np.arange(len(client)), pages)
    of_page = spread(of_session[session_of_page], alike.page, drawn)
    session = np.repeat(np.arange(len(client)), length)
    begins = np.cumsum(length) - length
    page = (np.cumsum(pages) - pages)[session] + (np.arange(len(session)) - begins[session]) // PAGE
    present = drawn.random(len(session)) < of_page[page]
    habit = drawn.normal(0, _CLIENT_HABIT, len(rates))[client] + drawn.normal(0, _SESSION_HABIT, len(client))
    threshold = float(norm.ppf(SPECIFICITY))
    distance = threshold - float(norm.ppf(1 - SENSITIVITY))
    score = drawn.normal(0, 1, len(session)) + present * distance + habit[session]
    odds = distance * score - distance**2 / 2 + np.log(TRAINED_AT / (1 - TRAINED_AT))
    decided = (score > threshold).astype(np.float64)
    return Corpus(client, session, page, session_of_page, present.astype(np.float64), decided, 1 / (1 + np.exp(-odds)))


def spread(rates: Floats, alike: float, drawn: np.random.Generator) -> Floats:
    """Rates of parts of each of these, with an intraclass correlation."""
    if not alike:
        return rates
    kept = np.clip(rates, 1e-9, 1 - 1e-9)
    found = drawn.beta(kept * (1 / alike - 1), (1 - kept) * (1 / alike - 1))
    return np.asarray(found, dtype=np.float64)


def client_rates(prevalence: float, clients: int, alike: Alike, drawn: np.random.Generator) -> Floats:
    """By client, its rate."""
    return spread(np.full(clients, prevalence), alike.client, drawn)


def whole_sessions(found: Corpus, coded: int, drawn: np.random.Generator, among: Ints | None = None) -> Floats:
    """By unit, its weight where so many sessions are drawn at random (of those in `among`) and coded wholly."""
    there = np.arange(found.sessions) if among is None else among
    chosen = drawn.choice(there, min(coded, len(there)), replace=False)
    weight = np.zeros(found.sessions)
    weight[chosen] = len(there) / len(chosen)
    return np.asarray(weight[found.session], dtype=np.float64)


def random_pages(found: Corpus, coded: int, drawn: np.random.Generator) -> Floats:
    """By unit, its weight where so many of all pages are drawn, each as likely as another."""
    pages = len(found.session_of_page)
    weight = np.zeros(pages)
    weight[drawn.choice(pages, coded, replace=False)] = pages / coded
    return np.asarray(weight[found.page], dtype=np.float64)


def staged_pages(found: Corpus, coded: int, drawn: np.random.Generator, pages: int = 2) -> Floats:
    """By unit, its weight where sessions are drawn at random and of each two pages, as likely as another of the session."""
    of_session = np.bincount(found.session_of_page, minlength=found.sessions)
    first = np.cumsum(of_session) - of_session
    weight = np.zeros(len(found.session_of_page))
    sessions = coded // pages
    for session in drawn.choice(found.sessions, sessions, replace=False):
        own = first[session] + drawn.choice(of_session[session], min(pages, of_session[session]), replace=False)
        weight[own] = found.sessions / sessions * of_session[session] / len(own)
    return np.asarray(weight[found.page], dtype=np.float64)
