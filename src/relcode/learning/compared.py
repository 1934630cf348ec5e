"""What a comparison of two models found: the difference of their macro-F1, by code and in all."""

from __future__ import annotations

import msgspec


class CodeDifference(msgspec.Struct, frozen=True):
    """One code: turns that bear it, F1 of each model, and the candidate's minus the present one's with its interval."""

    code: str
    instances: int
    present_f1: float | None
    candidate_f1: float | None
    difference: float | None
    low: float | None
    high: float | None


class Comparison(msgspec.Struct, frozen=True):
    """Turn-level macro-F1 of two models, over the codes that both have and that ten or more turns bear.

    `difference`: candidate minus present, -1 to 1; `low`, `high`: its 95 % interval (`resampling`) over sessions drawn with
    replacement, the same for both models; None where more than a tenth of the draws are undefined. `left_out`: labelled
    sessions that are not held out for both (session -> why).
    """

    present: str
    present_codebook: str
    candidate: str
    candidate_codebook: str
    sessions: list[str]
    left_out: dict[str, str]
    codes: list[CodeDifference]
    macro_codes: int
    present_macro_f1: float
    candidate_macro_f1: float
    difference: float
    low: float | None
    high: float | None

    @property
    def better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low is not None and self.low > 0

    @property
    def in_words(self) -> str:
        """The figures in a sentence's end."""
        interval = "no interval" if self.low is None else f"[{self.low:+.2f}, {self.high:+.2f}]"
        return (
            f"macro-F1 {self.candidate_macro_f1:.2f} against {self.present_macro_f1:.2f}, difference {self.difference:+.2f} "
            f"{interval}, over {self.macro_codes} codes on {len(self.sessions)} held-out sessions"
        )
