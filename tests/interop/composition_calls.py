"""The same calls as `tests/src/interop/compositions.rs` makes."""

import tempfile
from pathlib import Path

from checks import UNKNOWN_ID, WRONG_TOKEN, raises
from composition_models import (
    FONT,
    ODD_ID,
    PNG,
    RTMP,
    TEMPLATE,
    WHEP,
    WHIP,
    any_encoder,
    client,
    created,
    opus,
    picture,
    rtmp_picture,
    rtmp_sound,
    send_null,
    sound,
    whip_output,
)
from fishjam.composition import (
    AudioChannels,
    AudioMixingStrategy,
    ImageSpecAuto,
    ImageSpecAutoAssetType,
    ImageSpecGif,
    ImageSpecGifAssetType,
    ImageSpecJpeg,
    ImageSpecJpegAssetType,
    ImageSpecSvg,
    ImageSpecSvgAssetType,
    OpusEncoderPreset,
    OutputEndCondition,
    Resolution,
    RtmpInput,
    RtmpInputType,
    RtmpOutput,
    RtmpOutputType,
    UnregisterInput,
    UnregisterOutput,
    UnregisterRenderer,
    UpdateOutputRequest,
)
from fishjam.errors import (
    BadRequestError,
    CompositionNotFoundError,
    ConflictError,
    InputNotFoundError,
    OutputNotFoundError,
    RendererNotFoundError,
    UnauthorizedError,
)
from scenes import RED, audio, every_component, image, scene, stream, tiles, view


def call_inputs(api, composition):
    api.register_whip_input(composition, "whip")
    api.register_whip_input(composition, ODD_ID, bearer_token="żeton 1", video=False)
    api.register_whip_input(composition, "whip video", video=True)
    raises(ConflictError, api.register_whip_input, composition, "whip")
    api.register_whep_input(composition, "whep", endpoint_url=WHEP)
    api.register_whep_input(composition, "whep2", endpoint_url=WHEP, bearer_token="t", video=False)
    api.register_mp4_input(composition, "mp4", url="https://films.example/film ż.mp4")
    api.register_mp4_input(composition, "loop", url="https://films.example/film.mp4?a=b", loop=True)
    api.register_mp4_input(composition, "once", url="https://films.example/film.mp4", loop=False)
    api.register_rtmp_input(composition, "rtmp", stream_key="klucz/ż")
    api.register_input(composition, "rtmp2", RtmpInput(type_=RtmpInputType.RTMP_SERVER, stream_key="k"))
    api.unregister_input(composition, ODD_ID)
    raises(InputNotFoundError, api.unregister_input, composition, ODD_ID)
    api.unregister_input(composition, "whip", UnregisterInput(schedule_time_ms=1500.5))
    raises(CompositionNotFoundError, api.register_whip_input, UNKNOWN_ID, "whip")
    raises(CompositionNotFoundError, api.register_whip_input, ODD_ID, "whip")


def call_renderers(api, composition):
    api.register_image(composition, "logo", PNG)
    raises(ConflictError, api.register_image, composition, "logo", PNG)
    for name, model, kind in (
        ("jpeg", ImageSpecJpeg, ImageSpecJpegAssetType.JPEG),
        ("gif", ImageSpecGif, ImageSpecGifAssetType.GIF),
        ("auto", ImageSpecAuto, ImageSpecAutoAssetType.AUTO),
        ("svg", ImageSpecSvg, ImageSpecSvgAssetType.SVG),
    ):
        api.register_image(composition, f"obraz {name}", model(asset_type=kind, url=f"https://img.example/{name}"))
    sized = ImageSpecSvg(
        asset_type=ImageSpecSvgAssetType.SVG, url="https://img.example/svg", resolution=Resolution(width=64, height=33)
    )
    api.register_image(composition, "sized", sized)
    api.unregister_image(composition, "sized")
    raises(RendererNotFoundError, api.unregister_image, composition, "sized")
    api.unregister_image(composition, "obraz gif", UnregisterRenderer(schedule_time_ms=0.0))
    api.register_font(composition, FONT)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "krój ż.ttf")
        path.write_bytes(FONT)
        api.register_font(composition, path)


def call_outputs(api, composition):
    api.register_whip_output(composition, "wyjście 1/ż", endpoint_url=WHIP, video=picture())
    every, mix = picture(every_component().root, width=1920, height=1080), audio(ada=None, bob=0.5, eve=2.0, zoe=0.0)
    api.register_whip_output(composition, "every", endpoint_url=WHIP, bearer_token="t", video=every, audio=sound(mix))
    raises(ConflictError, api.register_whip_output, composition, "every", endpoint_url=WHIP, video=picture())
    for number, options in enumerate(
        (
            {"channels": AudioChannels.MONO},
            {"channels": AudioChannels.STEREO},
            {"mixing_strategy": AudioMixingStrategy.SUM_CLIP},
            {"mixing_strategy": AudioMixingStrategy.SUM_SCALE},
            {"encoder_preferences": [opus(), any_encoder()]},
            {
                "encoder_preferences": [
                    opus(preset=OpusEncoderPreset.QUALITY, sample_rate=8000, forward_error_correction=True),
                    opus(preset=OpusEncoderPreset.VOIP, sample_rate=16000, forward_error_correction=False),
                    opus(preset=OpusEncoderPreset.LOWEST_LATENCY, sample_rate=24000),
                    opus(sample_rate=48000),
                ]
            },
            {"send_eos_when": OutputEndCondition(any_of=["ada", "bob"])},
            {"send_eos_when": OutputEndCondition(all_of=["ada"])},
            {"send_eos_when": OutputEndCondition(any_input=True)},
            {"send_eos_when": OutputEndCondition(all_inputs=True)},
        )
    ):
        api.register_output(composition, f"sound{number}", whip_output(audio=sound(**options)))
    ends = picture(send_eos_when=OutputEndCondition(any_input=True))
    api.register_output(composition, "ends", whip_output(video=ends))
    api.register_rtmp_output(composition, "rtmp", url=RTMP, video=rtmp_picture(tiles(children=[stream("ada")])))
    heard = rtmp_sound(
        channels=AudioChannels.MONO,
        mixing_strategy=AudioMixingStrategy.SUM_SCALE,
        send_eos_when=OutputEndCondition(all_of=["ada", "bob"]),
    )
    api.register_rtmp_output(composition, "heard", url="rtmps://live.example/app/a/key", audio=heard)
    ends = rtmp_picture(send_eos_when=OutputEndCondition(all_inputs=True))
    both = RtmpOutput(type_=RtmpOutputType.RTMP_CLIENT, url=RTMP, video=ends, audio=rtmp_sound())
    api.register_output(composition, "both", both)
    raises(BadRequestError, api.register_whip_output, composition, "no", endpoint_url=WHIP, video=picture(image("no")))


def call_templates(api, composition):
    config = whip_output(bearer_token="t", video=picture(), audio=sound())
    api.register_template_output(composition, "template", config, TEMPLATE)
    content = "// Zażółć\r\n--boundary--\r\n\0export default {}".encode()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "szablon ż.mjs")
        path.write_bytes(content)
        rtmp = RtmpOutput(type_=RtmpOutputType.RTMP_CLIENT, url=RTMP, audio=rtmp_sound())
        api.register_template_output(composition, "szablon", rtmp, path)


def call_updates(api, composition):
    api.update_output(composition, "wyjście 1/ż", video=every_component())
    api.update_output(composition, "sound0", audio=audio(ada=1.5))
    api.update_output(composition, "every", video=scene(view(background_color=RED)), audio=audio())
    later = UpdateOutputRequest(video=scene(view()), schedule_time_ms=2500.25)
    api.update_output(composition, "wyjście 1/ż", later)
    later = UpdateOutputRequest(video=scene(tiles()), audio=audio(ada=None), schedule_time_ms=0.0)
    api.update_output(composition, "every", later)
    raises(BadRequestError, api.update_output, composition, "unknown", video=scene(view()))
    api.request_keyframe(composition, "wyjście 1/ż")
    raises(BadRequestError, api.request_keyframe, composition, "sound0")
    api.unregister_output(composition, "sound1")
    raises(OutputNotFoundError, api.unregister_output, composition, "sound1")
    api.unregister_output(composition, "sound2", UnregisterOutput(schedule_time_ms=60_000.0))


def call_events(api, composition):
    api.send_event(composition, "bare")
    send_null(api, composition, "null")
    for data in ({"nested": {"list": [1, 2.5, None, True], "ż": "ó"}}, {}, [], [{"a": 1}], "", "tekst", 0, -1.5, False):
        api.send_event(composition, "nazwa ż", data)
    raises(CompositionNotFoundError, api.send_event, UNKNOWN_ID, "name")


def calls():
    api = client()
    composition = created(api)
    call_inputs(api, composition)
    call_renderers(api, composition)
    call_outputs(api, composition)
    call_templates(api, composition)
    call_updates(api, composition)
    call_events(api, composition)
    second = created(api, autostart=False)
    created(api, cleanup_without_inputs=False)
    created(api, autostart=True, cleanup_without_inputs=False)
    api.start_composition(second)
    api.start_composition(second)
    api.reset_composition(second)
    api.delete_composition(second)
    raises(CompositionNotFoundError, api.delete_composition, second)
    raises(CompositionNotFoundError, api.start_composition, ODD_ID)
    raises(CompositionNotFoundError, api.reset_composition, UNKNOWN_ID)
    raises(UnauthorizedError, client(WRONG_TOKEN).create_composition)
