"""One module or many: order, names, errors, crashes, time limits, interruption, processes."""

import inspect
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from rich.progress import Progress

import llvm_tools

F = b"define i32 @f(i32 %x) { %y = mul i32 %x, %x ret i32 %y }"
G = b"define void @g() { ret void } define void @h() { ret void }"


def test_many_come_in_the_order_of_the_sources(tmp_path: Path) -> None:
    (tmp_path / "g.ll").write_bytes(G)
    batch = llvm_tools.function_features([F, tmp_path / "g.ll", F] * 20)
    assert batch.errors.is_empty()
    assert batch.frame["function"].to_list() == ["f", "g", "h", "f"] * 20
    names = ["<bytes 0>", *([f"{tmp_path / 'g.ll'}"] * 2), "<bytes 2>"]
    assert batch.frame["module"].to_list()[:4] == names


def test_sources_by_name_and_columns_of_sources() -> None:
    named = llvm_tools.instcount({"first": F, "second": G})
    assert named.frame["module"].to_list() == ["first", "second"]
    column = llvm_tools.instcount(pl.Series("content", [F, None, G]))
    assert column.frame["module"].to_list() == ["content[0]", "content[2]"]
    assert column.errors.rows() == [(1, "content[1]", "SourceError", "null")]


def test_one_source_can_be_given_a_name() -> None:
    assert llvm_tools.instcount(F, name="mine")["module"].item() == "mine"


def test_errors_are_listed_and_the_other_modules_are_counted(tmp_path: Path) -> None:
    cut = llvm_tools.to_bitcode(F)[:200]
    invalid = b"define i32 @f() { %x = add i32 %x, 1 ret i32 %x }"
    batch = llvm_tools.instcount(
        {"good": F, "cut": cut, "none": tmp_path / "none.bc", "invalid": invalid, "also": G}
    )
    assert batch.frame["module"].to_list() == ["good", "also"]
    assert batch.errors.select("item", "module", "error").rows() == [
        (1, "cut", "BitcodeError"),
        (2, "none", "SourceError"),
        (3, "invalid", "InvalidModuleError"),
    ]
    assert batch.errors["message"][1] == "No such file or directory"


def test_errors_of_a_single_module_are_raised_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(llvm_tools.SourceError, match=r"none\.bc: No such file or directory$"):
        llvm_tools.instcount(tmp_path / "none.bc")
    with pytest.raises(llvm_tools.BitcodeError, match=r"^m: line 2: expected ") as raised:
        llvm_tools.instcount(b"define void @f() {\n  nonsense\n}", name="m")
    assert raised.value.module == "m"
    assert isinstance(raised.value, llvm_tools.LlvmToolsError)


def test_paths_that_are_no_utf8_are_read_and_named_readably(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.ll")
    Path(path).write_bytes(F)
    assert llvm_tools.instcount(path)["module"].item().endswith("/caf?.ll")
    assert llvm_tools.instcount([path]).frame["module"].item().endswith("/caf?.ll")


def test_no_sources_give_an_empty_frame_with_all_columns() -> None:
    batch = llvm_tools.call_graph([])
    names = [column.name for column in llvm_tools.TABLES["call_graph"].columns]
    assert batch.frame.columns == names
    assert batch.frame.is_empty()
    assert batch.errors.is_empty()


def test_nonsensical_arguments_are_refused() -> None:
    anything: Any = llvm_tools.instcount
    for wrong, message in {
        (F, 3): "item 1 is no module but int",
        3: "int is neither one module nor many",
        None: "NoneType is neither one module nor many",
    }.items():
        with pytest.raises(llvm_tools.UsageError, match=message):
            anything(wrong)
    for options, message in (
        ({"workers": 0}, "workers=0: at least 1"),
        ({"timeout": -1}, "timeout=-1"),
        ({"tiemout": 1}, "unknown option 'tiemout'; there are workers, timeout"),
    ):
        with pytest.raises(llvm_tools.UsageError, match=message):
            anything(F, **options)
    with pytest.raises(llvm_tools.UsageError, match="'name' is for one module"):
        anything([F], name="m")
    with pytest.raises(llvm_tools.UsageError, match="give a level too"):
        llvm_tools.object_size(F, model="m.onnx")


def test_a_time_limit_beyond_the_end_of_time_is_none() -> None:
    assert llvm_tools.instcount(F, timeout=float(sys.maxsize)).height == 1


def test_names_are_unique_whatever_they_are() -> None:
    path = Path("x (2)")
    batch = llvm_tools.instcount({"x (2)": F, "x": G})
    assert batch.frame["module"].to_list() == ["x (2)", "x"]
    sources: list[llvm_tools.Source] = [path, "x", "x", "x"]
    assert llvm_tools.instcount(sources).errors["module"].n_unique() == 4
    numbers: Any = {"1 (2)": F, 1: G, "1": F}
    assert llvm_tools.instcount(numbers).frame["MulCount"].to_list() == [1, 0, 1]


def test_bytes_as_other_libraries_hold_them() -> None:
    column: Any = pa.chunked_array([pa.array([F, None], pa.binary())])
    batch = llvm_tools.instcount(column)
    assert (batch.frame.height, batch.errors.height) == (1, 1)
    mutable: Any = [bytearray(F), memoryview(G)]
    assert llvm_tools.instcount(mutable).frame["MulCount"].to_list() == [1, 0]


def test_relative_paths_are_those_of_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are kept, and stay in the folder that they were started in."""
    for folder, source in (("a", F), ("b", G)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.ll").write_bytes(source)
        monkeypatch.chdir(tmp_path / folder)
        frame = llvm_tools.function_features("m.ll")
        assert frame["function"][0] == ("f" if source == F else "g")
        assert frame["module"][0] == "m.ll"


def test_standard_input_is_this_process_s_own(tmp_path: Path) -> None:
    (tmp_path / "m.ll").write_bytes(F)
    script = "import llvm_tools; print(llvm_tools.instcount('/dev/stdin')['MulCount'].item())"
    with (tmp_path / "m.ll").open() as stdin:
        command = [sys.executable, "-c", script]
        result = subprocess.run(command, stdin=stdin, capture_output=True, text=True, check=True)
    assert result.stdout == "1\n"


def test_bitcode_is_verified_where_that_is_asked_for(tmp_path: Path) -> None:
    """A definition that does not dominate its use: the reader of bitcode accepts that."""
    source = "define i32 @f() { %x = add i32 %y, 1 %y = add i32 1, 1 ret i32 %x }"
    command = ["llvm-as-22", "-disable-verify", "-", "-o", str(tmp_path / "late.bc")]
    subprocess.run(command, input=source, text=True, check=True)
    late = tmp_path / "late.bc"
    assert llvm_tools.instcount(late)["AddCount"].item() == 2
    for refused in (
        lambda: llvm_tools.instcount(late, verify=True),
        lambda: llvm_tools.inlining_features(late),
        lambda: llvm_tools.run_passes(late, "instcombine"),
        lambda: llvm_tools.object_size(late),
    ):
        with pytest.raises(llvm_tools.InvalidModuleError, match="does not dominate"):
            refused()


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file that is never written to: its reader waits."""
    os.mkfifo(tmp_path / "endless.bc")
    return tmp_path / "endless.bc"


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_workers_changes_nothing(
    workers: int, real_modules: dict[str, list[Path]]
) -> None:
    modules = real_modules["Oz"][::5]
    expected = [llvm_tools.block_features(module) for module in modules]
    batch = llvm_tools.block_features(modules, workers=workers)
    assert batch.frame.equals(pl.concat(expected))


def test_a_crash_costs_the_module_it_happens_on() -> None:
    """LLVM has a pass that crashes."""
    sources = {"a": F, "b": G, "c": F}
    batch = llvm_tools.run_passes(sources, "trigger-crash-module")
    assert batch.errors["error"].to_list() == ["CrashError"] * 3
    assert batch.errors["message"].str.starts_with("LLVM crashed (signal: 6").all()
    assert llvm_tools.run_passes(sources, "instcombine").frame.height == 3
    with pytest.raises(llvm_tools.CrashError, match=r"^m: LLVM crashed"):
        llvm_tools.run_passes(F, "trigger-crash-module", name="m")


def test_a_worker_that_is_killed_costs_its_module(endless: Path) -> None:
    result = {}

    def work() -> None:
        result["batch"] = llvm_tools.instcount({"a": endless, "b": endless}, workers=2, timeout=60)

    thread = threading.Thread(target=work, daemon=True)
    before = set(_children())
    thread.start()
    time.sleep(1)
    assert thread.is_alive()
    for child in [*set(_children()) - before, *before]:
        os.kill(child, signal.SIGKILL)
    thread.join(20)
    assert result["batch"].errors["error"].to_list() == ["CrashError"] * 2
    assert llvm_tools.instcount(F)["MulCount"].item() == 1


def test_workers_end_with_their_parent_even_when_stuck(endless: Path) -> None:
    script = f"import llvm_tools; llvm_tools.instcount([{str(endless)!r}] * 2, workers=2)"
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 20
    while len(_children(parent.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = _children(parent.pid)
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    while any(_is_running(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_is_running(worker) for worker in workers)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_idle_workers_are_no_more_than_cores() -> None:
    llvm_tools.instcount([F] * 40, workers=8)
    assert len(_children()) <= len(os.sched_getaffinity(0))


def test_workers_that_died_while_idle_are_replaced() -> None:
    assert llvm_tools.instcount([F] * 4).errors.is_empty()
    for child in _children():
        os.kill(child, signal.SIGKILL)
    time.sleep(0.2)
    assert llvm_tools.instcount([F] * 4).errors.is_empty()


def test_an_interrupt_at_the_terminal_does_not_reach_the_workers() -> None:
    llvm_tools.instcount([F] * 4)
    groups = {os.getpgid(child) for child in _children()}
    assert groups
    assert os.getpgid(0) not in groups


def _children(parent: int | None = None) -> list[int]:
    """Workers of a process, by default of this one."""
    wanted = parent or os.getpid()
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, name, state, of, *_ = status.read_text().split()
            if name.startswith("(llvm-tools-work") and int(of) == wanted and state != "Z":
                found.append(int(pid))
    return found


def test_a_module_that_takes_too_long_is_abandoned(endless: Path) -> None:
    start = time.monotonic()
    with pytest.raises(llvm_tools.TimeLimitError, match=r"^m: took longer than 0\.5 s$"):
        llvm_tools.instcount(endless, timeout=0.5, name="m")
    assert time.monotonic() - start < 20
    assert llvm_tools.instcount(F)["MulCount"].item() == 1


def test_progress_reports_every_item() -> None:
    reported: list[tuple[int, int]] = []
    llvm_tools.instcount([F] * 30, progress=lambda done, total: reported.append((done, total)))
    assert reported[-1] == (30, 30)
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)


def test_what_progress_raises_stops_the_work() -> None:
    def stop(done: int, total: int) -> None:
        raise RuntimeError(f"stop at {done} of {total}")

    with pytest.raises(RuntimeError, match="stop at"):
        llvm_tools.instcount([F] * 30, progress=stop)


def test_a_progress_bar_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []

    class Recorder(Progress):
        def update(self, *arguments: Any, **keywords: Any) -> None:
            super().update(*arguments, **keywords)
            shown.append((self.tasks[0].description, self.tasks[0].completed, self.tasks[0].total))

    monkeypatch.setattr("llvm_tools.batch.Progress", Recorder)
    assert llvm_tools.instcount([F] * 3, progress=True).frame.height == 3
    assert shown[-1] == ("instcount", 3, 3)


def test_an_interrupt_stops_the_work_at_once(endless: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import llvm_tools, os, signal, threading\n"
        "threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        f"llvm_tools.instcount({str(endless)!r}, timeout=600)\n"
    )
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.stderr.rstrip().endswith("KeyboardInterrupt")


def test_other_python_threads_keep_running(endless: Path) -> None:
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.01)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    with pytest.raises(llvm_tools.TimeLimitError):
        llvm_tools.instcount(endless, timeout=1)
    done.set()
    thread.join()
    assert ticks > 20


def _count(source: bytes) -> int:
    return llvm_tools.instcount(source)["MulCount"].item()


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_works_in_processes_that_multiprocessing_starts(method: str) -> None:
    assert _count(F) == 1
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(_count, [F, F, G, F], chunksize=1) == [1, 1, 0, 1]
    assert _count(F) == 1


def test_timings_show_where_the_time_went() -> None:
    batch = llvm_tools.instcount({"f": F, "g": G})
    assert batch.timings["module"].to_list() == ["f", "g"]
    assert batch.timings["bytes"].to_list() == [len(F), len(G)]
    assert (batch.timings["parse"] > 0).all()
    assert (batch.timings["peak_bytes"] > 1_000_000).all()


def test_names_that_are_no_utf8_become_readable() -> None:
    source = b'define void @"caf\\E9"() { ret void } define void @ascii() { ret void }'
    assert llvm_tools.function_features(source)["function"].to_list() == ["caf\ufffd", "ascii"]


def test_every_public_function_has_a_full_docstring() -> None:
    functions = [getattr(llvm_tools, name) for name in llvm_tools.__all__]
    functions += [getattr(llvm_tools.Compilation, name) for name in ("decisions", "pieces")]
    for function in filter(inspect.isfunction, functions):
        text = function.__doc__ or ""
        assert re.search(r"^    +(Returns|Yields)\n +-+$", text, re.M), function.__name__
        assert ">>> " in text, function.__name__
        takes = [p for p in inspect.signature(function).parameters if p != "self"]
        assert not takes or "Parameters\n" in text, function.__name__


def test_every_column_is_documented() -> None:
    for table in llvm_tools.TABLES.values():
        assert table.doc
        for column in table.columns:
            assert column.doc, (table.name, column.name)
            assert column.source, (table.name, column.name)
            is_number = column.dtype in {"Int64", "Float64", "Boolean"}
            numbers = {"block", "call_site", "scc", "caller_scc", "callee_scc"}
            if is_number and column.name not in numbers | {
                "calling_convention",
                "structural_hash",
                "body_hash",
            }:
                assert column.unit, (table.name, column.name)
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", sorted(set(llvm_tools.TABLES) - {"run_passes"}))
def test_frames_have_the_columns_that_are_described(name: str) -> None:
    source = b'target triple = "x86_64-pc-linux-gnu" ' + F
    frame = getattr(llvm_tools, name)([source]).frame
    described = [(c.name, c.dtype) for c in llvm_tools.TABLES[name].columns]
    assert [(column, str(dtype)) for column, dtype in frame.schema.items()] == described
