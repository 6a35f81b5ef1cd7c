"""Tuning what cargo builds."""

import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

from fastir_train.benchmark.sections import read_sections
from fastir_train.cli.main import main
from fastir_train.runtime import rustc
from fastir_train.tune.profile import read_profile
from fastir_train.tune.tuner import decided_last

MANIFEST = """
[package]
name = "words"
version = "0.1.0"
edition = "2021"
build = "build.rs"
[profile.release]
opt-level = "z"
[workspace]
"""
SOURCE = """
use std::collections::BTreeMap;
use std::io::Read;

fn clean(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
fn count(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for word in text.split_whitespace().map(clean).filter(|word| !word.is_empty()) {
        *found.entry(word).or_insert(0) += 1;
    }
    found
}
fn longest(text: &str) -> Option<String> {
    count(text).into_keys().max_by_key(|word| word.len())
}
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut sorted: Vec<_> = count(&text).into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    for (word, number) in sorted.iter().take(10) {
        println!("{number:>6} {word}");
    }
    println!("{}", longest(&text).unwrap_or_default());
}
"""


TEST = "echo One two, one. | target/release/words | grep -q '2 one'"


@pytest.fixture
def crate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not rustc.loads_plugin():
        pytest.skip("there is no rustc of the plugin's LLVM")
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text(MANIFEST)
    (tmp_path / "build.rs").write_text("fn main() {}")
    (tmp_path / "src" / "main.rs").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _loadable(crate: Path, **environment: str) -> int:
    """Bytes of the program, built by hand in the folder itself."""
    command = ["cargo", "build", "--release", "--offline"]
    environment = {**os.environ, **environment}
    subprocess.run(command, cwd=crate, check=True, capture_output=True, env=environment)
    return sum(read_sections(crate / "target" / "release" / "words").values())


def test_a_profile_makes_what_cargo_builds_smaller(
    crate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--out", "fastir.profile", "--work", "work", "--budget", "20s"]
    build = ["cargo", "build", "--release", "--offline"]
    assert main(["tune", *given, "--test", TEST, "--", *build]) == 0
    printed = capsys.readouterr().out
    profile = read_profile(crate / "fastir.profile")
    assert profile.count > 0
    # By default rustc links a crate's parts by itself, and decides again where it does.
    assert {phase for _, phase in profile.modules} == {"thin-link"}
    assert all(path.startswith("words-cgu.") for path, _ in profile.modules)
    assert "fastir flags --for rustc --profile fastir.profile" in printed
    assert "make CFLAGS" not in printed
    stock = _loadable(crate)
    assert main(["flags", "--for", "rustc", "--profile", "fastir.profile", "--out", "pinned"]) == 0
    pinned = capsys.readouterr().out.strip()
    tuned = _loadable(crate, RUSTC_BOOTSTRAP="1", RUSTFLAGS=pinned)
    assert tuned < stock
    # What the table says is what is built: the program alone, no build script.
    shown = f"│ {crate.name[:8]}"
    rows = {line.split()[3]: line for line in printed.splitlines() if line.startswith(shown)}
    for name, size in {"stock": stock, "tuned": tuned}.items():
        assert f"{size:,}" in rows[name]


def test_rust_alone_is_not_tuned_for_instructions(
    crate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--out", "p", "--work", "work", "--objective", "instructions", "--workload", TEST]
    assert main(["tune", *given, "--level", "O2", "--", "cargo", "build", "--release"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "fastir: the build compiles with rustc alone, which is not tuned for instructions yet"
    )


def _collected(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["source", "level", "phase"], orient="row")


CRATE, OTHER = "a.123456789abcdef-cgu.", "b.fedcba9876543210-cgu."
COMPILED = [
    ("main.c", "Oz", "compile"),
    (CRATE + "0", "Oz", "compile"),
    (CRATE + "1", "Oz", "compile"),
    (OTHER + "0", "Oz", "compile"),
    ("build_script_build.0123456789abcdef-cgu.0", "O0", "compile"),
]
LAST = {
    "no link": ([], {0, 1, 2, 3}),
    "of a crate's parts": (
        [(CRATE + "0", "Oz", "thin-link"), (CRATE + "1", "Oz", "thin-link")],
        {0, 3, 5, 6},
    ),
    "of all crates": ([(OTHER + "0", "Oz", "full-link")], {0, 5}),
}


@pytest.mark.parametrize(("linked", "expected"), LAST.values(), ids=LAST.keys())
def test_a_module_is_tuned_where_it_is_decided_last(
    linked: list[tuple[str, str, str]], expected: set[int]
) -> None:
    rows = [*COMPILED, *linked]
    found = decided_last(_collected(*rows), "Oz", None)
    assert set(found.rows()) == {rows[number] for number in expected}
    assert found.height == len(expected)


def test_with_lto_the_link_is_tuned() -> None:
    rows = [("main.c", "Oz", "compile"), ("main.c", "O2", "thin-link")]
    assert decided_last(_collected(*rows), "Oz", "thin").rows() == rows[1:]
