"""What a scenario found, and the table of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

HEADS = ("scenario", "what was done", "accepted", "lost", "twice", "calm after", "verdict")


@dataclass
class Finding:
    """One line. `lost` and `twice` count what must not be; `calm` is seconds until everything was final.

    `repeated` counts what left twice on a channel that declares repetition harmless, each flagged in its row.
    `breaches` says in words what did not hold: with none of them the line is green.
    """

    scenario: str
    done: str
    accepted: int = 0
    lost: int = 0
    twice: int = 0
    repeated: int = 0
    calm: float | None = None
    breaches: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def must(self, breach: str, *, hold: bool) -> None:
        """Note `breach` unless it holds."""
        if not hold:
            self.breaches.append(breach)

    @property
    def cells(self) -> tuple[str, ...]:
        twice = f"{self.twice}" + (f" (+{self.repeated} harmless)" if self.repeated else "")
        calm = "–" if self.calm is None else f"{self.calm:.0f} s"
        verdict = "VIOLATED" if self.breaches else "ok"
        return (self.scenario, self.done, f"{self.accepted}", f"{self.lost}", twice, calm, verdict)


def table(findings: Sequence[Finding]) -> list[str]:
    """The lines to print."""
    rows = [HEADS, *(finding.cells for finding in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for finding in findings:
        lines += [f"  {finding.scenario}: {remark}" for remark in finding.remarks]
        lines += [f"  {finding.scenario}: VIOLATED: {breach}" for breach in finding.breaches]
    return lines
