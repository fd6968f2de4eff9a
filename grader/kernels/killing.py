"""What both kinds of provisioners answer jupyter_client: however a kernel is to end, it is killed."""

from __future__ import annotations

from abc import abstractmethod


class EndsByKilling:
    """A provisioner that ends its kernel at once."""

    @abstractmethod
    def exit_code(self) -> int | None:
        """Return how the process ended, None while it runs."""

    @abstractmethod
    def end(self) -> int | None:
        """Kill the process and all it started, and wait until they are gone; return the exit code."""

    async def poll(self) -> int | None:
        """Return how the process ended, None while it runs."""
        return self.exit_code()

    async def wait(self) -> int | None:
        """End the kernel; nobody waits for one to end by itself."""
        return self.end()

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002
        """End the kernel."""
        self.end()

    async def terminate(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002
        """End the kernel."""
        self.end()

    async def cleanup(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002
        """End the kernel."""
        self.end()
