"""Peers and their tokens."""

import checks
from checks import UNKNOWN_ID, check, equal, raises, true
from fishjam import PeerOptions, PeerOptionsVapi, RoomOptions
from fishjam.errors import BadRequestError, ConflictError, NotFoundError
from peer_socket import connected_peer, set_metadata

METADATA = {"name": "Zażółć", "nested": {"list": [1, 2.5, None, True], "empty": {}}, "dotted.key": ""}


def fresh(peer, **changed):
    """The expected state of a new WebRTC peer."""
    return {
        "id": peer.id,
        "type": "webrtc",
        "status": "disconnected",
        "tracks": [],
        "metadata": {"peer": {}, "server": {}},
        "subscribeMode": "auto",
        "subscriptions": {"peers": [], "tracks": []},
        **changed,
    }


def create(fishjam):
    room = fishjam.create_room()

    def created(options=None):
        peer, token = fishjam.create_peer(room.id, options)
        true(isinstance(token, str) and token, f"the token is {token!r}")
        true(peer in fishjam.get_room(room.id).peers, "the room does not hold the created peer")
        return peer

    with check("P15 create_peer with options: the room contains exactly that peer"):
        peer = created(PeerOptions())
        equal(peer.to_dict(), fresh(peer))
        equal(fishjam.get_room(room.id).peers, [peer])
    with check("P16 create_peer with metadata: it is in the member `server`"):
        peer = created(PeerOptions(metadata=METADATA))
        equal(peer.to_dict(), fresh(peer, metadata={"peer": {}, "server": METADATA}))
    with check("P17 create_peer without options: the same as with default ones"):
        peer = created()
        equal(peer.to_dict(), fresh(peer))
    with check("create_peer subscribe_mode='manual'"):
        peer = created(PeerOptions(subscribe_mode="manual"))
        equal(peer.to_dict(), fresh(peer, subscribeMode="manual"))
    with check("P18 create_peer in a full room: ConflictError"):
        full = fishjam.create_room(RoomOptions(max_peers=1))
        fishjam.create_peer(full.id)
        error = raises(ConflictError, fishjam.create_peer, full.id)
        equal(str(error), f"Reached webrtc peers limit in room {full.id}")
        equal(len(fishjam.get_room(full.id).peers), 1)
    with check("P19 create_vapi_agent: a peer of type vapi"):
        peer = fishjam.create_vapi_agent(room.id, PeerOptionsVapi(api_key="key", call_id="call-1"))
        equal(peer.type_, "vapi")
        raises(BadRequestError, fishjam.create_vapi_agent, room.id, PeerOptionsVapi(api_key="key", call_id="a b"))
    with check("create_peer in an unknown room: NotFoundError"):
        raises(NotFoundError, fishjam.create_peer, UNKNOWN_ID)


def delete(fishjam):
    room = fishjam.create_room()
    with check("P20 delete_peer leaves the room without peers"):
        peer, _ = fishjam.create_peer(room.id)
        equal(fishjam.delete_peer(room.id, peer.id), None)
        equal(fishjam.get_room(room.id).peers, [])
    with check("P21 delete_peer of an unknown peer or room: NotFoundError"):
        error = raises(NotFoundError, fishjam.delete_peer, room.id, peer.id)
        equal(str(error), f"Peer {peer.id} does not exist")
        raises(NotFoundError, fishjam.delete_peer, room.id, "invalid_peer_id")
        raises(NotFoundError, fishjam.delete_peer, UNKNOWN_ID, peer.id)


async def tokens(fishjam):
    room = fishjam.create_room()
    peer, token = fishjam.create_peer(room.id)
    with check("P22 refresh_peer_token returns another token"):
        refreshed = fishjam.refresh_peer_token(room.id, peer.id)
        true(isinstance(refreshed, str) and refreshed != token, f"got {refreshed!r} for {token!r}")
    with check("P23 refresh_peer_token of an unknown peer or room: NotFoundError"):
        raises(NotFoundError, fishjam.refresh_peer_token, room.id, "invalid_peer_id")
        raises(NotFoundError, fishjam.refresh_peer_token, UNKNOWN_ID, peer.id)
    with check("a peer with its refreshed token is connected while its socket is open, and shows its metadata"):
        async with connected_peer(refreshed) as socket:
            await set_metadata(socket, {"mood": "fine"})
            [seen] = fishjam.get_room(room.id).peers
            metadata = {"peer": {"mood": "fine"}, "server": {}}
            equal(seen.to_dict(), fresh(peer, status="connected", metadata=metadata))


async def examine():
    fishjam = checks.client()
    create(fishjam)
    delete(fishjam)
    await tokens(fishjam)


def calls():
    fishjam = checks.client()
    room = fishjam.create_room(RoomOptions(max_peers=4))
    peer, _ = fishjam.create_peer(room.id)
    fishjam.create_peer(room.id, PeerOptions(metadata=METADATA))
    fishjam.create_peer(room.id, PeerOptions(metadata={}))
    other, _ = fishjam.create_peer(room.id, PeerOptions(metadata={"a": 1}, subscribe_mode="manual"))
    raises(ConflictError, fishjam.create_peer, room.id, PeerOptions(subscribe_mode="auto"))
    raises(NotFoundError, fishjam.create_peer, UNKNOWN_ID)
    fishjam.refresh_peer_token(room.id, peer.id)
    raises(NotFoundError, fishjam.refresh_peer_token, room.id, "invalid peer")
    fishjam.delete_peer(room.id, other.id)
    raises(NotFoundError, fishjam.delete_peer, room.id, other.id)
    raises(NotFoundError, fishjam.delete_peer, UNKNOWN_ID, "invalid_peer")


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
