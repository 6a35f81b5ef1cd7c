"""What a model is compared with: fixed rules, imitation of LLVM, other people's recipe."""

from pathlib import Path

import numpy as np
import polars as pl

from fastir_train.benchmark.evaluate import Level, model_configuration, plugin_configuration
from fastir_train.corpus.build import Configuration
from fastir_train.learn import export
from fastir_train.learn.dataset import Dataset, compress, labels_hash
from fastir_train.learn.fit import LEAN_FEATURES, Recipe, Trees, fit

THRESHOLDS = (0, 2, 10, 25, 50, 100)
"""Tried for the best single ``-inline-threshold``; -Oz is 5, -Os is 50."""

INLINEML_FEATURES = (
    "callee_instruction_count",
    "caller_instruction_count",
    "callee_call_site_count",
    "callee_block_count",
    "caller_block_count",
)
INLINEML_THRESHOLD = 10_000


def threshold_configuration(level: Level, threshold: int) -> Configuration:
    """Stock clang with one threshold for every call."""
    flag = f"-mllvm=-inline-threshold={threshold}"
    return Configuration(f"threshold-{threshold}-{level}", (f"-{level}", flag), {})


def configurations(level: Level, folder: Path) -> dict[str, Configuration]:
    """Every baseline that there is for a level, by name.

    Parameters
    ----------
    folder
        Holds ``NAME-LEVEL.onnx`` for the baselines that are models.
    """
    found = {
        policy: plugin_configuration(policy, level, FASTIR_POLICY=policy)
        for policy in ("never", "always")
    }
    for threshold in THRESHOLDS:
        found[f"threshold {threshold}"] = threshold_configuration(level, threshold)
    for path in sorted(folder.glob(f"*-{level.lower()}.onnx")):
        name = path.stem.rsplit("-", 1)[0]
        found[name] = model_configuration(path, level, name)
    return found


def fit_imitation(decisions: pl.DataFrame, domain: str, path: Path) -> None:
    """Behavioural cloning: predicts LLVM's decision from the other features."""
    features = tuple(name for name in LEAN_FEATURES if not name.startswith("llvm_"))
    _fit_decisions(decisions, features, pl.col("llvm_inlines"), "LLVM's decision", domain, path)


def fit_inlineml(decisions: pl.DataFrame, domain: str, path: Path) -> None:
    """InlineML's recipe: its features, and what LLVM would inline at a threshold of 10000."""
    inlines = pl.col("llvm_full_cost") < INLINEML_THRESHOLD
    _fit_decisions(decisions, INLINEML_FEATURES, inlines, "LLVM at threshold 10000", domain, path)


def _fit_decisions(
    decisions: pl.DataFrame,
    features: tuple[str, ...],
    inlines: pl.Expr,
    objective: str,
    domain: str,
    path: Path,
) -> None:
    """Fit decisions as changes of minus and plus one byte."""
    cost = np.where(decisions.select(inlines.alias("x"))["x"].to_numpy(), -1.0, 1.0)
    data = Dataset(
        features=decisions.select(features).to_numpy().astype(np.float32),
        targets=compress(cost),
        weights=np.ones(len(cost)),
        projects=decisions["project"].to_numpy(),
        cost=cost,
        llvm=decisions["llvm_inlines"].to_numpy(),
        merged=decisions["is_callee_linkonce_or_weak"].to_numpy() > 0,
        hash=labels_hash(decisions),
    )
    recipe = Recipe(Trees(iterations=150), features=features)
    metadata = export.ModelMetadata(features, 0.0, objective, "decisions", domain, data.hash)
    export.save(export.to_onnx(fit(data, recipe), metadata), path)
