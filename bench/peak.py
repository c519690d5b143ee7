"""In a process of its own: import one file and print the megabytes that this needed above the idle process."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import django


def main(path: Path) -> None:
    """Warm up with a small file, note the idle size, import."""
    from bench.imports import imported, uploaded, world
    from bench.stock_files import write

    with tempfile.TemporaryDirectory() as folder:
        dealer = world()
        imported(dealer, uploaded(dealer, write(Path(folder) / "warm.csv", 50)))
    dealer = world()
    run = uploaded(dealer, path)
    idle = _kilobytes("VmRSS")
    imported(dealer, run)
    print((_kilobytes("VmHWM") - idle) / 1024)


def _kilobytes(name: str) -> int:
    """A line of what Linux says of this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]))
