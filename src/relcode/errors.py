"""What can go wrong, as a tree. Messages are for people: which thing, what was expected, what to do.

RelcodeError                 anything that relcode refuses; the command line prints it and exits with `exit_code`
├── UsageError               wrong use of a command or function (exit 2)
└── DataError                something in the data or in the surroundings is not as expected (exit 1)
    ├── TranscriptError      a transcript cannot be read
    ├── CodebookError        a codebook has faults
    ├── LabelError           spans or labels do not fit their transcripts or codebook
    ├── DeidError            the de-identification gate is closed
    ├── ProjectError         the project folder or its configuration
    ├── LedgerError          the ledger cannot be read, written or verified
    ├── DoccanoError         the Doccano server or what it answered
    ├── ModelError           a model cannot be trained, loaded or used
    ├── PluginError          a plug-in is not there, or does not do what it should
    └── SuggesterError       a suggester, or the language model that it asks, cannot be used

No message ever holds words of a transcript: name the file, line, session, turn and offset instead.
"""

from __future__ import annotations

from collections.abc import Iterable


class RelcodeError(Exception):
    """Base of every error that relcode raises on purpose."""

    exit_code = 1


class UsageError(RelcodeError):
    """A command or function was called in a way that it does not offer."""

    exit_code = 2


class DataError(RelcodeError):
    """One or more faults in the data; all of them are listed, not the first alone.

    Parameters
    ----------
    message
        One sentence: what was being done, to what.
    faults
        One line a fault ("FILE:LINE: what is wrong; what was expected"). Printed below the message.
    """

    def __init__(self, message: str, faults: Iterable[str] = ()) -> None:
        self.message = message
        self.faults = tuple(faults)
        super().__init__("\n".join([message, *(f"  - {fault}" for fault in self.faults)]))


class TranscriptError(DataError):
    """A transcript cannot be read."""


class CodebookError(DataError):
    """A codebook has faults, or is not to be found."""


class LabelError(DataError):
    """Spans or labels do not fit their transcripts or codebook."""


class DeidError(DataError):
    """A session may not leave: it is not on record as de-identified, or something is still found in it."""


class ProjectError(DataError):
    """The project folder or its configuration is not usable."""


class LedgerError(DataError):
    """The ledger cannot be read, written or verified."""


class DoccanoError(DataError):
    """The Doccano server is down, refuses, or answered something unexpected."""


class ModelError(DataError):
    """A model cannot be trained, loaded or used."""


class PluginError(DataError):
    """A plug-in is not there, cannot be imported, gives something else than it should, or failed."""


class SuggesterError(DataError):
    """A suggester, or the server of the language model that it asks, is refused or does not do its work."""
