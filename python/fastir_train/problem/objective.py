"""What decisions are to make small, as a function of measured figures."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import polars as pl

from fastir_train.problem.figures import LOADABLE, TEXT, Figure


class Objective(Protocol):
    """What labels are reduced to, and searches compare by: a frozen dataclass has it all."""

    title: ClassVar[str]
    """What it is that gets small, as models and cards name it."""
    unit: ClassVar[str]
    """Of costs and predictions."""

    def cost(self, text: float, loadable: float) -> float:
        """Of one module, or of a change of it: a function of the figures in `SIZES`, in order."""
        ...

    def cost_of_labels(self) -> pl.Expr:
        """Of each row of labels, by the change of each figure in its columns; see `delta`."""
        ...


@dataclass(frozen=True)
class SizeObjective:
    """Bytes: those of code, and in some proportion all others that are loaded.

    A proportion above 1 makes up for what no module shows: with a function that is exported go its
    entries in the tables of symbols, in proportion to what else is no code, its unwind entries.
    """

    title: ClassVar[str] = "linked bytes of code and of all that is loadable"
    unit: ClassVar[str] = "bytes"

    merged: float = 0.5
    """How many bytes of code a byte of other kinds counts, where linkers merge copies of the
    callee."""
    own: float = 0.5
    """The same where the callee is the module's own."""

    def cost(self, text: float, loadable: float) -> float:
        """Of what belongs to a module alone, in bytes."""
        return text + self.own * (loadable - text)

    def cost_of_labels(self) -> pl.Expr:
        """Of each row of labels, by the change of each figure in its columns."""
        is_merged = pl.col("is_callee_linkonce_or_weak") > 0
        proportion = pl.when(is_merged).then(self.merged).otherwise(self.own)
        text, loadable = pl.col(delta(TEXT)), pl.col(delta(LOADABLE))
        return text + proportion * (loadable - text)


EVEN = SizeObjective()
"""Code counts twice as much as what else is loaded."""


def delta(figure: Figure) -> str:
    """The column of labels that holds the change of a figure."""
    return f"delta_{figure.name}"
