"""The official SDK's agents, for `tests/benches/agents.rs`.

Each line of standard input, `AGENTS SECONDS`, connects this number of agents. They send and receive a chunk every 20
milliseconds for the given duration. The output is `ready`, and then the number of received chunks, the number of sent
chunks and the processor seconds.
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from time import process_time

from fishjam import FishjamClient
from fishjam.agent import OutgoingAudioTrackOptions

CHUNK = bytes(960)
EVERY = 0.02


class Counts:
    heard = 0
    said = 0


async def hear(session, counts):
    async for _ in session.receive():
        counts.heard += 1


async def say(session, counts):
    track = await session.add_track(OutgoingAudioTrackOptions(sample_rate=24000))
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        await track.send_chunk(CHUNK)
        counts.said += 1
        due += EVERY
        await asyncio.sleep(max(0, due - loop.time()))


async def talk(agents, seconds):
    fishjam = FishjamClient(os.environ["FISHJAM_ID"], os.environ["FISHJAM_MANAGEMENT_TOKEN"])
    room = fishjam.create_room()
    counts = Counts()
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(fishjam.create_agent(room.id).connect()) for _ in range(agents)
        ]
        print("ready", flush=True)
        tasks = [asyncio.create_task(work(session, counts)) for session in sessions for work in (hear, say)]
        await asyncio.sleep(seconds / 5)
        heard, said, used = counts.heard, counts.said, process_time()
        await asyncio.sleep(seconds)
        heard, said, used = counts.heard - heard, counts.said - said, process_time() - used
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(heard, said, used, flush=True)


def main():
    for line in sys.stdin:
        agents, seconds = line.split()
        asyncio.run(talk(int(agents), float(seconds)))


if __name__ == "__main__":
    main()
