"""LLVM's function properties in function_features, against what stock opt prints."""

import re
import subprocess
from pathlib import Path

from conftest import in_parallel

import llvm_tools

_PASSES = ("-passes=print<func-properties>", "-enable-detailed-function-properties")


def _print_properties(module: Path) -> dict[str, dict[str, int]]:
    """By function what stock opt prints."""
    command = ["opt-22", *_PASSES, "-disable-output", str(module)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    _, *parts = re.split(
        r"^Printing analysis results of CFA for function '(.*)':$", text, flags=re.M
    )
    return {
        name: {key: int(value) for key, value in re.findall(r"^(\w+): (\d+)$", body, re.M)}
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_properties_equal_those_that_opt_prints(real_modules: dict[str, list[Path]]) -> None:
    functions = []

    def differs(module: Path) -> str | None:
        printed = _print_properties(module)
        ours = llvm_tools.function_features(module, workers=1)
        if set(ours["function"]) != set(printed):
            return f"{module.name}: functions"
        functions.extend(printed)
        for row in ours.iter_rows(named=True):
            expected = printed[row["function"]]
            assert len(expected) > 45
            if {name: row[name] for name in expected} != expected:
                return f"{module.name}: {row['function']}"
        return None

    assert in_parallel(differs, real_modules["Oz"]) == []
    assert len(functions) > 2000


def test_our_counts_agree_with_llvms_where_both_count(real_modules: dict[str, list[Path]]) -> None:
    """LLVM leaves out blocks that the entry does not reach; so do we here."""
    modules = real_modules["O2"]
    dead = llvm_tools.block_features(modules).frame.filter(is_reachable=False)
    whole = llvm_tools.function_features(modules).frame
    frame = whole.join(dead, on=["module", "function"], how="anti")
    assert 0 < whole.height - frame.height < 100
    for ours, llvms in {
        "block_count": "BasicBlockCount",
        "instruction_count": "TotalInstructionCount",
        "opcode_load": "LoadInstCount",
        "opcode_store": "StoreInstCount",
        "max_loop_depth": "MaxLoopDepth",
        "top_level_loop_count": "TopLevelLoopCount",
        "critical_edge_count": "CriticalEdgeCount",
        "edge_count": "ControlFlowEdgeCount",
        "opcode_switch": "SwitchInstructionCount",
        "opcode_br": "BranchInstructionCount",
        "intrinsic_count": "IntrinsicCount",
        "defined_call_count": "DirectCallsToDefinedFunctions",
    }.items():
        assert frame[ours].equals(frame[llvms]), ours
    assert (frame["max_loop_depth"] >= 2).any()
