"""`python -m deploy.local`: see `--help`. The Makefile calls it."""

import argparse
import sys

from deploy.local.down import down, reset
from deploy.local.given import Given
from deploy.local.home import Trouble
from deploy.local.up import up

EPILOG = """SCORE_HOME says where the data is (.local), SCORE_PORT where the gateway listens (8000).
for example, a second system beside the first:
  SCORE_HOME=/tmp/second SCORE_PORT=8100 python -m deploy.local up"""


def main() -> int:
    options = arguments()
    try:
        given = Given()
        if options.what == "up":
            return up(given)
        return {"down": down, "reset": reset}[options.what](given)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description="The whole system on this machine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")
    commands.add_parser("up", help="start everything and stay in the foreground")
    commands.add_parser("down", help="stop what another terminal started")
    commands.add_parser("reset", help="remove all data; refused while it runs")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
