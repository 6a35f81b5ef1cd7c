"""A model of lean features decides alike whether or not LLVM's own features are computed too."""

from pathlib import Path

import numpy as np
import pytest
from conftest import in_parallel, run_opt
from sklearn.ensemble import HistGradientBoostingRegressor

import llvm_tools
from fastir_train import export

LEAN = [
    "callee_instruction_count",
    "callee_call_site_count",
    "argument_count",
    "is_callsite_in_cycle",
    "llvm_full_cost",
]


@pytest.fixture(scope="module")
def lean_model(
    real_modules: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Trees on made-up targets, which inline some calls that LLVM does not, and the reverse."""
    module = max(real_modules["Oz"], key=lambda path: path.stat().st_size)
    rows = llvm_tools.compile_module(module).decisions().select(LEAN).to_numpy()
    noise = np.random.default_rng(1).normal(0, 3, len(rows))
    regressor = HistGradientBoostingRegressor(max_iter=30, random_state=1)
    regressor.fit(rows.astype(np.float32), np.arcsinh((rows[:, 0] - 12) / 8) + noise)
    path = tmp_path_factory.mktemp("lean") / "lean.onnx"
    metadata = export.ModelMetadata(LEAN, 0.0, "test", "bytes", "minsize", "0" * 64)
    export.save(export.to_onnx(regressor, metadata), path)
    return path


def test_output_is_the_same_with_and_without_a_log(
    lean_model: Path, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def differs(module: Path) -> str | None:
        outputs = []
        for name in ("lean", "logged"):
            output = tmp_path / f"{module.stem}.{name}.bc"
            log = [f"-fastir-log={output}.log"] if name == "logged" else []
            result = run_opt(
                f"-fastir-model={lean_model}", *log, "-passes=default<Oz>", module, "-o", output
            )
            if result.returncode:
                return f"{module.name}: {result.stderr}"
            outputs.append(output.read_bytes())
        stock = tmp_path / f"{module.stem}.stock.bc"
        run_opt("-passes=default<Oz>", module, "-o", stock, plugin=False)
        changed.append(stock.read_bytes() != outputs[0])
        return None if outputs[0] == outputs[1] else f"{module.name} differs"

    changed: list[bool] = []
    assert in_parallel(differs, real_modules["Oz"]) == []
    assert sum(changed) > len(changed) / 2
