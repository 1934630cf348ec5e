"""Score files of transcripts into a folder of shards, or one file: what is missing or changed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from relcode.errors import DataError, UsageError
from relcode.scoring.cluster import do_on_cluster, opened_cluster
from relcode.scoring.folder import ScoreFolder
from relcode.scoring.plan import SHARD_WORDS, Task, share_out
from relcode.scoring.progress import Progress, unseen
from relcode.scoring.remote import RemoteFolder, check_remote, place
from relcode.scoring.shards import Form
from relcode.scoring.single import ScoreFile
from relcode.scoring.survey import Found, survey
from relcode.scoring.work import Do, Done, Work, load_afresh, score_task
from relcode.scoring.workers import do_tasks

_WORDS = 15  # about so many stand in a segment


@dataclass
class ScoreReport:
    """What was done.

    Attributes
    ----------
    scored, kept, removed
        Sessions scored now, kept from before, and gone since: they are not among the sources any more.
    segments
        In the output.
    faults
        A line for each file or session that was passed over. While there are any, no session is removed: it may stand in a
        file that cannot be read today.
    damaged
        Shards that were not as they had been written; their sessions were scored again.
    unlike
        Sessions of the output far from what the model was trained on, each with the measures by which it is; None where
        the model cannot tell.
    """

    model: str
    scored: int = 0
    kept: int = 0
    removed: int = 0
    segments: int = 0
    faults: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    unlike: dict[str, tuple[str, ...]] | None = None


class Left(NamedTuple):
    """What there is to do: sessions whose scores stand (and their words), those to be scored, and those of the output that
    are not among the sources now."""

    kept: set[str]
    kept_words: int
    missing: list[Found]
    unseen: set[str]
    faults: list[str]


def score(
    sources: Iterable[str | Path],
    model_folder: Path,
    out: str | Path,
    *,
    jobs: int = 1,
    cluster: str | None = None,
    with_text: bool = False,
    shard_words: int = SHARD_WORDS,
    remote: bool = False,
    progress: Progress = unseen,
) -> ScoreReport:
    """Score transcripts into a folder of shards, or into one file if `out` ends in `.parquet` (contract form 3).

    A session that stands in `out` already, scored by the same model and relcode in the same text, is not scored again.
    Whatever ends a run, the next takes up what was finished. The rows are the same, to the last bit, for any number of
    `jobs`, any `shard_words` and any order of sources; so is a single file.

    Parameters
    ----------
    jobs
        Processes. With more than one, a script has to stand under `if __name__ == "__main__":`.
    cluster
        Workers of Dask instead: `local`, `slurm`, or a scheduler's address. See `opened_cluster`.
    with_text
        A last column with the words of each segment; files are then readable by their owner alone.
    shard_words
        About how many words are said in a shard.
    remote
        Sources may be read from other machines, and `out` may be on one: URLs of fsspec such as `s3://bucket/scores`.

    Raises
    ------
    ModelError
        The model cannot be loaded, or `out` is there and is of another model, or holds no scores.
    TranscriptError
        A source does not exist.
    UsageError
        A source or `out` is on another machine, without `remote`; or `out` is one file at a URL.
    DataError
        The output cannot be written, or workers are gone. What was finished is kept.
    """
    sources = list(sources)
    check_remote(map(place, [*sources, out]), allowed=remote)
    try:
        model = load_afresh(model_folder)
    except MemoryError as error:
        raise DataError(f"There is not enough memory to load the model in {model_folder}.") from error
    target = open_target(out, Form.of(model, with_text=with_text), shard_words // _WORDS)
    left = what_is_left(sources, target, progress)
    report = ScoreReport(model.id, kept=len(left.kept), damaged=target.damaged, faults=left.faults)
    do = partial(score_task, Work(model_folder.resolve(), _resolved(target.folder), with_text))
    fresh: set[str] = set()
    with target.begun():
        for done in _done(do, share_out(left.missing, shard_words), cluster, jobs, progress):
            if done.shard is not None:
                target.add(done.shard, done.entries)
            fresh.update(done.entries)
            report.faults += done.faults
        report.faults.sort()
        stays = left.kept | fresh | (left.unseen if report.faults else set())
        final = target.finish(stays, report.faults)
    report.scored, report.removed = len(fresh), len(left.unseen - stays)
    report.segments = sum(entry.segments for entry in final.values())
    if model.domain is not None:
        report.unlike = {name: entry.unlike for name, entry in sorted(final.items()) if entry.unlike}
    return report


def open_target(named: str | Path, form: Form, full: int = 0) -> ScoreFile | ScoreFolder:
    """What stands in the output already: a file if its name ends in `.parquet`, else a folder.

    Raises
    ------
    UsageError
        It is one file at a URL: those are written in shards.
    """
    out = place(named)
    if isinstance(out, str):
        if out.lower().endswith(".parquet"):
            raise UsageError(f"--out {out}: at a URL scores are written as a folder of shards; leave .parquet out.")
        return RemoteFolder(out, form, full)
    is_file = (out.suffix.lower() == ".parquet" and not out.is_dir()) or out.is_file()
    return ScoreFile(out, form) if is_file else ScoreFolder(out, form, full)


def _resolved(folder: Path | str) -> Path | str:
    return folder.resolve() if isinstance(folder, Path) else folder


def what_is_left(sources: Iterable[str | Path], target: ScoreFile | ScoreFolder, progress: Progress) -> Left:
    """Compare the sources with what stands in the output."""
    found, faults = survey(sources, progress)
    known = target.known
    kept = {name for name, each in found.items() if name in known and known[name].sha256 == each.sha256}
    missing = [each for name, each in found.items() if name not in kept]
    kept_words = sum(found[name].words for name in kept)
    return Left(kept, kept_words, missing, set(known) - set(found), faults)


def _done(do: Do, tasks: list[Task], cluster: str | None, jobs: int, progress: Progress) -> Iterator[Done]:
    """What becomes of the tasks, wherever they are done."""
    words, total = 0, sum(task.words for task in tasks)
    with nullcontext() if cluster is None or not tasks else opened_cluster(cluster, jobs) as opened:
        for done in do_tasks(do, tasks, jobs) if opened is None else do_on_cluster(opened, do, tasks, progress):
            yield done
            words += done.words
            progress("scoring", words, total)
