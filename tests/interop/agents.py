"""Agents and subscriptions."""

import sys

import checks
from checks import FISHJAM_ID, UNKNOWN_ID, check, equal, raises, true
from fishjam import AgentOptions, AgentOutputOptions, PeerOptions, PeerOptionsVapi, RoomOptions
from fishjam._fishjam_openapi_client.models import SubscribeMode
from fishjam.errors import BadRequestError, ConflictError, NotFoundError

FAST = AgentOptions(output=AgentOutputOptions(audio_sample_rate=24000), subscribe_mode="manual")


def vapi(call_id="call-1", **options):
    return PeerOptionsVapi(api_key="key", call_id=call_id, **options)


def peer_of(fishjam, room, peer_id):
    [peer] = [peer for peer in fishjam.get_room(room.id).peers if peer.id == peer_id]
    return peer


def agents(fishjam):
    room = fishjam.create_room()
    for name, options, mode in (("none", None, "auto"), ("default", AgentOptions(), "auto"), ("all", FAST, "manual")):
        with check(f"create_agent, options: {name}"):
            agent = fishjam.create_agent(room.id, options)
            equal(agent.room_id, room.id)
            peer = peer_of(fishjam, room, agent.id)
            equal((peer.type_, peer.status, peer.subscribe_mode), ("agent", "disconnected", mode))
    with check("create_agent: its socket has the address from the server"):
        agent = fishjam.create_agent(room.id)
        # With its scheme: without one, this SDK uses TLS.
        equal(agent._socket_url, "ws" + FISHJAM_ID.removeprefix("http") + "/socket/agent/websocket")
        true(isinstance(agent._token, str) and agent._token, f"the token is {agent._token!r}")
    for options, mode in ((vapi(), "auto"), (vapi(auto_close=True, subscribe_mode=SubscribeMode.MANUAL), "manual")):
        with check(f"create_vapi_agent, subscribe mode {mode}"):
            peer = fishjam.create_vapi_agent(room.id, options)
            equal((peer.type_, peer.subscribe_mode), ("vapi", mode))
            equal(peer_of(fishjam, room, peer.id).type_, "vapi")
    with check("create_vapi_agent with an impossible call id: BadRequestError"):
        raises(BadRequestError, fishjam.create_vapi_agent, room.id, vapi("a b"))
    with check("an agent in an unknown room: NotFoundError"):
        raises(NotFoundError, fishjam.create_agent, UNKNOWN_ID)
        raises(NotFoundError, fishjam.create_vapi_agent, UNKNOWN_ID, vapi())
    with check("an agent in a full room: ConflictError"):
        full = fishjam.create_room(RoomOptions(max_peers=1))
        fishjam.create_agent(full.id)
        raises(ConflictError, fishjam.create_agent, full.id)
        raises(ConflictError, fishjam.create_vapi_agent, full.id, vapi())


def subscriptions(fishjam):
    room = fishjam.create_room()
    speaker, _ = fishjam.create_peer(room.id)
    listener, _ = fishjam.create_peer(room.id, PeerOptions(subscribe_mode="manual"))
    with check("subscribe_peer: the listener shows it"):
        equal(fishjam.subscribe_peer(room.id, listener.id, speaker.id), None)
        shown = peer_of(fishjam, room, listener.id).subscriptions
        equal((shown.peers, shown.tracks), ([speaker.id], []))
    with check("subscribe_peer to or by an unknown peer: NotFoundError"):
        raises(NotFoundError, fishjam.subscribe_peer, room.id, listener.id, UNKNOWN_ID)
        raises(NotFoundError, fishjam.subscribe_peer, room.id, UNKNOWN_ID, speaker.id)
        raises(NotFoundError, fishjam.subscribe_peer, UNKNOWN_ID, listener.id, speaker.id)
    with check("subscribe_tracks with unknown ids: NotFoundError"):
        raises(NotFoundError, fishjam.subscribe_tracks, room.id, listener.id, ["unknown"])
        raises(NotFoundError, fishjam.subscribe_tracks, room.id, UNKNOWN_ID, [])
        raises(NotFoundError, fishjam.subscribe_tracks, UNKNOWN_ID, listener.id, [])


def examine():
    fishjam = checks.client()
    agents(fishjam)
    subscriptions(fishjam)


def calls():
    fishjam = checks.client()
    room = fishjam.create_room(RoomOptions(max_peers=6))
    fishjam.create_agent(room.id)
    agent = fishjam.create_agent(room.id, FAST)
    fishjam.create_vapi_agent(room.id, vapi())
    fishjam.create_vapi_agent(room.id, vapi(auto_close=True, subscribe_mode=SubscribeMode.MANUAL))
    raises(BadRequestError, fishjam.create_vapi_agent, room.id, vapi("a b"))
    raises(NotFoundError, fishjam.create_vapi_agent, UNKNOWN_ID, vapi())
    raises(NotFoundError, fishjam.create_agent, UNKNOWN_ID)
    peer, _ = fishjam.create_peer(room.id)
    fishjam.subscribe_peer(room.id, agent.id, peer.id)
    raises(NotFoundError, fishjam.subscribe_peer, room.id, agent.id, UNKNOWN_ID)
    raises(NotFoundError, fishjam.subscribe_peer, UNKNOWN_ID, agent.id, peer.id)
    fishjam.subscribe_tracks(room.id, agent.id, [])
    raises(NotFoundError, fishjam.subscribe_tracks, room.id, agent.id, ["unknown-track", "another"])


def subscribe():
    """Subscribes one peer to another and to tracks, which only the program can publish."""
    room_id, listener, speaker, *tracks = sys.argv[2:]
    fishjam = checks.client()
    with check("subscribe_peer and subscribe_tracks with published tracks: the listener shows them"):
        equal(fishjam.subscribe_peer(room_id, listener, speaker), None)
        equal(fishjam.subscribe_tracks(room_id, listener, tracks), None)
        [peer] = [peer for peer in fishjam.get_room(room_id).peers if peer.id == listener]
        equal((peer.subscriptions.peers, peer.subscriptions.tracks), ([speaker], tracks))


if __name__ == "__main__":
    checks.main(check=examine, calls=calls, subscribe=subscribe)
