"""Write small ensembles of both operators, which mutate into more than large ones do."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))
import trees

folder = Path(sys.argv[1])
for seed in range(20):
    random = np.random.default_rng(seed)
    drawn = trees.draw(random, columns=58, trees=3, depth=3, modes=range(6), nans=seed % 2 == 0)
    drawn.aggregate = seed % 4
    trees.write(folder / f"old-{seed}.onnx", [trees.regressor(drawn)], 58)
    trees.write(folder / f"new-{seed}.onnx", [trees.ensemble(drawn, raw=seed % 3 > 0)], 58)
