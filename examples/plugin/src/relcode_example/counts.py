"""An exporter of labels: how often each code was given in each session, as one table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from relcode.exports import LabelExporter
from relcode.exports.labels import Labelled


def write(labelled: Sequence[Labelled]) -> dict[str, bytes]:
    """The files, by name. relcode writes them beside their place and renames them."""
    codes = sorted({span.code for each in labelled for span in each.spans})
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["session_id", *codes])
    for each in labelled:
        counts = Counter(span.code for span in each.spans)
        writer.writerow([each.session.session_id, *(counts[code] for code in codes)])
    return {"counts.csv": table.getvalue().encode()}


EXPORTER = LabelExporter(write)
