"""The grader's end of the channels: takes only well-formed messages from a kernel, and never waits for ever.

A student's process holds the key that signs messages, so nothing here is believed; a message that is not what
it should be is dropped, and a kernel that answers nothing runs into its time limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from queue import Empty
from time import monotonic
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Instance, Type

POLL_S = 0.05
NOT_AGAIN_MS = 2**30  # 12 days: a socket that a notebook puts in the place of the kernel's is not connected to
MAX_JSON = 32_000_000  # bytes of a message beside its buffers; read as JSON it may take thirty times as much
LOUD = 2  # a single frame of more than this many times `value_bytes` breaks the connection
N_JSON_FRAMES = 5  # signature, header, parent header, metadata, content; buffers follow
MAX_HEADER = 20_000  # bytes; jupyter_client looks for dates in both headers, which takes a millisecond for every 50
SIGNATURE = 64  # hexadecimal digits; jupyter_client remembers all it saw

Message = dict[str, Any]

SILENT = logging.getLogger("grader.kernels")  # what fails is raised, and told once
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


class DiedError(Exception):
    """The kernel's process ended while an answer was awaited."""


class WaryChannel(AsyncZMQSocketChannel):
    """A channel that skips what is not a Jupyter message, and counts in `n_large` what is too large for one."""

    n_large = 0

    def send(self, msg: Message, buffers: Sequence[bytes] = ()) -> None:
        """Send a message; one that a broken connection does not take is lost, and its answer does not come."""
        with contextlib.suppress(zmq.Again):
            self.session.send(self.socket, msg, buffers=list(buffers))

    async def get_msg(self, timeout: float | None = None) -> Message:  # type: ignore[override]
        """Return the next well-formed message; raise Empty after `timeout` seconds."""
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            left_ms = None if deadline is None else max(0, int(1000 * (deadline - monotonic())))
            if not await self.socket.poll(left_ms):
                raise Empty
            frames = await self.socket.recv_multipart()
            await asyncio.sleep(0)  # a flood of messages must not keep time limits from being seen
            message = self._read(frames)
            if message is not None:
                return message
            if deadline is not None and monotonic() > deadline:
                raise Empty

    def _read(self, frames: list[bytes]) -> Message | None:
        try:
            _, parts = self.session.feed_identities(frames)
            if sum(map(len, parts[:N_JSON_FRAMES])) > MAX_JSON:
                self.n_large += 1
                return None
            if len(parts[0]) != SIGNATURE or max(map(len, parts[1:3])) > MAX_HEADER:
                return None
            message = self.session.deserialize(parts)
        except Exception:  # noqa: BLE001 - whatever a forged message makes jupyter_client raise
            return None
        named = isinstance(message.get("msg_type"), str) and isinstance(message.get("msg_id"), str)
        shaped = all(isinstance(message.get(part), dict) for part in ("header", "parent_header", "content"))
        return message if named and shaped else None


class Client(AsyncKernelClient):
    """A client with wary channels and one more request, `grader_request`."""

    shell_channel_class = Type(WaryChannel)
    iopub_channel_class = Type(WaryChannel)

    def send(self, content: dict[str, Any], buffers: Sequence[bytes] = ()) -> str:
        """Send a `grader_request`; return its id."""
        message = self.session.msg("grader_request", content)
        channel: Any = self.shell_channel
        channel.send(message, buffers)
        return str(message["header"]["msg_id"])

    async def reply(self, message_id: str, kind: str, timeout_s: float) -> Message | None:
        """Wait for the reply to a message, None when it is late; raise DiedError when it cannot come."""
        deadline = monotonic() + timeout_s
        while True:
            ended = not await self.is_alive()
            left_s = max(0.0, deadline - monotonic())
            try:
                message: Message = await self.shell_channel.get_msg(timeout=0 if ended else min(left_s, POLL_S))
            except Empty:
                if ended:
                    raise DiedError from None
                if not left_s:
                    return None
            else:
                if message["parent_header"].get("msg_id") == message_id and message["msg_type"] == kind:
                    return message
                if monotonic() > deadline:  # a flood of others must not put it off
                    return None

    async def welcome(self, timeout_s: float) -> bool:
        """Wait until output of the kernel reaches us: it greets each new listener."""
        deadline = monotonic() + timeout_s
        try:
            while (left_s := deadline - monotonic()) > 0:
                message = await self.iopub_channel.get_msg(timeout=left_s)
                if message["msg_type"] == "iopub_welcome":
                    return True
        except Empty:
            pass
        return False


class OneSpec(KernelSpecManager):
    """Knows one kernel, ours; the ones the user has installed are not looked at."""

    spec = Instance(KernelSpec)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return ours, whatever the notebook calls its kernel."""
        return self.spec


def new_manager(spec: KernelSpec, context: zmq.asyncio.Context) -> AsyncKernelManager:
    """Return a manager for one kernel of ours, with sockets in the file system."""
    return AsyncKernelManager(
        kernel_spec_manager=OneSpec(spec=spec),
        transport="ipc",
        context=context,
        client_class="grader.kernels.client.Client",
        log=SILENT,
    )


def new_context(value_bytes: int) -> zmq.asyncio.Context:
    """Return a context whose sockets refuse giant frames and connect once, to what the kernel made.

    libzmq's own "never again" (-1) would drop a dead kernel's connection at once, and abort this process when it does
    so in the middle of a message that is being read.
    """
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, LOUD * value_bytes)
    context.setsockopt(zmq.RECONNECT_IVL, NOT_AGAIN_MS)
    context.setsockopt(zmq.SNDTIMEO, 0)  # a kernel can break a connection so that nothing ever takes a message
    context.setsockopt(zmq.LINGER, 0)
    return context
