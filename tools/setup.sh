#!/usr/bin/env bash
# Makes sure that what is needed beyond this checkout is there: Debian packages
# through apt where that is permitted, else one line that says what to install.
set -euo pipefail

packages=(build-essential cmake ninja-build python3 python3-venv
  llvm-22-dev llvm-22-tools clang-22 lld-22 libclang-rt-22-dev
  libzstd-dev zlib1g-dev ccache cargo-web rustc-web)

# A command or file that each need is known by: not everybody's comes from apt.
missing() {
  command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || return 0
  return 1
}
needed=()
need() { if missing "$1"; then needed+=("$2"); fi; }
need make build-essential
need g++ build-essential
need cmake cmake
need ninja ninja-build
need python3 python3
need clang-22 clang-22
need ld.lld-22 lld-22
need opt-22 llvm-22
need llvm-readobj-22 llvm-22
need FileCheck-22 llvm-22-tools
need /usr/lib/llvm-22/include/llvm llvm-22-dev
need /usr/lib/llvm-22/lib/clang/22/lib libclang-rt-22-dev
need /usr/include/zstd.h libzstd-dev
need /usr/include/zlib.h zlib1g-dev
need ccache ccache
need cargo cargo-web
need rustc rustc-web
python3 -c 'import ensurepip' 2>/dev/null || needed+=(python3-venv)

if [ "${#needed[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then
    apt=(apt-get)
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    apt=(sudo -n apt-get)
  else
    echo "please install: apt-get install ${packages[*]}" >&2
    exit 1
  fi
  echo "installing Debian packages: ${needed[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" update -qq
  "${apt[@]}" install -qq -y --no-install-recommends "${needed[@]}" >/dev/null
fi

# Tests want a browser for the report's page, and count what programs execute; continuous
# integration gets both if it can.
for wanted in chromium valgrind; do
  if [ "${CI:-}" = true ] && missing "$wanted"; then
    if [ "$(id -u)" = 0 ] && apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$wanted" >/dev/null; then
      echo "installed $wanted"
    else
      echo "$wanted cannot be installed: tests that need it will be skipped" >&2
    fi
  fi
done

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed" >&2
  exit 1
fi
