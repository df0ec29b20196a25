#!/usr/bin/env bash
# Install learnkit, from the wheel that travels beside this script. Gradescope runs it once, when the
# autograder is built.
set -euo pipefail
home=${LEARNKIT_AUTOGRADER:-/autograder}
export DEBIAN_FRONTEND=noninteractive

# The first Python that is new enough and can make environments.
python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

if ! python >/dev/null; then
    apt-get update
    apt-get install -y --no-install-recommends python3 python3-venv
    python >/dev/null || apt-get install -y --no-install-recommends python3.11 python3.11-venv || true
fi
if ! found=$(python); then
    echo "learnkit needs Python 3.11 or newer: choose Ubuntu 24.04 as the base image." >&2
    exit 1
fi
if [ "LEVEL" = strict ] && ! command -v bwrap >/dev/null; then
    apt-get update
    apt-get install -y --no-install-recommends bubblewrap
fi
"$found" -m venv "$home/learnkit"
"$home/learnkit/bin/python" -m pip install --disable-pip-version-check "$home"/source/*.whl
"$home/learnkit/bin/learnkit" --version
