"""What made labels: measurements compare only if features, LLVM and the engine were the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

import llvm_tools
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing

ENGINE_VERSION = 1
"""Of what the engine measures and counts. Raise it with every change that makes a label or a
feature come out otherwise; `test/python/test_origin.py` fails where that was forgotten."""

_KEY = "fastir"


@dataclass(frozen=True)
class Origin:
    """What labels depend on beside the modules."""

    features: str
    """Hash of the names and units of all features."""
    llvm: str
    engine: str

    def key(self) -> str:
        """Names it in paths."""
        return f"{self.features[:8]}-{self.llvm}-{self.engine}"

    def differences(self, other: "Origin") -> str:
        """What differs from another origin, in words."""
        mine, theirs = asdict(self), asdict(other)
        return ", ".join(
            f"{name} {mine[name]} instead of {theirs[name]}"
            for name in mine
            if mine[name] != theirs[name]
        )


def present_origin() -> Origin:
    """That of labels which this installation measures."""
    schema = "\n".join(f"{feature.name} {feature.unit}" for feature in llvm_tools.FEATURES)
    digest = hashlib.sha256(schema.encode()).hexdigest()[:12]
    return Origin(digest, llvm_tools.LLVM_VERSION, str(ENGINE_VERSION))


def write_labels(labels: pl.DataFrame, path: Path) -> None:
    """Write labels that were measured here: their origin is in the file's metadata."""
    with replacing(path) as temporary:
        labels.write_parquet(temporary, metadata={_KEY: json.dumps(asdict(present_origin()))})


def read_origin(path: Path) -> Origin:
    """What made the labels in a file.

    Raises
    ------
    FastirError
        If the file cannot be read, or does not say it.
    """
    try:
        text = pl.read_parquet_metadata(path).get(_KEY)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FastirError(f"cannot read labels {path}: {error}") from None
    if text is None:
        raise FastirError(f"{path} does not say what measured it; 'fastir label' makes it anew")
    return Origin(**json.loads(text))


def common_origin(origins: Mapping[Path, Origin]) -> Origin:
    """What made all of the given files of labels.

    Raises
    ------
    FastirError
        If they were measured by different engines, or any with features or an LLVM that are not
        those of this installation.
    """
    first, *_ = origins.values()
    # An older engine's labels are of use as long as no others are among them.
    wanted = Origin(present_origin().features, present_origin().llvm, first.engine)
    for path, origin in origins.items():
        if origin != wanted:
            differences = origin.differences(wanted)
            raise FastirError(f"{path} was measured with {differences}; 'fastir label' it anew")
    return wanted
