"""What decisions are to make small, as a function of measured figures."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from fastir_train.problem.figures import LOADABLE, SIZES, TEXT, Figure


@dataclass(frozen=True)
class SizeObjective:
    """Bytes: a weighted mean of code alone and of all that is loaded."""

    figures: ClassVar[tuple[Figure, ...]] = SIZES
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
