"""The recipes of the models that are shipped, whose choice `docs/experiments.md` explains."""

from dataclasses import replace

from fastir_train.learn.fit import Recipe, Trees
from fastir_train.learn.override_rules import Margin, TimeGuards, parse_rules
from fastir_train.problem.inlining import Place
from fastir_train.problem.objective import SizeObjective
from llvm_tools.engine import Level

# Few trees: more of them learn programs by heart, and each costs every compile.
_TREES = Trees(
    iterations=120, leaves=24, learning_rate=0.08, min_samples_leaf=40, l2=5.0, feature_share=0.3
)

# Of some 45,000 labelled calls that LLVM leaves, the trees would inline two of these.
_UNASKED = parse_rules(
    "llvm_decision<=0,is_callee_discardable<=0;"
    "llvm_decision<=0,is_callee_linkonce_or_weak<=0,callee_instruction_count>60;"
    "llvm_decision<=0,callee_instruction_count>300"
)

_OZ = Recipe(
    _TREES,
    objective=SizeObjective(merged=0.1, own=0.8),
    margin=Margin(merged=2.0, own=3.0),
    unasked=_UNASKED,
)

SHIPPED: dict[tuple[Level, Place], Recipe] = {
    ("Oz", "compile"): _OZ,
    ("Os", "compile"): Recipe(
        replace(_TREES, quantile=0.65),
        inlined_trees=_TREES,
        objective=SizeObjective(merged=4.0, own=3.0),
        margin=Margin(merged=1.0, own=1.0),
        guards=TimeGuards(busy_callee=100, quick_callee=16, small_caller=22),
    ),
    # What a compile inlines, each module must inline: only where it surely pays.
    ("Oz", "pre-link"): replace(_OZ, margin=Margin(merged=8.0, own=8.0), phases=("thin-pre-link",)),
    ("Oz", "link"): Recipe(_TREES, margin=Margin(merged=1.0, own=1.0), phases=("thin-link",)),
}
