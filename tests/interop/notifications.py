"""The notifier: its notifications and their order."""

import asyncio
import json
import re
import sys
from contextlib import asynccontextmanager

import betterproto
import checks
from checks import FISHJAM_ID, TOKEN, WRONG_TOKEN, check, equal, true
from fishjam import FishjamNotifier
from fishjam.events import ServerMessagePeerConnected, ServerMessagePeerType, ServerMessageRoomDeleted
from peer_socket import connected_peer, set_metadata

# Longer than each step takes. The tests of the official SDK wait 15 seconds for a notification.
PATIENCE = 60

ROOM = ["room_created", "room_deleted"]
PEER = ["room_created", "peer_added", "peer_connected", "peer_disconnected", "peer_deleted", "room_deleted"]


def name(notification):
    """Returns the name in protobuf for a class: `ServerMessageRoomCreated` is `room_created`."""
    camel = type(notification).__name__.removeprefix("ServerMessage")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()


class Told:
    """The notifications that a handler received."""

    def __init__(self):
        self._seen = []
        self._changed = asyncio.Condition()

    async def __call__(self, notification):
        async with self._changed:
            self._seen.append(notification)
            self._changed.notify_all()

    def of_room(self, room_id):
        return [notification for notification in self._seen if notification.room_id == room_id]

    def names(self, room_id):
        return [name(notification) for notification in self.of_room(room_id)]

    async def until(self, room_id, wanted):
        """Waits for a notification of this name. Returns the notifications of the room."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: wanted in self.names(room_id))
            return self.of_room(room_id)


@asynccontextmanager
async def listening(handler):
    """Returns a notifier that is ready, and the task of its connection."""
    notifier = FishjamNotifier(FISHJAM_ID, TOKEN)
    notifier.on_server_notification(handler)
    connection = asyncio.create_task(notifier.connect())
    try:
        await _first(notifier.wait_ready(), connection)
        yield connection
    finally:
        connection.cancel()
        await asyncio.gather(connection, return_exceptions=True)


async def _first(awaitable, connection):
    """Awaits. If the connection ends first, raises its error."""
    waiting = asyncio.ensure_future(awaitable)
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait({waiting, connection}, return_when=asyncio.FIRST_COMPLETED)
    if connection.done():
        waiting.cancel()
        connection.result()
        raise AssertionError("the connection ended")
    return waiting.result()


async def connecting():
    with check("P33 a notifier with the right credentials becomes ready and stays connected"):
        async with listening(Told()) as connection:
            await asyncio.sleep(0.1)
            true(not connection.done(), "the connection ended")
    with check("a notifier with a wrong token: RuntimeError"):
        try:
            async with asyncio.timeout(PATIENCE):
                await FishjamNotifier(FISHJAM_ID, WRONG_TOKEN).connect()
        except RuntimeError as error:
            equal(str(error), "Invalid management token")
        else:
            raise AssertionError("it connected")


async def receiving():
    fishjam = checks.client()
    told, also_told = Told(), []
    # The second notifier has a handler that is a plain function.
    async with listening(told), listening(also_told.append):
        with check("P34 a room that is created and deleted: both are reported"):
            room = fishjam.create_room()
            fishjam.delete_room(room.id)
            await told.until(room.id, "room_deleted")
            equal(told.names(room.id), ROOM)
        with check("P35 a peer that connects and is deleted: six notifications in order"):
            room = fishjam.create_room()
            peer, token = fishjam.create_peer(room.id)
            async with connected_peer(token):
                await told.until(room.id, "peer_connected")
            await told.until(room.id, "peer_disconnected")
            fishjam.delete_peer(room.id, peer.id)
            fishjam.delete_room(room.id)
            seen = await told.until(room.id, "room_deleted")
            equal(told.names(room.id), PEER)
            of_peer = [(event.peer_id, event.peer_type) for event in seen if name(event).startswith("peer_")]
            equal(of_peer, [(peer.id, ServerMessagePeerType.PEER_TYPE_WEBRTC)] * 4)
        with check("P36 a room that is deleted with a connected peer: the same six"):
            room = fishjam.create_room()
            _, token = fishjam.create_peer(room.id)
            async with connected_peer(token):
                await told.until(room.id, "peer_connected")
                fishjam.delete_room(room.id)
                await told.until(room.id, "room_deleted")
            equal(told.names(room.id), PEER)
        with check("a connected peer that is deleted: its disconnection is reported first"):
            room = fishjam.create_room()
            peer, token = fishjam.create_peer(room.id)
            async with connected_peer(token):
                await told.until(room.id, "peer_connected")
                fishjam.delete_peer(room.id, peer.id)
                await told.until(room.id, "peer_deleted")
            equal(told.names(room.id), PEER[:-1])
        with check("a peer that sets its metadata: reported as a JSON string"):
            room = fishjam.create_room()
            _, token = fishjam.create_peer(room.id)
            async with connected_peer(token) as socket:
                await set_metadata(socket, {"mood": "świetnie"})
                *_, updated = await told.until(room.id, "peer_metadata_updated")
            equal(json.loads(updated.metadata), {"mood": "świetnie"})
        with check("two notifiers with different kinds of handlers receive the same"):
            last = fishjam.create_room()
            fishjam.delete_room(last.id)
            await told.until(last.id, "room_deleted")
            async with asyncio.timeout(PATIENCE):
                while not any(isinstance(e, ServerMessageRoomDeleted) and e.room_id == last.id for e in also_told):
                    await asyncio.sleep(0.01)
            true(any(isinstance(event, ServerMessagePeerConnected) for event in also_told), "no peer was told of")
            equal(also_told, told._seen)


async def examine():
    await connecting()
    await receiving()


async def calls():
    async with listening(Told()):
        pass


async def listen():
    """Reports all notifications until the number of deleted rooms in the second argument."""
    rooms, over = int(sys.argv[2]), asyncio.Event()

    def handle(notification):
        nonlocal rooms
        checks.note(routing(notification))
        rooms -= isinstance(notification, ServerMessageRoomDeleted)
        if rooms == 0:
            over.set()

    async with listening(handle) as connection:
        await _first(over.wait(), connection)


def routing(notification):
    """Returns the name and the ids of a notification."""
    peer_id = getattr(notification, "peer_id", None)
    if hasattr(notification, "component_id"):
        owner, value = betterproto.which_one_of(notification, "endpoint_info")
        peer_id = value if owner == "peer_id" else None
    peer_type = getattr(notification, "peer_type", None)
    return {
        "type": name(notification),
        "room_id": notification.room_id,
        "peer_id": peer_id,
        "peer_type": ServerMessagePeerType(peer_type).name.removeprefix("PEER_TYPE_").lower() if peer_type else None,
    }


if __name__ == "__main__":
    checks.main(check=examine, calls=calls, listen=listen)
