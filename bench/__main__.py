"""`python -m bench`: see `--help`; `make bench` calls it."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from rich.console import Console

from bench import crud, events, gateway, imports, lists
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
}
EXAMPLE = "for example: python -m bench --only gateway,lists --size small"


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/dim]  {text}", highlight=False)

    try:
        with our_system(SIZES[options.size], say) as place:
            rows = asyncio.run(carry_out(place, options.only))
    except WrongAnswer as wrong:
        print(f"A bench is worth nothing when the answer is wrong: {wrong}", file=sys.stderr)
        return 1
    show(rows, console)
    if options.write:
        write(rows, options.size)
        say(f"written to {PAGE.name}")
    return 0


async def carry_out(place: Place, names: list[str]) -> list[Row]:
    return [row for name in names for row in await BENCHES[name](place)]


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
