"""Manifests, fetching, building and collecting."""

import hashlib
import re
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, run_opt

from fastir_train.benchmark.evaluate import plugin_configuration
from fastir_train.corpus import fetch as fetching
from fastir_train.corpus.build import Configuration, build
from fastir_train.corpus.collect import collect, environment, read_collected
from fastir_train.corpus.manifest import Project, Source, load_project, load_projects
from fastir_train.label.decision_log import read_logs
from fastir_train.runtime.errors import BuildError, FastirError, SourceUnavailableError


def test_the_manifests_name_enough_projects_once_each() -> None:
    projects = load_projects(ROOT / "corpus")
    assert len(projects) >= 15
    for key in ("name", "source"):
        counts = Counter(getattr(project, key) for project in projects)
        assert max(counts.values()) == 1
    splits = Counter(project.split for project in projects)
    assert min(splits["train"], splits["valid"], splits["test"]) >= 3
    assert all(project.test for project in projects if project.split != "train")
    assert all(re.fullmatch("[0-9a-f]{64}", project.source.sha256) for project in projects)
    assert all(project.licence for project in projects)


def test_the_test_split_has_each_language() -> None:
    held_out = load_projects(ROOT / "corpus", ["test"])
    languages = Counter(project.language for project in held_out)
    assert languages["c++"] >= 6
    assert languages["c"] >= 5
    assert languages["rust"] >= 3
    for language in languages:
        assert any(project.workload for project in held_out if project.language == language)


MANIFEST = """
name = "p"
language = "c"
licence = "MIT"
split = "train"
[source]
registry = "debian"
package = "p"
version = "1"
archive = "p.tar"
sha256 = "00"
[build]
directory = "."
commands = ["true"]
outputs = ["p.so"]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('split = "train"', 'split = "exam"', "'exam' is not one of 'train', 'valid', 'test'"),
        ('version = "1"', "", "'version' is missing"),
        ('licence = "MIT"', "licence =", "cannot read manifest"),
    ],
)
def test_a_wrong_manifest_is_one_clear_error(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.toml"
    path.write_text(MANIFEST.replace(old, new))
    with pytest.raises(FastirError, match=re.escape(message)) as error:
        load_project(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def _project(tmp_path: Path, commands: tuple[str, ...]) -> Project:
    """A project whose archive is in the cache already."""
    source = tmp_path / "src"
    source.mkdir()
    (source / "p.c").write_text("static int f(int x) { return x; }\nint g(int x) { return f(x); }")
    archive = tmp_path / "work" / "sources" / "p.tar"
    archive.parent.mkdir(parents=True)
    subprocess.run(["tar", "-cf", archive, "-C", tmp_path, "src"], check=True)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    origin = Source("debian", "p", "1", "p.tar", digest)
    return Project("p", "c", "MIT", "train", origin, "src", commands, ("*.so",), (), ())


BUILD = ("$CC $CFLAGS -fPIC -shared $LDFLAGS p.c -o p.so",)
STOCK = Configuration("stock", ("-Oz",), {})


def test_builds_from_a_fresh_copy(tmp_path: Path) -> None:
    project = _project(tmp_path, (*BUILD, "touch again; [ $(ls | wc -l) = 3 ]"))
    for _ in range(2):
        result = build(project, STOCK, tmp_path / "work", 1)
        assert [path.name for path in result.outputs] == ["p.so"]


def test_a_build_that_fails_names_its_log(tmp_path: Path) -> None:
    project = _project(tmp_path, ("echo why; false",))
    with pytest.raises(BuildError, match=r"p \(stock\): 'echo why; false' failed; see (.*)") as e:
        build(project, STOCK, tmp_path / "work", 1)
    log = Path(str(e.value).split("see ")[1])
    assert log.read_text() == "$ echo why; false\nwhy\n"


def test_a_wrong_directory_is_one_clear_error(tmp_path: Path) -> None:
    project = replace(_project(tmp_path, BUILD), directory="p-1")
    with pytest.raises(BuildError, match=r"^p: p\.tar has no folder p-1; it has src$"):
        build(project, STOCK, tmp_path / "work", 1)


def test_a_build_without_outputs_fails(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"the build left none of \*\.so"):
        build(_project(tmp_path, ("true",)), STOCK, tmp_path / "work", 1)


def test_a_wrong_checksum_is_refused_and_not_kept(tmp_path: Path) -> None:
    project = _project(tmp_path, BUILD)
    archive = tmp_path / "work" / "sources" / "p.tar"
    archive.write_bytes(archive.read_bytes() + b"x")
    with pytest.raises(SourceUnavailableError, match=r"p\.tar: its SHA-256 is [0-9a-f]{64}, not"):
        fetching.fetch(project.source, archive.parent)
    assert not archive.exists()


def test_collect_keeps_what_any_build_compiles(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(
        "all:\n\t$(CC) -O2 -c a.c -o a.o\n\t$(CC) -Oz -c b.c -o b.o\n"
        "\t$(CC) -Oz -x c -c /dev/null -o probe.o\n"
    )
    (tmp_path / "a.c").write_text("int a(void) { return 1; }")
    (tmp_path / "b.c").write_text("int b(void) { return 2; }")
    out = tmp_path / "out"
    assert collect(out, ["make", "-s", "-C", str(tmp_path), "CC=clang-22"]) == 2
    rows = read_collected(out)
    assert rows.select("source", "level").rows() == [("a.c", "O2"), ("b.c", "Oz")]
    (tmp_path / "a.bc").write_bytes(rows["content"][0])
    listing = run_opt("-passes=verify", "-S", tmp_path / "a.bc", "-o", "-", plugin=False).stdout
    assert "define" in listing
    assert "@a()" in listing


def test_a_crate_is_compiled_as_configured(tmp_path: Path) -> None:
    crate = '[package]\\nname = "p"\\nedition = "2021"\\n'
    commands = (
        f"printf '{crate}' > Cargo.toml; echo 'fn main() {{ println!(\"hello\") }}' > main.rs",
        'printf \'[[bin]]\\nname = "p"\\npath = "main.rs"\\n[workspace]\\n\' >> Cargo.toml',
        "cargo build --release --offline --target x86_64-unknown-linux-gnu",
        "cp target/x86_64-unknown-linux-gnu/release/p p.so",
    )
    project = replace(_project(tmp_path, commands), language="rust")
    collected, logs = tmp_path / "collected", tmp_path / "logs"
    build(project, Configuration("c", ("-Oz",), environment(collected)), tmp_path / "work", 1)
    rows = read_collected(collected)
    assert rows["level"].unique().to_list() == ["Oz"]
    (tmp_path / "p.bc").write_bytes(rows["content"][0])
    assert "minsize" in run_opt("-S", tmp_path / "p.bc", "-o", "-", plugin=False).stdout

    logs.mkdir()
    never = plugin_configuration("never", "Oz", FASTIR_POLICY="never", FASTIR_LOG=str(logs))
    result = build(project, never, tmp_path / "work", 1)
    greeting = subprocess.run([result.outputs[0]], check=True, capture_output=True, text=True)
    assert greeting.stdout == "hello\n"
    decisions = read_logs(logs)
    assert decisions["inlining_default"].sum() > decisions["inlining_decision"].sum() == 0


def test_collect_fails_when_nothing_was_compiled(tmp_path: Path) -> None:
    with pytest.raises(FastirError, match="nothing was collected: 'true' compiled nothing"):
        collect(tmp_path / "out", ["true"])
    with pytest.raises(FastirError, match="'false' failed with exit status 1"):
        collect(tmp_path / "out", ["false"])
    with pytest.raises(FastirError, match="cannot run 'no-such-build': No such file"):
        collect(tmp_path / "out", ["no-such-build"])
