"""Decisions written to files and taken again by the plugin, against the engine's."""

import os
import subprocess
from pathlib import Path

import pytest

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from fastir_train.corpus.collect import environment, read_collected
from fastir_train.label.decision_log import call_sites, read_logs
from fastir_train.label.replay import sites_of, write_replay
from fastir_train.runtime.toolchain import flags

SOURCE = """
extern int a, b, c;
static int callee(int x) { a = x; b = x * 3; c = x ^ b; return x / 7; }
static int small(int x) { return x + 1; }
int caller(int x) { return callee(x) + callee(small(x)); }
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "m.c"
    path.write_text(SOURCE)
    return path


def _clang(source: Path, replay: Path | None, output: Path) -> subprocess.CompletedProcess[str]:
    options = [f"-fastir-replay={replay}", "-fastir-policy=llvm"] if replay else []
    command = ["clang-22", "-Oz", "-fPIC", *flags("clang", extra=options)]
    if replay is None:
        command = ["clang-22", "-Oz", "-fPIC"]
    return subprocess.run(
        [*command, "-c", str(source), "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )


def _collected(source: Path, folder: Path) -> tuple[str, bytes]:
    command = ["clang-22", "-Oz", "-fPIC", *flags("clang"), "-c", str(source), "-o", "/dev/null"]
    subprocess.run(command, check=True, env={"PATH": "/usr/bin", **environment(folder)})
    row = read_collected(folder).row(0, named=True)
    return row["module"], row["content"]


def test_replayed_decisions_give_the_engines_code(source: Path, tmp_path: Path) -> None:
    name, content = _collected(source, tmp_path / "collected")
    decisions = llvm_tools.compile_module(content).decisions()
    sites = dict(zip(sites_of(decisions), ~decisions["inlines"], strict=True))
    flipped = llvm_tools.compile_module(content, site_overrides=sites).pieces()
    write_replay(sites, tmp_path / "replay", name)
    result = _clang(source, tmp_path / "replay", tmp_path / "replayed.o")
    assert result.returncode == 0, result.stderr
    assert _clang(source, None, tmp_path / "stock.o").returncode == 0
    replayed = read_sections(tmp_path / "replayed.o")[".text"]
    assert replayed == flipped.filter(kind="text")["bytes"].sum()
    assert replayed != read_sections(tmp_path / "stock.o")[".text"]


def test_a_module_without_a_file_is_left_to_the_policy(source: Path, tmp_path: Path) -> None:
    (tmp_path / "replay").mkdir()
    assert _clang(source, tmp_path / "replay", tmp_path / "m.o").returncode == 0
    assert _clang(source, None, tmp_path / "stock.o").returncode == 0
    assert (tmp_path / "m.o").read_bytes() == (tmp_path / "stock.o").read_bytes()


def test_a_missing_folder_and_a_bad_line_are_one_clear_error_each(
    source: Path, tmp_path: Path
) -> None:
    result = _clang(source, tmp_path / "none", tmp_path / "m.o")
    assert result.returncode != 0
    assert f"fastir: there is no folder '{tmp_path / 'none'}' to replay from" in result.stderr
    name, _ = _collected(source, tmp_path / "collected")
    (tmp_path / "replay").mkdir()
    (tmp_path / "replay" / f"{name}.replay").write_text("caller\tcallee\t0\t1\ncaller callee 1\n")
    result = _clang(source, tmp_path / "replay", tmp_path / "m.o")
    assert result.returncode != 0
    assert "line 2 is not 'caller, callee, occurrence, 0 or 1'" in result.stderr


def test_a_backslash_that_escapes_nothing_is_an_error(source: Path, tmp_path: Path) -> None:
    name, _ = _collected(source, tmp_path / "collected")
    (tmp_path / "replay").mkdir()
    for bad in (r"a\xb", "a\\"):
        (tmp_path / "replay" / f"{name}.replay").write_text(f"caller\t{bad}\t0\t1\n")
        result = _clang(source, tmp_path / "replay", tmp_path / "m.o")
        assert result.returncode != 0
        assert "line 1 has a backslash before neither 't', 'n' nor another" in result.stderr


def test_names_with_tabs_newlines_and_backslashes_are_replayed(
    source: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.ll"
    emit = ["-Xclang", "-disable-llvm-passes", "-emit-llvm", "-S"]
    subprocess.run(["clang-22", "-Oz", "-fPIC", *emit, source, "-o", plain], check=True)
    odd = tmp_path / "odd.ll"
    text = plain.read_text().replace("@callee", '@"cal\\09l\\5Cee"')
    text = text.replace("@small", '@"sm\\0Aall\\5Cn"').replace("@caller", '@"\\5C\\5Ctcaller\\09"')
    odd.write_text(text)

    name, content = _collected(odd, tmp_path / "collected")
    decisions = llvm_tools.compile_module(content).decisions()
    sites = dict(zip(sites_of(decisions), [False] * decisions.height, strict=True))
    write_replay(sites, tmp_path / "replay", name)
    assert (tmp_path / "replay" / f"{name}.replay").read_text().splitlines() == [
        "\\\\\\\\tcaller\\t\tcal\\tl\\\\ee\t0\t0",
        "\\\\\\\\tcaller\\t\tsm\\nall\\\\n\t0\t0",
        "\\\\\\\\tcaller\\t\tcal\\tl\\\\ee\t1\t0",
    ]
    result = _clang(odd, tmp_path / "replay", tmp_path / "replayed.o")
    assert result.returncode == 0, result.stderr
    assert _clang(plain, None, tmp_path / "stock.o").returncode == 0
    kept = ["clang-22", "-Oz", "-fPIC", "-fno-inline", "-c", source, "-o", tmp_path / "kept.o"]
    subprocess.run(kept, check=True)
    replayed = read_sections(tmp_path / "replayed.o")[".text"]
    assert replayed == read_sections(tmp_path / "kept.o")[".text"]
    assert replayed != read_sections(tmp_path / "stock.o")[".text"]


ODD_NAMES = {
    "as long as a file system permits": "n" * 253 + ".c",
    "another that begins alike": "n" * 252 + "m.c",
    "long, with characters of two bytes": "é" * 126 + ".c",
    "long, with characters of three bytes": "x" + "名" * 84 + ".c",
    "latin-1": os.fsdecode(b"caf\xe9.c"),
    "two lines": "new\nline.c",
    "quotes": "quote'\"$x\\.c",
    "spaces and signs of the log": "a: b -> c.c",
    "begins with a dash": "-dash.c",
    "standard input": "-",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_any_file_name_is_collected_logged_and_replayed(name: str, tmp_path: Path) -> None:
    folders = {kind: tmp_path / kind for kind in ("COLLECT", "LOG", "REPLAY")}
    for folder in folders.values():
        folder.mkdir()
    if name != "-":
        (tmp_path / name).write_text(SOURCE)
    given = ["-x", "c", "-"] if name == "-" else [f"./{name}"]

    def text(environment: dict[str, str]) -> int:
        subprocess.run(
            ["clang-22", "-Oz", "-fPIC", *flags("clang"), "-c", *given, "-o", "m.o"],
            input=SOURCE.encode(),
            env={"PATH": "/usr/bin", "FASTIR_POLICY": "llvm", **environment},
            cwd=tmp_path,
            check=True,
        )
        return read_sections(tmp_path / "m.o")[".text"]

    stock = text({})
    for kind in ("COLLECT", "LOG"):
        assert text({f"FASTIR_{kind}": str(folders[kind])}) == stock
    collected = read_collected(folders["COLLECT"]).row(0, named=True)
    assert call_sites(read_logs(folders["LOG"])).rows() == [
        ("caller", "callee"),
        ("caller", "small"),
        ("caller", "callee"),
    ]
    decisions = llvm_tools.compile_module(collected["content"]).decisions()
    write_replay(dict.fromkeys(sites_of(decisions), False), folders["REPLAY"], collected["module"])
    kept = llvm_tools.compile_module(collected["content"], policy="never").pieces()
    assert (
        text({"FASTIR_REPLAY": str(folders["REPLAY"])}) == kept.filter(kind="text")["bytes"].sum()
    )
    assert stock != kept.filter(kind="text")["bytes"].sum()


def test_long_names_that_begin_alike_are_distinguished(tmp_path: Path) -> None:
    for last in "ab":
        source = tmp_path / ("n" * 252 + last + ".c")
        source.write_text(SOURCE)
        environment = {"FASTIR_COLLECT": str(tmp_path / "bitcode"), "FASTIR_LOG": str(tmp_path)}
        subprocess.run(
            ["clang-22", "-Oz", *flags("clang"), "-c", source, "-o", tmp_path / "m.o"],
            env={"PATH": "/usr/bin", "FASTIR_POLICY": "llvm", **environment},
            check=True,
        )
    assert len(list(tmp_path.glob("*.fastirlog"))) == 2
    assert read_collected(tmp_path / "bitcode").height == 2
