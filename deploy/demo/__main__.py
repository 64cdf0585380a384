"""`python -m deploy.demo`: see `--help`."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from rich.console import Console

from deploy.demo.api import Api
from deploy.demo.credentials import Credentials
from deploy.demo.display import Display, console_for_everyone, show
from deploy.demo.load import Loader
from deploy.demo.report import Section, all_sections
from deploy.demo.trouble import DemoFailed

EXAMPLE = """example, with a system started by `make up`:
  python -m deploy.demo
and with one that keeps its data elsewhere:
  SCORE_HOME=/tmp/score python -m deploy.demo
It may be run again at any time: what is there already is left as it is. All records it loads are synthetic."""


def main() -> int:
    console = console_for_everyone()
    try:
        sections = asyncio.run(demo(arguments().home, console))
    except DemoFailed as failure:
        print(f"The demo stopped: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What is loaded stays; run the demo again and it goes on.", file=sys.stderr)
        return 130
    for section in sections:
        show(console, section)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.demo",
        description="Loads the demo through the public API and prints the results tables the API computes from it.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    home = Path(os.environ.get("SCORE_HOME") or ".local")
    parser.add_argument(
        "--home", type=Path, default=home, help="where credentials.json is (default: SCORE_HOME or .local)"
    )
    return parser.parse_args()


async def demo(home: Path, console: Console) -> list[Section]:
    async with Api(Credentials.read(home)) as api:
        with Display(console) as display:
            ids = await Loader(api, display).load_all()
        return await all_sections(api, ids)


if __name__ == "__main__":
    sys.exit(main())
