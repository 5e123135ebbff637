"""What is printed: a line per case, and how many miss their goal."""

from bench.measure import Times

ROW = "{:<42} {:<14} {:>9} {:>9} {:>9} {:>7}  {}"
RUNS = 3
"""So often what changes much is done, to print its median and worst."""


class Report:
    """Prints a line per case and counts what misses its goal."""

    def __init__(self) -> None:
        self.missed = 0
        print(ROW.format("case", "as", "p50 ms", "p95 ms", "floor ms", "ratio", "goal"))

    def line(self, name: str, user: str, times: Times, floor: Times, goal: str, met: bool) -> None:
        """A case beside its floor."""
        self.missed += not met
        figures = (f"{times.p50:.2f}", f"{times.p95:.2f}", f"{floor.p50:.2f}", f"{times.p50 / floor.p50:.1f}")
        print(ROW.format(name, user, *figures, f"{goal} {_mark(met)}"), flush=True)

    def figure(self, name: str, value: str, goal: str, met: bool, note: str = "") -> None:
        """Something that is no answer to a request; the note says what else several runs gave."""
        self.missed += not met
        after = f", {note}" if note else ""
        print(ROW.format(name, "", value, "", "", "", f"{goal} {_mark(met)}{after}"), flush=True)


def _mark(met: bool) -> str:
    return "✓" if met else "✗ missed"
