"""Jellyfish: notifications and metrics over the socket, and every notification as the body of a webhook."""

import asyncio
import dataclasses
import json
import re
import sys
from contextlib import asynccontextmanager

import betterproto
import checks
import self_hosted  # noqa: F401
from checks import WRONG_TOKEN, camel_case, check, equal, true
from jellyfish import Notifier, PeerOptionsWebRTC, receive_binary
from jellyfish.events import ServerMessageRoomDeleted, ServerMessageTrackType
from jellyfish_rooms import ADDRESS, TOKEN, api

# Longer than each step takes.
PATIENCE = 60


def name(notification):
    """Returns the name in protobuf for a class: `ServerMessageRoomCreated` is `room_created`."""
    camel = type(notification).__name__.removeprefix("ServerMessage")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()


def fields(message):
    """Returns the fields by their names in JSON. Of alternatives, only the set one. Metadata and metrics are nested."""
    chosen = None
    if hasattr(message, "track"):
        chosen, _ = betterproto.which_one_of(message, "endpoint_info")
    described = {}
    for field in dataclasses.fields(message):
        if field.metadata["betterproto"].group and field.name != chosen:
            continue
        value = getattr(message, field.name)
        if field.name == "type":
            value = ServerMessageTrackType(value).name.removeprefix("TRACK_TYPE_").lower() if value else None
        elif field.name in ("metadata", "metrics"):
            value = json.loads(value) if value else None
        elif isinstance(value, betterproto.Message):
            value = fields(value)
        described[camel_case(field.name)] = value
    return described


def described(notification):
    return {camel_case(name(notification)): fields(notification)}


@asynccontextmanager
async def listening(notified, measured=None):
    """Returns a notifier that is ready, and the task of its connection."""
    notifier = Notifier(ADDRESS, TOKEN)
    notifier.on_server_notification(notified)
    if measured:
        notifier.on_metrics(measured)
    connection = asyncio.create_task(notifier.connect())
    try:
        await first(notifier.wait_ready(), connection)
        yield connection
    finally:
        connection.cancel()
        await asyncio.gather(connection, return_exceptions=True)


async def first(awaitable, connection):
    """Awaits. If the connection ends first, raises its error."""
    waiting = asyncio.ensure_future(awaitable)
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait({waiting, connection}, return_when=asyncio.FIRST_COMPLETED)
    if connection.done():
        waiting.cancel()
        connection.result()
        raise AssertionError("the connection ended")
    return waiting.result()


async def examine():
    with check("a notifier with a wrong token: RuntimeError"):
        try:
            async with asyncio.timeout(PATIENCE):
                await Notifier(ADDRESS, WRONG_TOKEN).connect()
        except RuntimeError as error:
            equal(str(error), "Invalid server_api_token")
        else:
            raise AssertionError("it connected")
    seen, reports, over, measured = [], [], asyncio.Event(), asyncio.Event()

    def notified(notification):
        seen.append(notification)
        if isinstance(notification, ServerMessageRoomDeleted):
            over.set()

    def on_metrics(report):
        reports.append(report)
        measured.set()

    async with listening(notified, on_metrics) as connection:
        with check("a room with a peer that is deleted: notifications in order"):
            jellyfish = api()
            _, room = jellyfish.create_room()
            peer = jellyfish.add_peer(room.id, PeerOptionsWebRTC()).peer
            jellyfish.delete_room(room.id)
            await first(over.wait(), connection)
            equal([name(one) for one in seen], ["room_created", "peer_added", "peer_deleted", "room_deleted"])
            equal([one.room_id for one in seen], [room.id] * 4)
            equal([one.peer_id for one in seen[1:3]], [peer.id] * 2)
        with check("metrics reach their own handler"):
            await first(measured.wait(), connection)
            true(isinstance(json.loads(reports[0].metrics), dict), f"it is {reports[0].metrics!r}")


async def calls():
    async with listening(print, print):
        pass


async def listen():
    """Reports all notifications until the number of deleted rooms in the second argument, then a report of metrics."""
    rooms, over = int(sys.argv[2]), asyncio.Event()

    def notified(notification):
        nonlocal rooms
        checks.note(described(notification))
        rooms -= isinstance(notification, ServerMessageRoomDeleted)
        if rooms == 0:
            over.set()

    async with listening(notified) as connection:
        await first(over.wait(), connection)


def decode():
    """Reports the content of each body. The bodies are hexadecimal strings."""
    for body in json.loads(sys.argv[2]):
        notification = receive_binary(bytes.fromhex(body))
        checks.note(None if notification is None else described(notification))


if __name__ == "__main__":
    checks.main(check=examine, calls=calls, listen=listen, decode=decode)
