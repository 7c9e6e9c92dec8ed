"""Named checks on the official SDK, which are reported to the program that runs these scripts.

A script's standard output is lines of tab-separated fields:

    ok    NAME            a check passed
    fail  NAME  REASON    a check failed; the traceback is on standard error
    note  JSON            something for the program to compare
    end                   the script ran to its end

A script ends with `checks.main(check=..., calls=...)`: functions by the mode that the first argument names. `check`
holds the named checks; `calls` only makes calls, the same and in the same order as the Rust file of that name.
An id at the start of a check's name is a test of an official SDK: see `tests/official-sdks.md`.
"""

import asyncio
import inspect
import json
import os
import sys
import traceback
from contextlib import contextmanager

import httpx

# A script has the variables of its server.
FISHJAM_ID = os.environ.get("FISHJAM_ID")
ORIGIN = os.environ.get("FISHJAM_ORIGIN")
TOKEN = os.environ.get("FISHJAM_MANAGEMENT_TOKEN")

WRONG_TOKEN = "not-the-management-token"
# Valid ids that no entity has. The second has the form of the room ids of hosted Fishjam.
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
UNKNOWN_LONG_ID = "5a4b-4c3d-8e2f-0123456789ab-74656e616e74-70726f64-6e6f6465"

_failed = 0


def tell(*fields):
    line = "\t".join(" ".join(str(field).split()) for field in fields)
    print(line, flush=True)


def note(value):
    print("note\t" + json.dumps(value), flush=True)


def camel_case(name):
    """Returns the name in JSON of a name in protobuf."""
    first, *words = name.split("_")
    return first + "".join(word.capitalize() for word in words)


@contextmanager
def check(name):
    """A check passes when its block raises nothing."""
    global _failed
    try:
        yield
    except Exception as error:
        _failed += 1
        traceback.print_exc()
        tell("fail", name, f"{type(error).__name__}: {error}")
    else:
        tell("ok", name)


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def true(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)


def raises(expected, function, *args, **kwargs):
    """Returns the error of the call, which must have exactly this class."""
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        if type(error) is not expected:
            raise AssertionError(f"expected {expected.__name__}, got {error!r}") from error
        return error
    raise AssertionError(f"expected {expected.__name__}, got {result!r}")


@contextmanager
def requests_sent():
    """Records the requests that the HTTP library sends while the block runs."""
    sent = []
    original = httpx.Client.send

    def send(client, request, **kwargs):
        sent.append(request)
        return original(client, request, **kwargs)

    httpx.Client.send = send
    try:
        yield sent
    finally:
        httpx.Client.send = original


def client(token=TOKEN):
    # Jellyfish's SDK is another package, in another environment.
    from fishjam import FishjamClient

    return FishjamClient(FISHJAM_ID, token)


def main(**modes):
    mode = modes[sys.argv[1]]
    done = mode()
    if inspect.isawaitable(done):
        asyncio.run(_finish(done))
    tell("end")
    sys.exit(1 if _failed else 0)


async def _finish(awaitable):
    await awaitable
