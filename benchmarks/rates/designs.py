"""How often nominal 95 % intervals hold the true rate where sessions share clients, pages are coded, or groups compared.

    python benchmarks/rates/designs.py [--runs 500] [--only clients therapist client pages contrasts halving]

`coverage.py` has one session a client, coded wholly. Here (`simulated.py`) clients differ too, pages of a session
do, and the machine errs by habit in each client and session. Two rates may be meant: that of *clients like these*, of which the
corpus is a sample; and that of *these clients* alone, whoever they are.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np
from simulated import Alike, client_rates, corpus, random_pages, staged_pages, whole_sessions

from relcode.rates.estimates import Figure
from relcode.rates.rules import Results, difference_of, figure_of, results_of
from relcode.rates.sums import Bools, Floats, Sums

PREVALENCES = (0.01, 0.03, 0.10, 0.30)
ALIKE = Alike()
Seen = Iterator[tuple[tuple[str, str], Figure, float]]
"""Row and column of the table, a figure, and what it should hold."""


def clients(prevalence: float, drawn: np.random.Generator) -> Seen:
    """Corpora of 400 sessions, of 80 clients or of 20; some sessions are coded."""
    for count, each in ((80, 5), (20, 20)):
        rates = client_rates(prevalence, count, ALIKE, drawn)
        found = corpus(rates, each, ALIKE, drawn)
        for coded in (20, 40, 80):
            sums = found.sums(whole_sessions(found, coded, drawn))
            row = f"{count} clients, {coded} of 400 sessions"
            yield from _both(
                row, results_of(sums, sums), results_of(sums, sums, cluster=found.client), prevalence, rates
            )


def therapist(prevalence: float, drawn: np.random.Generator) -> Seen:
    """One therapist's clients, six or twelve with five sessions each, of which half are coded."""
    for count in (6, 12):
        rates = client_rates(prevalence, count, ALIKE, drawn)
        found = corpus(rates, 5, ALIKE, drawn)
        coded = 5 * count // 2
        sums = found.sums(whole_sessions(found, coded, drawn))
        row = f"{count} clients, {coded} of {5 * count} sessions"
        yield from _both(row, results_of(sums, sums), results_of(sums, sums, cluster=found.client), prevalence, rates)


def client(prevalence: float, drawn: np.random.Generator) -> Seen:
    """One client's twenty sessions, of which some are coded: the rate of this client."""
    rates = client_rates(prevalence, 1, ALIKE, drawn)
    found = corpus(rates, 20, ALIKE, drawn)
    for coded in (5, 10):
        sums = found.sums(whole_sessions(found, coded, drawn))
        results = results_of(sums, sums)
        for name, figure in _figures(results):
            yield (f"{coded} of 20 sessions", f"{name}: by session, this client"), figure, float(rates[0])


def pages(prevalence: float, drawn: np.random.Generator) -> Seen:
    """Corpora of 400 sessions, one a client; pages of 15 units are coded: drawn from all, or two of each drawn session."""
    rates = client_rates(prevalence, 400, ALIKE, drawn)
    found = corpus(rates, 1, ALIKE, drawn)
    for coded in (40, 80, 160):
        for name, draw in (("of all", random_pages), ("two a session", staged_pages)):
            sums = found.sums(draw(found, coded, drawn))
            for figure_name, figure in _figures(results_of(sums, sums)):
                yield (f"{coded} pages, {name}", f"{figure_name}: by session"), figure, prevalence


def contrasts(prevalence: float, drawn: np.random.Generator) -> Seen:
    """Half as many again after supervision as before: with the same 12 clients before and after, or 12 and 12 others."""
    for same in (True, False):
        count, each = (12, 8) if same else (24, 4)
        rates = client_rates(prevalence, count, ALIKE, drawn)
        of_session = np.repeat(np.arange(count), each)
        after = np.tile(np.arange(each), count) >= each // 2 if same else of_session >= count // 2
        here = 1.5 * rates[of_session[after]].mean() - rates[of_session[~after]].mean()
        found = corpus(rates, each, ALIKE, drawn, np.where(after, 1.5, 1.0))
        for coded in (24, 48):
            sums = found.sums(whole_sessions(found, coded, drawn))
            row = f"{'the same 12' if same else '12 and 12 other'} clients, {coded} of 96 sessions"
            by_session, by_client = (
                [results_of(_part(sums, side), sums, cluster=cluster) for side in (after, ~after)]
                for cluster in (None, found.client)
            )
            yield from _differences(row, by_session, by_client, prevalence / 2, float(here))


def halving(runs: int) -> None:
    """Code as many more sessions as `relcode rates` says would halve the interval, and see how wide it is then."""
    print("Width after coding as many more sessions as advised, as a share of the width before (the aim: 0.50)")
    print("| corpus | rate | coded | advised more: median | width: median [quartiles] | not to be had, % of runs |")
    print("|---|---|---|---|---|---|", flush=True)
    for count, each in ((4000, 1), (800, 5)):
        for prevalence in PREVALENCES:
            for coded in (20, 40):
                drawn = np.random.default_rng([count, coded, round(1000 * prevalence)])
                seen = [_halved(prevalence, count, each, coded, drawn) for _ in range(runs)]
                kept = np.array([pair for pair in seen if pair is not None])
                name = f"{count} clients, {each} session{'s' if each > 1 else ''} each"
                low, middle, high = np.quantile(kept[:, 1], (0.25, 0.5, 0.75))
                refused = 100 * (1 - len(kept) / runs)
                print(
                    f"| {name} | {100 * prevalence:g} % | {coded} | {np.median(kept[:, 0]):.0f} "
                    f"| {middle:.2f} [{low:.2f}, {high:.2f}] | {refused:.0f} |",
                    flush=True,
                )


def _halved(
    prevalence: float, count: int, each: int, coded: int, drawn: np.random.Generator
) -> tuple[int, float] | None:
    """The advice, and the share of the width that was left when it was followed."""
    found = corpus(client_rates(prevalence, count, ALIKE, drawn), each, ALIKE, drawn)
    order = drawn.permutation(found.sessions)

    def results(sessions: int) -> Results:
        weight = np.zeros(found.sessions)
        weight[order[:sessions]] = found.sessions / sessions
        sums = found.sums(weight[found.session])
        return results_of(sums, sums, cluster=None if each == 1 else found.client)

    first = results(coded)
    if first.halving.sessions is None:
        return None
    widths = [figure_of(of.powered).width for of in (first, results(coded + first.halving.sessions))]
    return None if None in widths else (first.halving.sessions, float(widths[1] or 0) / float(widths[0] or 1))


def _figures(results: Results) -> Iterator[tuple[str, Figure]]:
    yield "hand-coded", figure_of(results.labelled)
    yield "powered", figure_of(results.powered)


def _both(row: str, by_session: Results, by_client: Results, everyone: float, rates: Floats) -> Seen:
    for (name, ours), (_, theirs) in zip(_figures(by_session), _figures(by_client), strict=True):
        yield (row, f"{name}: by session, these clients"), ours, float(rates.mean())
        yield (row, f"{name}: by session, clients like these"), ours, everyone
        yield (row, f"{name}: by client, clients like these"), theirs, everyone


def _differences(row: str, by_session: list[Results], by_client: list[Results], everyone: float, here: float) -> Seen:
    for name, field in (("hand-coded", "labelled"), ("adjusted", "adjusted"), ("powered", "powered")):
        ours, theirs = (difference_of(*(getattr(side, field) for side in sides)) for sides in (by_session, by_client))
        yield (row, f"{name}: by session, these clients"), ours, here
        yield (row, f"{name}: by client, clients like these"), theirs, everyone


def _part(sums: Sums, kept: Bools) -> Sums:
    return Sums(*(getattr(sums, each.name) * kept for each in fields(Sums)))


DESIGNS: dict[str, Callable[[float, np.random.Generator], Seen]] = {
    "clients": clients,
    "therapist": therapist,
    "client": client,
    "pages": pages,
    "contrasts": contrasts,
}


def simulate(name: str, runs: int) -> None:
    """Print a table: how often the figures of a design held what they should, and how wide they were."""
    design = DESIGNS[name]
    print(f"{name}: {design.__doc__}")
    head = True
    for prevalence in PREVALENCES:
        drawn = np.random.default_rng([len(name), round(1000 * prevalence)])
        held: dict[tuple[str, str], list[bool]] = defaultdict(list)
        widths: dict[tuple[str, str], list[float]] = defaultdict(list)
        for _ in range(runs):
            for place, figure, true in design(prevalence, drawn):
                held[place] += [] if figure.low is None else [figure.low <= true <= (figure.high or 0.0)]
                widths[place] += [] if figure.width is None else [figure.width]
        columns = list(dict.fromkeys(column for _, column in held))
        if head:
            print("| rate | coded |", " | ".join(columns), "|")
            print("|---|---|" + "---|" * len(columns), flush=True)
            head = False
        for row in dict.fromkeys(row for row, _ in held):
            cells = [_cell(held[row, column], widths[row, column], runs) for column in columns]
            print(f"| {100 * prevalence:g} % | {row} |", " | ".join(cells), "|", flush=True)
    print()


def _cell(held: list[bool], widths: list[float], runs: int) -> str:
    if not held:
        return "never given"
    refused = 100 * (1 - len(held) / runs)
    shown = f"{100 * np.mean(held):.1f} / {100 * np.mean(widths):.2f}"
    return shown + (f" ({refused:.0f})" if refused > 0.5 else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--only", nargs="+", choices=[*DESIGNS, "halving"], default=[*DESIGNS, "halving"])
    given = parser.parse_args()
    print("Held the true rate in % of runs / mean width in percentage points (not given in % of runs)")
    for name in given.only:
        if name == "halving":
            halving(max(given.runs // 5, 20))
        else:
            simulate(name, given.runs)


if __name__ == "__main__":
    main()
