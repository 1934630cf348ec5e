"""Fine-tune a base on lessons."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from relcode.errors import ModelError
from relcode.learning.encoder.base import Base
from relcode.learning.encoder.graph import Weights
from relcode.learning.encoder.head import Head
from relcode.learning.encoder.lessons import Lessons
from relcode.learning.encoder.network import (
    MEAN_SCALE,
    Network,
    Part,
    described,
    load_bert,
    side_by_side,
    through_lower,
)
from relcode.learning.encoder.pieces import Vocabulary
from relcode.learning.encoder.settings import Settings
from relcode.learning.encoder.windows import Sizes, judging_windows, learning_windows
from relcode.transcripts.tokens import Floats

SORTED_TOGETHER = 96  # windows
HIDDEN = 30.0  # log-odds: what a segment whose speaker may not carry a code says of its turn
CELLS = 10.0  # about how many codes a speaker may carry: keeps the loss of a segment near 1
EXAMPLE_CELLS = 4.0
LOWEST_RATE = 0.02  # of the highest
FIRST_STEPS = 10  # the running mean of the weights follows faster at the start


@dataclass(frozen=True)
class Tuned:
    """All weights of the encoder by BERT's names, and the head."""

    weights: Weights
    head: Head


class Course(NamedTuple):
    """Lessons after the lower layers: `cuts`, ways in which they are cut into windows; what the loss of a segment is
    divided by."""

    lessons: Lessons
    cuts: list[list[Part]]
    cells: float


def fine_tune(
    base: Base,
    vocabulary: Vocabulary,
    lessons: tuple[Lessons, Lessons],
    descriptions: Sequence[Sequence[str]],
    settings: Settings,
    *,
    seed: int,
    step: Callable[[str], None],
) -> Tuned:
    """Fine-tune the upper layers and the head, on a GPU where there is one.

    Parameters
    ----------
    lessons
        Coded sessions, and the codebook's examples.
    descriptions
        By code, texts that say what it is: where its weights start.

    Raises
    ------
    ModelError
        The loss becomes no number.
    """
    generator = np.random.default_rng(seed)
    with torch.random.fork_rng():  # what others draw stays as it would have been
        torch.manual_seed(seed)
        bert = load_bert(base).to("cuda" if torch.cuda.is_available() else "cpu")
        coded, examples = lessons
        network = Network(
            bert.encoder.layer[settings.frozen :], base.width, coded.targets.shape[1], coded.hints.shape[1]
        )
        network.to(bert.device)
        directions = described(bert, descriptions, vocabulary, settings.sizes.length)
        weight = _start_head(network, coded, directions, settings)
        step("reading the windows with the lower layers")
        courses = _courses(bert, coded, examples, vocabulary, settings, generator)
        training = _Training(network, courses, weight, settings, generator)
        for epoch in range(settings.epochs):
            started = time.monotonic()
            loss = training.run(epoch)
            if not math.isfinite(loss):
                raise ModelError("The fine-tuning went astray: its loss is no number. Look at the weights of the base.")
            seconds = time.monotonic() - started
            step(f"epoch {epoch + 1} of {settings.epochs}: loss {loss:.3f}, {seconds:.0f} s")
        training.take_means()
    return Tuned(_weights(bert), _head(network))


def _courses(
    bert: Any,
    coded: Lessons,
    examples: Lessons,
    vocabulary: Vocabulary,
    settings: Settings,
    generator: np.random.Generator,
) -> list[Course]:
    cuts = [
        through_lower(bert, settings.frozen, coded, windows, vocabulary)
        for windows in (learning_windows(coded.pieces, settings.sizes, generator) for _ in range(settings.cuts))
    ]
    alone = judging_windows(examples.pieces, Sizes(settings.sizes.length, 0, 0))
    short = through_lower(bert, settings.frozen, examples, alone, vocabulary)
    return [Course(coded, cuts, CELLS), Course(examples, [short], EXAMPLE_CELLS)]


def _unknown(coded: Lessons, device: Any) -> Any:
    """What stands for hidden hints: base rates for the linear companion's word, and no cue."""
    rates = np.log(_share(coded) / (1 - _share(coded)))
    return torch.as_tensor(np.append(rates, np.zeros(len(rates))), dtype=torch.float32, device=device)


def _share(coded: Lessons) -> Floats:
    """By code: the share of the segments that bear it, of those that may."""
    share: Floats = ((coded.targets * coded.counts).sum(axis=0) + 1) / (coded.counts.sum(axis=0) + 2)
    return share


def _start_head(network: Network, coded: Lessons, directions: Any, settings: Settings) -> Any:
    """Weights towards each code's definition, the linear companion's word at a share, intercepts such that base rates come
    out; gives back by code how much a positive counts."""
    share = _share(coded)
    weight = np.clip((1 / share - 1) ** settings.weight_power, 1, settings.weight_most)
    codes = len(weight)
    with torch.no_grad():
        for matrix in (network.mean.weight, network.highest.weight):
            torch.nn.init.normal_(matrix, std=0.01)
        network.mean.weight += settings.describe * directions
        rest = (1 - settings.linear) * np.log(share / (1 - share))
        network.mean.bias.copy_(torch.as_tensor(rest + np.log(weight)))
        network.hints.weight.zero_()
        network.hints.weight[:, :codes] = settings.linear * torch.eye(codes, device=directions.device)
    return torch.as_tensor(weight, dtype=torch.float32, device=directions.device)


class _Training:
    """The network as it stands, its optimizer, and the running mean of its weights."""

    def __init__(
        self,
        network: Network,
        courses: list[Course],
        weight: Any,
        settings: Settings,
        generator: np.random.Generator,
    ) -> None:
        self.network, self.courses, self.weight = network.train(), courses, weight
        self.settings, self.generator = settings, generator
        self.device = weight.device
        self.unknown = _unknown(courses[0].lessons, self.device)
        groups = _groups(network, settings)
        self.rates = [group["lr"] for group in groups]
        self.optimizer = torch.optim.AdamW(groups)
        self.parameters = [each for group in groups for each in group["params"]]
        self.means = [each.detach().clone() for each in self.parameters]
        self.steps = 0

    def run(self, epoch: int) -> float:
        """One epoch; gives back its mean loss."""
        batches = self._batches(epoch)
        total = len(batches) * self.settings.epochs
        losses = [self._learn(course, parts, total) for course, parts in batches]
        return float(torch.stack(losses).mean()) if losses else 0.0

    def take_means(self) -> None:
        """Put the running mean of the weights in their place: it generalises better than where the last step ended."""
        with torch.no_grad():
            for parameter, mean in zip(self.parameters, self.means, strict=True):
                parameter.copy_(mean)

    def _batches(self, epoch: int) -> list[tuple[Course, list[Part]]]:
        batches = []
        for course, share in zip(self.courses, (1.0, self.settings.examples), strict=True):
            cut = course.cuts[epoch % len(course.cuts)]
            drawn = self.generator.permutation(len(cut))[: math.ceil(len(cut) * share)]
            batches += [(course, parts) for parts in _batched([cut[row] for row in drawn], self.settings.pieces)]
        return [batches[row] for row in self.generator.permutation(len(batches))]

    def _learn(self, course: Course, parts: list[Part], total: int) -> Any:
        states, mask, segment, rows = side_by_side(parts)
        lessons, settings = course.lessons, self.settings
        hints, targets, counts = (
            torch.as_tensor(array[rows.numpy()], dtype=torch.float32, device=self.device)
            for array in (lessons.hints, lessons.targets, lessons.counts)
        )
        shown = (torch.rand(states.shape[:2], device=self.device) >= settings.hide_pieces)[:, :, None]
        hidden = torch.rand(len(hints), 1, device=self.device) < settings.hide_hints
        codes = targets.shape[1]
        hints[:, : 2 * codes] = torch.where(hidden, self.unknown, hints[:, : 2 * codes])
        scores = self.network(states * shown, mask, segment, hints, settings.hide_states)
        loss = self._loss(scores, targets, counts)
        turns = torch.unique(torch.as_tensor(lessons.table.segment_turn[rows.numpy()]), return_inverse=True)[1]
        by_turn = [_highest(each, turns.to(self.device)) for each in (scores - HIDDEN * (1 - counts), targets, counts)]
        loss = (loss + settings.turn_share * self._loss(*by_turn)) / course.cells
        self._step(loss, total)
        return loss.detach()

    def _loss(self, scores: Any, targets: Any, counts: Any) -> Any:
        """The loss of a row, summed over the codes that count there; its mean over rows."""
        cells = binary_cross_entropy_with_logits(scores, targets, pos_weight=self.weight, reduction="none")
        return (cells * counts).sum() / len(scores)

    def _step(self, loss: Any, total: int) -> None:
        self.steps += 1
        share = _rate(self.steps / total, self.settings.warm_up)
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * share
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.steepest)
        self.optimizer.step()
        kept = min(self.settings.averaged, self.steps / (self.steps + FIRST_STEPS))
        with torch.no_grad():
            torch._foreach_lerp_(self.means, self.parameters, 1 - kept)


def _batched(parts: list[Part], pieces: int) -> list[list[Part]]:
    """Batches of about so many pieces; of a run of parts in the order given, those of like length come together."""
    batches: list[list[Part]] = []
    for start in range(0, len(parts), SORTED_TOGETHER):
        batch: list[Part] = []
        for part in sorted(parts[start : start + SORTED_TOGETHER], key=lambda part: len(part.segment)):
            batch.append(part)
            if sum(len(each.segment) for each in batch) >= pieces:
                batches.append(batch)
                batch = []
        batches += [batch] if batch else []
    return batches


def _highest(rows: Any, group: Any) -> Any:
    """By group, the highest value of its rows: a turn bears what one of its segments bears."""
    empty = torch.zeros(int(group.max()) + 1, rows.shape[1], device=rows.device)
    return empty.scatter_reduce(0, group[:, None].expand(-1, rows.shape[1]), rows, "amax", include_self=False)


def _groups(network: Network, settings: Settings) -> list[dict[str, Any]]:
    """Parameters with their learning rates: the head's highest, the layers' lower the deeper they lie."""
    head = [*network.mean.parameters(), *network.highest.parameters()]
    groups: list[dict[str, Any]] = [
        {"params": head, "lr": settings.head_rate, "weight_decay": settings.weight_decay},
        {"params": list(network.hints.parameters()), "lr": settings.head_rate, "weight_decay": 0.0},
    ]
    for depth, layer in enumerate(reversed(network.layers)):
        rate = settings.top_rate * settings.rate_decay**depth
        groups.append({"params": list(layer.parameters()), "lr": rate, "weight_decay": settings.weight_decay})
    return groups


def _rate(done: float, warm_up: float) -> float:
    """The share of the highest rate, from how much is `done` (0 to 1): it rises evenly, then falls as a cosine."""
    fallen = max(0.0, done - warm_up) / (1 - warm_up)
    return max(min(done / warm_up, 1.0) * 0.5 * (1 + math.cos(math.pi * fallen)), LOWEST_RATE)


def _weights(bert: Any) -> Weights:
    return {name: value.detach().float().cpu().numpy() for name, value in bert.state_dict().items()}


def _head(network: Network) -> Head:
    mean, highest, hints = (
        each.weight.detach().cpu().numpy().T.astype(np.float64)
        for each in (network.mean, network.highest, network.hints)
    )
    return Head(MEAN_SCALE * mean, highest, hints, network.mean.bias.detach().cpu().numpy().astype(np.float64))
