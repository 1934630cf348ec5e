"""relcode: annotate and code therapy-session transcripts for relational markers."""

__version__ = "0.1.0"
