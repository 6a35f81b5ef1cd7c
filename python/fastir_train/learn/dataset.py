"""From labels to what a regressor is fitted on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from fastir_train.problem.figures import SIZES
from fastir_train.problem.objective import Objective, delta
from llvm_tools import FEATURE_NAMES

SCALE = 8.0
"""Bytes up to which a change counts in proportion; beyond, as its logarithm. Chosen by hand."""

_CALLEE = ("project", "module", "callee", "rollout")
_SITE = ("project", "module", "decision", "rollout")


@dataclass(frozen=True)
class Dataset:
    """Rows for a regressor: features [N, F] float32, targets [N], weights [N], projects [N]."""

    features: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    projects: np.ndarray
    cost: np.ndarray
    """What inlining the call costs, in the objective's unit, before the target's compression."""
    llvm: np.ndarray
    """Whether LLVM inlines."""
    merged: np.ndarray
    """Whether linkers merge copies of the callee."""
    hash: str
    """SHA-256 of the labels that the rows come from."""

    def take(self, rows: np.ndarray) -> "Dataset":
        """The given rows alone."""
        return Dataset(
            features=self.features[rows],
            targets=self.targets[rows],
            weights=self.weights[rows],
            projects=self.projects[rows],
            cost=self.cost[rows],
            llvm=self.llvm[rows],
            merged=self.merged[rows],
            hash=self.hash,
        )


def compress(change: np.ndarray) -> np.ndarray:
    """Bytes to a regressor's target: a few decisions are worth thousands, and would swamp it."""
    return np.arcsinh(change / SCALE)


def expand(target: np.ndarray) -> np.ndarray:
    """The inverse of `compress`."""
    return np.sinh(target) * SCALE


def make_dataset(labels: pl.DataFrame, features: Sequence[str], objective: Objective) -> Dataset:
    """Rows of a regressor, one a call site, from what `fastir_train.label.labels.label` returned.

    Parameters
    ----------
    features
        The columns that the regressor is to see.
    """
    rows = site_costs(labels, objective)
    cost = rows["cost"].to_numpy()
    return Dataset(
        features=rows.select(features).to_numpy().astype(np.float32),
        targets=compress(cost),
        weights=_weights(rows),
        projects=rows["project"].to_numpy(),
        cost=cost,
        llvm=rows["llvm_inlines"].to_numpy(),
        merged=rows["is_callee_linkonce_or_weak"].to_numpy() > 0,
        hash=labels_hash(labels),
    )


def site_costs(labels: pl.DataFrame, objective: Objective) -> pl.DataFrame:
    """What inlining each labelled call costs, its callee's other calls decided as they should be.

    Where inlining all calls of a callee pays, because its own copy goes, each call carries
    its share of that. Elsewhere the copy stays, and a call costs what flipping it alone does. Of
    a callee that the policy inlined everywhere a single flip shows nothing: it brings the copy
    back.

    Returns
    -------
    polars.DataFrame
        A row a call: the columns of ``labels``, ``calls`` (of the callee) and ``cost``.
    """
    measured = labels.with_columns(cost=objective.cost_of_labels())
    single = measured.filter(kind="single").with_columns(
        calls=pl.col("callee_call_site_count").clip(1)
    )
    group = measured.filter(kind="group").with_columns(calls=pl.len().over(_CALLEE).cast(pl.Int64))
    alone = single.select(*_SITE, alone="cost")
    group = group.join(alone, on=_SITE, how="left")
    goes = (pl.col("is_callee_discardable") == 1) & (pl.col("is_callee_address_taken") == 0)
    gone = goes & pl.col("inlines").all().over(_CALLEE)
    joint = (
        pl.when(~goes)
        .then(pl.coalesce("alone", "cost"))
        .when((pl.col("cost") < 0) | gone)
        .then("cost")
        .otherwise(pl.coalesce("alone", "cost"))
    )
    group = group.with_columns(cost=joint).drop("alone")
    single = single.join(group.select(_SITE), on=_SITE, how="anti")
    misleading = goes & pl.col("inlines") & (pl.col("calls") > 1)
    return pl.concat([single.filter(~misleading), group])


def _weights(rows: pl.DataFrame) -> np.ndarray:
    """A callee counts by the square root of its calls, a project by that of its rows."""
    a_callee = 1 / pl.col("calls").cast(pl.Float64).sqrt()
    a_project = 1 / pl.len().over("project").cast(pl.Float64).sqrt()
    weights = rows.select(weight=a_callee * a_project)["weight"].to_numpy()
    return weights / weights.mean()


def labels_hash(labels: pl.DataFrame) -> str:
    """SHA-256 of labels, in whatever order they come."""
    columns = ["project", "module", "rollout", "kind", "decision", *map(delta, SIZES)]
    rows = labels.select(*columns, *FEATURE_NAMES).sort(columns)
    return hashlib.sha256(rows.write_csv().encode()).hexdigest()
