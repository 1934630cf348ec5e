"""What there is to score: the sessions of files, each with the hash of its text, and what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from relcode.errors import TranscriptError
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.scoring.progress import Progress
from relcode.scoring.remote import Place, find_remote, place, read_remote
from relcode.transcripts import find_files, read_file


class Found(NamedTuple):
    """A session in its file. `words`: about how many are said, by which work is shared out."""

    session_id: str
    path: Place
    sha256: str
    words: int


class Survey(NamedTuple):
    """`sessions` by id, in the order of their ids, and a line for each file or session that is passed over."""

    sessions: dict[str, Found]
    faults: list[str]


def survey(sources: Iterable[str | Path], progress: Progress) -> Survey:
    """Read all files once. Where a session stands in two files, the one whose name comes first counts.

    Raises
    ------
    TranscriptError
        A source does not exist.
    """
    found: dict[str, Found] = {}
    faults: list[str] = []
    places = [place(source) for source in sources]
    urls = [url for each in places if isinstance(each, str) for url in find_remote(each)]
    paths = find_files(each for each in places if isinstance(each, Path))
    files: list[Place] = [*sorted(path.resolve() for path in paths), *sorted(set(urls))]
    for number, path in enumerate(files, start=1):
        sessions, of_file = read_all(path)
        faults += of_file
        for session in sessions:
            if session.session_id in found:
                faults.append(f"{path}: session {session.session_id} stands in another file too; one was scored")
                continue
            words = about_words(session)
            found[session.session_id] = Found(session.session_id, path, hash_session(session), words)
        progress("reading", number, len(files))
    return Survey({name: found[name] for name in sorted(found)}, faults)


def about_words(session: Session) -> int:
    """About how many words are said: enough to share out work by."""
    return sum(turn.text.count(" ") + 1 for turn in session.turns)


def read_all(path: Place) -> tuple[Sequence[Session], Sequence[str]]:
    """The sessions of a file and its faults: one of both is empty."""
    try:
        return read_file(path) if isinstance(path, Path) else read_remote(path), ()
    except TranscriptError as error:
        return (), error.faults or (error.message,)
    except MemoryError:
        return (), (
            f"{path}: not enough memory to read it; bring it into several files, or run again with fewer --jobs",
        )
    except Exception as error:  # a reader's own error must not end the work on all other files
        return (), (f"{path}: cannot be read ({type(error).__name__}); `relcode import` may say more",)
