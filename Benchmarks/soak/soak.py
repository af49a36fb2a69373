#!/usr/bin/env python3
"""Streaming clients for ten minutes, a third of which hang up; then looks for what was lost.

    Benchmarks/soak/soak.py --base-url http://127.0.0.1:8080 --seconds 600 --clients 32

Passes (exit code 0) when every stream was well-formed, /health answered within 50 ms (p99; on a machine that is busy with
something else, within ten times of what a server needs that has nothing to do), and afterwards no request runs, no block is
used, resident memory has not grown since warm-up and since the cache was full, and the idle process uses no processor time.
Talks to this machine's loopback addresses only. Python's standard library is all it needs.
"""

import argparse
import asyncio
import json
import random
import sys
from contextlib import suppress

import traffic
from watch import Health, Metrics, listener, processor_share
from wire import Address, get


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:8080")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--hang-ups", type=float, default=1 / 3, help="the share of requests whose client leaves")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", help="the first of /v1/models unless told")
    parser.add_argument("--pid", type=int, help="the server's process; found by its port unless told")
    parser.add_argument("--warm-up", type=float, help="seconds after which memory must not grow; a fifth unless told")
    parser.add_argument("--memory-growth", type=float, default=0.05)
    parser.add_argument("--health-p99", type=float, default=0.050, help="seconds")
    parser.add_argument("--health-ratio", type=float, default=10, help="to an idle server on this machine at that time")
    parser.add_argument("--idle-share", type=float, default=0.001, help="of a core, over twenty idle seconds")
    parser.add_argument("--blocks", default="yuyan_blocks_used", help="a metric's name, like the next two")
    parser.add_argument("--all-blocks", default="yuyan_blocks_total")
    parser.add_argument("--block-size", type=int, default=16, help="tokens")
    parser.add_argument("--prompted", default="yuyan_prompt_tokens_total")
    parser.add_argument("--found", default="yuyan_prompt_tokens_cached_total")
    parser.add_argument("--generated", default="yuyan_generated_tokens_total")
    parser.add_argument("--running", default="yuyan_requests_running")
    parser.add_argument("--resident", default="process_resident_memory_bytes")
    return parser.parse_args()


async def main(options):
    address = Address.loopback(options.base_url)
    await ready(address)
    model = options.model or json.loads((await get(address, "/v1/models"))[1])["data"][0]["id"]
    pid = options.pid or listener(address.port)
    names = [options.blocks, options.all_blocks, options.prompted, options.found, options.generated]
    metrics = Metrics(address, [*names, options.running, options.resident])
    await metrics.sample()
    sampling = asyncio.create_task(metrics.run())
    health, tally = Health(address), traffic.Tally()
    print(
        f"{options.clients} clients, {options.seconds:.0f} s, {model} at {options.base_url}, process {pid}", flush=True
    )
    end = await load(options, address, model, tally, metrics)
    latencies, idle_latencies, health_problems = health.finish()
    await idle(options, metrics)
    sampling.cancel()
    share = await idle_share(options, pid) if pid else None
    checks = [
        *streams(tally),
        *answers(options, latencies, idle_latencies, health_problems + metrics.problems),
        *remains(options, metrics, end, share),
    ]
    return report(tally, checks)


async def ready(address, patience=60):
    """A server may listen before its model is open; /ready tells when it is."""
    for _ in range(patience):
        status, body = await get(address, "/ready")
        if status == 200:
            return
        await asyncio.sleep(1)
    raise ValueError(f"/ready still says {status} after {patience} s: {body[:200]!r}")


async def load(options, address, model, tally, metrics):
    """Runs the clients to the end of their last streams; the time at which the first of them stopped asking."""
    until = asyncio.get_running_loop().time() + options.seconds
    rngs = [random.Random(f"{options.seed} {number}") for number in range(options.clients)]
    asking = [traffic.client(address, model, rng, tally, until, options.hang_ups) for rng in rngs]
    progress = asyncio.create_task(tell(tally, metrics))
    await asyncio.gather(*asking)
    progress.cancel()
    return options.seconds


async def tell(tally, metrics):
    while True:
        await asyncio.sleep(10)
        at, values = metrics.history[-1]
        print(f"{at:5.0f} s  {sum(tally.outcomes.values())} requests  {values}", flush=True)


async def idle(options, metrics, patience=60):
    """Waits until nothing runs and no block is used, or patience ends."""
    for _ in range(patience):
        with suppress(ValueError, OSError, TimeoutError, asyncio.IncompleteReadError):
            values = await metrics.sample()
            if not values[options.running] and not values[options.blocks]:
                return
        await asyncio.sleep(1)


async def idle_share(options, pid, attempts=6):
    """The processor's share of twenty idle seconds; of later ones where it had still something to put away."""
    for _ in range(attempts):
        share = await processor_share(pid, 20)
        if share <= options.idle_share:
            break
    return share


def streams(tally):
    finished = sum(count for outcome, count in tally.outcomes.items() if outcome.startswith("finished"))
    yield "every stream well-formed", not tally.outcomes["failed"], f"{tally.outcomes['failed']} failed"
    yield "streams finished", finished > 0, f"{finished}"


def answers(options, latencies, idle_latencies, problems):
    yield "watchers met no error", not problems, "; ".join(problems[:5]) or "none"
    if latencies and idle_latencies:
        p50, p99 = (quantile(latencies, q) for q in (0.5, 0.99))
        idle = quantile(idle_latencies, 0.99)
        limit = max(options.health_p99, options.health_ratio * idle)
        text = f"p50 {p50 * 1e3:.1f}, p99 {p99 * 1e3:.1f}, largest {latencies[-1] * 1e3:.1f} ms, {len(latencies)} polls"
        yield f"/health p99 below {limit * 1e3:.0f} ms", p99 < limit, f"{text}; an idle server's p99 {idle * 1e3:.1f} ms"


def quantile(ascending, share):
    return ascending[int(len(ascending) * share)]


def remains(options, metrics, end, share):
    last = metrics.history[-1][1]
    yield "no request left", last[options.running] == 0, f"{last[options.running]:.0f}"
    yield "no block left", last[options.blocks] == 0, f"{last[options.blocks]:.0f}"
    yield memory(options, metrics, end)
    if share is None:
        yield "idle", False, "the server's process was not found; name it with --pid"
    else:
        yield "idle", share <= options.idle_share, f"{share:.1%} of a core over 20 s"


def memory(options, metrics, end):
    """The cache is committed as tokens are computed into it, and until they have filled it, memory may grow, however long that
    takes. Three times as many must have been begun: what runs counts already, and holds at most the whole cache.
    """
    name = f"memory within {options.memory_growth:.0%}"

    def is_full(now):
        computed = now[options.prompted] - now[options.found] + now[options.generated]
        return computed >= 3 * options.block_size * now[options.all_blocks]

    full = metrics.when(is_full)
    warm_up = max(options.warm_up or end / 5, full or 0)
    if full is None or warm_up > 0.9 * metrics.history[-1][0]:
        return name, None, "the cache was not full early enough to tell; give it more seconds or fewer --cache-tokens"
    warm = metrics.largest(options.resident, 0, warm_up)
    later = metrics.largest(options.resident, warm_up, float("inf"))
    text = f"{warm / 1e6:.0f} MB after {warm_up:.0f} s, at most {later / 1e6:.0f} MB later"
    return name, later <= warm * (1 + options.memory_growth), text


def report(tally, checks):
    print("\nrequests")
    for outcome, count in sorted(tally.outcomes.items()):
        print(f"  {outcome:28} {count}")
    if tally.first_event:
        first = sorted(tally.first_event)
        print(f"  first event, median           {first[len(first) // 2]:.2f} s; largest {first[-1]:.2f} s")
    print(f"  pieces of text received       {tally.tokens}")
    for problem in tally.problems:
        print(f"  ! {problem}")
    print("\nchecks")
    for name, passed, text in checks:
        print(f"  {'skipped' if passed is None else 'ok     ' if passed else 'FAILED '}  {name}: {text}")
    failed = sum(passed is False for _, passed, _ in checks)
    skipped = sum(passed is None for _, passed, _ in checks)
    print(f"\nsoak: {len(checks) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(arguments())))
    except (ValueError, OSError, LookupError) as error:
        print(f"soak: {error}", file=sys.stderr)
        sys.exit(69)
