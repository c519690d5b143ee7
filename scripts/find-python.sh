#!/bin/sh
# Print a Python that runs and is recent enough. A name on the PATH proves nothing: version managers
# leave stubs there that only print an error, so each candidate is asked.
wanted='import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13)))'
for candidate in "$PYTHON" python3.13 python3.12 python3.11 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$wanted" >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Python 3.11, 3.12 or 3.13 is needed and none was found." >&2
echo "On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: set PYTHON to its path." >&2
exit 1
