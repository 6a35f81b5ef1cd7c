"""The recipes of the models that are shipped, as they came out best on the valid split."""

from fastir_train.train import Recipe

SHIPPED = {
    "Oz": Recipe(),
    "Os": Recipe(),
}
