"""What the C++ side declares once: features, tables and their columns, versions."""

from dataclasses import dataclass

import polars as pl

from llvm_tools import _native


@dataclass(frozen=True)
class Feature:
    """One row of ``InlineFeatures.def``."""

    name: str
    unit: str
    doc: str
    is_lean: bool
    """Whether it needs no analysis that a compile without us would not make."""


FEATURES: tuple[Feature, ...] = tuple(Feature(*row) for row in _native.features())
"""Every feature of a call site, in the order in which logs and labels carry them."""

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
"""Their names alone."""

SECTION_KINDS: tuple[str, ...] = tuple(_native.section_kinds())
"""The kinds of section that sizes are counted by."""

LLVM_VERSION: str = _native.llvm_version()
"""The version of LLVM that this package was built for."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    dtype: str
    """Name of its polars data type."""
    nullable: bool
    unit: str
    """What its values count; empty for names and texts."""
    doc: str
    source: str
    """Which part of LLVM, or of published work, it is from."""


@dataclass(frozen=True)
class Table:
    """A table that can be made of a module."""

    name: str
    doc: str
    columns: tuple[Column, ...]

    def describe(self) -> pl.DataFrame:
        """A row a column: ``name``, ``dtype``, ``nullable``, ``unit``, ``doc``, ``source``.

        Examples
        --------
        >>> from llvm_tools import TABLES
        >>> TABLES["instcount"].describe().filter(name="BrCount")["unit"].item()
        'instructions'
        """
        return pl.DataFrame(self.columns)


TABLES: dict[str, Table] = {
    name: Table(name, doc, tuple(Column(*column) for column in columns))
    for name, doc, columns in _native.schemas()
}
"""Every table by its name: what the functions of that name return, column by column."""
