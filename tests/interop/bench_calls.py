"""Calls with the official SDK, for `tests/benches/calls.rs`.

For each line of standard input, `CALLS IN_FLIGHT ROOM_ID`, the output is the duration of the calls in seconds.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from fishjam import FishjamClient


def main():
    fishjam = FishjamClient(os.environ["FISHJAM_ID"], os.environ["FISHJAM_MANAGEMENT_TOKEN"])
    for line in sys.stdin:
        calls, in_flight, room_id = line.split()
        print(seconds(fishjam, int(calls), int(in_flight), room_id), flush=True)


def seconds(fishjam, calls, in_flight, room_id):
    if in_flight == 1:
        start = perf_counter()
        for _ in range(calls):
            fishjam.get_room(room_id)
        return perf_counter() - start
    with ThreadPoolExecutor(in_flight) as pool:
        start = perf_counter()
        for _ in pool.map(fishjam.get_room, [room_id] * calls):
            pass
        return perf_counter() - start


if __name__ == "__main__":
    main()
