"""Rooms: create, list, get, delete."""

import checks
from checks import UNKNOWN_ID, UNKNOWN_LONG_ID, WRONG_TOKEN, check, equal, raises, requests_sent, true
from fishjam import Room, RoomOptions
from fishjam.errors import BadRequestError, NotFoundError, UnauthorizedError
from fishjam.version import get_version

DEFAULTS = {
    "batchWebhookNotifications": False,
    "maxPeers": 0,
    "public": False,
    "roomType": "conference",
    "videoCodec": "h264",
    "webhookUrl": None,
}

ROOM_TYPES = (
    "conference",
    "audio_only",
    "livestream",
    "full_feature",
    "broadcaster",
    "audio_only_livestream",
)

# One room for each option, and one with all of them.
OPTIONS = (
    [({"room_type": room_type}, {"roomType": room_type}) for room_type in ROOM_TYPES]
    + [({"video_codec": codec}, {"videoCodec": codec}) for codec in ("h264", "vp8")]
    + [
        ({"max_peers": 1}, {"maxPeers": 1}),
        ({"max_peers": 0}, {"maxPeers": 0}),
        ({"max_peers": "10"}, {"maxPeers": 10}),
        ({"webhook_url": "https://example.com/hook?a=b"}, {"webhookUrl": "https://example.com/hook?a=b"}),
        ({"public": True}, {"public": True}),
        ({"batch_webhook_notifications": True}, {"batchWebhookNotifications": True}),
        (
            {
                "max_peers": 20,
                "video_codec": "vp8",
                "webhook_url": "http://example.com/",
                "room_type": "audio_only_livestream",
                "public": True,
                "batch_webhook_notifications": True,
            },
            {
                "maxPeers": 20,
                "videoCodec": "vp8",
                "webhookUrl": "http://example.com/",
                "roomType": "audio_only_livestream",
                "public": True,
                "batchWebhookNotifications": True,
            },
        ),
    ]
)


def listed(fishjam, room_id):
    return next((room for room in fishjam.get_all_rooms() if room.id == room_id), None)


def create(fishjam):
    with check("P1 create_room with a wrong token: UnauthorizedError"):
        raises(UnauthorizedError, checks.client(WRONG_TOKEN).create_room)
    with check("P2 a created room equals its entry in the list"):
        room = fishjam.create_room()
        equal(listed(fishjam, room.id), room)
    with check("P3 every request names the SDK and its version"), requests_sent() as sent:
        fishjam.get_all_rooms()
        equal([request.headers["x-fishjam-api-client"] for request in sent], [f"python-server/{get_version()}"])
    with check("P4 create_room without options: exact defaults, no peers, listed"):
        room = fishjam.create_room()
        equal((room.config.to_dict(), room.peers, room.composition_info), (DEFAULTS, [], None))
        equal(listed(fishjam, room.id), room)
    with check("P5 create_room with options: the response and the list have them"):
        room = fishjam.create_room(RoomOptions(max_peers=10, video_codec="h264", room_type="audio_only"))
        equal(room.config.to_dict(), {**DEFAULTS, "maxPeers": 10, "roomType": "audio_only"})
        equal(listed(fishjam, room.id), room)
    with check("P6 create_room with max_peers that is not a number: BadRequestError"):
        error = raises(BadRequestError, fishjam.create_room, RoomOptions(max_peers="nan"))
        equal(str(error), "Expected maxPeers to be a number, got: nan")
    with check("P7 create_room with an unknown codec: ValueError before any request"), requests_sent() as sent:
        raises(ValueError, fishjam.create_room, RoomOptions(video_codec="h420"))
        equal(sent, [])
    for options, echoed in OPTIONS:
        with check(f"create_room {', '.join(f'{name}={value!r}' for name, value in options.items())}"):
            equal(fishjam.create_room(RoomOptions(**options)).config.to_dict(), {**DEFAULTS, **echoed})
    for options in ({"max_peers": -1}, {"webhook_url": "example.com"}, {"webhook_url": "https://example.com"}):
        with check(f"create_room {options}: BadRequestError"):
            raises(BadRequestError, fishjam.create_room, RoomOptions(**options))


def delete(fishjam):
    with check("P8 a deleted room is no longer listed, and cannot be read or deleted again"):
        room = fishjam.create_room()
        equal(fishjam.delete_room(room.id), None)
        equal(listed(fishjam, room.id), None)
        raises(NotFoundError, fishjam.get_room, room.id)
        raises(NotFoundError, fishjam.delete_room, room.id)
    with check("P9 delete_room with a malformed id: NotFoundError"):
        raises(NotFoundError, fishjam.delete_room, "invalid_id")
    with check("P10 delete_room with an unknown id: NotFoundError"):
        for room_id in (UNKNOWN_ID, UNKNOWN_LONG_ID):
            error = raises(NotFoundError, fishjam.delete_room, room_id)
            equal(str(error), f"Room {room_id} does not exist")


def read(fishjam):
    with check("P11 get_all_rooms is a list with the room"):
        room = fishjam.create_room()
        rooms = fishjam.get_all_rooms()
        true(isinstance(rooms, list) and room in rooms, f"{room} is not in {rooms}")
    with check("P12 get_room returns the created room"):
        got = fishjam.get_room(room.id)
        equal(got, room)
        equal((got.id, got.config.to_dict(), got.peers), (room.id, DEFAULTS, []))
        true(isinstance(got, Room), f"got {got!r}")
    with check("P13 get_room with a malformed id: NotFoundError"):
        raises(NotFoundError, fishjam.get_room, "invalid_id")
        raises(NotFoundError, fishjam.get_room, "pokój 1+2 %41&?#")
    with check("P14 get_room with an unknown id: NotFoundError"):
        error = raises(NotFoundError, fishjam.get_room, UNKNOWN_ID)
        equal(str(error), f"Room {UNKNOWN_ID} does not exist")


def examine():
    fishjam = checks.client()
    with check("get_all_rooms of an empty Fishjam is an empty list"):
        equal(fishjam.get_all_rooms(), [])
    create(fishjam)
    delete(fishjam)
    read(fishjam)


def calls():
    fishjam = checks.client()
    room = fishjam.create_room()
    for room_type in ROOM_TYPES:
        fishjam.create_room(RoomOptions(room_type=room_type))
    for codec in ("h264", "vp8"):
        fishjam.create_room(RoomOptions(video_codec=codec))
    fishjam.create_room(RoomOptions(max_peers=0))
    fishjam.create_room(
        RoomOptions(
            max_peers=20,
            video_codec="vp8",
            webhook_url="http://example.com/ścieżka?a=b",
            room_type="audio_only_livestream",
            public=True,
            batch_webhook_notifications=True,
        )
    )
    raises(BadRequestError, fishjam.create_room, RoomOptions(webhook_url="https://example.com"))
    fishjam.get_all_rooms()
    fishjam.get_room(room.id)
    raises(NotFoundError, fishjam.get_room, UNKNOWN_ID)
    raises(NotFoundError, fishjam.get_room, "pokój 1+2 %41&?#")
    fishjam.delete_room(room.id)
    raises(NotFoundError, fishjam.delete_room, room.id)


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
