#!/usr/bin/env bash
# The tests of the kernels on a build that watches memory (AddressSanitizer) and arithmetic (UndefinedBehaviorSanitizer).
# Usage: tests/sanitize.sh PYTHON, that of an environment with the build tools and the tests; g++ and Linux only.
set -euo pipefail
cd "$(dirname "$0")/.."
outer=$1
house=build/sanitize
"$outer" -m venv --without-pip --clear "$house/venv"
python=$house/venv/bin/python
# The packages of the outer environment without its own Coterie: a path named in a .pth file has its .pth files unread.
"$outer" -c 'import sys; print(*[p for p in sys.path if p.endswith("site-packages")], sep="\n")' \
  > "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/outer.pth"
"$python" -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --force-reinstall \
  -C cmake.define.COTERIE_SANITIZE=ON -C build-dir="$house/cmake" .
preload="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so)"
# Python frees little at its end: leaks are not looked for.
env LD_PRELOAD="$preload" ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
  "$python" -m pytest -q -p no:cacheprovider --ignore tests/kernels/test_build.py tests/kernels
