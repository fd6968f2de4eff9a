"""Talking between the grader and a warden: one JSON object a line, over a pair of Unix sockets."""

from __future__ import annotations

import json
import socket
from typing import Any

CHUNK = 65_536

Message = dict[str, Any]


class Line:
    """One end of the line. Nothing a student's process says ever travels on it."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.closed = False
        self._rest = b""
        self._kept: list[Message] = []

    def say(self, message: Message, descriptor: int | None = None) -> None:
        """Send a message, and a descriptor with it; what nobody hears any more is not an error."""
        data = json.dumps(message).encode() + b"\n"
        try:
            if descriptor is not None:
                data = data[socket.send_fds(self.end, [data], [descriptor]) :]
            while data:
                data = data[self.end.send(data) :]
        except OSError:
            self.closed = True

    def heard(self) -> list[Message]:
        """Read what is there (waiting for it where the socket does); `closed` is True once the other end is gone."""
        return self.heard_with_descriptors()[0]

    def heard_with_descriptors(self) -> tuple[list[Message], list[int]]:
        """Read what is there, and the descriptors that were sent along."""
        if self._kept:
            kept, self._kept = self._kept, []
            return kept, []
        descriptors: list[int] = []
        try:
            data, descriptors, _, _ = socket.recv_fds(self.end, CHUNK, 1)
        except BlockingIOError:
            return [], []
        except OSError:
            data = b""
        if not data:
            self.closed = True
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines], descriptors

    def next(self) -> Message:
        """Wait for one message; EOFError when the other end is gone."""
        while True:
            if messages := self.heard():
                self._kept = messages[1:]
                return messages[0]
            if self.closed:
                raise EOFError
