//! The types of the JSON bodies: a mirror of the API's schemas.

use super::shape::{Object, Shape, nullable, optional, required};

static STRINGS: Shape = Shape::List(&Shape::Text);
static SIZE: Shape = Shape::Natural(u64::MAX);

/// The only member of the bodies that unregister something. Unknown members are ignored.
pub(super) static UNREGISTER: Shape = Shape::Object(&Object::open(&[nullable("schedule_time_ms", &Shape::Number)]));

pub(super) static CREATE: Shape = Shape::Object(&Object::closed(&[
    optional("autostart", &Shape::Boolean),
    optional("cleanup_without_inputs", &Shape::Boolean),
]));

pub(super) static EVENT: Shape =
    Shape::Object(&Object::closed(&[required("event_name", &Shape::Text), optional("data", &Shape::Any)]));

static IMAGE: Object = Object::closed(&[required("url", &Shape::Text)]);
static SVG: Object = Object::closed(&[required("url", &Shape::Text), nullable("resolution", &RESOLUTION)]);

pub(super) static IMAGE_SPEC: Shape =
    Shape::Tagged("asset_type", &[("png", &IMAGE), ("jpeg", &IMAGE), ("svg", &SVG), ("gif", &IMAGE), ("auto", &IMAGE)]);

static RESOLUTION: Shape = Shape::Object(&Object::open(&[required("width", &SIZE), required("height", &SIZE)]));

static WHIP_INPUT: Object =
    Object::closed(&[nullable("bearer_token", &Shape::Text), nullable("video", &Shape::Boolean)]);
static WHEP_INPUT: Object = Object::closed(&[
    required("endpoint_url", &Shape::Text),
    nullable("bearer_token", &Shape::Text),
    nullable("video", &Shape::Boolean),
]);
static MP4_INPUT: Object = Object::closed(&[required("url", &Shape::Text), nullable("loop", &Shape::Boolean)]);
static RTMP_INPUT: Object = Object::closed(&[required("stream_key", &Shape::Text)]);

pub(super) static REGISTER_INPUT: Shape = Shape::Tagged(
    "type",
    &[("whip_server", &WHIP_INPUT), ("whep_client", &WHEP_INPUT), ("mp4", &MP4_INPUT), ("rtmp_server", &RTMP_INPUT)],
);

static END_CONDITION: Shape = Shape::Object(&Object::closed(&[
    nullable("any_of", &STRINGS),
    nullable("all_of", &STRINGS),
    nullable("any_input", &Shape::Boolean),
    nullable("all_inputs", &Shape::Boolean),
]));

static AUDIO_SCENE: Shape = Shape::Object(&Object::closed(&[required("inputs", &AUDIO_INPUTS)]));
static AUDIO_INPUTS: Shape = Shape::List(&Shape::Object(&Object::closed(&[
    required("input_id", &Shape::Text),
    nullable("volume", &Shape::Number),
])));
static VIDEO_SCENE: Shape = Shape::Object(&Object::closed(&[required("root", &COMPONENT)]));

/// Both kinds of output have the same video options.
static VIDEO: Shape = Shape::Object(&Object::closed(&[
    required("resolution", &RESOLUTION),
    required("initial", &VIDEO_SCENE),
    nullable("send_eos_when", &END_CONDITION),
]));

static MIXING_STRATEGY: Shape = Shape::OneOf(&["sum_clip", "sum_scale"]);
static CHANNELS: Shape = Shape::OneOf(&["mono", "stereo"]);

static WHIP_AUDIO: Shape = Shape::Object(&Object::closed(&[
    required("initial", &AUDIO_SCENE),
    nullable("mixing_strategy", &MIXING_STRATEGY),
    nullable("send_eos_when", &END_CONDITION),
    nullable("channels", &CHANNELS),
    nullable("encoder_preferences", &Shape::List(&ENCODER)),
]));
static RTMP_AUDIO: Shape = Shape::Object(&Object::closed(&[
    required("initial", &AUDIO_SCENE),
    nullable("mixing_strategy", &MIXING_STRATEGY),
    nullable("send_eos_when", &END_CONDITION),
    nullable("channels", &CHANNELS),
]));

static ENCODER: Shape = Shape::Tagged("type", &[("opus", &OPUS), ("any", &Object::open(&[]))]);
static OPUS: Object = Object::open(&[
    nullable("preset", &Shape::OneOf(&["quality", "voip", "lowest_latency"])),
    nullable("sample_rate", &Shape::Natural(u32::MAX as u64)),
    nullable("forward_error_correction", &Shape::Boolean),
]);

static WHIP_OUTPUT: Object = Object::closed(&[
    required("endpoint_url", &Shape::Text),
    nullable("bearer_token", &Shape::Text),
    nullable("video", &VIDEO),
    nullable("audio", &WHIP_AUDIO),
]);
static RTMP_OUTPUT: Object =
    Object::closed(&[required("url", &Shape::Text), nullable("video", &VIDEO), nullable("audio", &RTMP_AUDIO)]);

pub(super) static REGISTER_OUTPUT: Shape =
    Shape::Tagged("type", &[("whip_client", &WHIP_OUTPUT), ("rtmp_client", &RTMP_OUTPUT)]);

pub(super) static UPDATE_OUTPUT: Shape = Shape::Object(&Object::closed(&[
    nullable("video", &VIDEO_SCENE),
    nullable("audio", &AUDIO_SCENE),
    nullable("schedule_time_ms", &Shape::Number),
]));

static COMPONENT: Shape = Shape::Tagged(
    "type",
    &[
        ("input_stream", &INPUT_STREAM),
        ("view", &VIEW),
        ("text", &TEXT),
        ("tiles", &TILES),
        ("rescaler", &RESCALER),
        ("image", &IMAGE_COMPONENT),
    ],
);
static COMPONENTS: Shape = Shape::List(&COMPONENT);

static INPUT_STREAM: Object = Object::closed(&[required("input_id", &Shape::Text), nullable("id", &Shape::Text)]);
static IMAGE_COMPONENT: Object = Object::closed(&[
    required("image_id", &Shape::Text),
    nullable("id", &Shape::Text),
    nullable("width", &Shape::Number),
    nullable("height", &Shape::Number),
]);

static HORIZONTAL_ALIGN: Shape = Shape::OneOf(&["left", "right", "justified", "center"]);
static VERTICAL_ALIGN: Shape = Shape::OneOf(&["top", "center", "bottom", "justified"]);

static TEXT: Object = Object::closed(&[
    required("text", &Shape::Text),
    required("font_size", &Shape::Number),
    nullable("id", &Shape::Text),
    nullable("width", &Shape::Number),
    nullable("height", &Shape::Number),
    nullable("max_width", &Shape::Number),
    nullable("max_height", &Shape::Number),
    nullable("line_height", &Shape::Number),
    nullable("color", &Shape::Text),
    nullable("background_color", &Shape::Text),
    nullable("font_family", &Shape::Text),
    nullable("style", &Shape::OneOf(&["normal", "italic", "oblique"])),
    nullable("align", &HORIZONTAL_ALIGN),
    nullable("wrap", &Shape::OneOf(&["none", "glyph", "word"])),
    nullable("weight", &WEIGHT),
]);
static WEIGHT: Shape =
    Shape::OneOf(&["thin", "extra_light", "light", "normal", "medium", "semi_bold", "bold", "extra_bold", "black"]);

static VIEW: Object = Object::closed(&[
    nullable("id", &Shape::Text),
    nullable("children", &COMPONENTS),
    nullable("width", &Shape::Number),
    nullable("height", &Shape::Number),
    nullable("direction", &Shape::OneOf(&["row", "column"])),
    nullable("top", &Shape::Number),
    nullable("left", &Shape::Number),
    nullable("bottom", &Shape::Number),
    nullable("right", &Shape::Number),
    nullable("rotation", &Shape::Number),
    nullable("transition", &TRANSITION),
    nullable("overflow", &Shape::OneOf(&["visible", "hidden", "fit"])),
    nullable("background_color", &Shape::Text),
    nullable("border_radius", &Shape::Number),
    nullable("border_width", &Shape::Number),
    nullable("border_color", &Shape::Text),
    nullable("box_shadow", &SHADOWS),
    nullable("padding", &Shape::Number),
    nullable("padding_vertical", &Shape::Number),
    nullable("padding_horizontal", &Shape::Number),
    nullable("padding_top", &Shape::Number),
    nullable("padding_right", &Shape::Number),
    nullable("padding_bottom", &Shape::Number),
    nullable("padding_left", &Shape::Number),
]);

static RESCALER: Object = Object::closed(&[
    required("child", &COMPONENT),
    nullable("id", &Shape::Text),
    nullable("mode", &Shape::OneOf(&["fit", "fill"])),
    nullable("horizontal_align", &HORIZONTAL_ALIGN),
    nullable("vertical_align", &VERTICAL_ALIGN),
    nullable("width", &Shape::Number),
    nullable("height", &Shape::Number),
    nullable("top", &Shape::Number),
    nullable("left", &Shape::Number),
    nullable("bottom", &Shape::Number),
    nullable("right", &Shape::Number),
    nullable("rotation", &Shape::Number),
    nullable("transition", &TRANSITION),
    nullable("border_radius", &Shape::Number),
    nullable("border_width", &Shape::Number),
    nullable("border_color", &Shape::Text),
    nullable("box_shadow", &SHADOWS),
]);

static TILES: Object = Object::closed(&[
    nullable("id", &Shape::Text),
    nullable("children", &COMPONENTS),
    nullable("width", &Shape::Number),
    nullable("height", &Shape::Number),
    nullable("background_color", &Shape::Text),
    nullable("tile_aspect_ratio", &Shape::Text),
    nullable("margin", &Shape::Number),
    nullable("padding", &Shape::Number),
    nullable("horizontal_align", &HORIZONTAL_ALIGN),
    nullable("vertical_align", &VERTICAL_ALIGN),
    nullable("transition", &TRANSITION),
]);

static SHADOWS: Shape = Shape::List(&Shape::Object(&Object::closed(&[
    nullable("offset_x", &Shape::Number),
    nullable("offset_y", &Shape::Number),
    nullable("color", &Shape::Text),
    nullable("blur_radius", &Shape::Number),
])));

static TRANSITION: Shape = Shape::Object(&Object::open(&[
    required("duration_ms", &Shape::Number),
    nullable("easing_function", &EASING),
    nullable("should_interrupt", &Shape::Boolean),
]));
static EASING: Shape = Shape::Tagged(
    "function_name",
    &[
        ("linear", &Object::open(&[])),
        ("bounce", &Object::open(&[])),
        ("cubic_bezier", &Object::open(&[required("points", &Shape::Numbers(4))])),
    ],
);
