"""Settings: frozen, checked when made, passed as arguments."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict, Field

FORKED, SPAWNED, PLAIN = "grader-forked", "grader-spawned", "grader-plain"


class Limits(BaseModel):
    """What one submission may use; an assignment may change any of them in `[limits]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell_s: float = Field(60, gt=0, description="seconds for one cell")
    notebook_s: float = Field(600, gt=0, description="seconds for all cells together")
    call_s: float = Field(20, gt=0, description="seconds for one call of a student's function")
    checks_s: float = Field(300, gt=0, description="seconds for all calls of all checks together")
    startup_s: float = Field(60, gt=0, description="seconds until the kernel answers")
    cell_cpu_s: float = Field(120, gt=0, description="processor seconds for one cell, or for all checks")
    cpu_s: float = Field(900, gt=0, description="processor seconds of the kernel and all it starts")
    memory_bytes: int = Field(4 * 2**30, gt=0, description="memory of all processes together; of one, three quarters")
    processes: int = Field(128, gt=0, description="processes and threads at a time")
    open_files: int = Field(512, gt=0, description="open files and sockets of one process")
    sockets: int = Field(1_000, gt=0, description="sockets of all processes; what waits in them is memory")
    file_bytes: int = Field(500_000_000, gt=0, description="bytes of one file")
    scratch_bytes: int = Field(1_000_000_000, gt=0, description="bytes of all files")
    scratch_files: int = Field(100_000, gt=0, description="number of files and folders")
    output_bytes: int = Field(4_000_000, gt=0, description="bytes of output kept per notebook")
    value_bytes: int = Field(256_000_000, gt=0, description="bytes of one value that leaves the kernel")
    notebook_bytes: int = Field(200_000_000, gt=0, description="bytes of a notebook file that are read")

    def longer(self, factor: float) -> Limits:
        """Return the same with every time but the start-up's multiplied."""
        spans = ("cell_s", "notebook_s", "call_s", "checks_s", "cell_cpu_s", "cpu_s")
        return self.model_copy(update={name: getattr(self, name) * factor for name in spans})


class Budget(BaseModel):
    """How much one `fit` may train; None is as much as it likes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int | None = Field(None, gt=0)
    rows: int | None = Field(None, gt=0)


class GradeOptions(BaseModel):
    """How one run of `grade` treats every submission."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int | None = Field(None, ge=0, description="for all random inputs; None: derived from the notebook's bytes")
    public_only: bool = Field(default=False, description="run the public checks only, as a student's self-check does")
    provisioner: str = Field(FORKED, description="what starts the kernel: the warm server, or a fresh process")
    sealed: bool = Field(default=True, description="run the notebook in a sandbox, or not at all")


def derived(seed: int, use: str) -> int:
    """Return a seed (64 bits) for one use: whoever knows it knows neither `seed` nor what other uses make of it."""
    return int.from_bytes(hashlib.sha256(f"{seed} {use}".encode()).digest()[:8], "big")
