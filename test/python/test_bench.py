"""`fastir bench` on a program with planted faults."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from planted import PROGRAM, SUITE, read_suite, run_program, with_configuration
from scipy import stats

from fastir_train.benchmark import measure as measuring
from fastir_train.benchmark.results import read_results
from fastir_train.benchmark.runner import changes_from_baselines, run_suite
from fastir_train.cli.main import main
from fastir_train.corpus import build
from fastir_train.corpus.manifest import local_project
from fastir_train.report.summary import markdown
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError


def test_planted_faults_are_rows_of_their_own(program: Path) -> None:
    text = SUITE + with_configuration("never", more='plugin = { policy = "never" }')
    text += (
        with_configuration("grown", "-DGROWN")
        + with_configuration("wrong", "-DWRONG")
        + with_configuration("error", "-DERROR")
    )
    rows = run_program(program, text)
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
    changes = dict(changes_from_baselines(rows))
    assert set(changes) == {"never", "grown"}
    assert changes["grown"]["loadable"].item() > 0.3
    never = rows.filter(configuration="never").row(0, named=True)
    assert never["decisions"] == never["changed_decisions"] == 2
    (site,) = never["sites"]
    assert (site["caller"], site["callee"], site["times"]) == ("main", "twice", 2)
    assert (site["llvm_inlines"], site["inlined"], site["prediction"]) == (True, False, None)


def test_the_plugin_decides_where_the_suite_puts_it(program: Path) -> None:
    # What one file defines and another calls is inlined at the link alone.
    (program / "once.c").write_text("int once(int x) { return x * 3 + 1; }")
    source = PROGRAM.replace("static int", "int once(int);\nstatic int")
    (program / "main.c").write_text(source.replace("twice(argc)", "once(twice(argc))"))
    commands = "$(CC) -O2 -c once.c\n\t$(CC) -O2 -c main.c\n\t$(CC) main.o once.o -o program\n"
    (program / "Makefile").write_text(f"program:\n\t{commands}")
    text = SUITE.replace("decisions = true\n", "")
    for lto in ("thin", "full"):
        text += with_configuration(f"stock-{lto}", more=f'lto = "{lto}"')
        for place in ("compile", "link", "both"):
            plugin = f'plugin = {{ policy = "never", at = "{place}" }}'
            text += with_configuration(f"{place}-{lto}", more=f'lto = "{lto}"\n{plugin}')
    rows = run_program(program, text)
    assert set(rows["status"]) == {"pass"}
    symbols = {
        name: {symbol["name"] for symbol in found}
        for name, found in rows.select("configuration", "symbols").rows()
    }
    text_bytes = dict(rows.select("configuration", "text").rows())
    for lto in ("thin", "full"):
        # Where one of both decides, the other inlines what it can.
        assert [
            "twice" in symbols[f"{name}-{lto}"] for name in ("stock", "compile", "link", "both")
        ] == [False, False, False, True]
        assert text_bytes[f"compile-{lto}"] == text_bytes[f"stock-{lto}"]
        assert text_bytes[f"link-{lto}"] != text_bytes[f"stock-{lto}"]
    assert "once" in symbols["link-full"] - symbols["stock-full"]


def test_the_name_of_a_configuration_does_not_change_sizes(program: Path) -> None:
    source = PROGRAM.replace('printf("', 'printf(__FILE__ "')
    (program / "main.c").write_text(source)
    (program / "Makefile").write_text("program:\n\t$(CC) $(CURDIR)/main.c -o program\n")
    rows = run_program(program, SUITE + with_configuration("stock-with-a-longer-name"[:20]))
    assert rows["loadable"].n_unique() == 1


def test_sizes_are_those_of_llvm_size_and_llvm_nm(program: Path) -> None:
    row = run_program(program, SUITE + 'baseline = "stock"\n').row(0, named=True)
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
    text = SUITE.replace("projects", "runs = 3\nprojects") + with_configuration("wrong", "-DWRONG")
    rows = run_program(program, text + with_configuration("again"))
    counts = dict(rows.select("configuration", pl.col("seconds").list.len()).rows())
    assert counts == {"stock": 3, "wrong": 1, "again": 3}
    failed = rows.filter(configuration="wrong")["log"].item()
    assert "./program" in Path(failed.split("see ")[1]).read_text()


def test_runs_are_timed_where_all_went_well(program: Path) -> None:
    text = SUITE.replace("projects", "run_times = 3\nprojects") + with_configuration(
        "wrong", "-DWRONG"
    )
    rows = run_program(program, text + with_configuration("again"))
    counts = dict(rows.select("configuration", pl.col("run_seconds").list.len()).rows())
    assert counts == {"stock": 3, "wrong": 0, "again": 3}
    assert not list((program.parent / "work" / "builds" / "program").glob("stock*"))
    assert run_program(program, text, test="")["run_seconds"].list.len().sum() == 0


def test_counting_without_a_counter_is_one_error_before_any_build(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_suite(program.parent, SUITE.replace("projects", "instructions = true\nprojects"))
    project = replace(local_project(program, "p", "make", (), ""), workload=("$RUN ./program",))
    monkeypatch.setattr(build.shutil, "which", lambda _: None)
    with pytest.raises(FastirError, match="valgrind is not installed"):
        run_suite(replace(read, projects=(project,)), program.parent / "work", 1, Console())
    assert not (program.parent / "work").exists()


def test_results_survive_a_file(program: Path) -> None:
    rows = run_program(program, SUITE)
    read = read_results(program.parent / "out" / "results.parquet")
    assert read.rows.equals(rows)
    assert read.provenance["suite"] == "planted"
    assert read.provenance["configurations"]["stock"]["flags"] == ["-Oz"]
    rows.select("project").write_parquet(program.parent / "other.parquet")
    with pytest.raises(FastirError, match="holds no results of 'fastir bench'"):
        read_results(program.parent / "other.parquet")


def test_geomeans_are_scipys() -> None:
    facts = {"baseline": None, "status": "pass", "file": 1, "instructions": None}
    rows = pl.DataFrame(
        [
            {"project": p, "configuration": c, "text": t, "loadable": t, **facts}
            | ({"baseline": "a"} if c == "b" else {})
            for p, c, t in (("x", "a", 100), ("x", "b", 90), ("y", "a", 50), ("y", "b", 51))
        ]
    )
    ((name, changes),) = changes_from_baselines(rows)
    assert name == "b"
    assert stats.gmean(1 + changes["text"].to_numpy()) == pytest.approx((0.9 * 1.02) ** 0.5)


def test_markdown_has_failures_and_geomeans_by_language() -> None:
    facts = {"status": "pass", "file": 1, "instructions": None}
    sizes = {"x": ("c", 100, 90), "y": ("c", 50, 51), "z": ("c++", 80, 60), "w": ("c", 10, 11)}
    rows = pl.DataFrame(
        [
            {"project": p, "language": language, "configuration": c, "baseline": against}
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
    rows = run_program(program, SUITE + with_configuration("grown", "-DGROWN"))
    table = markdown(rows).splitlines()
    assert table[0] == "**grown, against stock**"
    assert [line.split(" | ")[0] for line in table[2:]] == ["| program", "| ---", "| program"]
    alone = rows.filter(configuration="stock")
    assert markdown(alone) == "No configuration has a baseline.\n"


def test_a_checkout_is_built_without_what_git_ignores(program: Path) -> None:
    subprocess.run(["git", "init", "-q", str(program)], check=True)
    (program / ".gitignore").write_text("program\n")
    (program / "program").write_text("stale")
    assert run_program(program, SUITE)["status"].to_list() == ["pass"]
    (program / "Makefile").unlink()
    assert run_program(program, SUITE)["status"].to_list() == ["build failed"]


def test_an_interrupted_run_can_be_resumed(
    program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = local_project(program, "first", "make", (), "./program")
    archived = replace(folder, source=replace(folder.source, registry="debian"))
    second = replace(archived, name="second")
    monkeypatch.setattr(build, "fetch", lambda source, _: Path(source.package))
    read = read_suite(tmp_path, SUITE)
    suite = replace(read, projects=(archived, second))
    built = []

    def interrupted(result: build.Build, *_: object) -> None:
        built.append(result.project.name)
        if result.project.name == "second" and len(built) < 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "run_tests", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_suite(suite, tmp_path / "work", 1, Console())
    rows = run_suite(suite, tmp_path / "work", 1, Console())
    assert rows["project"].to_list() == ["first", "second"]
    assert built == ["first", "second", "second"]
    # A finished run leaves nothing behind that would stand in for another.
    assert not list((tmp_path / "work" / "measured").iterdir())


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
    suite = read_suite(program.parent, SUITE + with_configuration("again"))
    projects = tuple(local_project(program, name, "make", (), "") for name in ("first", "second"))
    seen: list[pl.DataFrame] = []
    work = program.parent / "work"
    rows = run_suite(replace(suite, projects=projects), work, 1, Console(), seen.append)
    assert [part.height for part in seen] == [1, 2, 2, 3, 4, 4]
    assert seen[-1].equals(rows)


def test_a_terminal_shows_the_table_while_it_runs(program: Path) -> None:
    (program.parent / "size.toml").write_text(SUITE + with_configuration("again"))
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
    assert run_program(program, SUITE)["status"].to_list() == ["pass"]


def test_a_build_that_does_not_use_our_clang_is_reported(program: Path) -> None:
    (program / "Makefile").write_text("program: main.c\n\tgcc main.c -o program\n")
    rows = run_program(program, SUITE + with_configuration("ours", more="plugin = {}"))
    assert rows["status"].to_list() == ["pass", "plugin not used"]
