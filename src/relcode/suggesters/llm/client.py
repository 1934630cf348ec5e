"""Ask an OpenAI-compatible server (Ollama, vLLM, llama.cpp) for one answer. No proxy is used, no redirect followed."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from relcode.errors import SuggesterError, UsageError
from relcode.suggesters.llm.address import Address

SECONDS = 300.0  # for one answer: a small machine reads a codebook slowly
_MOST_BYTES = 4_000_000  # more than any answer to a page has
_CHUNK = 65536
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_MOST_TOKENS = 2048
Messages = list[dict[str, str]]
Schema = dict[str, Any]
_CLOUD = ("-cloud", ":cloud")


class NoAnswerError(Exception):
    """The server gave no answer that can be used; asking again may help. The message holds no words of a transcript."""


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


@dataclass(frozen=True)
class Answer:
    """What the model wrote, and how many tokens the server counted in the prompt, where it says."""

    content: str
    prompt_tokens: int | None = None


@dataclass(frozen=True)
class ChatModel:
    """A model of a server.

    Parameters
    ----------
    name
        As the server calls it.
    seconds
        The longest time that one answer may take.
    seed
        Of the model's draws; at temperature 0 most models draw nothing.
    """

    address: Address
    name: str
    seconds: float = SECONDS
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not self.name.strip() or " " in self.name or len(self.name) > 128:
            raise UsageError("--llm-model: expected the model's name as the server has it, such as qwen3:8b.")
        if self.name.casefold().endswith(_CLOUD):
            raise UsageError(
                f"--llm-model {self.name}: models of that name are run in a cloud, and a server on this machine sends what it "
                "is asked on to it. Name a model that runs here."
            )

    def request(self, messages: Messages, schema: Schema | None = None, attempt: int = 0) -> dict[str, Any]:
        """The body of a request; later attempts have another seed. `schema`: of the JSON that the server is to hold the
        model to."""
        return {
            "model": self.name,
            "messages": messages,
            "temperature": 0,
            "seed": self.seed + attempt,
            "max_tokens": _MOST_TOKENS,
            "stream": False,
            **({} if schema is None else {"response_format": {"type": "json_schema", "json_schema": schema}}),
        }

    def ask(self, messages: Messages, schema: Schema | None = None, attempt: int = 0) -> Answer:
        """One answer.

        Raises
        ------
        NoAnswerError
            The server does not answer, is too slow or busy, or answers in another form.
        SuggesterError
            It refuses, or sends elsewhere; asking again is of no use.
        """
        status, data = self._post(msgspec.json.encode(self.request(messages, schema, attempt)))
        if 300 <= status < 400:
            raise SuggesterError(f"The server at {self.address} sends to another address; that is not followed.")
        if status in _AGAIN:
            raise NoAnswerError(f"status {status}")
        if status != 200:
            raise SuggesterError(
                f"The server at {self.address} refuses (status {status}). Is a model {self.name} there, and does the address "
                "end as it should (most often in /v1)?"
            )
        try:
            completion = msgspec.json.decode(data, type=_Completion)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswerError("an answer in another form") from None
        if not completion.choices:
            raise NoAnswerError("an answer in another form")
        if completion.choices[0].finish_reason == "length":
            raise NoAnswerError("an answer that was cut off")
        tokens = None if completion.usage is None else completion.usage.prompt_tokens
        return Answer(completion.choices[0].message.content, tokens)

    def _post(self, body: bytes) -> tuple[int, bytes]:
        deadline = time.monotonic() + self.seconds
        connection = self._connected()
        try:
            connection.request(
                "POST", f"{self.address.path}/chat/completions", body, {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            data = b""
            while chunk := response.read1(_CHUNK):
                data += chunk
                if len(data) > _MOST_BYTES:
                    raise NoAnswerError("an answer without an end")
                if time.monotonic() > deadline:
                    raise NoAnswerError("no answer in time")
            return response.status, data
        except TimeoutError:
            raise NoAnswerError("no answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(f"the connection broke ({type(error).__name__})") from None
        finally:
            connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        """A connection to one of the numbers that the address was found to stand for, not to what its name stands for now."""
        for host in self.address.numbers or (self.address.host,):
            connection: http.client.HTTPConnection
            if self.address.scheme == "https":
                context = ssl.create_default_context()
                connection = http.client.HTTPSConnection(host, self.address.port, timeout=self.seconds, context=context)
            else:
                connection = http.client.HTTPConnection(host, self.address.port, timeout=self.seconds)
            try:
                connection.connect()
            except ssl.SSLError as error:
                raise SuggesterError(f"The certificate of {self.address} is not trusted.") from error
            except OSError:
                connection.close()
                continue
            return connection
        raise NoAnswerError("nothing listens there")
