"""stream: Parquet shards in the manner of ComPile, local and remote, in bounded memory."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from conftest import run_opt

import llvm_tools


@pytest.fixture(scope="module")
def shard(real_modules: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 modules in row groups of 7; the rows 5 and 17 are broken, 30 is null."""
    modules = [path.read_bytes() for path in real_modules["Oz"][:40]]
    contents: list[bytes | None] = [*modules]
    contents[5], contents[17], contents[30] = b"junk", modules[17][:100], None
    path = tmp_path_factory.mktemp("shards") / "c-0.parquet"
    languages = ["c", "c++"] * 20
    frame = pl.DataFrame(
        {"content": contents, "language": languages, "package_source": "none"},
        schema_overrides={"content": pl.Binary},
    )
    frame.write_parquet(path, row_group_size=7)
    return path


def _rows(batches: Iterator[llvm_tools.Batch]) -> tuple[pl.DataFrame, pl.DataFrame]:
    frames, errors, _ = zip(*batches, strict=True)
    return pl.concat(frames), pl.concat(errors)


def test_every_row_is_a_module_or_an_error(shard: Path) -> None:
    frame, errors = _rows(llvm_tools.stream(shard, llvm_tools.module_features, batch_rows=6))
    good = [row for row in range(40) if row not in {5, 17, 30}]
    assert frame["module"].to_list() == [f"c-0.parquet[{row}]" for row in good]
    assert errors.select("item", "module", "error").rows() == [
        (5, "c-0.parquet[5]", "BitcodeError"),
        (17, "c-0.parquet[17]", "BitcodeError"),
        (30, "c-0.parquet[30]", "SourceError"),
    ]
    contents = pl.read_parquet(shard)["content"][good]
    assert frame.drop("module").equals(llvm_tools.module_features(contents).frame.drop("module"))


def test_columns_are_kept_beside_the_rows(shard: Path) -> None:
    batches = llvm_tools.stream(shard, llvm_tools.function_features, keep=["language"])
    frame, _ = _rows(batches)
    row = frame["module"].str.extract(r"\[(\d+)\]$").cast(pl.Int64)
    assert (frame["language"] == pl.select(pl.when(row % 2 == 0).then(pl.lit("c")).otherwise(
        pl.lit("c++"))).to_series()).all()  # fmt: skip


@pytest.mark.parametrize("batch_rows", [1, 7, 1000])
def test_batches_have_no_more_rows_than_asked(shard: Path, batch_rows: int) -> None:
    batches = list(llvm_tools.stream(shard, llvm_tools.instcount, batch_rows=batch_rows))
    assert max(batch.timings.height for batch in batches) <= batch_rows
    assert sum(batch.timings.height + batch.errors["message"].eq("null").sum()
               for batch in batches) == 40  # fmt: skip


def test_functions_with_arguments_and_options(shard: Path, tmp_path: Path) -> None:
    batches = llvm_tools.stream(shard, llvm_tools.run_passes, "default<Oz>", workers=1)
    frame, _ = _rows(batches)
    (tmp_path / "m.bc").write_bytes(pl.read_parquet(shard)["content"][0])
    arguments = ("-passes=default<Oz>", tmp_path / "m.bc", "-o", tmp_path / "optimised.bc")
    run_opt(*arguments, plugin=False).check_returncode()
    assert frame["bitcode"][0] == (tmp_path / "optimised.bc").read_bytes()
    partial = functools.partial(llvm_tools.inlining_features, level="O2")
    assert _rows(llvm_tools.stream(shard, partial))[0].height > 100


def test_many_files_and_globs(shard: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pl.read_parquet(shard)[:3].write_parquet(other)
    frame, _ = _rows(llvm_tools.stream([shard, other], llvm_tools.instcount))
    assert frame["module"].to_list()[-3:] == [f"other.parquet[{row}]" for row in (40, 41, 42)]
    globbed, _ = _rows(llvm_tools.stream(str(shard.parent / "*.parquet"), llvm_tools.instcount))
    assert globbed.height == 37


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """A file server that knows ranges, as stores of Parquet do."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        content = Path(self.translate_path(self.path)).read_bytes()
        span = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        begin, end = 0, len(content)
        if span and span[1]:
            begin, end = int(span[1]), min(int(span[2] or end - 1) + 1, end)
        elif span:
            begin = end - int(span[2])
        self.send_response(206 if span else 200)
        self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(content)}")
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        self.wfile.write(content[begin:end])


def test_remote_files_are_streamed_too(shard: Path) -> None:
    handler = functools.partial(_Ranges, directory=str(shard.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/{shard.name}"
        remote, _ = _rows(llvm_tools.stream(url, llvm_tools.instcount))
    finally:
        server.shutdown()
        server.server_close()
    local, _ = _rows(llvm_tools.stream(shard, llvm_tools.instcount))
    assert remote.equals(local)


def test_text_in_a_column_of_strings_is_no_path(tmp_path: Path) -> None:
    path = tmp_path / "text.parquet"
    pl.DataFrame({"content": ["define void @f() { ret void }"]}).write_parquet(path)
    (batch,) = llvm_tools.stream(path, llvm_tools.instcount)
    assert batch.frame["RetCount"].to_list() == [1]


def test_columns_that_the_frame_has_cannot_be_kept(shard: Path) -> None:
    renamed = pl.read_parquet(shard).rename({"language": "RetCount"})
    path = shard.parent.parent / "renamed.parquet"
    renamed.write_parquet(path)
    with pytest.raises(llvm_tools.UsageError, match="column 'RetCount' of its own"):
        next(llvm_tools.stream(path, llvm_tools.instcount, keep="RetCount"))
    with pytest.raises(llvm_tools.UsageError, match="batch_rows=0"):
        next(llvm_tools.stream(path, llvm_tools.instcount, batch_rows=0))


def test_a_missing_file_or_column_is_one_clear_error(shard: Path, tmp_path: Path) -> None:
    with pytest.raises(llvm_tools.SourceError, match=r"none\.parquet"):
        next(llvm_tools.stream(tmp_path / "none.parquet", llvm_tools.instcount))
    with pytest.raises(llvm_tools.SourceError, match="no_such"):
        next(llvm_tools.stream(shard, llvm_tools.instcount, content="no_such"))


def test_memory_holds_a_few_batches_not_the_shard(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    """A process that goes through a shard of 400 MB of bitcode stays far below."""
    module = max(real_modules["Oz"], key=lambda path: path.stat().st_size).read_bytes()
    rows = 400_000_000 // len(module)
    path = tmp_path / "large.parquet"
    frame = pl.DataFrame({"content": [module + bytes([i % 256]) * 4 for i in range(rows)]})
    frame.write_parquet(path, row_group_size=16, compression="uncompressed")
    assert path.stat().st_size > 390_000_000
    script = (
        "import llvm_tools, re, sys\n"
        "batches = llvm_tools.stream(sys.argv[1], llvm_tools.instcount, batch_rows=16)\n"
        "rows = sum(b.frame.height + b.errors.height for b in batches)\n"
        "status = open('/proc/self/status').read()\n"
        "print(rows, int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) // 1024)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    done, megabytes = map(int, output.split())
    assert done == rows
    assert megabytes < 350
