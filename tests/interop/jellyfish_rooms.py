"""Jellyfish: rooms, peers, components, calls and recordings."""

import os

import checks
import self_hosted  # noqa: F401
from checks import UNKNOWN_ID, WRONG_TOKEN, check, equal, raises, true
from jellyfish import (
    ComponentFile,
    ComponentHLS,
    ComponentOptionsFile,
    ComponentOptionsHLS,
    ComponentOptionsHLSSubscribeMode,
    ComponentOptionsRecording,
    ComponentOptionsRecordingSubscribeMode,
    ComponentOptionsRTSP,
    ComponentOptionsSIP,
    ComponentRecording,
    ComponentRTSP,
    ComponentSIP,
    PeerOptionsWebRTC,
    PeerStatus,
    RecordingApi,
    RoomApi,
    RoomConfigVideoCodec,
    S3Credentials,
    SIPCredentials,
)
from jellyfish.errors import BadRequestError, NotFoundError, ServiceUnavailableError, UnauthorizedError

ADDRESS = os.environ["JELLYFISH_SERVER_ADDRESS"]
TOKEN = os.environ["JELLYFISH_SERVER_API_TOKEN"]

S3 = S3Credentials(access_key_id="key", secret_access_key="secret", region="eu-central-1", bucket="bucket")
SIP = ComponentOptionsSIP(registrar_credentials=SIPCredentials(address="sip.example.com", username="u", password="p"))
MANUAL_HLS = ComponentOptionsHLS(
    low_latency=True,
    persistent=True,
    s3=S3,
    subscribe_mode=ComponentOptionsHLSSubscribeMode.MANUAL,
    target_window_duration=120,
)
RTSP = ComponentOptionsRTSP(
    source_uri="rtsp://camera.example.com/stream", keep_alive_interval=1, pierce_nat=False, reconnect_delay=2, rtp_port=3
)
RECORDING = ComponentOptionsRecording(
    credentials=S3, path_prefix="prefix", subscribe_mode=ComponentOptionsRecordingSubscribeMode.MANUAL
)


def api(token=TOKEN):
    return RoomApi(ADDRESS, token)


def rooms(jellyfish):
    with check("get_all_rooms of an empty Jellyfish is an empty list"):
        equal(jellyfish.get_all_rooms(), [])
    with check("create_room, get_room and get_all_rooms show the same room, at the given address"):
        address, room = jellyfish.create_room()
        equal(address, ADDRESS)
        equal((room.components, room.peers), ([], []))
        equal((room.config.room_id, room.config.max_peers, room.config.video_codec), (room.id, None, None))
        equal((jellyfish.get_room(room.id), jellyfish.get_all_rooms()), (room, [room]))
    with check("create_room with every option"):
        _, full = jellyfish.create_room(
            room_id="every-option",
            max_peers=3,
            video_codec="vp8",
            webhook_url="http://localhost:9/hook",
            peerless_purge_timeout=600,
            peer_disconnected_timeout=300,
        )
        config = full.config
        equal((full.id, config.room_id, config.max_peers), ("every-option", "every-option", 3))
        equal((config.video_codec, config.webhook_url), (RoomConfigVideoCodec.VP8, "http://localhost:9/hook"))
        equal((config.peerless_purge_timeout, config.peer_disconnected_timeout), (600, 300))
    with check("create_room, refused: BadRequestError"):
        for options in (
            {"room_id": "every-option"},
            {"room_id": "not allowed"},
            {"max_peers": "10"},
            {"webhook_url": "localhost"},
            {"peerless_purge_timeout": 0},
            {"peer_disconnected_timeout": -1},
        ):
            raises(BadRequestError, jellyfish.create_room, **options)
    with check("get_room and delete_room of an unknown room: NotFoundError"):
        raises(NotFoundError, jellyfish.get_room, UNKNOWN_ID)
        raises(NotFoundError, jellyfish.delete_room, UNKNOWN_ID)
    with check("delete_room: it is gone"):
        equal(jellyfish.delete_room(room.id), None)
        raises(NotFoundError, jellyfish.get_room, room.id)
        equal([left.id for left in jellyfish.get_all_rooms()], [full.id])
    with check("a wrong token: UnauthorizedError"):
        wrong = api(WRONG_TOKEN)
        raises(UnauthorizedError, wrong.get_all_rooms)
        raises(UnauthorizedError, wrong.create_room)
        raises(UnauthorizedError, RecordingApi(ADDRESS, WRONG_TOKEN).get_list)


def peers(jellyfish):
    _, room = jellyfish.create_room(max_peers=2)
    for simulcast in (True, False):
        with check(f"add_peer, simulcast: {simulcast}"):
            created = jellyfish.add_peer(room.id, PeerOptionsWebRTC(enable_simulcast=simulcast))
            equal((created.peer.type, created.peer.status), ("webrtc", PeerStatus.DISCONNECTED))
            equal((created.peer.metadata, created.peer.tracks), (None, []))
            equal(created.peer_websocket_url, f"{ADDRESS}/socket/peer/websocket")
            true(created.token, "there is no token")
            true(created.peer in jellyfish.get_room(room.id).peers, "the room does not hold it")
    with check("add_peer in a full room: ServiceUnavailableError"):
        raises(ServiceUnavailableError, jellyfish.add_peer, room.id, PeerOptionsWebRTC())
    with check("delete_peer: it is gone"):
        equal(jellyfish.delete_peer(room.id, created.peer.id), None)
        raises(NotFoundError, jellyfish.delete_peer, room.id, created.peer.id)
        equal(len(jellyfish.get_room(room.id).peers), 1)
    with check("add_peer and delete_peer in an unknown room: NotFoundError"):
        raises(NotFoundError, jellyfish.add_peer, UNKNOWN_ID, PeerOptionsWebRTC())
        raises(NotFoundError, jellyfish.delete_peer, UNKNOWN_ID, created.peer.id)


def components(jellyfish):
    _, room = jellyfish.create_room(video_codec="h264")
    made = []
    for kind, options in (
        (ComponentHLS, MANUAL_HLS),
        (ComponentRTSP, RTSP),
        (ComponentFile, ComponentOptionsFile(file_path="video.h264", framerate=20)),
        (ComponentFile, ComponentOptionsFile(file_path="audio.ogg")),
        (ComponentSIP, SIP),
        (ComponentRecording, RECORDING),
    ):
        with check(f"add_component {type(options).__name__}"):
            component = jellyfish.add_component(room.id, options)
            true(isinstance(component, kind), f"it is a {type(component).__name__}")
            true(component.id in [one.id for one in jellyfish.get_room(room.id).components], "the room does not hold it")
            made.append(component)
    hls, rtsp, *_, sip, recording = made
    with check("add_component: the response has the options, except the S3 credentials"):
        equal((hls.properties.low_latency, hls.properties.persistent), (True, True))
        equal((hls.properties.target_window_duration, hls.properties.subscribe_mode.value), (120, "manual"))
        equal((rtsp.properties.source_uri, rtsp.properties.rtp_port), (RTSP.source_uri, 3))
        equal(recording.properties.subscribe_mode.value, "manual")
    with check("add_component, refused: BadRequestError"):
        raises(BadRequestError, jellyfish.add_component, room.id, ComponentOptionsHLS())
        raises(BadRequestError, jellyfish.add_component, room.id, ComponentOptionsFile(file_path="../outside.h264"))
        raises(BadRequestError, jellyfish.add_component, room.id, ComponentOptionsFile(file_path="bad.mp4"))
    with check("add_component of a missing file, or in an unknown room: NotFoundError"):
        raises(NotFoundError, jellyfish.add_component, room.id, ComponentOptionsFile(file_path="no_such.h264"))
        raises(NotFoundError, jellyfish.add_component, UNKNOWN_ID, SIP)
    with check("subscribe an HLS and a recording component"):
        equal(jellyfish.subscribe(room.id, hls.id, [rtsp.id]), None)
        equal(jellyfish.subscribe(room.id, recording.id, [rtsp.id, "not there yet"]), None)
    with check("subscribe with invalid components: BadRequestError, NotFoundError"):
        raises(BadRequestError, jellyfish.subscribe, room.id, rtsp.id, [])
        raises(NotFoundError, jellyfish.subscribe, UNKNOWN_ID, hls.id, [])
    with check("sip_dial and sip_end_call"):
        equal(jellyfish.sip_dial(room.id, sip.id, "123456789"), None)
        equal(jellyfish.sip_end_call(room.id, sip.id), None)
    with check("sip_dial with another component: BadRequestError"):
        raises(BadRequestError, jellyfish.sip_dial, room.id, rtsp.id, "123456789")
    with check("delete_component: it is gone"):
        equal(jellyfish.delete_component(room.id, hls.id), None)
        raises(NotFoundError, jellyfish.delete_component, room.id, hls.id)


def recordings():
    recordings = RecordingApi(ADDRESS, TOKEN)
    with check("get_list of no recordings is an empty list"):
        equal(recordings.get_list(), [])
    with check("delete an unknown recording: NotFoundError"):
        raises(NotFoundError, recordings.delete, "no-such-recording")


def examine():
    jellyfish = api()
    rooms(jellyfish)
    peers(jellyfish)
    components(jellyfish)
    recordings()


def calls():
    jellyfish, recordings = api(), RecordingApi(ADDRESS, TOKEN)
    _, room = jellyfish.create_room()
    _, full = jellyfish.create_room(
        room_id="every-option",
        max_peers=1,
        video_codec="h264",
        webhook_url="http://localhost:9/ścieżka?a=b",
        peerless_purge_timeout=600,
        peer_disconnected_timeout=300,
    )
    raises(BadRequestError, jellyfish.create_room, room_id="every-option")
    jellyfish.get_all_rooms()
    jellyfish.get_room(room.id)
    raises(NotFoundError, jellyfish.get_room, UNKNOWN_ID)
    created = jellyfish.add_peer(full.id, PeerOptionsWebRTC(enable_simulcast=False))
    raises(ServiceUnavailableError, jellyfish.add_peer, full.id, PeerOptionsWebRTC())
    hls = jellyfish.add_component(full.id, MANUAL_HLS)
    rtsp = jellyfish.add_component(full.id, RTSP)
    jellyfish.add_component(full.id, ComponentOptionsFile(file_path="video.h264", framerate=20))
    jellyfish.add_component(full.id, ComponentOptionsFile(file_path="audio.ogg"))
    sip = jellyfish.add_component(full.id, SIP)
    jellyfish.add_component(full.id, RECORDING)
    raises(BadRequestError, jellyfish.add_component, full.id, ComponentOptionsHLS())
    jellyfish.subscribe(full.id, hls.id, [rtsp.id, created.peer.id])
    jellyfish.sip_dial(full.id, sip.id, "123456789")
    jellyfish.sip_end_call(full.id, sip.id)
    jellyfish.delete_component(full.id, hls.id)
    raises(NotFoundError, jellyfish.delete_component, full.id, hls.id)
    jellyfish.delete_peer(full.id, created.peer.id)
    raises(NotFoundError, jellyfish.delete_peer, full.id, created.peer.id)
    recordings.get_list()
    raises(NotFoundError, recordings.delete, "no-such-recording")
    jellyfish.delete_room(room.id)
    raises(NotFoundError, jellyfish.delete_room, room.id)
    raises(UnauthorizedError, api(WRONG_TOKEN).get_all_rooms)


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
