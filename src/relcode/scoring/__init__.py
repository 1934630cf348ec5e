"""Scoring: a model's probabilities and decisions for every segment, as a table, a parquet file or a folder of shards."""

from relcode.scoring.estimate import Estimate, estimate
from relcode.scoring.files import ScoreReport, score
from relcode.scoring.manifest import Manifest, read_manifest
from relcode.scoring.plan import SHARD_WORDS
from relcode.scoring.read import Scores, open_scores, read_scores
from relcode.scoring.remote import elsewhere, place
from relcode.scoring.score import score_sessions, score_spans, suggest_spans

__all__ = [
    "SHARD_WORDS",
    "Estimate",
    "Manifest",
    "ScoreReport",
    "Scores",
    "elsewhere",
    "estimate",
    "open_scores",
    "place",
    "read_manifest",
    "read_scores",
    "score",
    "score_sessions",
    "score_spans",
    "suggest_spans",
]
