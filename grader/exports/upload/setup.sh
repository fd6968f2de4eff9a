#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is uploaded: Python, the grader, a user for notebooks.
set -euo pipefail
root=${AUTOGRADER_DIR:-/autograder}
source=$root/source
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install -y --no-install-recommends libseccomp2 bubblewrap
python=
for version in 3.13 3.12 3.11; do
    if apt-get install -y --no-install-recommends "python$version" "python$version-venv"; then
        python=python$version
        break
    fi
done
if [[ -z $python ]]; then
    echo "This image has no Python 3.11 or newer. Choose Ubuntu 22.04 or 24.04 in the autograder's settings." >&2
    exit 1
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --no-cache-dir -c "$source/project/constraints.txt" -e "$source/project[all]"

id student >/dev/null 2>&1 || useradd --create-home --shell /usr/sbin/nologin student
mkdir -p "$root/results"
chown -R root:student "$source"
chmod -R u=rwX,g=rX,o= "$source"
chmod u=rwx,go= "$root/results"

# The hand-out is graded once: data sets and reference models are made now, and what does not work shows now.
"$root/venv/bin/python" "$source/autograder.py" prepare
