"""Scoring: a model's probabilities and decisions for every segment, as a table, a parquet file or a folder of shards.
Nothing is imported here: who reads scores needs no model."""
