"""Other machines that programs are built for, and what they need on this one."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fastir_train.corpus.build import LINKER, Configuration
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import tool

_PROGRAM = """
#include <iostream>
#include <vector>
int main() {
  std::vector<int> none;
  try {
    return none.at(1);
  } catch (const std::exception &) {
    std::cout << "ran" << std::endl;
  }
}
"""


@dataclass(frozen=True)
class Target:
    """A machine that clang compiles for, and that the kernel can emulate by qemu."""

    triple: str
    flags: tuple[str, ...]
    """Of clang, where it compiles and where it links."""
    root: Path
    """Where the machine's own libraries are on this one."""
    package: str
    """Debian's, which has them."""

    def configured(self, configuration: Configuration) -> Configuration:
        """The configuration on this target."""
        return replace(
            configuration,
            flags=(*self.flags, *configuration.flags),
            link_flags=(*self.flags, *configuration.link_flags),
            environment={**configuration.environment, **self.environment},
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """The compilers, whatever flags a build leaves out, and where programs find libraries."""
        compilers = {"CC": "clang", "CXX": "clang++"}
        return {
            **{name: " ".join([tool(which), *self.flags]) for name, which in compilers.items()},
            "QEMU_LD_PREFIX": str(self.root),
        }

    def check(self) -> None:
        """See that a program can be built and run, before anything else is.

        Raises
        ------
        FastirError
            If it cannot.
        """
        with tempfile.TemporaryDirectory() as folder:
            source, program = Path(folder, "program.cpp"), Path(folder, "program")
            source.write_text(_PROGRAM)
            command = [tool("clang++"), *self.flags, LINKER, str(source), "-o", str(program)]
            linked = subprocess.run(command, capture_output=True, text=True, check=False)
            if linked.returncode:
                why = (linked.stderr.strip() or "clang failed").splitlines()[0]
                raise FastirError(
                    f"no program can be linked for {self.triple}: {why}; "
                    f"Debian's package {self.package} has what it needs"
                )
            environment = {**os.environ, **self.environment}
            try:
                ran = subprocess.run(
                    [program], capture_output=True, text=True, check=False, env=environment
                )
                output = ran.stdout
            except OSError:  # no such format
                output = ""
        if output != "ran\n":
            raise FastirError(
                f"no program for {self.triple} can be run here: Debian's packages "
                "qemu-user-static and binfmt-support let the kernel do so"
            )


def _gnu(triple: str, *flags: str, of: str = "") -> Target:
    libraries = of or triple
    return Target(
        triple, (f"--target={triple}", *flags), Path("/usr") / libraries, f"g++-{libraries}"
    )


TARGETS: Mapping[str, Target] = {
    target.triple: target
    for target in (
        _gnu("aarch64-linux-gnu"),
        _gnu("riscv64-linux-gnu"),
        # Thumb-2 instructions.
        _gnu("thumbv7-linux-gnueabihf", "-mthumb", of="arm-linux-gnueabihf"),
    )
}
"""By triple."""
