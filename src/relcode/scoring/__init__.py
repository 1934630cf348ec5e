"""Scoring: a model's probabilities and decisions for every segment, as a table or a parquet file."""

from relcode.scoring.files import ScoreReport, score
from relcode.scoring.read import Scores, open_scores, read_scores
from relcode.scoring.score import score_sessions, score_spans, suggest_spans

__all__ = [
    "ScoreReport",
    "Scores",
    "open_scores",
    "read_scores",
    "score",
    "score_sessions",
    "score_spans",
    "suggest_spans",
]
