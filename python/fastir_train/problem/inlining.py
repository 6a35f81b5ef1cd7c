"""The problem that Fastir decides: which calls are inlined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from llvm_tools import FEATURE_NAMES
from llvm_tools.engine import Level, Phase

Place = Literal["compile", "pre-link", "link"]
"""Where a model decides: in compiles without LTO, in those before a link with LTO, or in the back
ends of that link."""

BEFORE_LINK: tuple[Phase, ...] = ("thin-pre-link", "full-pre-link")
"""The phases of compiles before a link with LTO."""

PHASES: Mapping[Place, tuple[Phase, ...]] = {
    "compile": ("compile",),
    "pre-link": ("compile",),
    "link": ("thin-link", "full-link"),
}
"""The phases of a build whose labels a place's model learns from. Before a link, those of compiles
without LTO tell more than labels of the link (docs/experiments.md)."""


@dataclass(frozen=True)
class Problem:
    """What is decided: what a model sees of a decision, and where one applies."""

    name: str
    """Models are called NAME-LEVEL."""
    features: tuple[str, ...]
    domains: Mapping[Level, str]
    """By level, the functions that its model decides for, as the model's metadata names them."""
    shipped: tuple[tuple[Level, Place], ...]
    """The models that compilers use where no other is named."""
    default_level: Level
    """Also the one at which the corpus is collected."""
    timed_levels: frozenset[Level]
    """Those at which it matters what size costs in time."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that have a model."""
        return tuple(self.domains)

    def model_file(self, level: str, place: Place = "compile") -> str:
        """The name of a model's file."""
        suffix = "" if place == "compile" else f"-{place}"
        return f"{self.name}-{level.lower()}{suffix}.onnx"

    def level_of(self, flags: list[str] | tuple[str, ...]) -> Level:
        """The level whose model decides under these compiler flags: the last one named."""
        named = [flag for flag in flags if flag.startswith("-O")]
        for level in self.levels:
            if named[-1:] == [f"-{level}"]:
                return level
        return self.default_level


INLINING = Problem(
    name="inline",
    features=tuple(FEATURE_NAMES),
    domains={"Oz": "minsize", "Os": "optsize"},
    shipped=(("Oz", "compile"), ("Os", "compile"), ("Oz", "pre-link")),
    default_level="Oz",
    timed_levels=frozenset({"Os"}),
)
