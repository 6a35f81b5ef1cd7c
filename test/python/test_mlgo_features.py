"""The 38 MLGO features, against what stock opt reports in its interactive mode.

Stock opt writes the features of each decision to a pipe and reads the decision from another; it
is answered with the decisions that the plugin took.
"""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import in_parallel, run_opt
from interactive_opt import ask_stock_opt

from fastir_train.label.decision_log import read_log

PASSES = "-passes=scc-oz-module-inliner"


@pytest.mark.parametrize("policy", ["llvm", "always"])
def test_mlgo_features_equal_those_of_stock_opt(
    policy: str, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    compared = []

    def differs(module: Path) -> str | None:
        log = tmp_path / f"{module.stem}.log"
        options = (f"-fastir-policy={policy}", f"-fastir-log={log}", PASSES)
        run_opt(*options, module, "-o", os.devnull).check_returncode()
        ours = read_log(log)
        if ours.is_empty():
            return None
        decisions = ours["inlining_decision"].to_list()
        names, theirs = ask_stock_opt(module, PASSES, decisions, tmp_path / module.stem)
        assert len(names) == 38
        compared.append(ours.height)
        if theirs.shape[0] != ours.height:
            return f"{module.name}: {theirs.shape[0]} decisions, not {ours.height}"
        equal = ours.select(names).to_numpy() == theirs
        if equal.all():
            return None
        row, column = np.argwhere(~equal)[0]
        return f"{module.name}: {names[column]} of decision {row}"

    assert in_parallel(differs, real_modules["Oz"]) == []
    assert sum(compared) > 3000


def test_the_schema_begins_with_mlgo_in_llvms_order(tmp_path: Path) -> None:
    module = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"
    log = tmp_path / "log"
    run_opt("-fastir-policy=llvm", f"-fastir-log={log}", PASSES, module, "-o", os.devnull)
    columns = read_log(log).select(pl.exclude("context")).columns
    names, _ = ask_stock_opt(module, PASSES, [0, 0], tmp_path / "channel")
    assert columns[: len(names)] == names
