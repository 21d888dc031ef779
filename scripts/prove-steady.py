#!/usr/bin/env python3
"""A day in an hour: a server of 1.1 million packages is changed and searched at a steady pace, and watched.

    scripts/prove-steady.py --quire PATH --packages FOLDER [--minutes 60] [--updates 200] [--searches 50] [--report FILE]

FOLDER holds pypi.tsv and npm.tsv (tab-separated, with columns name and summary). All at once: searches and suggestions at fixed
times, whatever the replies take (Benchmarks/Load); documents, patches and deletions in batches, and uploads of thousands of lines;
readers of whole results by cursors; clients that come, ask once and leave, some without a word. Once a second a change is followed
until the document shows it. In the end the catalog is checked, and compared with what was written, after a restart.
Prints a line for each minute and a table; ends with 1 when something is not as it should be.
"""

import argparse
import collections
import os
import tempfile

from generator import Generator, processors
from packages_load import FIELDS, Load, Watch, compare, disk, p99, read_packages, write_requests
from served import DataFolder, Demands, Server, percentile


def run_minutes(load, watch, generator, requests, options):
    """The reports of the generator, minute by minute, each as a line of a table."""
    print("| minute | search p50, p99 ms | suggest p50, p99 ms | other | late p99 ms | RssAnon MB | descriptors | threads | segments "
          "| changes |\n|---|---|---|---|---|---|---|---|---|---|", flush=True)
    reports, left = [], options.minutes * 60
    while left > 0 and not load.problems:
        report = generator.run(load.server.port, requests, 2 * options.searches, min(left, 60), warm_up=0, arrivals="constant")
        reports.append(report)
        left -= 60
        now = watch.samples[-1] if watch.samples else dict.fromkeys(("RssAnon", "descriptors", "threads", "segments"), 0)
        times = [report["classes"][name].get("200", {"p50": float("nan"), "p99": float("nan")}) for name in ("search", "suggest")]
        other = {name: times["count"] for name, times in report["outcomes"].items() if name != "200"}
        line = (f"| {len(reports)} | " + " | ".join(f"{part['p50']:.1f}, {part['p99']:.1f}" for part in times)
                + f" | {other or ''} | {report['lateness']['p99']:.2f} | {now['RssAnon']:.1f} | {now['descriptors']} | {now['threads']} | "
                f"{now['segments']} | {load.changes:,} |")
        print(line, flush=True)
        if options.report:
            with open(options.report, "a") as out:
                print(line, file=out)
    return reports


def judge(demand, load, watch, quiet, reports, ready, opened, live):
    outcomes = collections.Counter()
    for report in reports:
        outcomes.update({name: times["count"] for name, times in report["outcomes"].items()})
    demand("problems; outcomes", f"{'; '.join(load.problems[:3]) or 'none'}; {dict(outcomes)}",
           not load.problems and set(outcomes) <= {"200", "503"})
    refused = outcomes["503"] + load.refused
    demand("refused for want of time, share", f"{refused}, {refused / outcomes.total():.5f}", refused <= .001 * outcomes.total())
    demand.show("uploads, pages by cursor, visits", f"{load.uploads}, {load.pages:,}, {load.visits:,}")
    void = sum(report["void"] for report in reports)
    demand.show("minutes in which the generator was late", void)
    demand("ready, RssAnon then", f"{ready * 1000:.0f} ms, {opened:.1f} MB", opened <= 30)
    early, late = watch.greatest("RssAnon", 1 / 6, 1 / 2), watch.greatest("RssAnon", 1 / 2, 1)
    demand("RssAnon: greatest of the first half and of the second, MB a minute",
           f"{early:.0f}, {late:.0f}, {watch.slope('RssAnon'):+.2f}", late <= early * 1.1 + 5)
    for name in ("descriptors", "threads"):
        early, late = watch.greatest(name, 1 / 6, 1 / 2), watch.greatest(name, 1 / 2, 1)
        demand(f"{name}: greatest of both halves", f"{early}, {late}", late <= early + 20)
    most = watch.greatest("disk", 0, 1)
    demand("disk, beside the first index", f"{most:.0f} MB, {most / live:.2f} of {live:.0f}", most <= 2.2 * live)
    segments = [sample["segments"] for sample in watch.samples]
    demand.show("segments, median and greatest", f"{percentile(segments, .5)}, {max(segments)}")
    seen = [percentile(load.visible, share) * 1000 for share in (.5, .99)]
    demand("change to visible, p50, p99 (ms)", f"{seen[0]:.0f}, {seen[1]:.0f}", seen[1] <= 300)
    for name in ("search", "suggest"):
        alone, (middle, most) = p99([quiet], name)[0], p99(reports, name)
        demand(f"p99 of {name}: quiet; median and greatest of the minutes (ms)", f"{alone:.1f}; {middle:.1f}, {most:.1f}",
               middle <= max(2 * alone, 5))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--packages", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--searches", type=int, default=50, help="a second; as many suggestions are asked for")
    parser.add_argument("--report", help="a file for the lines of the minutes")
    options = parser.parse_args()
    generator = Generator()
    with tempfile.TemporaryDirectory() as folder:
        data, requests = DataFolder(options.quire, folder), os.path.join(folder, "requests")
        documents, packages, words = read_packages(options.packages)
        data.index("packages", FIELDS, documents, "--merge-to", "1")
        write_requests(requests, words)
        live = disk(data.path)
        ours, clients = processors()
        server = Server(options.quire, data.path, cpus=ours)
        opened = server.anonymous()
        try:
            load, watch = Load(server, data.headers(), packages, words, options), Watch(server, data.path)
            quiet = generator.run(server.port, requests, 2 * options.searches, 60, warm_up=30, arrivals="constant")
            os.sched_setaffinity(0, clients)  # the threads of the load take no time of the server's processor
            load.start()
            watch.start()
            reports = run_minutes(load, watch, generator, requests, options)
            load.end()
            watch.over.set()
            os.sched_setaffinity(0, ours | clients)
            print()
            demand = Demands(f"{options.minutes:g} min, {load.changes:,} changes, {sum(r['requests'] for r in reports):,} requests")
            judge(demand, load, watch, quiet, reports, server.ready, opened, live)
            demand("ends when asked", server.end(), server.process.returncode == 0)
        finally:
            server.kill()
        demand("log", "".join(server.log)[:300].replace("\n", " ") or "empty", not server.log)
        clean, text = data.check("packages")
        demand("check", text, clean)
        server = Server(options.quire, data.path)
        try:
            wrong, count = compare(server, load)
        finally:
            server.kill()
        demand("documents compared with what was written", f"{len(wrong)} differ {wrong[:1]}", not wrong)
        wanted = sum(state is not None for state in packages.values()) + ("probe:visible" in load.versions)
        demand("documents", f"{count:,} of {wanted:,}", count == wanted)
    demand.end()


if __name__ == "__main__":
    main()
