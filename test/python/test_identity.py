"""With LLVM's decisions passed through, stock opt's bitcode comes out, byte for byte."""

from pathlib import Path

import pytest
from conftest import LEVELS, in_parallel, run_opt


@pytest.mark.parametrize("level", LEVELS)
def test_policy_llvm_gives_the_bitcode_of_stock_opt(
    level: str, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    passes = f"-passes=default<{level}>"

    def differs(module: Path) -> str | None:
        stock, ours, logged = (tmp_path / f"{module.stem}.{k}.bc" for k in ("s", "o", "l"))
        run_opt(passes, module, "-o", stock, plugin=False).check_returncode()
        run_opt("-fastir-policy=llvm", passes, module, "-o", ours).check_returncode()
        if stock.read_bytes() != ours.read_bytes():
            return module.name
        # With a log, every decision takes the way of a model's decision.
        log = f"-fastir-log={tmp_path / module.stem}.log"
        run_opt("-fastir-policy=llvm", log, passes, module, "-o", logged).check_returncode()
        return None if stock.read_bytes() == logged.read_bytes() else f"{module.name} (logged)"

    modules = real_modules[level]
    assert len(modules) >= 50
    assert in_parallel(differs, modules) == []


@pytest.mark.parametrize("level", ["O1", "O2", "O3"])
def test_a_size_model_leaves_speed_levels_alone(
    level: str, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    passes = f"-passes=default<{level}>"

    def differs(module: Path) -> str | None:
        stock, ours = tmp_path / f"{module.stem}.s.bc", tmp_path / f"{module.stem}.o.bc"
        run_opt(passes, module, "-o", stock, plugin=False).check_returncode()
        run_opt(passes, module, "-o", ours).check_returncode()
        return None if stock.read_bytes() == ours.read_bytes() else module.name

    assert in_parallel(differs, real_modules[level][::4]) == []
