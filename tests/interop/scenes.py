"""Scenes that use every component and every member. `tests/src/interop/scenes.rs` has the same scenes."""

from fishjam.composition import (
    AudioScene,
    AudioSceneInput,
    BoxShadow,
    EasingFunctionBounce,
    EasingFunctionBounceFunctionName,
    EasingFunctionCubicBezier,
    EasingFunctionCubicBezierFunctionName,
    EasingFunctionLinear,
    EasingFunctionLinearFunctionName,
    HorizontalAlign,
    Image,
    ImageType,
    InputStream,
    InputStreamType,
    Overflow,
    RescaleMode,
    Rescaler,
    RescalerType,
    Text,
    TextStyle,
    TextType,
    TextWeight,
    TextWrapMode,
    Tiles,
    TilesType,
    Transition,
    VerticalAlign,
    VideoScene,
    View,
    ViewDirection,
    ViewType,
)

RED, HALF_BLUE = "#FF0000FF", "#0000FF80"
LINEAR = EasingFunctionLinear(function_name=EasingFunctionLinearFunctionName.LINEAR)
BOUNCE = EasingFunctionBounce(function_name=EasingFunctionBounceFunctionName.BOUNCE)
BEZIER = EasingFunctionCubicBezier(
    function_name=EasingFunctionCubicBezierFunctionName.CUBIC_BEZIER, points=[0.25, -1.5, 1.0, 2.5]
)


def view(**members):
    return View(type_=ViewType.VIEW, **members)


def tiles(**members):
    return Tiles(type_=TilesType.TILES, **members)


def rescaler(child, **members):
    return Rescaler(type_=RescalerType.RESCALER, child=child, **members)


def text(content, **members):
    return Text(type_=TextType.TEXT, text=content, **members)


def image(image_id, **members):
    return Image(type_=ImageType.IMAGE, image_id=image_id, **members)


def stream(input_id, **members):
    return InputStream(type_=InputStreamType.INPUT_STREAM, input_id=input_id, **members)


def scene(root):
    return VideoScene(root=root)


def audio(**volumes):
    """A mix of inputs. The volume `None` is not sent."""
    return AudioScene(
        inputs=[
            AudioSceneInput(input_id=name) if volume is None else AudioSceneInput(input_id=name, volume=volume)
            for name, volume in volumes.items()
        ]
    )


def shadows():
    return [
        BoxShadow(),
        BoxShadow(offset_x=-4.5, offset_y=5.0, blur_radius=6.25, color=HALF_BLUE),
    ]


def every_view():
    return view(
        id="view",
        children=[
            view(top=1.5, left=2.0, width=100.0, height=50.5),
            view(bottom=-3.0, right=4.0, rotation=45.5),
            view(top=5.0, right=6.0, children=[]),
            view(bottom=7.0, left=8.0, direction=ViewDirection.ROW, overflow=Overflow.VISIBLE),
            view(overflow=Overflow.HIDDEN, padding_vertical=9.0, padding_horizontal=10.0),
            view(padding_top=1.0, padding_right=2.0, padding_bottom=3.0, padding_left=4.0),
        ],
        direction=ViewDirection.COLUMN,
        overflow=Overflow.FIT,
        background_color=RED,
        border_radius=11.0,
        border_width=12.5,
        border_color=HALF_BLUE,
        box_shadow=shadows(),
        padding=13.0,
        transition=Transition(duration_ms=500.0, easing_function=LINEAR, should_interrupt=True),
    )


def every_rescaler():
    return [
        rescaler(stream("ada", id="stream"), id="rescaler", mode=RescaleMode.FILL, width=320.0, height=180.0),
        rescaler(
            image("logo", id="image", width=64.0, height=32.5),
            mode=RescaleMode.FIT,
            horizontal_align=HorizontalAlign.RIGHT,
            vertical_align=VerticalAlign.BOTTOM,
            bottom=1.0,
            right=2.0,
            rotation=-90.0,
            border_radius=3.0,
            border_width=4.0,
            border_color=RED,
            box_shadow=shadows(),
            transition=Transition(duration_ms=0.0, easing_function=BOUNCE, should_interrupt=False),
        ),
        rescaler(image("logo", width=64.0), vertical_align=VerticalAlign.JUSTIFIED, top=1.0, left=2.0),
        rescaler(image("logo", height=32.0)),
    ]


def every_tiles():
    return tiles(
        id="tiles",
        children=[stream("ada"), stream("wejście 2/ż"), image("logo")],
        width=640.0,
        height=360.0,
        background_color=HALF_BLUE,
        tile_aspect_ratio="4:3",
        margin=8.0,
        padding=2.5,
        horizontal_align=HorizontalAlign.JUSTIFIED,
        vertical_align=VerticalAlign.TOP,
        transition=Transition(duration_ms=250.0, easing_function=BEZIER),
    )


def every_text():
    plain = [text("Zażółć\n\"gęślą\"", font_size=12.5), text("", font_size=1.0, width=10.0, height=20.0)]
    full = text(
        "Ada",
        font_size=24.0,
        id="text",
        max_width=300.0,
        max_height=200.0,
        line_height=30.0,
        color=RED,
        background_color=HALF_BLUE,
        font_family="Inter",
        style=TextStyle.ITALIC,
        align=HorizontalAlign.CENTER,
        wrap=TextWrapMode.WORD,
        weight=TextWeight.EXTRA_BOLD,
    )
    styles = [text("style", font_size=10.0, style=style) for style in (TextStyle.NORMAL, TextStyle.OBLIQUE)]
    weights = [text("weight", font_size=10.0, weight=weight) for weight in TextWeight]
    wraps = [text("wrap", font_size=10.0, width=50.0, wrap=wrap) for wrap in (TextWrapMode.NONE, TextWrapMode.GLYPH)]
    aligns = [text("align", font_size=10.0, align=align) for align in HorizontalAlign]
    return [*plain, full, *styles, *weights, *wraps, *aligns]


def every_align():
    return [tiles(vertical_align=align) for align in VerticalAlign]


def every_component():
    children = [every_view(), *every_rescaler(), every_tiles(), *every_text(), *every_align()]
    return scene(view(children=children, transition=Transition(duration_ms=1.0)))
