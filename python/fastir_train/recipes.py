"""The recipes of the models that are shipped, as they came out best on the valid split."""

from fastir_train.export import Margin
from fastir_train.train import Recipe

SHIPPED = {
    "Oz": Recipe(text_share=0.8, margin=Margin(merged=2.0, own=12.0)),
    "Os": Recipe(text_share=0.5, margin=Margin(merged=4.0, own=4.0)),
}
