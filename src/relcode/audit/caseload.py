"""A therapist's caseload: each client's figure drawn towards the others', and how much the clients differ. No ranking."""

from __future__ import annotations

import msgspec
import numpy as np
from scipy import special

from relcode.audit.blocks import turn_blocks
from relcode.audit.intervals import Estimate, Floats, Ints, without_value
from relcode.audit.material import Material
from relcode.audit.measured import MEASURES, Measure, counts_by, estimate, reason_against, sides
from relcode.audit.result import Caseload, ClientLine

LEAST_CLIENTS = 3
LEAST_EVENTS = 5
_MEANS = np.linspace(-4, 4, 81)  # log odds of the mean over clients, from that of all their material together
_SIZES = np.linspace(np.log(0.5), np.log(20000), 37)  # log of the sum of both parameters of the beta distribution
_DRAWS = 8000
_TAILS = (0.025, 0.975)


def caseloads(material: Material, *, seed: int = 0) -> tuple[Caseload, ...]:
    """Every measure of every named therapist with two clients or more, in the order of the therapists' names."""
    therapists = np.array([session.therapist or "" for session in material.sessions], dtype=np.str_)
    found: list[Caseload] = []
    for name in np.unique(therapists[therapists != ""]):
        part = material.choose(therapists == name)
        if len({client_of(part, row) for row in range(len(part.sessions))}) > 1:
            found += [caseload(part, str(name), measure, seed=seed) for measure in MEASURES]
    return tuple(found)


def client_of(material: Material, row: int) -> str:
    """Who the client of a session is: as the header names them, else the dyad."""
    session = material.sessions[row]
    return str(session.metadata.get("client") or session.dyad)


def caseload(own: Material, therapist: str, measure: Measure, *, seed: int = 0) -> Caseload:
    """One measure over the clients of one therapist.

    A client with few segments is drawn far towards the others, one with many hardly; a client without any occurrence
    does not stand at 0. From fewer than three clients, or fewer than five occurrences of the rarer side, there is
    neither shrinkage nor spread. A client with one session differs from the others by session as well as by client.
    """
    client = np.array([client_of(own, row) for row in range(len(own.sessions))], dtype=np.str_)
    names = np.unique(client)
    raw = [estimate(own.choose(client == name), measure, seed=seed) for name in names]
    reason = reason_against(own, measure)
    counts = totals = np.zeros(len(names), dtype=np.int64)
    effect = 1.0
    if not reason:
        group = np.searchsorted(names, client)[own.turn_session]
        rows = sides(own, measure)
        counts, against = (counts_by(group, side, len(names)) for side in rows)
        totals = counts + against
        effect = dispersion(own, rows, group)
        reason = _too_little(counts, totals)
    if reason:
        nothing = without_value(int(totals.sum()), reason)
        shrunk, typical, spread = [nothing] * len(names), nothing, nothing
    else:
        shrunk, typical, spread = shrink(counts / effect, totals / effect, seed=seed)
        shrunk = [msgspec.structs.replace(line, n=int(n)) for line, n in zip(shrunk, totals, strict=True)]
    factor = 100 if measure.unit == "per_100" else 1
    return Caseload(
        therapist=therapist,
        measure=measure.id,
        label=measure.label,
        unit=measure.unit,
        clients=tuple(
            ClientLine(str(name), int((client == name).sum()), before, after.scaled(factor))
            for name, before, after in zip(names, raw, shrunk, strict=True)
        ),
        typical=typical.scaled(factor),
        spread=spread.scaled(factor),
    )


def _too_little(counts: Ints, totals: Ints) -> str:
    clients, rarer = int((totals > 0).sum()), min(int(counts.sum()), int((totals - counts).sum()))
    if clients < LEAST_CLIENTS:
        return f"{clients} client(s) with anything to count; a comparison within the caseload needs {LEAST_CLIENTS}"
    if rarer < LEAST_EVENTS:
        return f"{rarer} occurrence(s) of the rarer side; a comparison within the caseload needs {LEAST_EVENTS}"
    return ""


def dispersion(own: Material, rows: tuple[Ints, Ints], group: Ints) -> float:
    """How much more the parts of one client's material differ than chance has them differ; at least 1.

    Parts are the client's sessions where any client has two; else blocks of turns within the sessions. Pearson's
    statistic about each client's own share, by degree of freedom.

    Parameters
    ----------
    rows
        What counts for and against, each thing as the row of its turn.
    group
        By turn: the row of its client.

    Source: McCullagh & Nelder 1989, *Generalized Linear Models*, section 4.5.
    """
    several = len(np.unique(np.column_stack([group, own.turn_session]), axis=0)) > len(np.unique(group))
    part = own.turn_session if several else turn_blocks(own)
    size = int(part.max()) + 1
    counts, against = (counts_by(part, side, size) for side in rows)
    totals = counts + against
    client = np.zeros(size, dtype=np.int64)
    client[part] = group
    sums = [np.bincount(client, weights=values) for values in (counts, totals)]
    share = (sums[0] / np.maximum(sums[1], 1))[client]
    usable = (totals > 0) & (share > 0) & (share < 1)
    freedom = int(usable.sum()) - len(np.unique(client[usable]))
    if freedom < 1:
        return 1.0
    scaled = (counts - totals * share)[usable] ** 2 / (totals * share * (1 - share))[usable]
    return max(1.0, float(scaled.sum()) / freedom)


def shrink(counts: Floats, totals: Floats, *, seed: int = 0) -> tuple[list[Estimate], Estimate, Estimate]:
    """Shares of clients as draws from one beta distribution, which is estimated from them all.

    Each client's share is that of a beta-binomial model. Instead of fixing the beta distribution at its likeliest
    (empirical Bayes proper, whose intervals are too narrow with few clients), every one on a grid counts by how well
    it explains all clients, with a prior that says little. Values are exact; the clients' intervals are of 8,000 draws.

    Parameters
    ----------
    counts, totals
        By client (axis); need not be whole numbers (counts divided by a dispersion).

    Returns
    -------
    The clients' shares; the mean over such clients; the standard deviation between them. Values are posterior means
    (of the spread the median), intervals central 95 %.

    Source: Gelman et al. 2013, *Bayesian Data Analysis* (3rd ed.), section 5.3, with their prior (5.9); intervals of
    empirical Bayes: Morris 1983, J Am Stat Assoc 78:47-55.
    """
    middle = float(special.logit((counts.sum() + 0.5) / (totals.sum() + 1)))
    mean, size = (axis.ravel() for axis in np.meshgrid(middle + _MEANS, np.exp(_SIZES), indexing="ij"))
    alpha, beta = special.expit(mean) * size, special.expit(-mean) * size
    log_weight = np.log(alpha) + np.log(beta) - 2.5 * np.log(size)
    log_weight -= len(counts) * special.betaln(alpha, beta)
    for count, total in zip(counts, totals, strict=True):
        log_weight += special.betaln(alpha + count, beta + total - count)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    generator = np.random.default_rng(seed)
    drawn = generator.choice(len(weight), size=_DRAWS, p=weight)
    lines = []
    for count, total in zip(counts, totals, strict=True):
        value = float(weight @ ((alpha + count) / (size + total)))
        low, high = np.quantile(generator.beta(alpha[drawn] + count, beta[drawn] + total - count), _TAILS)
        lines.append(Estimate(value, float(low), float(high), int(total)))
    n = len(counts)
    share = alpha / size
    deviation = np.sqrt(share * (1 - share) / (size + 1))
    ends = [_quantile(share, weight, tail) for tail in _TAILS]
    typical = Estimate(float(weight @ share), ends[0], ends[1], n)
    low, median, high = (_quantile(deviation, weight, tail) for tail in (_TAILS[0], 0.5, _TAILS[1]))
    return lines, typical, Estimate(median, low, high, n)


def _quantile(values: Floats, weight: Floats, tail: float) -> float:
    order = np.argsort(values)
    place = int(np.searchsorted(np.cumsum(weight[order]), tail))
    return float(values[order][min(place, len(order) - 1)])
