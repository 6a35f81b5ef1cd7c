"""Other machines that programs are built for, and what they need on this one."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from fastir_train.corpus.build import LINKER, Configuration
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import tool

_PROGRAM = """
#include <iostream>
#include <vector>
int main() {
  std::vector<int> none;
#ifndef __wasm__
  try {
    return none.at(1);
  } catch (const std::exception &) {
  }
#endif
  std::cout << "ran" << std::endl;
}
"""


@dataclass(frozen=True)
class Target:
    """A machine that clang compiles for, and whose programs an emulator runs."""

    triple: str
    flags: tuple[str, ...]
    """Of clang, where it compiles and where it links."""
    packages: str
    """Debian's, which have the machine's libraries."""
    runner: str
    """What lets the kernel run its programs, as a clause."""
    environment: Mapping[str, str]
    """What builds and programs find beside the compilers."""
    link_flags: tuple[str, ...] = ()
    """Of clang, where it links."""

    def configured(self, configuration: Configuration) -> Configuration:
        """The configuration on this target."""
        return replace(
            configuration,
            flags=(*self.flags, *configuration.flags),
            link_flags=(*self.flags, *self.link_flags, *configuration.link_flags),
            environment={
                **configuration.environment,
                **self.environment,
                # A build may leave out flags that it is given.
                "CC": " ".join([tool("clang"), *self.flags]),
                "CXX": " ".join([tool("clang++"), *self.flags]),
            },
        )

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
            flags = (*self.flags, LINKER, *self.link_flags)
            command = [tool("clang++"), *flags, str(source), "-o", str(program)]
            linked = subprocess.run(command, capture_output=True, text=True, check=False)
            if linked.returncode:
                why = (linked.stderr.strip() or "clang failed").splitlines()[0]
                raise FastirError(
                    f"no program can be linked for {self.triple}: {why}; "
                    f"Debian has what it needs: {self.packages}"
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
            raise FastirError(f"no program for {self.triple} can be run here: {self.runner}")


def _gnu(triple: str, *flags: str, of: str = "") -> Target:
    libraries = of or triple
    return Target(
        triple,
        flags=(f"--target={triple}", *flags),
        packages=f"g++-{libraries}",
        runner="Debian's packages qemu-user-static and binfmt-support let the kernel do so",
        environment={"QEMU_LD_PREFIX": f"/usr/{libraries}"},
    )


def _wasi() -> Target:
    """WebAssembly under WASI, as Debian's libraries have it, and Emscripten does by default.

    Exceptions are thrown and not caught. There are no shared libraries: what is linked as one
    stays relocatable, so that programs can take it in; measured it is as a module that exports all
    that the library does.
    """
    parts = Path(str(resources.files("fastir_train.corpus"))) / "wasm"
    emulated = ("signal", "process-clocks", "getpid", "mman")
    flags = (
        "--target=wasm32-wasi",
        "--sysroot=/usr",
        "-fignore-exceptions",
        "-fvisibility=default",
        "-Wno-deprecated",
        *(f"-D_WASI_EMULATED_{name.replace('-', '_').upper()}" for name in emulated),
    )
    return Target(
        "wasm32-wasi",
        flags,
        packages="wasi-libc libc++-22-dev-wasm32 libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32",
        runner="with Debian's packages nodejs and binfmt-support, the kernel does so after "
        f"update-binfmts --install wasi {parts / 'run'} --magic '\\x00asm'",
        # Position-independent code is for shared libraries.
        environment={"CCC_OVERRIDE_OPTIONS": "# x-fPIC"},
        link_flags=(
            f"-fuse-ld={parts / 'link'}",
            "-Wl,-z,stack-size=1048576",
            *(f"-lwasi-emulated-{name}" for name in emulated),
        ),
    )


TARGETS: Mapping[str, Target] = {
    target.triple: target
    for target in (
        _gnu("aarch64-linux-gnu"),
        _gnu("riscv64-linux-gnu"),
        # Thumb-2 instructions.
        _gnu("thumbv7-linux-gnueabihf", "-mthumb", of="arm-linux-gnueabihf"),
        _wasi(),
    )
}
"""By triple."""
