"""From labels to what a regressor is fitted on."""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from llvm_tools import FEATURE_NAMES

SCALE = 8.0
"""Bytes up to which a change counts in proportion; beyond, as its logarithm."""


@dataclass(frozen=True)
class Dataset:
    """Rows for a regressor: features [N, F] float32, targets [N], weights [N], projects [N]."""

    features: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    projects: np.ndarray
    cost: np.ndarray
    """The labels' change in cost, bytes, before the target's compression."""
    llvm: np.ndarray
    """Whether LLVM inlines."""
    hash: str
    """SHA-256 of the labels that the rows come from."""


def compress(change: np.ndarray) -> np.ndarray:
    """Bytes to a regressor's target: a few decisions are worth thousands, and would swamp it."""
    return np.arcsinh(change / SCALE)


def expand(target: np.ndarray) -> np.ndarray:
    """The inverse of `compress`."""
    return np.sinh(target) * SCALE


def make_dataset(labels: pl.DataFrame, text_share: float) -> Dataset:
    """Rows of a regressor from labels as `fastir_train.labels.label` returns them.

    Parameters
    ----------
    text_share
        How much of the cost is bytes of code alone; the rest is loadable bytes.
    """
    cost = (
        (1 - text_share) * labels["delta_loadable"] + text_share * labels["delta_text"]
    ).to_numpy()
    return Dataset(
        features=labels.select(FEATURE_NAMES).to_numpy().astype(np.float32),
        targets=compress(cost),
        weights=_weights(labels),
        projects=labels["project"].to_numpy(),
        cost=cost,
        llvm=labels["llvm_inlines"].to_numpy(),
        hash=_hash(labels),
    )


def _weights(labels: pl.DataFrame) -> np.ndarray:
    """Kinds count alike, and a project by the square root of its rows."""
    per_kind = 1 / pl.len().over("kind")
    per_project = 1 / pl.len().over("project").sqrt()
    per_group = (
        1
        / pl.when(pl.col("kind") == "group")
        .then(pl.len().over("project", "module", "callee", "kind"))
        .otherwise(1)
        .sqrt()
    )
    weights = labels.select((per_kind * per_project * per_group).alias("w"))["w"].to_numpy()
    return weights / weights.mean()


def _hash(labels: pl.DataFrame) -> str:
    columns = ["project", "module", "kind", "decision", "delta_text", "delta_loadable"]
    return hashlib.sha256(labels.select(columns).write_csv().encode()).hexdigest()
