"""Write a neural network of scikit-learn, as skl2onnx exports it, that predicts a constant."""

import sys
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.neural_network import MLPRegressor

output, constant = Path(sys.argv[1]), float(sys.argv[2])
rows = np.random.default_rng(0).integers(0, 9, (200, 1)).astype(np.float32)
network = MLPRegressor(hidden_layer_sizes=8, solver="lbfgs", max_iter=2000, random_state=0)
network.fit(rows, np.full(len(rows), constant))
output.write_bytes(to_onnx(network, rows[:1], target_opset=17).SerializeToString())
