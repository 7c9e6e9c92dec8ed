"""What the scripts about compositions send."""

import mimetypes

from checks import ORIGIN, TOKEN
from fishjam import CompositionClient
from fishjam._composition_openapi_client.api.events import send_composition_event
from fishjam._composition_openapi_client.models import SendCompositionEventBody
from fishjam.composition import (
    CreateCompositionRequest,
    ImageSpecPng,
    ImageSpecPngAssetType,
    OutputRtmpClientAudioOptions,
    OutputRtmpClientVideoOptions,
    OutputWhipAudioOptions,
    OutputWhipVideoOptions,
    Resolution,
    WhipAudioEncoderOptionsAny,
    WhipAudioEncoderOptionsAnyType,
    WhipAudioEncoderOptionsOpus,
    WhipAudioEncoderOptionsOpusType,
    WhipOutput,
    WhipOutputType,
)
from scenes import audio, scene, view

ODD_ID = "wejście 1/2?#%41&+;:@~ż"
WHIP, WHEP, RTMP = "https://whip.example/publish?a=b", "https://whep.example/play", "rtmp://live.example/app/key"
PNG = ImageSpecPng(asset_type=ImageSpecPngAssetType.PNG, url="https://img.example/logo.png")
TEMPLATE = b"export default () => null;\n"
FONT = b"\x00\x01\x00\x00 not a font"

# The HTTP library tells a file's type by its name, as the system's tables have it; they are not the same everywhere.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/ttf", ".ttf")


def client(token=TOKEN):
    return CompositionClient(token, ORIGIN)


def created(api, **options):
    config = CreateCompositionRequest(**options) if options else None
    return api.create_composition(config).composition_id


def picture(root=None, width=1280, height=720, **options):
    root = view() if root is None else root
    resolution = Resolution(width=width, height=height)
    return OutputWhipVideoOptions(resolution=resolution, initial=scene(root), **options)


def sound(mix=None, **options):
    return OutputWhipAudioOptions(initial=audio() if mix is None else mix, **options)


def rtmp_picture(root=None, **options):
    resolution = Resolution(width=640, height=360)
    return OutputRtmpClientVideoOptions(resolution=resolution, initial=scene(root or view()), **options)


def rtmp_sound(**options):
    return OutputRtmpClientAudioOptions(initial=audio(ada=None), **options)


def whip_output(**options):
    return WhipOutput(type_=WhipOutputType.WHIP_CLIENT, endpoint_url=WHIP, **options)


def opus(**options):
    return WhipAudioEncoderOptionsOpus(type_=WhipAudioEncoderOptionsOpusType.OPUS, **options)


def any_encoder():
    return WhipAudioEncoderOptionsAny(type_=WhipAudioEncoderOptionsAnyType.ANY)


def send_null(api, composition_id, event_name):
    """The SDK's own method cannot send null; its generated client can."""
    body = SendCompositionEventBody(event_name=event_name, data=None)
    api._request(send_composition_event, composition_id=composition_id, body=body)
