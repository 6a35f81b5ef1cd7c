"""The figures that are measured of a build; objectives are functions of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure of a build, and of two builds the change."""

    name: str
    """The column that it is in."""
    heading: str
    title: str
    """What it counts, in full."""


TEXT = Figure("text", ".text", ".text")
"""Of the section of code."""
LOADABLE = Figure("loadable", "loadable", "loadable bytes")
"""Of all sections that are loaded from the file."""
FILE = Figure("file", "file", "bytes of the file")
"""Of the linked files as they lie on the disk."""
INSTRUCTIONS = Figure("instructions", "instructions", "instructions executed")
"""By the project's workload."""

SIZES = (TEXT, LOADABLE)
SCORED = (*SIZES, INSTRUCTIONS)
"""What evaluations compare."""
COUNTED = (*SIZES, FILE, INSTRUCTIONS)
"""What is the same each time, unlike times."""


def names(figures: tuple[Figure, ...]) -> list[str]:
    """The columns of figures."""
    return [figure.name for figure in figures]
