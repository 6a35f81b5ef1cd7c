"""What the C++ side declares once: the features of a call site, kinds of section, versions."""

from dataclasses import dataclass

from llvm_tools import _native


@dataclass(frozen=True)
class Feature:
    """One row of ``InlineFeatures.def``."""

    name: str
    unit: str
    doc: str


FEATURES: tuple[Feature, ...] = tuple(Feature(*row) for row in _native.features())
"""Every feature of a call site, in the order in which logs and labels carry them."""

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
"""Their names alone."""

SECTION_KINDS: tuple[str, ...] = tuple(_native.section_kinds())
"""The kinds of section that sizes are told apart by."""

LLVM_VERSION: str = _native.llvm_version()
"""The version of LLVM that this package was built for."""
