"""Compositions: their inputs, outputs, images, fonts and events."""

import json
import sys
import tempfile
from pathlib import Path

import checks
from checks import ORIGIN, UNKNOWN_ID, WRONG_TOKEN, check, equal, raises, true
from composition_calls import calls
from composition_models import (
    FONT,
    ODD_ID,
    PNG,
    RTMP,
    TEMPLATE,
    WHEP,
    WHIP,
    client,
    created,
    picture,
    rtmp_picture,
    rtmp_sound,
    sound,
    whip_output,
)
from fishjam import RoomOptions
from fishjam.api._composition_client import Mp4InputDurations
from fishjam.composition import UnregisterInput
from fishjam.errors import (
    BadRequestError,
    CompositionNotFoundError,
    ConflictError,
    HTTPError,
    InputNotFoundError,
    OutputNotFoundError,
    RendererNotFoundError,
    UnauthorizedError,
)
from scenes import audio, every_component, image, scene, text, tiles, view


def lifecycle(api):
    with check("create_composition: an id; composition_url: the address"):
        composition = created(api)
        equal(api.composition_url(composition), f"{ORIGIN}/api/composition/{composition}")
    with check("start_composition, and once more"):
        waiting = created(api, autostart=False, cleanup_without_inputs=False)
        equal((api.start_composition(waiting), api.start_composition(waiting)), (None, None))
    with check("reset_composition: the ids are free again"):
        api.register_mp4_input(composition, "film", url="https://films.example/film.mp4")
        raises(ConflictError, api.register_mp4_input, composition, "film", url="https://films.example/film.mp4")
        equal(api.reset_composition(composition), None)
        api.register_mp4_input(composition, "film", url="https://films.example/film.mp4")
    with check("delete_composition: every later call is CompositionNotFoundError"):
        equal(api.delete_composition(composition), None)
        raises(CompositionNotFoundError, api.delete_composition, composition)
        raises(CompositionNotFoundError, api.start_composition, composition)
        raises(CompositionNotFoundError, api.send_event, composition, "name")
    with check("another token: UnauthorizedError before anything else"):
        raises(UnauthorizedError, client(WRONG_TOKEN).start_composition, UNKNOWN_ID)


def inputs(api):
    composition = created(api)
    address = api.composition_url(composition)
    with check("register_whip_input: the address and the caller's token, or a new one"):
        target = api.register_whip_input(composition, ODD_ID, bearer_token="żeton", video=False)
        true(target.url.startswith(address + "/whip/wej%C5%9Bcie%201%2F2%3F"), f"got {target.url}")
        equal(target.bearer_token, "żeton")
        true(api.register_whip_input(composition, "made").bearer_token, "there is no token")
    with check("register_whep_input: nothing"):
        equal(api.register_whep_input(composition, "whep", endpoint_url=WHEP, bearer_token="t", video=True), None)
    with check("register_mp4_input: the durations of both tracks"):
        durations = api.register_mp4_input(composition, "mp4", url="https://films.example/film.mp4", loop=True)
        equal(type(durations), Mp4InputDurations)
        true(durations.video_duration_ms and durations.audio_duration_ms, f"got {durations}")
    with check("register_rtmp_input: the address with the key"):
        url = api.register_rtmp_input(composition, "rtmp", stream_key="klucz")
        true(url.startswith(("rtmp://", "rtmps://")) and url.endswith("klucz"), f"got {url}")
    with check("register_input of a taken id: ConflictError"):
        raises(ConflictError, api.register_rtmp_input, composition, ODD_ID, stream_key="k")
    with check("unregister_input, and once more: InputNotFoundError"):
        equal(api.unregister_input(composition, ODD_ID), None)
        raises(InputNotFoundError, api.unregister_input, composition, ODD_ID)
    with check("unregister_input at a time succeeds for an unknown input, too"):
        equal(api.unregister_input(composition, "unknown", UnregisterInput(schedule_time_ms=60_000.0)), None)


def outputs(api):
    composition = created(api)
    with check("register_whip_output and register_rtmp_output with a scene of every component"):
        api.register_image(composition, "logo", PNG)
        video, mix = picture(every_component().root), sound(audio(ada=2.0, bob=0.0, eve=None))
        api.register_whip_output(composition, "whip", endpoint_url=WHIP, bearer_token="t", video=video, audio=mix)
        api.register_rtmp_output(composition, "rtmp", url=RTMP, video=rtmp_picture(), audio=rtmp_sound())
    with check("register_output of a taken id: ConflictError"):
        raises(ConflictError, api.register_output, composition, "whip", whip_output(video=picture()))
    with check("register_output with neither video nor audio, or an unregistered image: BadRequestError"):
        raises(BadRequestError, api.register_whip_output, composition, "none", endpoint_url=WHIP)
        raises(BadRequestError, api.register_output, composition, "image", whip_output(video=picture(image("no"))))
    with check("register_output with a scene that breaks a rule: BadRequestError"):
        for number, root in enumerate(
            (
                view(top=1.0),
                view(padding=-1.0),
                view(background_color="#fff"),
                text("t", font_size=0.0),
                text("t", font_size=1.0, height=1.0),
                tiles(tile_aspect_ratio="16/9"),
                view(children=[view(id="twice"), view(id="twice")]),
                # The models do not check types, so this is a 422.
                view(width="wide"),
            )
        ):
            raises(BadRequestError, api.register_output, composition, f"bad{number}", whip_output(video=picture(root)))
    with check("update_output with the kinds of the output; other kinds: BadRequestError"):
        equal(api.update_output(composition, "whip", video=scene(view()), audio=audio(ada=1.0)), None)
        raises(BadRequestError, api.update_output, composition, "whip", video=scene(view()))
        raises(BadRequestError, api.update_output, composition, "whip")
        raises(BadRequestError, api.update_output, composition, "unknown", video=scene(view()))
    with check("request_keyframe; without video: BadRequestError"):
        api.register_whip_output(composition, "sound", endpoint_url=WHIP, audio=sound())
        equal(api.request_keyframe(composition, "whip"), None)
        raises(BadRequestError, api.request_keyframe, composition, "sound")
        raises(BadRequestError, api.request_keyframe, composition, "unknown")
    with check("register_template_output from bytes and from a path; empty: BadRequestError"):
        api.register_template_output(composition, "template", whip_output(video=picture()), TEMPLATE)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "szablon ż.mjs")
            path.write_bytes(TEMPLATE)
            api.register_template_output(composition, "path", whip_output(audio=sound()), path)
        raises(BadRequestError, api.register_template_output, composition, "empty", whip_output(video=picture()), b"")
    with check("unregister_output, and once more: OutputNotFoundError"):
        equal(api.unregister_output(composition, "whip"), None)
        raises(OutputNotFoundError, api.unregister_output, composition, "whip")


def livestream(api):
    fishjam = checks.client()
    room = fishjam.create_room(RoomOptions(room_type="livestream"))
    token = fishjam.create_livestream_streamer_token(room.id)
    composition, url = created(api), fishjam.livestream_whip_url()
    with check("register_whip_output into a livestream of the emulator; a wrong token: BadRequestError"):
        arguments = {"endpoint_url": url, "video": picture()}
        raises(BadRequestError, api.register_whip_output, composition, "out", bearer_token="wrong", **arguments)
        equal(api.register_whip_output(composition, "out", bearer_token=token, **arguments), None)
    with check("a second output into the same livestream: BadRequestError"):
        raises(BadRequestError, api.register_whip_output, composition, "two", bearer_token=token, **arguments)
    with check("unregister_output: the livestream is free again"):
        api.unregister_output(composition, "out")
        equal(api.register_whip_output(composition, "three", bearer_token=token, **arguments), None)


def renderers(api):
    composition = created(api)
    with check("register_image, unregister_image, and once more: RendererNotFoundError"):
        equal(api.register_image(composition, "logo", PNG), None)
        raises(ConflictError, api.register_image, composition, "logo", PNG)
        equal(api.unregister_image(composition, "logo"), None)
        raises(RendererNotFoundError, api.unregister_image, composition, "logo")
    with check("register_font from bytes and from a path"), tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "krój ż.ttf")
        path.write_bytes(FONT)
        equal((api.register_font(composition, FONT), api.register_font(composition, path)), (None, None))
    with check("send_event without data, with data; an empty or too long name: BadRequestError"):
        equal((api.send_event(composition, "n"), api.send_event(composition, "n" * 128, {"a": [1]})), (None, None))
        raises(BadRequestError, api.send_event, composition, "")
        raises(BadRequestError, api.send_event, composition, "n" * 129)


def examine():
    api = client()
    lifecycle(api)
    inputs(api)
    outputs(api)
    livestream(api)
    renderers(api)


def operations(api):
    """One call of each operation. The arguments do not matter, because the emulator returns a fixed status."""
    c = "c"
    return {
        "create_composition": lambda: api.create_composition(),
        "delete_composition": lambda: api.delete_composition(c),
        "send_composition_event": lambda: api.send_event(c, "name"),
        "register_font": lambda: api.register_font(c, FONT),
        "register_image": lambda: api.register_image(c, "i", PNG),
        "unregister_image": lambda: api.unregister_image(c, "i"),
        "register_input": lambda: api.register_rtmp_input(c, "i", stream_key="k"),
        "unregister_input": lambda: api.unregister_input(c, "i"),
        "register_output": lambda: api.register_output(c, "o", whip_output(video=picture())),
        "request_keyframe": lambda: api.request_keyframe(c, "o"),
        "register_template_output": lambda: api.register_template_output(
            c, "o", whip_output(video=picture()), TEMPLATE
        ),
        "unregister_output": lambda: api.unregister_output(c, "o"),
        "update_output": lambda: api.update_output(c, "o", video=scene(view())),
        "reset": lambda: api.reset_composition(c),
        "start": lambda: api.start_composition(c),
    }


def statuses():
    """Calls the given operations in order. Reports the class and the message of each error."""
    every = operations(client())
    for operation in json.loads(sys.argv[2]):
        try:
            every[operation]()
        except HTTPError as error:
            checks.note([operation, type(error).__name__, str(error)])
        else:
            checks.note([operation, None, None])


if __name__ == "__main__":
    checks.main(check=examine, calls=calls, statuses=statuses)
