"""Why calls were inlined or not: LLVM's cost, the model's prediction, and the features behind."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import polars as pl

from fastir_train.benchmark.symbols import demangle
from fastir_train.label.decision_log import call_sites, read_log
from fastir_train.learn.export import predict
from fastir_train.learn.override_rules import keeps_default, parse_rules
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.supervised import run
from fastir_train.runtime.toolchain import default_model_path, flags, tool


@dataclass(frozen=True)
class Influence:
    """What one feature of a call does to its prediction."""

    feature: str
    value: int
    effect: float
    """The prediction, less its mean with the value that other calls have; in `Explained.unit`."""


@dataclass(frozen=True)
class Explained:
    """One decision."""

    caller: str
    callee: str
    inlined: bool
    llvm_inlines: bool
    llvm_cost: int
    """As its remarks tell it: counted to the end, and -100000 for always, 100000 for never."""
    prediction: float | None
    """What inlining adds, by the model, in `unit`; None where it was not asked."""
    unit: str
    """Of the model's predictions, as its metadata names it."""
    kept: bool
    """Whether the model wants LLVM's decision, whatever it predicts."""
    influences: tuple[Influence, ...]
    """The strongest first; none where all calls of the file are alike."""


def explain(
    source: Path,
    arguments: Sequence[str],
    *,
    function: str | None = None,
    model: Path | None = None,
    most: int = 5,
) -> list[Explained]:
    """Compile a file as it is, and explain its decisions.

    Parameters
    ----------
    arguments
        Clang's; ``-Oz`` is added where they name no level.
    function
        Explain calls in this function alone; its name, mangled or as C++ writes it.
    model
        In place of the shipped one.
    most
        How many features to tell of each call.

    Raises
    ------
    FastirError
        If the file does not compile, or there is no such function with a decision in it.
    """
    level = [argument for argument in arguments if argument.startswith("-O")]
    given = [*arguments] if level else [f"-{INLINING.default_level}", *arguments]
    chosen = model or default_model_path(INLINING.level_of(given))
    decisions = _decisions(source, given, chosen)
    found = _explain_all(decisions, chosen, most)
    if function is None:
        return found
    wanted = [one for one in found if function in (one.caller, one.caller.split("(")[0])]
    if not wanted:
        callers = ", ".join(sorted({one.caller for one in found})) or "none"
        raise FastirError(f"no decision in '{function}'; there are some in: {callers}")
    return wanted


def _decisions(source: Path, arguments: Sequence[str], model: Path) -> pl.DataFrame:
    driver = tool("clang" if source.suffix == ".c" else "clang++")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        options = {"FASTIR_LOG": str(log), "FASTIR_MODEL": str(model.resolve())}
        command = [driver, *arguments, *flags("clang"), "-c", str(source), "-o", os.devnull]
        errors = Path(folder) / "errors"
        with errors.open("w") as stream:
            environment = {**os.environ, **options}
            ended = run(command, environment=environment, stdout=subprocess.DEVNULL, stderr=stream)
        if ended.status:
            said = [line for line in errors.read_text().splitlines() if "error:" in line]
            raise FastirError(said[0] if said else f"{driver} failed on {source}")
        return read_log(log) if log.is_file() else pl.DataFrame()


def _explain_all(decisions: pl.DataFrame, model: Path, most: int) -> list[Explained]:
    if decisions.is_empty():
        return []
    properties = {entry.key: entry.value for entry in onnx.load(model).metadata_props}
    names = properties["fastir.features"].split(",")
    rows = decisions.select(names).to_numpy().astype(np.float32)
    estimates, effects = effects_of_features(rows, model)
    rules = parse_rules(properties.get("fastir.keep_default", ""))
    kept = keeps_default(rules, rows, names)
    callers, callees = (demangle(side.to_list()) for side in call_sites(decisions))
    found = []
    for number, row in enumerate(decisions.iter_rows(named=True)):
        asked = not np.isnan(row["prediction"])
        order = np.argsort(-np.abs(effects[number]), kind="stable")[:most]
        found.append(
            Explained(
                caller=callers[number],
                callee=callees[number],
                inlined=bool(row["inlining_decision"]),
                llvm_inlines=bool(row["inlining_default"]),
                llvm_cost=row["llvm_full_cost"],
                prediction=float(estimates[number]) if asked else None,
                unit=properties["fastir.unit"],
                kept=asked and bool(kept[number]),
                influences=tuple(
                    Influence(names[i], row[names[i]], float(effects[number, i]))
                    for i in order
                    if asked and effects[number, i]
                ),
            )
        )
    return found


def effects_of_features(rows: np.ndarray, model: Path) -> tuple[np.ndarray, np.ndarray]:
    """What each feature does to each prediction, beside the values that other calls have.

    Parameters
    ----------
    rows
        Features [N, F] float32, in the model's order.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Predictions [N], and [N, F] the prediction of a call, less the mean of the predictions with
        the feature's value taken from each of the N calls in turn; both in the model's unit.
    """
    ours = predict(model, rows)
    effects = np.zeros(rows.shape)
    for column in range(rows.shape[1]):
        values, counts = np.unique(rows[:, column], return_counts=True)
        if len(values) == 1:
            continue
        others = np.zeros(len(rows))
        for value, count in zip(values, counts, strict=True):
            swapped = rows.copy()
            swapped[:, column] = value
            others += count * predict(model, swapped)
        effects[:, column] = ours - others / len(rows)
    return ours, effects
