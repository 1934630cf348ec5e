"""What the requests share that are under way at one time: an end to all of them, and when the server last answered one."""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import threading
import time
from collections.abc import Iterator


class StoppedError(Exception):
    """The run was stopped; nothing is said of the server."""


class Flight:
    """The requests of one run."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._last_answer = -math.inf

    def stop(self) -> None:
        """Cut off what is under way, whatever it waits for."""
        self._stopped.set()
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises
        ------
        StoppedError
            The run was stopped.
        """
        if self._stopped.wait(seconds):
            raise StoppedError

    @contextlib.contextmanager
    def holding(self, connection: socket.socket) -> Iterator[None]:
        """Let `stop` cut a connection off while the block runs.

        Raises
        ------
        StoppedError
            The run was stopped before.
        """
        with self._lock:
            self._sockets.add(connection)
        try:
            self.pause(0)
            yield
        finally:
            with self._lock:
                self._sockets.discard(connection)

    def answered(self) -> None:
        """The server has answered one of the requests."""
        self._last_answer = time.monotonic()

    def wait_for(self, connection: socket.socket, seconds: float) -> None:
        """Wait until the server sends something: `seconds` at most from now, or from its last answer to another request.

        A server that takes one request after the other keeps the rest waiting, and is no slower for that.

        Raises
        ------
        TimeoutError
            It sends nothing.
        """
        began = time.monotonic()
        with selectors.DefaultSelector() as waiting:
            waiting.register(connection, selectors.EVENT_READ)
            while (left := max(began, self._last_answer) + seconds - time.monotonic()) > 0:
                if waiting.select(left):
                    return
        raise TimeoutError
