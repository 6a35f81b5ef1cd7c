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
    """Bytes: a weighted mean of code alone and of all that is loaded."""

    title: ClassVar[str] = "linked bytes of code and of all that is loadable"
    unit: ClassVar[str] = "bytes"

    merged: float = 0.5
    """How much code alone counts where linkers merge copies of the callee."""
    own: float = 0.5
    """The same where the callee is the module's own."""

    def cost(self, text: float, loadable: float) -> float:
        """Of what belongs to a module alone, in bytes."""
        return (1 - self.own) * loadable + self.own * text

    def cost_of_labels(self) -> pl.Expr:
        """Of each row of labels, by the change of each figure in its columns."""
        text_share = pl.when(pl.col("is_callee_linkonce_or_weak") > 0).then(self.merged)
        share = text_share.otherwise(self.own)
        return (1 - share) * pl.col(delta(LOADABLE)) + share * pl.col(delta(TEXT))


EVEN = SizeObjective()
"""Code counts as much as all that is loaded, whose part it is."""


def delta(figure: Figure) -> str:
    """The column of labels that holds the change of a figure."""
    return f"delta_{figure.name}"
