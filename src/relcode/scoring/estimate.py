"""How long a scoring would take, from a sample of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from relcode.learning.model import Model
from relcode.scoring.files import open_target, what_is_left
from relcode.scoring.plan import SHARD_WORDS, share_out
from relcode.scoring.progress import Progress, unseen
from relcode.scoring.remote import check_remote, place
from relcode.scoring.shards import Form, ScoreWriter
from relcode.scoring.survey import Found, read_all
from relcode.scoring.work import load_afresh, score_batch

_SAMPLE = 40_000  # words that are tried
_START = 4.0  # seconds until a process has the libraries and the model


@dataclass
class Estimate:
    """What there is to do, and how long it would take.

    Attributes
    ----------
    sessions, words
        Among the sources.
    missing, missing_words
        To be scored: what does not stand in the output yet.
    sampled_words
        Scored as a trial.
    jobs, seconds
        Processes, and about how long they take.
    megabytes
        About how much is written.
    faults
        A line for each file or session that cannot be read.
    """

    sessions: int
    words: int
    missing: int
    missing_words: int
    jobs: int
    sampled_words: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    faults: list[str] = field(default_factory=list)


def estimate(
    sources: Iterable[str | Path],
    model_folder: Path,
    out: str | Path,
    *,
    jobs: int = 1,
    with_text: bool = False,
    shard_words: int = SHARD_WORDS,
    remote: bool = False,
    progress: Progress = unseen,
) -> Estimate:
    """Score a sample of what `score` would, and write nothing.

    Raises
    ------
    ModelError, TranscriptError
        As `score`.
    """
    sources = list(sources)
    check_remote(map(place, [*sources, out]), allowed=remote)
    model = load_afresh(model_folder)
    form = Form.of(model, with_text=with_text)
    left = what_is_left(sources, open_target(out, form), progress)
    words = sum(each.words for each in left.missing)
    found = Estimate(
        sessions=len(left.kept) + len(left.missing),
        words=words + left.kept_words,
        missing=len(left.missing),
        missing_words=words,
        jobs=jobs,
        faults=left.faults,
    )
    tried = _sample(left.missing)
    found.sampled_words = sum(each.words for each in tried)
    if found.sampled_words:
        seconds, size = _try(tried, model, form, with_text)
        processes = min(jobs, len(share_out(left.missing, shard_words)))
        found.seconds = round(seconds / found.sampled_words * words / processes + (_START if processes > 1 else 0), 3)
        found.megabytes = round(size / found.sampled_words * words / 1e6, 1)
    return found


def _sample(missing: Sequence[Found]) -> list[Found]:
    """Sessions from all over, of about `_SAMPLE` words."""
    words = sum(each.words for each in missing)
    step = max(1, round(words / _SAMPLE))
    return list(missing[:: min(step, len(missing) or 1)])


def _try(tried: Sequence[Found], model: Model, form: Form, with_text: bool) -> tuple[float, int]:
    """Seconds and bytes of the sample, its reading and writing included; a first session pays for what is made once."""
    _read_and_score(tried[:1], model, form, with_text)
    begun = time.perf_counter()
    size = _read_and_score(tried, model, form, with_text)
    return time.perf_counter() - begun, size


def _read_and_score(tried: Sequence[Found], model: Model, form: Form, with_text: bool) -> int:
    wanted = {each.session_id for each in tried}
    sessions = [one for path in dict.fromkeys(each.path for each in tried) for one in read_all(path)[0]]
    scored, entries = score_batch([one for one in sessions if one.session_id in wanted], model, with_text=with_text)
    kept = pa.BufferOutputStream()
    with ScoreWriter(kept, form) as writer:
        writer.add(scored)
        writer.finish(entries)
    return int(kept.getvalue().size)
