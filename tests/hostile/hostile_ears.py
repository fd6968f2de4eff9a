"""Sockets of the host that no notebook may reach."""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Ears:
    """Listeners on loopback and in the file system that note whoever comes."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._abstract = f"\0hostile-{secrets.token_hex(4)}"
        self._sockets = {
            "tcp": self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "abstract": self._listen(socket.AF_UNIX, socket.SOCK_STREAM, self._abstract),
        }
        path = Path(f"/tmp/hostile-{secrets.token_hex(4)}.sock")  # noqa: S108 - its name must be short
        self._path = path
        self._sockets["unix"] = self._listen(socket.AF_UNIX, socket.SOCK_STREAM, str(path))
        self.names = {
            "tcp_port": str(self._sockets["tcp"].getsockname()[1]),
            "udp_port": str(self._sockets["udp"].getsockname()[1]),
            "unix_socket": str(path),
            "abstract_socket": self._abstract[1:],
        }

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Listen in a thread of its own."""
        woken, wake = socket.socketpair()
        thread = threading.Thread(target=self._hear, args=(woken,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            wake.send(b"x")
            thread.join()
            for listener in (woken, wake, *self._sockets.values()):
                listener.close()
            self._path.unlink()

    def _listen(self, family: int, kind: int, address: Any) -> socket.socket:
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener

    def _hear(self, woken: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(woken, selectors.EVENT_READ, "")
            for name, listener in self._sockets.items():
                selector.register(listener, selectors.EVENT_READ, name)
            while True:
                for key, _ in selector.select():
                    if not key.data:
                        return
                    self.heard.append(key.data)
                    listener: Any = key.fileobj
                    listener.recv(100) if key.data == "udp" else listener.accept()[0].close()
