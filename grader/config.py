"""Settings: frozen, checked when made, passed as arguments."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """What one submission may use; an assignment may change any of them in `[limits]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell_s: float = Field(60, gt=0, description="seconds for one cell")
    notebook_s: float = Field(600, gt=0, description="seconds for all cells together")
    call_s: float = Field(20, gt=0, description="seconds for one call of a student's function")
    checks_s: float = Field(300, gt=0, description="seconds for all calls of all checks together")
    startup_s: float = Field(60, gt=0, description="seconds until the kernel answers")
    output_bytes: int = Field(4_000_000, gt=0, description="bytes of output kept per notebook")
    value_bytes: int = Field(256_000_000, gt=0, description="bytes of one value that leaves the kernel")
    notebook_bytes: int = Field(200_000_000, gt=0, description="bytes of a notebook file that are read")


class GradeOptions(BaseModel):
    """How one run of `grade` treats every submission."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int | None = Field(None, ge=0, description="for all random inputs; None: derived from the notebook's bytes")
    public_only: bool = Field(default=False, description="run the public checks only, as a student's self-check does")
    provisioner: str = Field("grader-spawned", description="what starts the kernel")
