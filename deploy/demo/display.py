"""What a person sees: bars on a terminal, one plain line a step elsewhere; tables at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from deploy.demo.report import Section

PLAIN_WIDTH = 110


def console_for_everyone() -> Console:
    """The terminal as wide as it is; a file or pipe wide enough for the tables."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


@dataclass
class Step:
    """One line of the display."""

    progress: Progress
    task: TaskID

    def advance(self) -> None:
        self.progress.advance(self.task)

    def reach(self, done: int, total: int) -> None:
        self.progress.update(self.task, completed=done, total=total or None)

    def end(self, outcome: str) -> None:
        """Fills the bar and says in words what came of it."""
        task = self.progress.tasks[self.task]
        full = task.total or task.completed or 1
        self.progress.update(self.task, outcome=outcome, completed=full, total=full)


class Display:
    """A context manager round the loading."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            TextColumn("{task.description:<18}"),
            BarColumn(24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[outcome]}"),
        )
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, it: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Step]:
        task = self._progress.add_task(title, total=total, outcome="")
        yield Step(self._progress, task)
        if not self._console.is_terminal:
            self._console.print(f"{title}: {self._progress.tasks[task].fields['outcome']}")


def show(console: Console, section: Section) -> None:
    console.print()
    console.print(table_of(section))
    console.print(section.footnote, style="dim")


def table_of(section: Section) -> Table:
    table = Table(title=section.title, title_justify="left", title_style="bold", expand=False)
    table.add_column("#", no_wrap=True)
    table.add_column("result")
    table.add_column("value", justify="left" if section.wordy else "right", no_wrap=not section.wordy, style="bold")
    if not section.wordy:
        table.add_column("n / N", justify="right", no_wrap=True)
        table.add_column("coverage", justify="right", no_wrap=True)
    for line in section.lines:
        cells = (line.number, line.what, line.value, line.counted, line.coverage)
        table.add_row(*cells[: len(table.columns)])
    return table
