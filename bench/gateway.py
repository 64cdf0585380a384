"""What the gateway costs: beside calling the service directly, and in processor time beside nginx."""

from bench.load import Asked, ask_all, holds, times
from bench.measure import Row, Run, Sample, at_least, at_most, in_turn
from bench.peers.nginx import nginx_before
from bench.place import Place
from bench.processes import cpu_seconds

PATH = "/v1/reference/roles"  # the answer that costs the service least
EXPECTED = b"programme_admin"


async def measure(place: Place) -> list[Row]:
    asked = Asked.of("GET", PATH, place.headers())

    def through(url: str, pid: int | None = None) -> Run:
        async def run() -> Sample:
            before = cpu_seconds(pid) if pid else 0.0
            load = await ask_all(url, times(asked, place.size.requests * 2), holds(EXPECTED))
            used = cpu_seconds(pid) - before if pid else 0.0
            return load.sample | {"cpu": used / len(load.each)}

        return run

    direct, gateway = through(place.service_url("enterprise")), through(place.url, place.pids["gateway"])
    pairs = await in_turn("gateway", direct, gateway, place.size.pairs, place.say)
    rows = [
        Row("gateway: throughput", "the service, directly", at_least(0.80), pairs.ratios("rate")),
        Row("gateway: p99", "the service, directly", None, pairs.ratios("p99")),
    ]
    with nginx_before(place, "enterprise") as proxy:
        if proxy is None:
            place.say("gateway: nginx can't be installed here; only the direct call is compared with")
            return rows
        beside = await in_turn("gateway and nginx", through(proxy.url, proxy.pid), gateway, place.size.pairs, place.say)
    return [
        *rows,
        Row("gateway: processor time of a request", "nginx `proxy_pass`", at_most(3), beside.ratios("cpu")),
        Row("gateway: throughput", "nginx `proxy_pass`, no token", None, beside.ratios("rate")),
    ]
