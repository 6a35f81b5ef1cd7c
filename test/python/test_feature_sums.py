"""Properties that hold for every module: of random ones by llvm-stress, and of broken ones."""

import itertools
import random
import re
import subprocess
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from conftest import in_parallel
from hypothesis import given, settings
from hypothesis import strategies as st

import llvm_tools


@cache
def _stress(seed: int, size: int) -> str:
    """One function, named by its seed."""
    command = ["llvm-stress-22", f"-seed={seed}", f"-size={size}", "-o", "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"^(;|source_filename).*$", "", text, flags=re.MULTILINE)


def _module(functions: dict[int, int]) -> bytes:
    """A module of functions by seed and size; each but the first is called by the one before."""
    seeds = list(functions)
    calls = "".join(
        f"define void @caller{seed}() {{ call void @caller{other}() ret void }}\n"
        for seed, other in itertools.pairwise(seeds)
    )
    last = f"define void @caller{seeds[-1]}() {{ ret void }}\n"
    return ("".join(_stress(*item) for item in functions.items()) + calls + last).encode()


_FUNCTIONS = st.dictionaries(st.integers(0, 400), st.integers(1, 250), min_size=1, max_size=4)


def _additive(table: str) -> list[str]:
    """Columns of counts that add up from blocks to functions to modules."""
    names = [column.name for column in llvm_tools.TABLES[table].columns]
    start = names.index("instruction_count")
    return [
        name
        for name in names[start:]
        if name not in {"memory_access_ratio", "opcode_entropy"} and name.islower()
    ]


@settings(max_examples=60, deadline=None)
@given(_FUNCTIONS)
def test_blocks_add_up_to_functions_and_functions_to_modules(functions: dict[int, int]) -> None:
    source = llvm_tools.to_bitcode(_module(functions))
    by_block = llvm_tools.block_features(source)
    by_function = llvm_tools.function_features(source)
    by_module = llvm_tools.module_features(source)
    counts = _additive("block_features")
    assert len(counts) > 70
    summed = by_block.group_by("function", maintain_order=True).agg(pl.col(counts).sum())
    assert summed.equals(by_function.select("function", *counts))
    assert (
        by_block.group_by("function", maintain_order=True)
        .len()["len"]
        .equals(by_function["block_count"].cast(pl.UInt32))
    )
    counts += ["block_count", "loop_count", "top_level_loop_count", "argument_count"]
    assert by_function.select(pl.col(counts).sum()).equals(by_module.select(counts))
    assert by_module["max_loop_depth"].item() == by_block["loop_depth"].max()
    assert by_module["function_count"].item() == by_function.height == 2 * len(functions)


@settings(max_examples=30, deadline=None)
@given(_FUNCTIONS)
def test_bitcode_gives_the_tables_of_its_text(functions: dict[int, int]) -> None:
    text = _module(functions)
    bitcode = llvm_tools.to_bitcode(text)
    for name in ("block_features", "function_features", "call_graph", "instcount", "autophase"):
        function = getattr(llvm_tools, name)
        assert function(bitcode).equals(function(text)), name
        assert function(bitcode, verify=True).equals(function(text)), name


@settings(max_examples=40, deadline=None)
@given(_FUNCTIONS)
def test_tables_agree_on_what_they_both_count(functions: dict[int, int]) -> None:
    source = llvm_tools.to_bitcode(_module(functions))
    module = llvm_tools.module_features(source).row(0, named=True)
    instcount = llvm_tools.instcount(source).row(0, named=True)
    autophase = llvm_tools.autophase(source).row(0, named=True)
    edges = llvm_tools.call_graph(source)
    histogram = sum(n for name, n in module.items() if re.match("opcode_(?!entropy)", name))
    assert module["instruction_count"] == histogram == instcount["TotalInstsCount"]
    assert module["instruction_count"] == autophase["TotalInsts"]
    assert module["block_count"] == instcount["TotalBlocksCount"] == autophase["TotalBlocks"]
    assert module["edge_count"] == autophase["NumEdges"]
    assert module["critical_edge_count"] == autophase["CriticalCount"]
    assert module["call_count"] == edges.height
    assert module["defined_call_count"] == edges["is_callee_defined"].sum()
    assert 0 <= module["opcode_entropy"] <= 7
    assert llvm_tools.function_features(source)["height"].max() == len(functions) - 1


def test_entropy_and_ratio_of_known_histograms() -> None:
    """Two loads, a store and a return: half a bit of each quarter, and half the half."""
    source = b"""define void @f(ptr %p) {
      %a = load i32, ptr %p
      %b = load i32, ptr %p
      store i32 %a, ptr %p
      ret void
    }
    define void @g() { ret void }"""
    frame = llvm_tools.function_features(source)
    assert frame["opcode_entropy"].to_list() == [1.5, 0]
    assert frame["memory_access_ratio"].to_list() == [0.75, 0]


def _mutate(content: bytes, random_: random.Random) -> bytes:
    if random_.random() < 0.3:
        return content[: random_.randrange(len(content))]
    broken = bytearray(content)
    for _ in range(random_.choice([1, 1, 2, 8])):
        bit = random_.randrange(8 * len(broken))
        broken[bit // 8] ^= 1 << (bit % 8)
    return bytes(broken)


def _broken(originals: list[bytes], count: int, seed: int) -> tuple[list[bytes], list[int]]:
    """Mutants of the originals, and the positions at which the first original is left unbroken."""
    random_ = random.Random(seed)
    sources = [_mutate(random_.choice(originals), random_) for _ in range(count)]
    good = list(range(0, count, count // 10))
    for position in good:
        sources[position] = originals[0]
    return sources, good


@pytest.mark.parametrize("table", ["instcount", "autophase", "block_features"])
def test_what_cannot_be_read_has_no_row_in_any_table(
    table: str, real_modules: dict[str, list[Path]]
) -> None:
    """Bodies are counted as they are read; what is broken behind them must count too."""
    small = [path.read_bytes() for path in real_modules["Oz"] if path.stat().st_size < 6_000]
    sources, _ = _broken([llvm_tools.to_bitcode(_module({7: 40})), *small[:3]], 1_000, 4)
    frame, errors, _ = getattr(llvm_tools, table)(sources, timeout=4)
    verified = llvm_tools.verify(sources, timeout=4)
    assert errors.filter(error="BitcodeError").height > 300
    # What takes LLVM too long or crashes it need not do so both times.
    unreadable = set(verified.errors.filter(error="BitcodeError")["module"])
    assert unreadable <= set(errors["module"])
    refused = errors.filter(pl.col("error").is_in(["BitcodeError", "InvalidModuleError"]))
    expected = {*verified.errors["module"], *verified.frame.filter(is_valid=False)["module"]}
    assert set(refused["module"]) <= expected
    assert set(frame["module"]).isdisjoint(errors["module"])


def test_broken_modules_are_those_that_stock_opt_refuses(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    small = [path.read_bytes() for path in real_modules["Oz"] if path.stat().st_size < 6_000]
    sources, _ = _broken([llvm_tools.to_bitcode(_module({7: 40})), *small[:3]], 200, 4)
    paths = {f"{number}.bc": source for number, source in enumerate(sources)}
    for name, source in paths.items():
        (tmp_path / name).write_bytes(source)

    def is_refused(path: Path) -> str | None:
        command = ["opt-22", "-passes=verify", "-disable-output", str(path)]
        refused = subprocess.run(command, capture_output=True, check=False, timeout=60).returncode
        return path.name if refused else None

    theirs = in_parallel(is_refused, [tmp_path / name for name in paths])
    verdict = llvm_tools.verify(paths, timeout=60)
    ours = {*verdict.errors["module"], *verdict.frame.filter(is_valid=False)["module"]}
    assert ours == set(theirs)
    assert 50 < len(ours) < 150


def test_ten_thousand_broken_modules_do_not_affect_the_others(
    real_modules: dict[str, list[Path]],
) -> None:
    """Every one has a row or an error, and the good ones among them have their own rows."""
    small = [path.read_bytes() for path in real_modules["Oz"] if path.stat().st_size < 6_000]
    originals = [llvm_tools.to_bitcode(_module({7: 40, 8: 60})), *small[:5]]
    sources, positions = _broken(originals, 10_000, 22)
    frame, errors, _ = llvm_tools.module_features(sources, timeout=10)
    assert frame.height + errors.height == 10_000
    kinds = {"BitcodeError", "InvalidModuleError", "CrashError", "TimeLimitError"}
    assert set(errors["error"]) <= kinds
    assert errors.filter(error="BitcodeError").height > 1_000
    assert errors["message"].str.contains("\n").any() is False
    good = frame.filter(pl.col("module").is_in([f"<bytes {position}>" for position in positions]))
    expected = llvm_tools.module_features(originals[0]).drop("module")
    assert good.height == 10
    assert good.drop("module").unique().equals(expected)
