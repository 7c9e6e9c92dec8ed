"""The client of the official SDK 0.22.0: rooms, peers and tokens of that contract."""

import checks
from checks import UNKNOWN_ID, WRONG_TOKEN, check, equal, raises, true
from fishjam import AgentOptions, AgentOutputOptions, PeerOptions, RoomOptions
from fishjam.errors import BadRequestError, NotFoundError, ServiceUnavailableError, UnauthorizedError

METADATA = {"name": "Zażółć"}
FAST = AgentOptions(output=AgentOutputOptions(audio_sample_rate=24000))


def every_option():
    return RoomOptions(
        max_peers=1,
        video_codec="h264",
        webhook_url="http://example.com/ścieżka?a=b",
        room_type="audio_only",
        public=False,
    )


def rooms(fishjam):
    with check("0.22: get_all_rooms of an empty Fishjam is an empty list"):
        equal(fishjam.get_all_rooms(), [])
    with check("0.22: create_room, get_room and get_all_rooms show the same room"):
        room = fishjam.create_room()
        equal((room.peers, room.config.room_type), ([], "conference"))
        equal((fishjam.get_room(room.id), fishjam.get_all_rooms()), (room, [room]))
    with check("0.22: create_room with every option"):
        config = fishjam.create_room(every_option()).config
        equal((config.max_peers, config.video_codec, config.room_type), (1, "h264", "audio_only"))
        equal((config.webhook_url, config.public), ("http://example.com/ścieżka?a=b", False))
    with check("0.22: create_room with a bad webhook URL: BadRequestError"):
        raises(BadRequestError, fishjam.create_room, RoomOptions(webhook_url="https://example.com"))
    with check("0.22: delete_room: it is gone"):
        equal(fishjam.delete_room(room.id), None)
        raises(NotFoundError, fishjam.get_room, room.id)
        raises(NotFoundError, fishjam.delete_room, room.id)


def peers(fishjam):
    room = fishjam.create_room()
    for name, options in (
        ("none", None),
        ("simulcast", PeerOptions(enable_simulcast=True)),
        ("no simulcast", PeerOptions(enable_simulcast=False)),
    ):
        with check(f"0.22: create_peer, options: {name}"):
            peer, token = fishjam.create_peer(room.id, options)
            true(isinstance(token, str) and token, f"the token is {token!r}")
            equal((peer.type_, peer.status, peer.subscriptions, peer.tracks), ("webrtc", "disconnected", [], []))
            true(peer in fishjam.get_room(room.id).peers, "the room does not hold the created peer")
    with check("0.22: create_peer with metadata"):
        peer, _ = fishjam.create_peer(room.id, PeerOptions(metadata=METADATA))
        equal(peer.metadata.to_dict(), {"peer": {}, "server": METADATA})
    for name, options in (("default", None), ("24 kHz", FAST)):
        with check(f"0.22: create_agent, output: {name}"):
            agent = fishjam.create_agent(room.id, options)
            [shown] = [shown for shown in fishjam.get_room(room.id).peers if shown.id == agent.id]
            equal(shown.type_, "agent")
    with check("0.22: create_peer in a full room: ServiceUnavailableError"):
        full = fishjam.create_room(RoomOptions(max_peers=1))
        fishjam.create_peer(full.id)
        raises(ServiceUnavailableError, fishjam.create_peer, full.id)
        equal(len(fishjam.get_room(full.id).peers), 1)
    with check("0.22: create_peer in an unknown room: NotFoundError"):
        raises(NotFoundError, fishjam.create_peer, UNKNOWN_ID)
    with check("0.22: delete_peer: it is gone"):
        equal(fishjam.delete_peer(room.id, peer.id), None)
        true(peer.id not in [left.id for left in fishjam.get_room(room.id).peers], "it is there")
        raises(NotFoundError, fishjam.delete_peer, room.id, peer.id)


def tokens(fishjam):
    room = fishjam.create_room()
    peer, token = fishjam.create_peer(room.id)
    with check("0.22: refresh_peer_token returns another token"):
        refreshed = fishjam.refresh_peer_token(room.id, peer.id)
        true(isinstance(refreshed, str) and refreshed != token, f"got {refreshed!r} for {token!r}")
    with check("0.22: refresh_peer_token of an unknown peer or room: NotFoundError"):
        raises(NotFoundError, fishjam.refresh_peer_token, room.id, "invalid_peer")
        raises(NotFoundError, fishjam.refresh_peer_token, UNKNOWN_ID, peer.id)
    with check("0.22: tokens of a livestream"):
        stream = fishjam.create_room(RoomOptions(room_type="livestream"))
        for create in (fishjam.create_livestream_viewer_token, fishjam.create_livestream_streamer_token):
            token = create(stream.id)
            true(isinstance(token, str) and token, f"the token is {token!r}")
            raises(NotFoundError, create, UNKNOWN_ID)
    with check("0.22: a wrong token: UnauthorizedError"):
        wrong = checks.client(WRONG_TOKEN)
        for method, *args in (
            (wrong.create_room,),
            (wrong.get_all_rooms,),
            (wrong.get_room, room.id),
            (wrong.create_peer, room.id),
            (wrong.refresh_peer_token, room.id, peer.id),
            (wrong.delete_room, room.id),
        ):
            raises(UnauthorizedError, method, *args)


def examine():
    fishjam = checks.client()
    rooms(fishjam)
    peers(fishjam)
    tokens(fishjam)


def calls():
    fishjam = checks.client()
    room = fishjam.create_room()
    full = fishjam.create_room(every_option())
    raises(BadRequestError, fishjam.create_room, RoomOptions(webhook_url="https://example.com"))
    peer, _ = fishjam.create_peer(room.id)
    fishjam.create_peer(full.id, PeerOptions(enable_simulcast=False, metadata=METADATA))
    raises(ServiceUnavailableError, fishjam.create_peer, full.id)
    raises(NotFoundError, fishjam.create_peer, UNKNOWN_ID)
    fishjam.create_agent(room.id)
    fishjam.create_agent(room.id, FAST)
    fishjam.refresh_peer_token(room.id, peer.id)
    raises(NotFoundError, fishjam.refresh_peer_token, room.id, "invalid_peer")
    fishjam.get_all_rooms()
    fishjam.get_room(room.id)
    raises(NotFoundError, fishjam.get_room, UNKNOWN_ID)
    fishjam.delete_peer(room.id, peer.id)
    raises(NotFoundError, fishjam.delete_peer, room.id, peer.id)
    fishjam.delete_room(room.id)
    raises(NotFoundError, fishjam.delete_room, room.id)
    raises(UnauthorizedError, checks.client(WRONG_TOKEN).get_all_rooms)


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
