"""Tokens of streamers and viewers of a livestream."""

import checks
from checks import UNKNOWN_ID, check, equal, raises, true
from fishjam import RoomOptions
from fishjam.errors import NotFoundError

LIVESTREAM_TYPES = ("livestream", "broadcaster", "audio_only_livestream")
OTHER_TYPES = ("conference", "full_feature", "audio_only")


def examine():
    fishjam = checks.client()
    for who, number, create in (
        ("viewer", 24, fishjam.create_livestream_viewer_token),
        ("streamer", 26, fishjam.create_livestream_streamer_token),
    ):
        for room_type in LIVESTREAM_TYPES:
            for public in (True, False):
                kind = f"{'public' if public else 'private'} {room_type}"
                with check(f"P{number} a {who} token for a {kind} room is text"):
                    room = fishjam.create_room(RoomOptions(room_type=room_type, public=public))
                    equal(room.config.public, public)
                    token = create(room.id)
                    true(isinstance(token, str) and token, f"got {token!r}")
        for room_type in OTHER_TYPES:
            with check(f"P{number + 1} a {who} token for a room of type {room_type}: NotFoundError"):
                raises(NotFoundError, create, fishjam.create_room(RoomOptions(room_type=room_type)).id)
        with check(f"P{number + 1} a {who} token for an unknown room: NotFoundError"):
            raises(NotFoundError, create, UNKNOWN_ID)
    with check("the list of rooms contains the livestreams"):
        types = {room.config.room_type.value for room in fishjam.get_all_rooms()}
        equal(types, {*LIVESTREAM_TYPES, *OTHER_TYPES})


def calls():
    fishjam = checks.client()
    room = fishjam.create_room(RoomOptions(room_type="livestream", public=True))
    fishjam.create_livestream_viewer_token(room.id)
    fishjam.create_livestream_streamer_token(room.id)
    raises(NotFoundError, fishjam.create_livestream_viewer_token, UNKNOWN_ID)
    raises(NotFoundError, fishjam.create_livestream_streamer_token, "invalid room")


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
