"""`make soak`: finds the peak, then asks for 80 % of it for MINUTES (30). Ends with 1 when anything failed or grew."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import urllib3

from tests.bench.measure import Measure
from tests.servers.deployed import NAME, Site, deployed
from tests.servers.postgres import running_postgres
from tests.soak.load import Log, peak, steady
from tests.soak.processes import EVERY, Watch, growth
from tests.soak.visitors import visitors

VISITORS = 120
PEAK_SECONDS = 30.0
SHARE = 0.8
GROWTH = 1.1
"""How much more memory there may be at the end than at the beginning."""
FAR_APART = "api_per_minute = 10000\nlists_per_minute = 10000\nfeeds_per_minute = 10000\nsign_in_tries = 100"
"""What one network may ask for: the visitors are fewer than those who would make such a load."""


def soak(site: Site, minutes: float, peak_seconds: float = PEAK_SECONDS) -> list[Measure]:
    """Load the site that long, and say what came of it."""
    everybody = visitors(site, VISITORS)
    peak(everybody, peak_seconds)  # in which everybody signs in, and what is loaded once is loaded
    best = peak(everybody, peak_seconds)
    seconds = minutes * 60
    with Watch(site, min(EVERY, seconds / 10)) as watch:
        log = steady(everybody, SHARE * best, seconds)
    tell(log, best, seconds)
    grown = [
        Measure(f"memory of {name} at the end / at the beginning (now {seen[-1]:.0f} MB)", growth(seen), GROWTH)
        for name, seen in watch.seen.items()
    ]
    return [Measure("requests that failed", len(log.errors), 0), *grown]


def load_demo(site: Site) -> None:
    """Fill the site with the demo community, which only a site on loopback takes: for a moment it is one."""
    settings = Path(site.environ["PORTAL_CONFIG"]).read_text()
    local = site.folder / "local.toml"
    local.write_text(settings.replace(f"https://{NAME}", "http://127.0.0.1:8000"))
    replace(site, environ={**site.environ, "PORTAL_CONFIG": str(local)}).portal("demo", "load")


def tell(log: Log, best: float, seconds: float) -> None:
    """What people felt."""
    sys.stdout.write(
        f"peak {best:.1f} requests a second; {log.many / seconds:.1f} a second for {seconds / 60:.1f} min\n"
    )
    everything = [one for some in log.seconds.values() for one in some]
    for kind, seconds_of in {"all": everything, **dict(sorted(log.seconds.items()))}.items():
        cuts = statistics.quantiles(seconds_of, n=100) if len(seconds_of) > 1 else seconds_of * 99
        line = f"{kind:9} {len(seconds_of):7} answers, p50 {cuts[49]:.3f} s, p95 {cuts[94]:.3f} s, p99 {cuts[98]:.3f} s"
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"refused because of limits: {log.refusals}\n")
    for error in log.errors[:10]:
        sys.stdout.write(f"FAILED {error}\n")


def main() -> int:
    """Start everything, load it, and say whether it held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    minutes = parser.parse_args().minutes
    urllib3.disable_warnings()  # the certificate is one of our own
    with (
        tempfile.TemporaryDirectory() as folder,
        running_postgres() as postgres,
        deployed(Path(folder), postgres, FAR_APART) as site,
    ):
        load_demo(site)
        measures = soak(site, minutes)
    for measure in measures:
        sys.stdout.write(f"{measure}\n")
    return 0 if all(measure.ok for measure in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
