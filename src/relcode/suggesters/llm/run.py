"""Ask a language model about all turns, window by window, and keep what stands the checks."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from relcode.codebook import Codebook
from relcode.errors import SuggesterError
from relcode.provenance import hash_text
from relcode.records import Session, Span
from relcode.suggesters.checking import Suggested, checked
from relcode.suggesters.llm.answer import items_of, spans_of
from relcode.suggesters.llm.cache import AnswerCache
from relcode.suggesters.llm.client import Answer, BusyError, ChatModel, NoAnswerError
from relcode.suggesters.llm.flight import Flight
from relcode.suggesters.llm.prompt import Window, answer_schema, instructions, messages_for, windows_of

AT_ONCE = 4
PAUSES_SECONDS = (0.5, 2.0)  # before the second and the third attempt
# For a busy server in all, and the first time; each later pause is as long as all before.
BUSY_SECONDS, BUSY_PAUSE_SECONDS = 120.0, 1.0
_GIVE_UP = 3  # windows one after the other without an answer: the server is not working
_LEAST_TOKENS_A_WORD = 0.75

Watch = Callable[[Sequence[Window]], Iterable[Window]]


@dataclass(repr=False)
class _Run:
    spans: list[Span] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    unread: dict[str, list[int]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    from_cache: int = 0
    cut: int = 0


@dataclass(frozen=True, repr=False)
class _Read:
    """What was answered about a window; `cut`: the server did not read the whole prompt."""

    items: list[object]
    from_cache: bool
    cut: bool


def suggest_by_llm(
    sessions: Sequence[Session],
    codebook: Codebook,
    model: ChatModel,
    *,
    cache: AnswerCache,
    at_once: int = AT_ONCE,
    watch: Watch = iter,
) -> Suggested:
    """Suggest by a language model, asked in the codebook's words, at temperature 0.

    A window without an answer after three attempts is left unread; its turns are not coded as absent. A server that is
    too busy is asked again for two minutes.

    Parameters
    ----------
    cache
        Where answers are kept; what was asked before is not asked again.
    at_once
        How many windows the server is asked about at the same time. The result is in their order whatever it is.
    watch
        Goes through the windows, and may show how far it is.

    Raises
    ------
    SuggesterError
        The server refuses, or three windows one after the other had no answer. Answers so far are in the cache.
    """
    windows = list(windows_of(sessions))
    run = _Run()
    failed = 0
    with _under_way(windows, partial(_read, codebook, model, cache), at_once) as answers:
        for window, answer in zip(watch(windows), answers, strict=True):
            try:
                read = answer.result()
            except NoAnswerError as error:
                run.failures[str(error)] += 1
                run.unread.setdefault(window.session_id, []).extend(turn.turn for turn in window.turns)
                failed += 1
                if failed == min(_GIVE_UP, len(windows)):
                    raise SuggesterError(
                        f"{model.name} at {model.address} gave no answer to {failed} page(s) one after the other: {error}. "
                        "Is the server running, and fast enough (--llm-seconds)? What was answered is kept; the same call "
                        "goes on."
                    ) from error
                continue
            failed = 0
            run.from_cache += read.from_cache
            run.cut += read.cut
            found, wrong = spans_of(read.items, window)
            run.spans += found
            run.left_out += wrong
    source = f"llm:{model.name}"
    spans, wrong = checked(run.spans, sessions, codebook, source)
    settings = {
        "codebook": codebook.reference,
        "model": model.name,
        "server": str(model.address),
        "temperature": 0,
        "seed": model.seed,
        "instructions_sha256": hash_text(instructions(codebook)),
        "windows": len(windows),
        "from_cache": run.from_cache,
    }
    unread = {session_id: tuple(turns) for session_id, turns in run.unread.items()}
    return Suggested(source, spans, run.left_out + wrong, unread, _notes(run, len(windows)), settings)


@contextlib.contextmanager
def _under_way(
    windows: Sequence[Window], read: Callable[[Window, Flight], _Read], at_once: int
) -> Iterator[list[Future[_Read]]]:
    """Read windows, some at a time; when the block is left, also by Ctrl-C, nothing is under way any more."""
    flight = Flight()
    pool = ThreadPoolExecutor(at_once)
    try:
        yield [pool.submit(read, window, flight) for window in windows]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        flight.stop()
        pool.shutdown()


def _read(codebook: Codebook, model: ChatModel, cache: AnswerCache, window: Window, flight: Flight) -> _Read:
    """What is answered about a window: the answer that was kept, else a new one."""
    messages, schema = messages_for(codebook, window), answer_schema(codebook, window)
    asked = model.request(messages, schema)
    kept = cache.read(asked)
    if kept is not None:
        with contextlib.suppress(NoAnswerError):  # a damaged file
            return _Read(items_of(kept), from_cache=True, cut=False)
    attempt, waited = 0, 0.0
    while True:
        try:
            answer = model.ask(messages, schema, attempt, flight)
            items = items_of(answer.content)
        except BusyError as busy:
            left = BUSY_SECONDS - waited
            if left <= 0:
                raise
            pause = min(max(busy.after, BUSY_PAUSE_SECONDS, waited), left)
            flight.pause(pause)
            waited += pause
        except NoAnswerError:
            if attempt == len(PAUSES_SECONDS):
                raise
            flight.pause(PAUSES_SECONDS[attempt])
            attempt += 1
        else:
            cache.write(asked, answer.content)
            return _Read(items, from_cache=False, cut=_was_cut(answer, messages))


def _was_cut(answer: Answer, messages: Sequence[dict[str, str]]) -> bool:
    """Whether the server counts fewer tokens than there are words: then it did not read the whole prompt."""
    words = sum(len(message["content"].split()) for message in messages)
    return answer.prompt_tokens is not None and 0 < answer.prompt_tokens < _LEAST_TOKENS_A_WORD * words


def _notes(run: _Run, windows: int) -> tuple[str, ...]:
    notes = []
    if run.unread:
        turns = sum(map(len, run.unread.values()))
        why = ", ".join(f"{reason} ({count})" for reason, count in run.failures.most_common())
        notes.append(
            f"{turns} turn(s) of {len(run.unread)} session(s) were not read: {why}. The same call asks for them again."
        )
    if run.from_cache:
        notes.append(f"{run.from_cache} of {windows} page(s) were answered before, and not asked again.")
    if run.cut:
        notes.append(
            f"For {run.cut} page(s) the server counts fewer tokens than the prompt has words: it cut the codebook off. Give the "
            "model a longer context (Ollama: OLLAMA_CONTEXT_LENGTH=32768), delete the cache, and ask again."
        )
    return tuple(notes)
