"""Tree ensembles as ONNX spells them, put together from several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import NodeProto, TensorProto, helper

if TYPE_CHECKING:
    from sklearn.base import RegressorMixin

_TARGETS = ("target_treeids", "target_nodeids", "target_ids", "target_weights")
_RENUMBERED = ("nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids", "target_nodeids")


@dataclass(frozen=True)
class Switch:
    """Two regressors, and the feature that says which of them answers."""

    column: int
    """Of a feature that is 0 or above."""
    zero: "RegressorMixin | Switch"
    above: "RegressorMixin | Switch"

    def predict(self, features: np.ndarray) -> np.ndarray:
        """As regressors of scikit-learn do: features [N, F], targets [N]."""
        predicted = np.empty(len(features))
        answers = features[:, self.column] > 0
        for regressor, rows in ((self.zero, ~answers), (self.above, answers)):
            if rows.any():
                predicted[rows] = regressor.predict(features[rows])  # pyright: ignore[reportAttributeAccessIssue]
        return predicted


_SUM = 1
"""Of the values of ``aggregate_function``."""
_LEQ = 0
"""Of the values of ``nodes_modes``."""


class Ensemble:
    """Trees of one target, as a TreeEnsembleRegressor's lists; `node` makes a TreeEnsemble."""

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

    def node(self, source: str, result: str) -> NodeProto:
        """A TreeEnsemble of ai.onnx.ml 5, which is half as large and is read faster.

        Parameters
        ----------
        source, result
            Names of the node's input and output.
        """
        if self._base:
            # A TreeEnsemble has none: the last tree adds it.
            based = Ensemble(self._lists, 0.0)
            based.add_step([(0, 0.0)], [self._base, self._base])
            return based.node(source, result)
        lists = self._lists
        is_leaf = np.array([mode == b"LEAF" for mode in lists["nodes_modes"]])
        trees, ids = np.array(lists["nodes_treeids"]), np.array(lists["nodes_nodeids"])
        place = np.where(is_leaf, np.cumsum(is_leaf), np.cumsum(~is_leaf)) - 1
        where = {key: at for at, key in enumerate(zip(trees.tolist(), ids.tolist(), strict=True))}
        inner = np.flatnonzero(~is_leaf)
        starts = np.flatnonzero(np.diff(trees, prepend=-1))
        weights = np.zeros(int(is_leaf.sum()), np.float32)
        targets = zip(lists["target_treeids"], lists["target_nodeids"], strict=True)
        for key, weight in zip(targets, lists["target_weights"], strict=True):
            weights[place[where[key]]] = weight

        def children(name: str) -> np.ndarray:
            to = zip(trees[inner].tolist(), np.array(lists[name])[inner].tolist(), strict=True)
            return np.array([where[key] for key in to])

        true, false = children("nodes_truenodeids"), children("nodes_falsenodeids")
        if is_leaf[starts].any():
            raise ValueError("a tree of one leaf")
        return helper.make_node(
            "TreeEnsemble",
            [source],
            [result],
            domain="ai.onnx.ml",
            aggregate_function=_SUM,
            n_targets=1,
            tree_roots=place[starts].tolist(),
            nodes_featureids=np.array(lists["nodes_featureids"])[inner].tolist(),
            nodes_modes=_tensor("modes", np.full(len(inner), _LEQ, np.uint8)),
            nodes_splits=_tensor("splits", np.array(lists["nodes_values"], np.float32)[inner]),
            nodes_truenodeids=place[true].tolist(),
            nodes_trueleafs=is_leaf[true].astype(int).tolist(),
            nodes_falsenodeids=place[false].tolist(),
            nodes_falseleafs=is_leaf[false].astype(int).tolist(),
            leaf_targetids=[0] * len(weights),
            leaf_weights=_tensor("weights", weights),
        )

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
            # A converted tree's root is its node 0; two nodes come before it now.
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


def _tensor(name: str, values: np.ndarray) -> TensorProto:
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    return helper.make_tensor(name, kind, values.shape, values.tobytes(), raw=True)
