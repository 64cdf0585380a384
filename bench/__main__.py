"""`python -m bench`: see `--help`; `make bench` calls it."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable

import asyncpg
import httpx
from rich.console import Console

from bench import crud, events, gateway, imports, lists, match, results
from bench.measure import Row, WrongAnswer
from bench.place import Place, our_system
from bench.sizes import SIZES
from bench.table import PAGE, show, write

BENCHES: dict[str, Callable[[Place], Awaitable[list[Row]]]] = {
    "gateway": gateway.measure,
    "crud": crud.measure,
    "imports": imports.measure,
    "events": events.measure,
    "lists": lists.measure,
    "match": match.measure,
    "results": results.measure,
}
EXAMPLE = "for example: python -m bench --only gateway,lists --size small"


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before it was done"))  # with all that it has started
    console = Console(width=None if sys.stdout.isatty() else 160)
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/dim]  {text}", highlight=False)

    with our_system(SIZES[options.size], say) as place:
        rows, failures = asyncio.run(carry_out(place, options.only))
    show(rows, console)
    if options.write and not failures:
        write(rows, options.size)
        say(f"written to {PAGE.name}")
    for name, wrong in failures.items():
        print(f"{name} failed, and says nothing of speed: {wrong}", file=sys.stderr)
    return 1 if failures else 0


async def carry_out(place: Place, names: list[str]) -> tuple[list[Row], dict[str, str]]:
    """The rows of those that went well, and why the others did not: one that fails keeps no other from its figures."""
    rows: list[Row] = []
    failures: dict[str, str] = {}
    for name in names:
        try:
            rows += await BENCHES[name](place)
        except (WrongAnswer, httpx.HTTPError, asyncpg.PostgresError) as error:
            failures[name] = f"{type(error).__name__}: {error}"
    return rows, failures


def chosen(text: str) -> list[str]:
    names = [name for name in text.split(",") if name] or list(BENCHES)
    if unknown := set(names) - BENCHES.keys():
        raise argparse.ArgumentTypeError(
            f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}"
        )
    return names


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--only", type=chosen, default=list(BENCHES), help=f"some of {', '.join(BENCHES)}")
    parser.add_argument("--size", choices=SIZES, default="moderate")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
