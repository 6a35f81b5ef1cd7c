"""Tree ensembles as ONNX spells them, put together from several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import NodeProto, helper

if TYPE_CHECKING:
    from sklearn.base import RegressorMixin

_TARGETS = ("target_treeids", "target_nodeids", "target_ids", "target_weights")
_RENUMBERED = ("nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids", "target_nodeids")


@dataclass(frozen=True)
class Switch:
    """Two regressors, and the feature that says which of them answers."""

    column: int
    """Of a feature that is 0 or above."""
    zero: "RegressorMixin"
    above: "RegressorMixin"

    def predict(self, features: np.ndarray) -> np.ndarray:
        """As regressors of scikit-learn do: features [N, F], targets [N]."""
        predicted = np.empty(len(features))
        answers = features[:, self.column] > 0
        for regressor, rows in ((self.zero, ~answers), (self.above, answers)):
            if rows.any():
                predicted[rows] = regressor.predict(features[rows])  # pyright: ignore[reportAttributeAccessIssue]
        return predicted


class Ensemble:
    """The lists of a TreeEnsembleRegressor's node, for one target."""

    def __init__(self, lists: Mapping[str, Sequence[Any]], base: float) -> None:
        self._lists = {name: list(values) for name, values in lists.items()}
        self._base = base

    @classmethod
    def read(cls, node: NodeProto) -> "Ensemble":
        """Take an ensemble from a converted model."""
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        base = attributes.get("base_values", [0.0])[0]
        columns = {
            name: values
            for name, values in attributes.items()
            if name.startswith(("nodes_", "target_"))
        }
        return cls(columns, base)

    def write(self, node: NodeProto) -> None:
        """Put this ensemble in the place of the node's own."""
        kept = [a for a in node.attribute if a.name not in (*self._lists, "base_values")]
        del node.attribute[:]
        node.attribute.extend(kept)
        lists: dict[str, Sequence[Any]] = {**self._lists, "base_values": [self._base]}
        node.attribute.extend(helper.make_attribute(*item) for item in sorted(lists.items()))

    def add_step(self, splits: Sequence[tuple[int, float]], leaves: Sequence[float]) -> None:
        """One more tree, complete: each level splits on whether one feature is above a value.

        Parameters
        ----------
        splits
            The feature of each level, and the value.
        leaves
            What is added, by the bits that the features spell, the first level's the highest.
        """
        tree = self._next_tree()
        inner = 2 ** len(splits) - 1
        for node in range(inner):
            level = (node + 1).bit_length() - 1
            self._add_split(tree, node, *splits[level], (2 * node + 1, 2 * node + 2))
        for node, weight in enumerate(leaves, start=inner):
            self._add_leaf(tree, node, weight)

    def without_leaves_beyond(self, limit: float) -> "Ensemble":
        """The trees that add less than ``limit`` either way."""
        leaves = zip(self._lists["target_treeids"], self._lists["target_weights"], strict=True)
        left_out = {tree for tree, weight in leaves if abs(weight) >= limit}
        kept = {}
        for name, values in self._lists.items():
            trees = self._lists["nodes_treeids" if name.startswith("nodes_") else "target_treeids"]
            kept[name] = [v for v, tree in zip(values, trees, strict=True) if tree not in left_out]
        return Ensemble(kept, self._base)

    def _next_tree(self) -> int:
        return max(self._lists["nodes_treeids"], default=-1) + 1

    def _add_split(
        self, tree: int, node: int, feature: int, value: float, ways: tuple[int, int]
    ) -> None:
        """On whether the feature is above the value; the way of those below comes first."""
        self._add_node(tree, node, b"BRANCH_LEQ", feature, value, ways)

    def _add_leaf(self, tree: int, node: int, weight: float) -> None:
        self._add_node(tree, node, b"LEAF", 0, 0.0, (0, 0))
        for name, value in zip(_TARGETS, (tree, node, 0, weight), strict=True):
            self._lists[name].append(value)

    def _add_node(
        self, tree: int, node: int, mode: bytes, feature: int, value: float, ways: tuple[int, int]
    ) -> None:
        values = {
            "nodes_treeids": tree,
            "nodes_nodeids": node,
            "nodes_featureids": feature,
            "nodes_values": value,
            "nodes_modes": mode,
            "nodes_truenodeids": ways[0],
            "nodes_falsenodeids": ways[1],
            "nodes_hitrates": 1.0,
            "nodes_missing_value_tracks_true": 0,
        }
        for name, values_of in self._lists.items():
            if name in values:
                values_of.append(values[name])

    def switched(self, column: int, other: "Ensemble") -> "Ensemble":
        """One that answers as this where the feature is 0, as ``other`` where it is above."""
        result = Ensemble({name: [] for name in self._lists}, 0.0)
        result.add_step([(column, 0.5)], [self._base, other._base])
        result._add_guarded(self, column, answers_above=False)
        result._add_guarded(other, column, answers_above=True)
        return result

    def _add_guarded(self, other: "Ensemble", column: int, *, answers_above: bool) -> None:
        """The trees of ``other``, each below a root that leads to nothing on the other side."""
        lists = other._lists
        trees = np.array(lists["nodes_treeids"])
        targets = np.array(lists["target_treeids"])
        for tree in np.unique(trees):
            number = self._next_tree()
            self._add_split(number, 0, column, 0.5, (1, 2) if answers_above else (2, 1))
            self._add_leaf(number, 1, 0.0)
            # A converted tree's root is its node 0; two nodes stand before it now.
            for chosen, prefix in ((trees == tree, "nodes_"), (targets == tree, "target_")):
                for row in np.flatnonzero(chosen):
                    for name, values in self._lists.items():
                        if name.startswith(prefix):
                            values.append(self._moved(name, lists[name][row], number))

    @staticmethod
    def _moved(name: str, value: Any, tree: int) -> Any:
        if name.endswith("treeids"):
            return tree
        return value + 2 if name in _RENUMBERED else value
