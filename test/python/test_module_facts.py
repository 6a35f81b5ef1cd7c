"""What is kept up to date while calls are inlined is what a fresh walk over the module finds.

The plugin itself compares, under -fastir-verify-facts, at each decision; both advisors have to
give the same code.
"""

import subprocess
from pathlib import Path

import pytest
from conftest import in_parallel, run_opt, write_linear_model

INPUTS = Path(__file__).parent / "Inputs" / "facts"
WEIGHTS = {
    "inlines everything": ({"argument_count": -1.0}, -1.0),
    "inlines nothing": ({"argument_count": 1.0}, 1.0),
    "by uses": (
        {
            "callee_instruction_count": 1.0,
            "callee_call_site_count": 3.0,
            "callee_total_argument_count": -1.0,
            "callee_total_constant_argument_count": 1.0,
        },
        -14.0,
    ),
}


@pytest.fixture(scope="module", params=WEIGHTS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    weights, bias = WEIGHTS[request.param]
    path = tmp_path_factory.mktemp("models") / "model.onnx"
    return write_linear_model(path, weights, bias=bias, domain="all")


def _complaint(model: Path, module: Path, passes: str, folder: Path) -> str | None:
    """What is wrong with the facts of one module under either advisor."""
    outputs = []
    for name, log in (("lean", []), ("logged", [f"-fastir-log={folder / module.stem}.log"])):
        output = folder / f"{module.stem}.{name}.bc"
        result = run_opt(
            *(f"-fastir-model={model}", "-fastir-verify-facts", *log),
            *(f"-passes={passes}", module, "-o", output),
        )
        if result.returncode:
            return f"{module.name}, {name}: {result.stderr}"
        outputs.append(output.read_bytes())
    return None if outputs[0] == outputs[1] else f"{module.name}: the advisors differ"


@pytest.mark.parametrize("name", sorted(path.name for path in INPUTS.glob("*.ll")))
@pytest.mark.parametrize("passes", ["inliner-wrapper", "default<Oz>", "default<O3>"])
def test_facts_of_hand_written_modules(name: str, passes: str, model: Path, tmp_path: Path) -> None:
    assert _complaint(model, INPUTS / name, passes, tmp_path) is None


@pytest.mark.parametrize("level", ["Oz", "O2"])
def test_facts_of_coroutines(level: str, model: Path, tmp_path: Path) -> None:
    module = tmp_path / "coroutine.bc"
    subprocess.run(
        [
            *("clang++-22", "-std=c++20", f"-{level}", "-Xclang", "-disable-llvm-passes"),
            *("-emit-llvm", "-c", INPUTS / "coroutine.cpp", "-o", module),
        ],
        check=True,
    )
    assert _complaint(model, module, f"default<{level}>", tmp_path) is None


@pytest.mark.parametrize("level", ["Os", "O3"])
def test_facts_of_real_modules(
    level: str, model: Path, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def complaint(module: Path) -> str | None:
        return _complaint(model, module, f"default<{level}>", tmp_path)

    assert in_parallel(complaint, real_modules[level][::4]) == []
