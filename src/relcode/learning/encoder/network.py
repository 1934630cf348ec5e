"""The network as it is fine-tuned, in torch: the upper layers of a base on the states that its lower layers give.

The embeddings and lower layers stay as they are, so each window goes through them once for all epochs; what words mean
stands there already, and a few thousand labels would only blur it. Torch and transformers are imported here and in
`tune` alone, and these two only to train.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from transformers import BertModel
from transformers.utils import logging

from relcode.learning.encoder.base import Base
from relcode.learning.encoder.lessons import Lessons
from relcode.learning.encoder.pieces import Vocabulary
from relcode.learning.encoder.windows import Window, lay_out

MEAN_SCALE = 3.0  # so that the mean's weights need not grow much from where the definitions put them
AT_ONCE = 16


class Part(NamedTuple):
    """A window after the lower layers: `states`, axes (place, width); by place the row of its `segment` (-1: none)."""

    states: Any
    segment: Any


class Network(nn.Module):  # type: ignore[misc]
    """Upper layers and the head."""

    def __init__(self, layers: Any, width: int, codes: int, hints: int) -> None:
        super().__init__()
        self.layers = layers
        self.mean = nn.Linear(width, codes)
        self.highest = nn.Linear(width, codes, bias=False)
        self.hints = nn.Linear(hints, codes, bias=False)

    def forward(self, states: Any, mask: Any, segment: Any, hints: Any, hidden: float) -> Any:
        """Log-odds, axes (segment, code). `segment`: by window and place, the row in `hints`; -1 elsewhere. `hidden`:
        the share of the pooled states that is hidden."""
        found = through(self.layers, states, mask)
        place = segment.reshape(-1)
        kept, place = found.reshape(-1, found.shape[-1])[place >= 0], place[place >= 0]
        empty = torch.zeros(len(hints), kept.shape[1], device=kept.device)
        size = torch.bincount(place, minlength=len(hints)).clamp(min=1)
        mean = empty.index_add(0, place, kept) / size[:, None]
        spread = place[:, None].expand(-1, kept.shape[1])
        highest = empty.scatter_reduce(0, spread, kept, "amax", include_self=False)
        both = nn.functional.dropout(torch.cat([MEAN_SCALE * mean, highest], 1), hidden, self.training)
        mean, highest = both.chunk(2, 1)
        return self.mean(mean) + self.highest(highest) + self.hints(hints)


def load_bert(base: Base) -> Any:
    """The base's own network, from its folder and never from elsewhere."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return BertModel.from_pretrained(
            base.folder,
            local_files_only=True,
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        ).eval()
    finally:
        logging.set_verbosity(level)


def through(layers: Any, states: Any, mask: Any) -> Any:
    """States after some layers; in bfloat16 within, which halves the time on processors that know it."""
    found = states.float()
    with torch.autocast(found.device.type, dtype=torch.bfloat16):
        bias = ((1 - mask[:, None, None, :].float()) * -1e4).to(torch.bfloat16)
        for layer in layers:
            found = layer(found, attention_mask=bias)
    return found.float()


def through_lower(
    bert: Any, frozen: int, lessons: Lessons, windows: Sequence[Window], vocabulary: Vocabulary
) -> list[Part]:
    """Windows after the first `frozen` layers, the short ones first."""
    parts = []
    by_length = sorted(windows, key=lambda window: window.last - window.first)
    layers = bert.encoder.layer[:frozen]
    with torch.no_grad():
        for start in range(0, len(by_length), AT_ONCE):
            batch = lay_out(lessons.pieces, by_length[start : start + AT_ONCE], lessons.table.is_therapist, vocabulary)
            pieces, mask = (torch.as_tensor(each, device=bert.device) for each in (batch.pieces, batch.mask))
            states = through(layers, bert.embeddings(input_ids=pieces), mask).to(torch.bfloat16)
            segment = torch.as_tensor(np.where(batch.row >= 0, lessons.pieces.segment[batch.row], -1))
            ends = batch.mask.sum(axis=1)
            parts += [Part(states[row, :end].clone(), segment[row, :end]) for row, end in enumerate(ends)]
    return parts


def side_by_side(parts: Sequence[Part]) -> tuple[Any, Any, Any, Any]:
    """States, mask and segment of windows, axes (window, place ...), and the rows of the segments that they judge, in
    which `segment` counts."""
    states = nn.utils.rnn.pad_sequence([part.states for part in parts], batch_first=True)
    segment = nn.utils.rnn.pad_sequence([part.segment for part in parts], batch_first=True, padding_value=-1)
    lengths = torch.tensor([len(part.segment) for part in parts])
    mask = torch.arange(segment.shape[1])[None, :] < lengths[:, None]
    rows, place = torch.unique(segment[segment >= 0], return_inverse=True)
    local = torch.full_like(segment, -1)
    local[segment >= 0] = place
    return states, mask.to(states.device), local.to(states.device), rows


def described(bert: Any, texts: Sequence[Sequence[str]], vocabulary: Vocabulary, longest: int) -> Any:
    """By code, the direction in which its definition and examples depart from those of the others, axes (code, width)."""
    means = []
    with torch.no_grad():
        for lines in texts:
            rows = [_mean_state(bert, pieces) for pieces in _encoded(lines, vocabulary, longest)]
            means.append(torch.stack(rows).mean(0))
    directions = torch.stack(means)
    return nn.functional.normalize(directions - directions.mean(0), dim=1)


def _encoded(lines: Sequence[str], vocabulary: Vocabulary, longest: int) -> Iterator[list[int]]:
    for encoding in vocabulary.tokenizer.encode_batch(list(lines), add_special_tokens=False):
        yield [vocabulary.begin, *encoding.ids[: longest - 2], vocabulary.end]


def _mean_state(bert: Any, pieces: list[int]) -> Any:
    ids = torch.tensor([pieces], device=bert.device)
    states = through(bert.encoder.layer, bert.embeddings(input_ids=ids), torch.ones_like(ids))
    return nn.functional.normalize(states[0].mean(0), dim=0)
