"""A container's health check: `python -m deploy.probe URL` exits 0 when the URL answers 200."""

import sys
import urllib.error
import urllib.request


def main(url: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
