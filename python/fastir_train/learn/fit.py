"""Fitting the regressor that the shipped model is."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from fastir_train.learn.dataset import Dataset, expand
from fastir_train.learn.override_rules import (
    KEEP_INLINED,
    LLVM,
    NO_GUARDS,
    NO_MARGIN,
    KeepRule,
    Margin,
    TimeGuards,
    keeps_default,
)
from fastir_train.learn.trees import Switch
from fastir_train.problem.objective import EVEN, Objective
from fastir_train.runtime.errors import FastirError
from llvm_tools import FEATURES

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

LEAN_FEATURES = tuple(feature.name for feature in FEATURES if feature.is_lean)


@dataclass(frozen=True)
class Trees:
    """Settings of gradient-boosted trees."""

    iterations: int = 250
    leaves: int = 24
    learning_rate: float = 0.06
    min_samples_leaf: int = 30
    l2: float = 1.0
    feature_share: float = 0.5
    quantile: float | None = None
    """Of what departing from LLVM costs, to predict in place of the mean: above a half, the model
    departs where more than half of what it has seen gains."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a fit depends on beside its data."""

    trees: Trees = Trees()
    """Of calls that LLVM leaves."""
    inlined_trees: Trees | None = None
    """Of calls that LLVM inlines; without, LLVM's decision is kept there."""
    objective: Objective = EVEN
    threshold: float = 0.0
    margin: Margin = NO_MARGIN
    guards: TimeGuards = NO_GUARDS
    unasked: tuple[KeepRule, ...] = ()
    """Where no departure pays, so that not even the features are computed."""
    phases: tuple[str, ...] = ("compile",)
    """In which the model decides, as `fastir_train.learn.export.ModelMetadata` names them."""
    seed: int = 1
    features: tuple[str, ...] = LEAN_FEATURES

    @property
    def rules(self) -> tuple[KeepRule, ...]:
        """Where LLVM's decision is kept, whatever the model predicts."""
        kept = () if self.inlined_trees else (KEEP_INLINED,)
        return (*kept, *self.unasked, *self.guards.rules())


def fit(data: Dataset, recipe: Recipe) -> "HistGradientBoostingRegressor | Switch":
    """Gradient-boosted trees on compressed costs, apart for each decision of LLVM's."""
    left = _fit_trees(data.take(~data.llvm), recipe.trees, recipe.seed)
    trees = recipe.inlined_trees
    if trees is None:
        return left
    if trees.quantile is not None:
        # Leaving a call costs what inlining it saves: high costs of one are low costs of the other.
        trees = replace(trees, quantile=1 - trees.quantile)
    inlined = _fit_trees(data.take(data.llvm), trees, recipe.seed)
    return Switch(recipe.features.index(LLVM), zero=left, above=inlined)


def _fit_trees(data: Dataset, trees: Trees, seed: int) -> "HistGradientBoostingRegressor":
    if not len(data.cost):
        raise FastirError("there are no labels of calls that LLVM inlines, or none that it leaves")
    # Seconds, which commands that fit nothing need not take.
    from sklearn.ensemble import HistGradientBoostingRegressor

    regressor = HistGradientBoostingRegressor(
        loss="squared_error" if trees.quantile is None else "quantile",
        quantile=trees.quantile,  # pyright: ignore[reportArgumentType]
        max_iter=trees.iterations,
        max_leaf_nodes=trees.leaves,
        learning_rate=trees.learning_rate,
        min_samples_leaf=trees.min_samples_leaf,
        l2_regularization=trees.l2,
        max_features=trees.feature_share,
        early_stopping=False,  # pyright: ignore[reportArgumentType]
        random_state=seed,
    )
    # Sums in one order, so that a fit repeats on every machine.
    with threadpool_limits(1, "openmp"):
        return regressor.fit(data.features, data.targets, sample_weight=data.weights)


@dataclass(frozen=True)
class HeldOutScore:
    """How decisions of a model fitted on other projects compare with LLVM's on the labels."""

    gained: float
    """Weighted mean cost saved a decision, in the objective's unit, against LLVM's own; more is
    better."""
    possible: float
    """The same with every decision right."""
    wrong: float
    """Share of decisions whose sign is wrong."""
    llvm_wrong: float


def score(data: Dataset, predicted: np.ndarray, recipe: Recipe) -> HeldOutScore:
    """Compare predicted decisions with LLVM's on labels that were not fitted on."""
    change = expand(recipe.margin.apply(predicted, data.features, recipe.features))
    kept = keeps_default(recipe.rules, data.features, recipe.features)
    inline = np.where(kept, data.llvm, change < recipe.threshold)
    weight = data.weights / data.weights.sum()

    def mean_cost(decision: np.ndarray) -> float:
        return float(np.sum(weight * decision * data.cost))

    right = data.cost < 0
    baseline = mean_cost(data.llvm)
    return HeldOutScore(
        gained=baseline - mean_cost(inline),
        possible=baseline - mean_cost(right),
        wrong=float(np.sum(weight * (inline != right))),
        llvm_wrong=float(np.sum(weight * (data.llvm != right))),
    )


def cross_validate(data: Dataset, recipe: Recipe, folds: int = 4) -> HeldOutScore:
    """Score a recipe on the labels of projects that it was not fitted on."""
    projects = len(np.unique(data.projects))
    if projects < 2:
        raise FastirError("labels of at least two projects are needed to validate a model")
    from sklearn.model_selection import GroupKFold

    predicted = np.zeros(len(data.targets))
    splitter = GroupKFold(min(folds, projects))
    for inside, outside in splitter.split(data.features, groups=data.projects):
        predicted[outside] = fit(data.take(inside), recipe).predict(data.features[outside])
    return score(data, predicted, recipe)
