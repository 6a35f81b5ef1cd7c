"""Models that are baselines say which decisions they were fitted on."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from test_dataset import _row

from fastir_train.learn import baselines, export
from fastir_train.learn.dataset import labels_hash


@pytest.mark.parametrize("fit", [baselines.fit_imitation, baselines.fit_inlineml])
def test_a_baseline_names_its_labels(
    monkeypatch: pytest.MonkeyPatch, fit: Callable[[pl.DataFrame, str, Path], None]
) -> None:
    written: list[export.ModelMetadata] = []
    monkeypatch.setattr(baselines, "fit", lambda *_: None)
    monkeypatch.setattr(export, "to_onnx", lambda _, metadata: written.append(metadata))
    monkeypatch.setattr(export, "save", lambda *_: None)
    for delta in (1.0, 2.0):
        labels = pl.DataFrame([_row("single", n, delta) for n in range(4)])
        fit(labels, "minsize", Path("none.onnx"))
        assert written[-1].data_hash == labels_hash(labels)
    assert written[0].data_hash != written[1].data_hash
