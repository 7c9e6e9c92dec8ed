"""The official SDK's notifier, for `tests/benches/notifier.rs`.

Each line of standard input, `EVENTS`, creates a notifier. The output is `ready`, and then the seconds from the first
event to the last of this number of events.
"""

import asyncio
import os
import sys
from time import perf_counter

from fishjam import FishjamNotifier


async def listen(events):
    notifier = FishjamNotifier(os.environ["FISHJAM_ID"], os.environ["FISHJAM_MANAGEMENT_TOKEN"])
    seen, first, last, over = 0, 0.0, 0.0, asyncio.Event()

    def handle(_):
        nonlocal seen, first, last
        seen += 1
        if seen == 1:
            first = perf_counter()
        if seen == events:
            last = perf_counter()
            over.set()

    notifier.on_server_notification(handle)
    connection = asyncio.create_task(notifier.connect())
    await unless_over(notifier.wait_ready(), connection)
    print("ready", flush=True)
    await unless_over(over.wait(), connection)
    connection.cancel()
    await asyncio.gather(connection, return_exceptions=True)
    print(last - first, flush=True)


async def unless_over(awaitable, connection):
    """Awaits. If the connection ends first, raises its error."""
    waiting = asyncio.ensure_future(awaitable)
    await asyncio.wait({waiting, connection}, return_when=asyncio.FIRST_COMPLETED)
    if connection.done():
        waiting.cancel()
        connection.result()
        raise RuntimeError("the connection ended")


def main():
    for line in sys.stdin:
        asyncio.run(listen(int(line)))


if __name__ == "__main__":
    main()
