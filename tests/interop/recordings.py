"""Recordings, and the forwarding of a room's tracks to a composition."""

import mimetypes
import tempfile
import time
import warnings
from pathlib import Path

import checks
from checks import UNKNOWN_ID, check, equal, raises, true
from fishjam._fishjam_openapi_client.api.recordings import list_recordings
from fishjam._fishjam_openapi_client.models import ListRecordingsMetadata
from fishjam.errors import BadRequestError, ConflictError, NotFoundError
from fishjam.recording import CompositionSource, RecordingStatus, TemplateSource, TemplateSourceResolution

COMPOSITION = "https://rtc.fishjam.io/api/composition/first"
OTHER_COMPOSITION = "https://rtc.fishjam.io/api/composition/zażółć?a=b&c"
METADATA = {
    "name": "Zażółć",
    "nested": {"list": [1, 2.5, None, True], "empty": {}, "deep": {"er": "x"}},
    "dotted.key": "",
}
TEMPLATE = b"export default {}"
PATIENCE = 60

# The HTTP library tells a file's type by its name, as the system's tables have it; they are not the same everywhere.
mimetypes.add_type("text/javascript", ".js")


def source(url=COMPOSITION, output="output", **options):
    return CompositionSource(composition_url=url, output_id=output, **options)


def every_source():
    return source(OTHER_COMPOSITION, "wyjście 1", scale_ratio=0.5)


def every_template():
    resolution = TemplateSourceResolution(width=640, height=480)
    return TemplateSource(composition_url=COMPOSITION, audio=False, resolution=resolution)


def with_status(fishjam, status, **metadata):
    """The SDK's own method has no filter for the status; its generated client has."""
    query = {}
    if metadata:
        query["metadata"] = ListRecordingsMetadata()
        for key, value in metadata.items():
            query["metadata"][f"metadata[{key}]"] = value
    return fishjam._request(list_recordings, status=status, **query).data


def create_as_before(fishjam, *args):
    """With the deprecated name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return fishjam.create_recording(*args)


def until(fishjam, recording, status):
    """Waits until the recording has this status, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while (seen := fishjam.get_recording(recording.id)).status != status:
        true(time.monotonic() < deadline, f"it is still {seen.status}")
        time.sleep(0.02)
    return seen


def create(fishjam):
    with check("create_composition_recording without options: active, with the defaults"):
        recording = fishjam.create_composition_recording(source())
        equal(recording.status, RecordingStatus.ACTIVE)
        equal(recording.source.to_dict(), {"compositionURL": COMPOSITION, "outputId": "output", "scaleRatio": 1})
        equal((recording.files, fishjam.get_recording(recording.id)), ([], recording))
    with check("create_composition_recording with every option"):
        recording = fishjam.create_composition_recording(every_source(), METADATA)
        equal(recording.source, every_source())
        equal(recording.metadata.to_dict(), METADATA)
    with check("create_recording, the deprecated name"):
        equal(create_as_before(fishjam, every_source(), METADATA).source, every_source())
    with check("create_composition_recording with a negative scale: BadRequestError"):
        raises(BadRequestError, fishjam.create_composition_recording, source(scale_ratio=-1.0))
    with check("create_template_recording from bytes: active, with the defaults"):
        recording = fishjam.create_template_recording(TemplateSource(composition_url=COMPOSITION), TEMPLATE)
        equal(recording.status, RecordingStatus.ACTIVE)
        equal(recording.source.audio, True)
        equal(recording.source.resolution.to_dict(), {"width": 1280, "height": 720})
    with check("create_template_recording from a path"), tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "zażółć.mjs")
        path.write_bytes(TEMPLATE)
        recording = fishjam.create_template_recording(every_template(), path)
        equal(recording.source, every_template())
    with check("create_template_recording with every option"):
        recording = fishjam.create_template_recording(every_template(), TEMPLATE, METADATA)
        equal(recording.source, every_template())
        equal(recording.metadata.to_dict(), METADATA)
    with check("create_template_recording with an empty or too large template: BadRequestError"):
        for template in (b"", b"x" * (1024 * 1024 + 1)):
            raises(BadRequestError, fishjam.create_template_recording, every_template(), template)


def find(fishjam):
    mine = fishjam.create_composition_recording(source(), {"name": "Łódź", "none": "null", "a": {"b": {"c": "d"}}})
    other = fishjam.create_composition_recording(source(), {"name": "other"})
    for name, metadata, found in (
        ("unicode", {"name": "Łódź"}, True),
        ("nested", {"a": {"b": {"c": "d"}}}, True),
        ("nested, another value", {"a": {"b": {"c": "e"}}}, False),
        ("None is the text null", {"none": None}, True),
        ("two members", {"name": "Łódź", "a": {"b": {"c": "d"}}}, True),
        ("two members of which one is another", {"name": "other", "a": {"b": {"c": "d"}}}, False),
        ("a member that it does not have", {"missing": "x"}, False),
    ):
        with check(f"get_all_recordings with metadata: {name}"):
            equal(mine in fishjam.get_all_recordings(metadata), found)
    with check("get_all_recordings without a filter returns both"):
        everything = fishjam.get_all_recordings()
        true(mine in everything and other in everything, f"got {everything}")
    with check("the list with a status: only recordings with this status"):
        true(mine in with_status(fishjam, RecordingStatus.ACTIVE), "it is not among the active ones")
        equal(with_status(fishjam, RecordingStatus.FAILED), [])


def end(fishjam):
    recording = fishjam.create_composition_recording(source())
    with check("delete_recording of an active one: ConflictError"):
        raises(ConflictError, fishjam.delete_recording, recording.id)
    with check("stop_recording: active in the response, later available with files"):
        equal(fishjam.stop_recording(recording.id).status, RecordingStatus.ACTIVE)
        ended = until(fishjam, recording, RecordingStatus.AVAILABLE)
        true(ended.files, "it has no files")
    with check("stop_recording of one that has ended changes nothing"):
        equal(fishjam.stop_recording(recording.id).status, RecordingStatus.AVAILABLE)
    with check("delete_recording: it is gone"):
        equal(fishjam.delete_recording(recording.id), None)
        raises(NotFoundError, fishjam.get_recording, recording.id)
    with check("get_recording and stop_recording of an unknown one: NotFoundError"):
        raises(NotFoundError, fishjam.get_recording, UNKNOWN_ID)
        raises(NotFoundError, fishjam.stop_recording, UNKNOWN_ID)


def forward(fishjam):
    room = fishjam.create_room()
    with check("forward_room_tracks: the room shows the composition"):
        equal(fishjam.forward_room_tracks(room.id, COMPOSITION), None)
        equal(fishjam.get_room(room.id).composition_info.composition_url, COMPOSITION)
    with check("forward_room_tracks once more: ConflictError"):
        raises(ConflictError, fishjam.forward_room_tracks, room.id, COMPOSITION)
    with check("forward_room_tracks to no address: BadRequestError"):
        raises(BadRequestError, fishjam.forward_room_tracks, room.id, "no address")
    with check("forward_room_tracks of an unknown room: NotFoundError"):
        raises(NotFoundError, fishjam.forward_room_tracks, UNKNOWN_ID, OTHER_COMPOSITION)


def examine():
    fishjam = checks.client()
    create(fishjam)
    find(fishjam)
    end(fishjam)
    forward(fishjam)


def calls():
    fishjam = checks.client()
    recording = fishjam.create_composition_recording(source())
    fishjam.create_composition_recording(every_source(), METADATA)
    raises(BadRequestError, fishjam.create_composition_recording, source(scale_ratio=-1.0))
    create_as_before(fishjam, source())
    fishjam.create_composition_recording(source(), {})

    plain = TemplateSource(composition_url=COMPOSITION)
    fishjam.create_template_recording(plain, TEMPLATE)
    content = "// Zażółć\r\n--boundary--\r\n\0export default {}".encode()
    fishjam.create_template_recording(every_template(), content, METADATA)
    raises(BadRequestError, fishjam.create_template_recording, plain, b"")

    for metadata in (
        None,
        {"name": "Zażółć"},
        {"nested": {"deep": {"er": "x"}}, "dotted.key": ""},
        {"none": None, "a key&=": "a+b &=%41", "bracket[": "]"},
        {"count": 3, "ratio": 2.5, "flag": True},
        {"nested": {}},
    ):
        fishjam.get_all_recordings(metadata)
    with_status(fishjam, RecordingStatus.ACTIVE)
    with_status(fishjam, RecordingStatus.FAILED, name="x")
    fishjam.get_recording(recording.id)
    raises(NotFoundError, fishjam.get_recording, UNKNOWN_ID)
    raises(ConflictError, fishjam.delete_recording, recording.id)
    fishjam.stop_recording(recording.id)
    raises(NotFoundError, fishjam.stop_recording, UNKNOWN_ID)
    time.sleep(1)
    fishjam.delete_recording(recording.id)

    room = fishjam.create_room()
    fishjam.forward_room_tracks(room.id, COMPOSITION)
    raises(ConflictError, fishjam.forward_room_tracks, room.id, COMPOSITION)
    raises(BadRequestError, fishjam.forward_room_tracks, room.id, "no address")
    raises(NotFoundError, fishjam.forward_room_tracks, UNKNOWN_ID, OTHER_COMPOSITION)


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
