"""The recipes of the models that are shipped, whose choice `docs/experiments.md` explains."""

from dataclasses import replace

from fastir_train.learn.fit import Recipe, Trees
from fastir_train.learn.override_rules import Margin, TimeGuards
from fastir_train.problem.objective import SizeObjective

_MERGED = Trees(
    iterations=250, leaves=32, learning_rate=0.05, min_samples_leaf=20, l2=5.0, feature_share=0.3
)
# What is gained on own callees is a few bytes, and noisy: many rows a leaf, and strong shrinkage.
_OWN = Trees(
    iterations=250, leaves=16, learning_rate=0.05, min_samples_leaf=100, l2=20.0, feature_share=0.3
)

SHIPPED = {
    "Oz": Recipe(
        _MERGED,
        _OWN,
        objective=SizeObjective(merged=0.9, own=0.2),
        margin=Margin(merged=1.0, own=1.0),
    ),
    # At -Oz there are more labels, and what a copy weighs is much the same.
    "Os": Recipe(
        _MERGED,
        replace(_OWN, min_samples_leaf=40, l2=5.0),
        merged_level="Oz",
        objective=SizeObjective(merged=0.9, own=0.5),
        margin=Margin(merged=1.0, own=4.0),
        guards=TimeGuards(busy_callee=60, quick_callee=10, small_caller=22),
    ),
}
