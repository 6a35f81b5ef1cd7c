"""`fastir bench` and `fastir compare` on a program with planted faults."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from fastir_train import bench, build
from fastir_train.bench import against_others, run_suite
from fastir_train.bench_markdown import markdown
from fastir_train.cli import main
from fastir_train.compare import compare, ratio_of_times
from fastir_train.console import Console
from fastir_train.errors import FastirError
from fastir_train.manifest import load_projects, local_project
from fastir_train.results import Results, circumstances, read_results, write_results
from fastir_train.suite import Suite, load_suite, suite_path

PROGRAM = """
#ifdef ERROR
#error planted
#endif
#include <stdio.h>
static int twice(int x) { return x + x; }
#ifdef GROWN
const char table[5000] = {1};
#endif
int main(int argc, char **argv) {
#ifdef WRONG
  return 1;
#endif
#ifdef GROWN
  argc += table[argc];
#endif
  printf("%d %d", twice(argc), twice(argc + 1));
  return 0;
}
"""
SUITE = """
name = "planted"
projects = []
decisions = true
[[configuration]]
name = "stock"
flags = ["-Oz"]
"""


def _with(name: str, *flags: str, more: str = "") -> str:
    given = ", ".join(f'"{flag}"' for flag in ("-Oz", *flags))
    return f'[[configuration]]\nname = "{name}"\nflags = [{given}]\nagainst = "stock"\n{more}\n'


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "main.c").write_text(PROGRAM)
    (folder / "Makefile").write_text("program: main.c\n\t$(CC) -O2 main.c -o program\n")
    return folder


def _suite(folder: Path, text: str) -> Suite:
    path = folder / "suite.toml"
    path.write_text(text)
    return load_suite(path, [])


def _run(program: Path, text: str, *, test: str = "./program") -> pl.DataFrame:
    read = _suite(program.parent, text)
    project = local_project(program, "program", "make", (), test)
    suite = replace(read, projects=(project,))
    rows = run_suite(suite, program.parent / "work", 1, Console())
    write_results(Results(rows, circumstances(suite)), program.parent / "out")
    return rows


def test_planted_faults_are_rows_of_their_own(program: Path) -> None:
    text = SUITE + _with("never", more='plugin = { policy = "never" }')
    text += _with("grown", "-DGROWN") + _with("wrong", "-DWRONG") + _with("error", "-DERROR")
    rows = _run(program, text)
    status = dict(rows.select("configuration", "status").rows())
    assert status == {
        "stock": "pass",
        "never": "pass",
        "grown": "pass",
        "wrong": "tests failed",
        "error": "build failed",
    }
    logs = dict(rows.select("configuration", "log").rows())
    assert "#error planted" in Path(logs["error"].split("see ")[1]).read_text()
    changes = dict(against_others(rows))
    assert set(changes) == {"never", "grown"}
    assert changes["grown"]["loadable"].item() > 0.3
    never = rows.filter(configuration="never").row(0, named=True)
    assert never["decisions"] == never["departures"] == 2
    (site,) = never["sites"]
    assert (site["caller"], site["callee"], site["times"]) == ("main", "twice", 2)
    assert (site["llvm_inlines"], site["inlined"], site["prediction"]) == (True, False, None)


def test_the_name_of_a_configuration_does_not_tell_in_sizes(program: Path) -> None:
    source = PROGRAM.replace('printf("', 'printf(__FILE__ "')
    (program / "main.c").write_text(source)
    (program / "Makefile").write_text("program:\n\t$(CC) $(CURDIR)/main.c -o program\n")
    rows = _run(program, SUITE + _with("stock-with-a-longer-name"[:20]))
    assert rows["loadable"].n_unique() == 1


def test_sizes_are_those_of_llvm_size_and_llvm_nm(program: Path) -> None:
    row = _run(program, SUITE + 'against = "stock"\n').row(0, named=True)
    built = program.parent / "program.bin"
    source = str(program / "main.c")
    command = ["clang-22", "-Oz", source, "-o", str(built)]
    subprocess.run(command, check=True)
    listing = subprocess.run(
        ["llvm-size-22", "-A", built], check=True, capture_output=True, text=True
    ).stdout
    sizes = {line.split()[0]: int(line.split()[1]) for line in listing.splitlines()[2:-2]}
    sections = {entry["name"]: entry["bytes"] for entry in row["sections"]}
    assert sections[".text"] == row["text"] == sizes[".text"]
    assert all(sizes[name] == size for name, size in sections.items())
    disassembly = subprocess.run(
        ["llvm-readelf-22", "--symbols", built], check=True, capture_output=True, text=True
    ).stdout
    sized = next(line.split() for line in disassembly.splitlines() if line.endswith(" main"))
    symbols = {entry["name"]: entry["bytes"] for entry in row["symbols"]}
    assert symbols["main"] == int(sized[2])
    assert row["file"] == built.stat().st_size


def test_builds_are_timed_in_turns_and_what_failed_is_not_built_again(program: Path) -> None:
    text = SUITE.replace("projects", "runs = 3\nprojects") + _with("wrong", "-DWRONG")
    rows = _run(program, text + _with("again"))
    counts = dict(rows.select("configuration", pl.col("seconds").list.len()).rows())
    assert counts == {"stock": 3, "wrong": 1, "again": 3}
    failed = rows.filter(configuration="wrong")["log"].item()
    assert "./program" in Path(failed.split("see ")[1]).read_text()


def test_runs_are_timed_where_all_went_well(program: Path) -> None:
    text = SUITE.replace("projects", "run_times = 3\nprojects") + _with("wrong", "-DWRONG")
    rows = _run(program, text + _with("again"))
    counts = dict(rows.select("configuration", pl.col("run_seconds").list.len()).rows())
    assert counts == {"stock": 3, "wrong": 0, "again": 3}
    assert not list((program.parent / "work" / "builds" / "program").glob("stock*"))
    assert _run(program, text, test="")["run_seconds"].list.len().sum() == 0


def test_counting_without_a_counter_is_one_error_before_any_build(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = _suite(program.parent, SUITE.replace("projects", "instructions = true\nprojects"))
    project = replace(local_project(program, "p", "make", (), ""), workload=("$RUN ./program",))
    monkeypatch.setattr(build.shutil, "which", lambda _: None)
    with pytest.raises(FastirError, match="valgrind is not installed"):
        run_suite(replace(read, projects=(project,)), program.parent / "work", 1, Console())
    assert not (program.parent / "work").exists()


def test_results_survive_a_file(program: Path) -> None:
    rows = _run(program, SUITE)
    read = read_results(program.parent / "out" / "results.parquet")
    assert read.rows.equals(rows)
    assert read.circumstances["suite"] == "planted"
    assert read.circumstances["configurations"]["stock"]["flags"] == ["-Oz"]
    rows.select("project").write_parquet(program.parent / "other.parquet")
    with pytest.raises(FastirError, match="holds no results of 'fastir bench'"):
        read_results(program.parent / "other.parquet")


def test_compare_fails_past_the_threshold(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for name, flags in (("before", ()), ("grown", ("-DGROWN",)), ("wrong", ("-DWRONG",))):
        _run(program, SUITE + _with("c", *flags))
        found[name] = program.parent / f"{name}.parquet"
        (program.parent / "out" / "results.parquet").rename(found[name])
    before = str(found["before"])
    assert main(["compare", before, before]) == 0
    assert "**0 worse, 0 better**" in capsys.readouterr().out
    assert main(["compare", before, str(found["grown"])]) == 1
    assert "| program | c | loadable | +" in capsys.readouterr().out
    assert main(["compare", before, str(found["grown"]), "--threshold", "1000"]) == 0
    assert main(["compare", str(found["grown"]), before]) == 0
    read_results(found["before"]).rows.clear().write_parquet(
        program.parent / "empty.parquet", metadata={"fastir": "{}"}
    )
    assert main(["compare", before, str(program.parent / "empty.parquet")]) == 1
    assert "nothing in common" in capsys.readouterr().err
    assert main(["compare", before, str(found["wrong"])]) == 1
    assert "broken: program in c: tests failed" in capsys.readouterr().out


def test_geomeans_are_scipys() -> None:
    facts = {"against": None, "status": "pass", "file": 1, "instructions": None}
    rows = pl.DataFrame(
        [
            {"project": p, "configuration": c, "text": t, "loadable": t, **facts}
            | ({"against": "a"} if c == "b" else {})
            for p, c, t in (("x", "a", 100), ("x", "b", 90), ("y", "a", 50), ("y", "b", 51))
        ]
    )
    ((name, changes),) = against_others(rows)
    assert name == "b"
    assert stats.gmean(1 + changes["text"].to_numpy()) == pytest.approx((0.9 * 1.02) ** 0.5)


def test_markdown_has_failures_and_geomeans_by_language() -> None:
    facts = {"status": "pass", "file": 1, "instructions": None}
    sizes = {"x": ("c", 100, 90), "y": ("c", 50, 51), "z": ("c++", 80, 60), "w": ("c", 10, 11)}
    rows = pl.DataFrame(
        [
            {"project": p, "language": language, "configuration": c, "against": against}
            | {"text": size, "loadable": size, **facts}
            | ({"status": "build failed"} if (p, c) == ("w", "b") else {})
            for p, (language, *both) in sizes.items()
            for c, against, size in (("a", None, both[0]), ("b", "a", both[1]))
        ]
    )
    lines = markdown(rows).splitlines()
    assert lines[:4] == ["**1 failed**", "", "- w, b: build failed", ""]
    assert lines[4] == "**b, against a**"
    assert lines[6] == "| program | .text | loadable bytes |"
    assert lines[8:11] == [
        "| x (c) | -10.00% | -10.00% |",
        "| y (c) | +2.00% | +2.00% |",
        "| z (c++) | -25.00% | -25.00% |",
    ]
    means = {
        line.split("**")[1].split(", ")[1]: float(line.split("**")[3].rstrip("%"))
        for line in lines[11:]
    }
    assert set(means) == {"all", "c"}
    assert means["c"] == pytest.approx(100 * (stats.gmean([0.9, 1.02]) - 1), abs=0.006)
    assert means["all"] == pytest.approx(100 * (stats.gmean([0.9, 1.02, 0.75]) - 1), abs=0.006)


def test_markdown_of_a_program_of_ones_own_names_no_language(program: Path) -> None:
    rows = _run(program, SUITE + _with("grown", "-DGROWN"))
    table = markdown(rows).splitlines()
    assert table[0] == "**grown, against stock**"
    assert [line.split(" | ")[0] for line in table[2:]] == ["| program", "| ---", "| program"]
    alone = rows.filter(configuration="stock")
    assert markdown(alone) == "No configuration was held against another.\n"


def test_times_are_worse_only_beyond_chance() -> None:
    random = np.random.default_rng(1)
    before = (10 + random.normal(0, 1, 12)).tolist()
    noisy = ratio_of_times(before, (10.1 + random.normal(0, 1, 12)).tolist())
    slower = ratio_of_times(before, [2 * seconds for seconds in before])
    assert noisy is not None
    assert noisy[0] - noisy[1] < 0.005
    assert slower == pytest.approx((1.0, 0.0))
    assert ratio_of_times(before[:2], before[:2]) is None


def test_slower_builds_and_slower_runs_are_told_apart(program: Path) -> None:
    before = _run(program, SUITE)
    times = pl.Series([[1.0, 1.1, 0.9]])
    before = before.with_columns(seconds=times, run_seconds=times)
    slow_build = before.with_columns(seconds=pl.col("seconds").list.eval(2 * pl.element()))
    slow_run = before.with_columns(run_seconds=pl.col("run_seconds").list.eval(3 * pl.element()))
    for after, figure, change in ((slow_build, "compile time", 1), (slow_run, "run time", 2)):
        (worse,) = compare(before, after).worse(0.5)
        assert (worse.figure, worse.change) == (figure, pytest.approx(change))


def test_compare_tells_what_is_only_in_one(program: Path) -> None:
    rows = _run(program, SUITE)
    assert compare(rows, rows.clear()).missing == ["program in stock: only before"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "planted"', 'name = "a/b"', "is no name for a suite"),
        ("decisions", "decision", "the suite has no 'decision'"),
        ("projects = []", 'projects = ["none"]', "no manifest names none"),
        ('name = "stock"', 'name = "stock of"', "is no name for a configuration"),
        ('flags = ["-Oz"]', 'against = "x"\nflags = []', "is held against 'x', unknown"),
        ('flags = ["-Oz"]', "", "'flags' is missing"),
        ('flags = ["-Oz"]', 'flags = []\nplugin = { model-path = "m" }', "has no 'model-path'"),
        ('name = "planted"', "name = ", "cannot read suite"),
    ],
)
def test_a_wrong_suite_is_one_clear_error(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FastirError, match=message) as error:
        _suite(tmp_path, SUITE.replace(old, new))
    assert "\n" not in str(error.value)


def test_the_suite_speed_has_what_has_a_workload() -> None:
    held_out = load_projects(Path(__file__).parents[2] / "corpus", ["test"])
    suite = load_suite(suite_path("speed"), held_out)
    assert set(suite.projects) == {project for project in held_out if project.workload}


def test_shipped_suites_are_found_by_name() -> None:
    assert suite_path("quick").is_file()
    with pytest.raises(FastirError, match="no suite 'none'; there are quick, size, speed"):
        suite_path("none")


def test_a_checkout_is_built_without_what_git_ignores(program: Path) -> None:
    subprocess.run(["git", "init", "-q", str(program)], check=True)
    (program / ".gitignore").write_text("program\n")
    (program / "program").write_text("stale")
    assert _run(program, SUITE)["status"].to_list() == ["pass"]
    (program / "Makefile").unlink()
    assert _run(program, SUITE)["status"].to_list() == ["build failed"]


def test_an_interrupted_run_goes_on(
    program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = local_project(program, "first", "make", (), "./program")
    archived = replace(folder, source=replace(folder.source, registry="debian"))
    second = replace(archived, name="second")
    monkeypatch.setattr(build, "fetch", lambda source, _: Path(source.package))
    read = _suite(tmp_path, SUITE)
    suite = replace(read, projects=(archived, second))
    built = []

    def interrupted(result: build.Build, *_: object) -> None:
        built.append(result.project.name)
        if result.project.name == "second" and len(built) < 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(bench, "run_tests", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_suite(suite, tmp_path / "work", 1, Console())
    rows = run_suite(suite, tmp_path / "work", 1, Console())
    assert rows["project"].to_list() == ["first", "second"]
    assert built == ["first", "second", "second"]
    assert not (tmp_path / "work" / "bench" / "planted" / "unfinished").exists()


def test_a_program_needs_no_manifests(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(program.parent)
    (program.parent / "size.toml").write_text(SUITE.replace("[]", '["unknown"]'))
    command = ["bench", "size.toml", "--project", "program", "--name", "p", "--output", "out"]
    (program / "Makefile").rename(program / "rules.mk")
    assert main([*command, "--test", "./program", "--", "make", "-f", "rules.mk"]) == 0
    assert read_results(Path("out/results.parquet")).rows["project"].to_list() == ["p"]
    assert Path("out/report.html").is_file()
    assert Path("out/summary.md").is_file()


def test_the_table_grows_with_each_configuration(program: Path) -> None:
    suite = _suite(program.parent, SUITE + _with("again"))
    projects = tuple(local_project(program, name, "make", (), "") for name in ("first", "second"))
    seen: list[pl.DataFrame] = []
    work = program.parent / "work"
    rows = run_suite(replace(suite, projects=projects), work, 1, Console(), seen.append)
    assert [part.height for part in seen] == [1, 2, 2, 3, 4, 4]
    assert seen[-1].equals(rows)


def test_a_terminal_shows_the_table_while_it_runs(program: Path) -> None:
    (program.parent / "size.toml").write_text(SUITE + _with("again"))
    (program / "Makefile").write_text("program: main.c\n\tsleep 1; $(CC) main.c -o program\n")
    fastir = Path(sys.executable).with_name("fastir")
    command = f"{fastir} bench size.toml --project program --output out"
    shown = subprocess.run(
        ["script", "--quiet", "--return", "--command", command, "/dev/null"],
        cwd=program.parent,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first, last = (shown.split("fastir bench planted")[part] for part in (1, -1))
    assert "stock" in first
    assert "again" not in first
    assert "again" in last
    assert "results are in out" in last


def test_a_build_command_is_for_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--", "make"]) == 1
    assert "--project DIR" in capsys.readouterr().err


def test_a_folder_that_git_ignores_is_copied_whole(program: Path) -> None:
    subprocess.run(["git", "init", "-q", str(program.parent)], check=True)
    (program.parent / ".gitignore").write_text("program/\n")
    assert _run(program, SUITE)["status"].to_list() == ["pass"]


def test_a_build_that_does_not_use_our_clang_is_told(program: Path) -> None:
    (program / "Makefile").write_text("program: main.c\n\tgcc main.c -o program\n")
    rows = _run(program, SUITE + _with("ours", more="plugin = {}"))
    assert rows["status"].to_list() == ["pass", "plugin not used"]
