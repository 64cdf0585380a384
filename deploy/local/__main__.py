"""`python -m deploy.local`: see `--help`. The Makefile calls it."""

import argparse
import sys

from deploy.local.backup import backup
from deploy.local.down import down, reset
from deploy.local.given import Given
from deploy.local.home import Trouble
from deploy.local.migration import migration
from deploy.local.restore import restore
from deploy.local.up import up

EPILOG = """SCORE_HOME says where the data is (.local), SCORE_PORT where the gateway listens (8000).
for example, a second system beside the first:
  SCORE_HOME=/tmp/second SCORE_PORT=8100 python -m deploy.local up"""


def main() -> int:
    options = arguments()
    try:
        given = Given()
        return run(given, options)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1


def run(given: Given, options: argparse.Namespace) -> int:
    match options.what:
        case "backup":
            return backup(given, options.to)
        case "restore":
            return restore(given, options.source, replace=options.replace)
        case "migration":
            return migration(given, options.service, options.why)
        case what:
            return {"up": up, "down": down, "reset": reset}[what](given)


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
    making = commands.add_parser("backup", help="the four databases, keys and secrets in one archive")
    making.add_argument("to", metavar="FILE")
    taking = commands.add_parser("restore", help="a home from such an archive")
    taking.add_argument("source", metavar="FILE")
    taking.add_argument("--replace", action="store_true", help="give up what is there now")
    writing = commands.add_parser("migration", help="write the step from the last migration to the models")
    writing.add_argument("service")
    writing.add_argument("why")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
