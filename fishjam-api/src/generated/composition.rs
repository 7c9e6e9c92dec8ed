/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///Channels of encoded audio. Server default: `stereo`.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum AudioChannels {
        #[serde(rename = "mono")]
        Mono,
        #[serde(rename = "stereo")]
        Stereo,
    }
    impl ::std::fmt::Display for AudioChannels {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Mono => f.write_str("mono"),
                Self::Stereo => f.write_str("stereo"),
            }
        }
    }
    ///The method of adding inputs when the sum exceeds the range of the samples.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum AudioMixingStrategy {
        #[serde(rename = "sum_clip")]
        SumClip,
        #[serde(rename = "sum_scale")]
        SumScale,
    }
    impl ::std::fmt::Display for AudioMixingStrategy {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::SumClip => f.write_str("sum_clip"),
                Self::SumScale => f.write_str("sum_scale"),
            }
        }
    }
    ///The sound of an output, as a mix of inputs.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct AudioScene {
        ///The inputs that are heard, in any order. An input that is not in the list is silent. An input that does not exist yet is silent until it is registered. The server does not reject an input that occurs twice.
        pub inputs: ::std::vec::Vec<AudioSceneInput>,
    }
    ///An input in a mix.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct AudioSceneInput {
        ///ID of the input.
        pub input_id: ::std::string::String,
        ///Factor of the volume, from 0 (silent) to 2. A volume outside this range is a 400.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub volume: ::std::option::Option<f64>,
    }
    ///A shadow of a box.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct BoxShadow {
        ///Radius of the blur, in pixels. Server default: 0.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub blur_radius: ::std::option::Option<f64>,
        ///Color of the shadow. No default is documented; the engine uses opaque white, so set a color. All colors have one of these forms, and surrounding spaces are ignored. `#RRGGBB` and `#RRGGBBAA` are hexadecimal in either case, and the form without alpha is opaque. `rgb(r,g,b)` has decimal numbers from 0 to 255, and spaces around a number are allowed. `rgba(r,g,b,a)` also has an alpha from 0 to 1, with no space around the alpha: the server rejects `rgba(0, 0, 0, 0.5)`. The names are the 148 color names of CSS and `burntsienna`, in lower case and opaque. Names with capital letters, `transparent`, percentages, `hsl()` and hexadecimal forms with 3 or 4 digits are a 400.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub color: ::std::option::Option<::std::string::String>,
        ///Distance to the right of the box, in pixels. Server default: 0.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub offset_x: ::std::option::Option<f64>,
        ///Distance below the box, in pixels. Server default: 0.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub offset_y: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        BoxShadow : Serialize
    }
    ///A part of the picture. The member `type` determines the variant. Shaders and web views of the engine are not available.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum Component {
        InputStream(InputStream),
        View(View),
        Text(Text),
        Tiles(Tiles),
        Rescaler(Rescaler),
        Image(Image),
    }
    impl ::std::convert::From<InputStream> for Component {
        fn from(value: InputStream) -> Self {
            Self::InputStream(value)
        }
    }
    impl ::std::convert::From<View> for Component {
        fn from(value: View) -> Self {
            Self::View(value)
        }
    }
    impl ::std::convert::From<Text> for Component {
        fn from(value: Text) -> Self {
            Self::Text(value)
        }
    }
    impl ::std::convert::From<Tiles> for Component {
        fn from(value: Tiles) -> Self {
            Self::Tiles(value)
        }
    }
    impl ::std::convert::From<Rescaler> for Component {
        fn from(value: Rescaler) -> Self {
            Self::Rescaler(value)
        }
    }
    impl ::std::convert::From<Image> for Component {
        fn from(value: Image) -> Self {
            Self::Image(value)
        }
    }
    ///The new composition.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct CompositionCreatedResponse {
        ///ID of the composition, chosen by the server. Treat it as opaque, and store it: it cannot be found again.
        pub composition_id: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        CompositionCreatedResponse
    }
    ///Options for creating a composition.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct CreateCompositionRequest {
        ///Whether outputs produce media immediately. With `false`, you can register everything first, and `start` starts all outputs at the same time.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub autostart: ::std::option::Option<bool>,
        ///Selects the streams that keep an idle composition. With `true`, the server deletes the composition after 5 minutes in which no input has media, even if outputs produce media. With `false`, inputs and outputs must both be silent. With `true`, a composition also ends if it receives a room that shows its own output.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cleanup_without_inputs: ::std::option::Option<bool>,
    }
    ///Speed of an animation over time. The member `function_name` determines the variant.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum EasingFunction {
        Linear(EasingFunctionLinear),
        Bounce(EasingFunctionBounce),
        CubicBezier(EasingFunctionCubicBezier),
    }
    impl ::std::convert::From<EasingFunctionLinear> for EasingFunction {
        fn from(value: EasingFunctionLinear) -> Self {
            Self::Linear(value)
        }
    }
    impl ::std::convert::From<EasingFunctionBounce> for EasingFunction {
        fn from(value: EasingFunctionBounce) -> Self {
            Self::Bounce(value)
        }
    }
    impl ::std::convert::From<EasingFunctionCubicBezier> for EasingFunction {
        fn from(value: EasingFunctionCubicBezier) -> Self {
            Self::CubicBezier(value)
        }
    }
    ///The animation bounces at its end.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct EasingFunctionBounce {
        pub function_name: EasingFunctionBounceFunctionName,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        EasingFunctionBounce : Serialize
    }
    ///Marks the bounce function.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum EasingFunctionBounceFunctionName {
        #[serde(rename = "bounce")]
        Bounce,
    }
    impl ::std::fmt::Display for EasingFunctionBounceFunctionName {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Bounce => f.write_str("bounce"),
            }
        }
    }
    ///A cubic Bézier curve, as in CSS.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct EasingFunctionCubicBezier {
        pub function_name: EasingFunctionCubicBezierFunctionName,
        ///The two control points: `x1`, `y1`, `x2`, `y2`. Exactly four numbers, otherwise 422. `x1` and `x2` are between 0 and 1, otherwise 400. `y1` and `y2` are free.
        pub points: [f64; 4usize],
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        EasingFunctionCubicBezier : Serialize
    }
    ///Marks a cubic Bézier curve.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum EasingFunctionCubicBezierFunctionName {
        #[serde(rename = "cubic_bezier")]
        CubicBezier,
    }
    impl ::std::fmt::Display for EasingFunctionCubicBezierFunctionName {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::CubicBezier => f.write_str("cubic_bezier"),
            }
        }
    }
    ///The same speed all the time; the default of a transition.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct EasingFunctionLinear {
        pub function_name: EasingFunctionLinearFunctionName,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        EasingFunctionLinear : Serialize
    }
    ///Marks the linear function.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum EasingFunctionLinearFunctionName {
        #[serde(rename = "linear")]
        Linear,
    }
    impl ::std::fmt::Display for EasingFunctionLinearFunctionName {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Linear => f.write_str("linear"),
            }
        }
    }
    ///Horizontal alignment. The default depends on the component.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum HorizontalAlign {
        #[serde(rename = "left")]
        Left,
        #[serde(rename = "right")]
        Right,
        #[serde(rename = "justified")]
        Justified,
        #[serde(rename = "center")]
        Center,
    }
    impl ::std::fmt::Display for HorizontalAlign {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Left => f.write_str("left"),
                Self::Right => f.write_str("right"),
                Self::Justified => f.write_str("justified"),
                Self::Center => f.write_str("center"),
            }
        }
    }
    ///A registered image. An unregistered image is a 400 when the output is registered or updated.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Image {
        ///Height in pixels, rounded to whole pixels. If only the width is set, the height follows from the aspect ratio. Without both, the image has its own size. With both, it is stretched.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        ///ID of the component for transitions. Unique in one output; other outputs may use the same ID. Without an ID, the component has no transitions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///ID of the image.
        pub image_id: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: ImageType,
        ///Width in pixels, rounded to whole pixels. If only the height is set, the width follows from the aspect ratio. Without both, the image has its own size. With both, it is stretched.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Image : Serialize
    }
    ///An image to register. The member `asset_type` determines the variant. The server downloads the image during the request. The schemas of the variants are open, but the engine rejects unknown members.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ImageSpec {
        Png(ImageSpecPng),
        Jpeg(ImageSpecJpeg),
        Svg(ImageSpecSvg),
        Gif(ImageSpecGif),
        Auto(ImageSpecAuto),
    }
    impl ::std::convert::From<ImageSpecPng> for ImageSpec {
        fn from(value: ImageSpecPng) -> Self {
            Self::Png(value)
        }
    }
    impl ::std::convert::From<ImageSpecJpeg> for ImageSpec {
        fn from(value: ImageSpecJpeg) -> Self {
            Self::Jpeg(value)
        }
    }
    impl ::std::convert::From<ImageSpecSvg> for ImageSpec {
        fn from(value: ImageSpecSvg) -> Self {
            Self::Svg(value)
        }
    }
    impl ::std::convert::From<ImageSpecGif> for ImageSpec {
        fn from(value: ImageSpecGif) -> Self {
            Self::Gif(value)
        }
    }
    impl ::std::convert::From<ImageSpecAuto> for ImageSpec {
        fn from(value: ImageSpecAuto) -> Self {
            Self::Auto(value)
        }
    }
    ///An image whose type the server detects from its content. If the server does not recognize the content, it assumes SVG.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecAuto {
        pub asset_type: ImageSpecAutoAssetType,
        ///HTTP or HTTPS address of the image.
        pub url: ::std::string::String,
    }
    ///Marks an image of any type.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum ImageSpecAutoAssetType {
        #[serde(rename = "auto")]
        Auto,
    }
    impl ::std::fmt::Display for ImageSpecAutoAssetType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Auto => f.write_str("auto"),
            }
        }
    }
    ///A GIF image, animated or not. An animation has at most 1000 frames, all of the same size.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecGif {
        pub asset_type: ImageSpecGifAssetType,
        ///HTTP or HTTPS address of the image.
        pub url: ::std::string::String,
    }
    ///Marks a GIF image.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum ImageSpecGifAssetType {
        #[serde(rename = "gif")]
        Gif,
    }
    impl ::std::fmt::Display for ImageSpecGifAssetType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Gif => f.write_str("gif"),
            }
        }
    }
    ///A JPEG image.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecJpeg {
        pub asset_type: ImageSpecJpegAssetType,
        ///HTTP or HTTPS address of the image.
        pub url: ::std::string::String,
    }
    ///Marks a JPEG image.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum ImageSpecJpegAssetType {
        #[serde(rename = "jpeg")]
        Jpeg,
    }
    impl ::std::fmt::Display for ImageSpecJpegAssetType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Jpeg => f.write_str("jpeg"),
            }
        }
    }
    ///A PNG image.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecPng {
        pub asset_type: ImageSpecPngAssetType,
        ///HTTP or HTTPS address of the image.
        pub url: ::std::string::String,
    }
    ///Marks a PNG image.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum ImageSpecPngAssetType {
        #[serde(rename = "png")]
        Png,
    }
    impl ::std::fmt::Display for ImageSpecPngAssetType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Png => f.write_str("png"),
            }
        }
    }
    ///An SVG image.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecSvg {
        pub asset_type: ImageSpecSvgAssetType,
        ///Size in which the image is drawn. Current engines ignore it. Server default: the size in the file.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resolution: ::std::option::Option<Resolution>,
        ///HTTP or HTTPS address of the image.
        pub url: ::std::string::String,
    }
    ///Marks an SVG image.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum ImageSpecSvgAssetType {
        #[serde(rename = "svg")]
        Svg,
    }
    impl ::std::fmt::Display for ImageSpecSvgAssetType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Svg => f.write_str("svg"),
            }
        }
    }
    ///Marks an image.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum ImageType {
        #[serde(rename = "image")]
        Image,
    }
    impl ::std::fmt::Display for ImageType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Image => f.write_str("image"),
            }
        }
    }
    ///Video of an input in its own size. Wrap it in a rescaler to fit it into a box. An input that does not exist yet has no size and shows nothing. If an input stops sending, its last picture stays for 3 seconds by default.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct InputStream {
        ///ID of the component for transitions. Unique in one output; other outputs may use the same ID. Without an ID, the component has no transitions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///ID of the input.
        pub input_id: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: InputStreamType,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        InputStream : Serialize
    }
    ///Marks an input stream.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum InputStreamType {
        #[serde(rename = "input_stream")]
        InputStream,
    }
    impl ::std::fmt::Display for InputStreamType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::InputStream => f.write_str("input_stream"),
            }
        }
    }
    ///An input that plays an MP4 file. The server downloads the file during the request.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct Mp4Input {
        ///Whether the file starts again at its end. Without a loop, the input ends with the file.
        #[serde(rename = "loop", skip_serializing_if = "::std::option::Option::is_none")]
        pub loop_: ::std::option::Option<bool>,
        #[serde(rename = "type")]
        pub type_: Mp4InputType,
        ///HTTP or HTTPS address of the file.
        pub url: ::std::string::String,
    }
    ///Marks an MP4 input.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum Mp4InputType {
        #[serde(rename = "mp4")]
        Mp4,
    }
    impl ::std::fmt::Display for Mp4InputType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Mp4 => f.write_str("mp4"),
            }
        }
    }
    ///Optimization of the Opus encoder.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum OpusEncoderPreset {
        #[serde(rename = "quality")]
        Quality,
        #[serde(rename = "voip")]
        Voip,
        #[serde(rename = "lowest_latency")]
        LowestLatency,
    }
    impl ::std::fmt::Display for OpusEncoderPreset {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Quality => f.write_str("quality"),
                Self::Voip => f.write_str("voip"),
                Self::LowestLatency => f.write_str("lowest_latency"),
            }
        }
    }
    ///Condition on which a part of an output ends. Set at most one of the four members. Only `false` flags, or no member, mean that it never ends. The server rejects a list together with `any_input: false`. An input ends if its connection drops, its file is over or it is unregistered.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct OutputEndCondition {
        ///Whether the output ends when no input is left. An output that is registered before the first input ends immediately.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub all_inputs: ::std::option::Option<bool>,
        ///The output ends when all of these inputs have ended or were never registered. The items are IDs of inputs.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub all_of: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Whether the output ends when any input ends afterwards. Inputs that were never registered do not count.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub any_input: ::std::option::Option<bool>,
        ///The output ends when any of these inputs has ended or was never registered. The items are IDs of inputs.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub any_of: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    ///Audio of an RTMP output.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputRtmpClientAudioOptions {
        ///Channels of the encoded audio. Server default: `stereo`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub channels: ::std::option::Option<AudioChannels>,
        pub initial: AudioScene,
        ///How the server adds the inputs.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mixing_strategy: ::std::option::Option<AudioMixingStrategy>,
        ///Condition on which the server ends the audio. Server default: no condition. The output stays registered after the end, and the server accepts updates without an effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///Video of an RTMP output.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputRtmpClientVideoOptions {
        pub initial: crate::VideoScene,
        pub resolution: Resolution,
        ///Condition on which the server ends the video. Server default: no condition. The output stays registered after the end, and the server accepts updates without an effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///Audio of a WHIP output.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputWhipAudioOptions {
        ///Channels of the encoded audio. Server default: `stereo`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub channels: ::std::option::Option<AudioChannels>,
        ///Encoders in order of preference; the server uses the first that the peer supports. Absent, `null` or empty means any encoder.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub encoder_preferences: ::std::option::Option<
            ::std::vec::Vec<WhipAudioEncoderOptions>,
        >,
        pub initial: AudioScene,
        ///How the server adds the inputs.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mixing_strategy: ::std::option::Option<AudioMixingStrategy>,
        ///Condition on which the server ends the audio. Server default: no condition. The output stays registered after the end, and the server accepts updates without an effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///Video of a WHIP output.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputWhipVideoOptions {
        pub initial: crate::VideoScene,
        pub resolution: Resolution,
        ///Condition on which the server ends the video. Server default: no condition. The output stays registered after the end, and the server accepts updates without an effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///Handling of content that is larger than its view.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum Overflow {
        #[serde(rename = "visible")]
        Visible,
        #[serde(rename = "hidden")]
        Hidden,
        #[serde(rename = "fit")]
        Fit,
    }
    impl ::std::fmt::Display for Overflow {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Visible => f.write_str("visible"),
                Self::Hidden => f.write_str("hidden"),
                Self::Fit => f.write_str("fit"),
            }
        }
    }
    ///An input to register. The member `type` determines the variant.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum RegisterInput {
        RtmpInput(RtmpInput),
        Mp4Input(Mp4Input),
        WhipInput(WhipInput),
        WhepInput(WhepInput),
    }
    impl ::std::convert::From<RtmpInput> for RegisterInput {
        fn from(value: RtmpInput) -> Self {
            Self::RtmpInput(value)
        }
    }
    impl ::std::convert::From<Mp4Input> for RegisterInput {
        fn from(value: Mp4Input) -> Self {
            Self::Mp4Input(value)
        }
    }
    impl ::std::convert::From<WhipInput> for RegisterInput {
        fn from(value: WhipInput) -> Self {
            Self::WhipInput(value)
        }
    }
    impl ::std::convert::From<WhepInput> for RegisterInput {
        fn from(value: WhepInput) -> Self {
            Self::WhepInput(value)
        }
    }
    ///Values for using the new input. Each type of input has its own members, and all others are absent or `null`. The values cannot be read again. Newer servers can add members, although the schema is closed.
    #[derive(::serde::Deserialize, Clone, Debug, Default)]
    #[serde(remote = "Self")]
    pub struct RegisterInputResponse {
        ///Duration of the audio track of an MP4 input, in milliseconds. Absent if the file has no audio.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio_duration_ms: ::std::option::Option<i64>,
        ///Token of a WHIP input: the caller's own token or the token that the server created. It is a secret.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        ///Path of the WHIP endpoint of a WHIP input, relative to the composition's address. It starts with a slash. If the member is absent, the path is `/whip/` followed by the percent-encoded ID of the input.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub endpoint_route: ::std::option::Option<::std::string::String>,
        ///Address to which the publisher of an RTMP input sends. Its form depends on the version of the server, so use the whole address as it is. It contains the stream key and is a secret.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub publish_url: ::std::option::Option<::std::string::String>,
        ///Duration of the video track of an MP4 input, in milliseconds. Absent if the file has no video.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video_duration_ms: ::std::option::Option<i64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        RegisterInputResponse
    }
    ///An output to register. The member `type` determines the variant.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum RegisterOutput {
        RtmpOutput(RtmpOutput),
        WhipOutput(WhipOutput),
    }
    impl ::std::convert::From<RtmpOutput> for RegisterOutput {
        fn from(value: RtmpOutput) -> Self {
            Self::RtmpOutput(value)
        }
    }
    impl ::std::convert::From<WhipOutput> for RegisterOutput {
        fn from(value: WhipOutput) -> Self {
            Self::WhipOutput(value)
        }
    }
    ///How a rescaler scales its child. The aspect ratio stays.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum RescaleMode {
        #[serde(rename = "fit")]
        Fit,
        #[serde(rename = "fill")]
        Fill,
    }
    impl ::std::fmt::Display for RescaleMode {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Fit => f.write_str("fit"),
                Self::Fill => f.write_str("fill"),
            }
        }
    }
    ///A box that scales its only child. It has no background, padding or overflow. Content outside the box is clipped.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Rescaler {
        ///Color of the border. A color, in one of the forms that `BoxShadow.color` lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_color: ::std::option::Option<::std::string::String>,
        ///Radius of the rounded corners, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_radius: ::std::option::Option<f64>,
        ///Width of the border, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_width: ::std::option::Option<f64>,
        ///Distance from the bottom edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bottom: ::std::option::Option<f64>,
        ///Shadows of the box. Server default: no shadow.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub box_shadow: ::std::option::Option<::std::vec::Vec<BoxShadow>>,
        pub child: ::std::boxed::Box<Component>,
        ///Height of the content, in pixels. The height excludes the border. Without a height, a static rescaler shares the free height of its column, and an absolute rescaler is as high as its parent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        ///Horizontal place of the scaled child. `justified` is the same as `center`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub horizontal_align: ::std::option::Option<HorizontalAlign>,
        ///ID of the component for transitions. Unique in one output; other outputs may use the same ID. Without an ID, the component has no transitions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Distance from the left edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub left: ::std::option::Option<f64>,
        ///How the child is scaled.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mode: ::std::option::Option<RescaleMode>,
        ///Distance from the right edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub right: ::std::option::Option<f64>,
        ///Rotation in degrees. Server default: no rotation. It makes the position absolute, so it also requires one vertical and one horizontal distance. `rotation` alone is a 400.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rotation: ::std::option::Option<f64>,
        ///Distance from the top edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub top: ::std::option::Option<f64>,
        ///Animation from the previous scene of this output. It needs an `id`, and the same `id` and type in both scenes. A transition in the first scene has no effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transition: ::std::option::Option<Transition>,
        #[serde(rename = "type")]
        pub type_: RescalerType,
        ///Vertical place of the scaled child. `justified` is the same as `center`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub vertical_align: ::std::option::Option<VerticalAlign>,
        ///Width of the content, in pixels. The width excludes the border. Without a width, a static rescaler shares the free width of its row, and an absolute rescaler is as wide as its parent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Rescaler : Serialize
    }
    ///Marks a rescaler.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum RescalerType {
        #[serde(rename = "rescaler")]
        Rescaler,
    }
    impl ::std::fmt::Display for RescalerType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Rescaler => f.write_str("rescaler"),
            }
        }
    }
    ///Size of a picture. The server ignores unknown members. Use even numbers above zero: the schema allows others, but the encoder of an output cannot encode them. The failure is probably a 500.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct Resolution {
        ///Height in pixels. Even and above zero for an output.
        pub height: u64,
        ///Width in pixels. Even and above zero for an output.
        pub width: u64,
    }
    ///An input that receives a stream from one publisher over RTMP. The response contains the address for the publisher.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RtmpInput {
        ///Key of the stream, chosen by the caller. It is part of the publish address and a secret.
        pub stream_key: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: RtmpInputType,
    }
    ///Marks an RTMP input.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum RtmpInputType {
        #[serde(rename = "rtmp_server")]
        RtmpServer,
    }
    impl ::std::fmt::Display for RtmpInputType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::RtmpServer => f.write_str("rtmp_server"),
            }
        }
    }
    ///An output that publishes to an RTMP server. The composition's server connects during the request. Set at least one of `video` and `audio`, because the server rejects an output with neither (400).
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RtmpOutput {
        ///Audio of the output. Absent or `null` for an output without audio.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<OutputRtmpClientAudioOptions>,
        #[serde(rename = "type")]
        pub type_: RtmpOutputType,
        ///Address of the RTMP server. The scheme is `rtmp` (port 1935) or `rtmps` (port 443). A host is required. The first segment of the path is the app, and the rest is the stream key. It is a secret.
        pub url: ::std::string::String,
        ///Video of the output. Absent or `null` for an output without video.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<OutputRtmpClientVideoOptions>,
    }
    ///Marks an RTMP output.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum RtmpOutputType {
        #[serde(rename = "rtmp_client")]
        RtmpClient,
    }
    impl ::std::fmt::Display for RtmpOutputType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::RtmpClient => f.write_str("rtmp_client"),
            }
        }
    }
    ///An event for the templates of a composition.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct SendCompositionEventBody {
        ///Any JSON value for the listeners, including `null`. An absent member means that the event has no data, which differs from `null`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<::serde_json::Value>,
        ///Name of the event, from 1 to 128 characters. Your application chooses it.
        pub event_name: ::std::string::String,
    }
    ///Text in a box. Without a width and a height, the box is as large as the text, up to the maximum sizes. With only a width, the height follows from the text. With both, the box is fixed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Text {
        ///Horizontal alignment of the lines in the box.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub align: ::std::option::Option<HorizontalAlign>,
        ///Color of the box. A color, in one of the forms that `BoxShadow.color` lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub background_color: ::std::option::Option<::std::string::String>,
        ///Color of the letters. A color, in one of the forms that `BoxShadow.color` lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub color: ::std::option::Option<::std::string::String>,
        ///Name of one font family. Generic names such as `serif` do not work. The default need not exist on the server: register a font and set its family.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub font_family: ::std::option::Option<::std::string::String>,
        ///Size of the font, in pixels. Above zero, otherwise 400.
        pub font_size: f64,
        ///Height of the box, in pixels. It requires `width`; a height alone is a 400.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        ///ID of the component for transitions. Unique in one output; other outputs may use the same ID. Without an ID, the component has no transitions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Distance between lines, in pixels. Above zero, otherwise 400. Server default: the value of `font_size`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub line_height: ::std::option::Option<f64>,
        ///Maximum height in pixels of a box without `height`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub max_height: ::std::option::Option<f64>,
        ///Maximum width in pixels of a box without `width`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub max_width: ::std::option::Option<f64>,
        ///Slope of the letters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub style: ::std::option::Option<TextStyle>,
        ///The text. It can contain line breaks.
        pub text: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: TextType,
        ///Weight of the letters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub weight: ::std::option::Option<TextWeight>,
        ///Width of the box, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Positions of line breaks.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub wrap: ::std::option::Option<TextWrapMode>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Text : Serialize
    }
    ///Slope of letters.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum TextStyle {
        #[serde(rename = "normal")]
        Normal,
        #[serde(rename = "italic")]
        Italic,
        #[serde(rename = "oblique")]
        Oblique,
    }
    impl ::std::fmt::Display for TextStyle {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Normal => f.write_str("normal"),
                Self::Italic => f.write_str("italic"),
                Self::Oblique => f.write_str("oblique"),
            }
        }
    }
    ///Marks text.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum TextType {
        #[serde(rename = "text")]
        Text,
    }
    impl ::std::fmt::Display for TextType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Text => f.write_str("text"),
            }
        }
    }
    ///Weight of letters.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum TextWeight {
        #[serde(rename = "thin")]
        Thin,
        #[serde(rename = "extra_light")]
        ExtraLight,
        #[serde(rename = "light")]
        Light,
        #[serde(rename = "normal")]
        Normal,
        #[serde(rename = "medium")]
        Medium,
        #[serde(rename = "semi_bold")]
        SemiBold,
        #[serde(rename = "bold")]
        Bold,
        #[serde(rename = "extra_bold")]
        ExtraBold,
        #[serde(rename = "black")]
        Black,
    }
    impl ::std::fmt::Display for TextWeight {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Thin => f.write_str("thin"),
                Self::ExtraLight => f.write_str("extra_light"),
                Self::Light => f.write_str("light"),
                Self::Normal => f.write_str("normal"),
                Self::Medium => f.write_str("medium"),
                Self::SemiBold => f.write_str("semi_bold"),
                Self::Bold => f.write_str("bold"),
                Self::ExtraBold => f.write_str("extra_bold"),
                Self::Black => f.write_str("black"),
            }
        }
    }
    ///Positions of line breaks.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum TextWrapMode {
        #[serde(rename = "none")]
        None,
        #[serde(rename = "glyph")]
        Glyph,
        #[serde(rename = "word")]
        Word,
    }
    impl ::std::fmt::Display for TextWrapMode {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::None => f.write_str("none"),
                Self::Glyph => f.write_str("glyph"),
                Self::Word => f.write_str("word"),
            }
        }
    }
    ///A grid of equal tiles, one for each child. The server chooses the number of rows with the largest tiles. Tiles are always static: `top`, `bottom`, `left`, `right` and `rotation` are unknown members (422).
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Tiles {
        ///Color behind the tiles. A color, in one of the forms that `BoxShadow.color` lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub background_color: ::std::option::Option<::std::string::String>,
        ///The components in the tiles, from left to right and from top to bottom. Absent or `null` for an empty grid.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<::std::vec::Vec<Component>>,
        ///Height of the grid, in pixels. Without a height, the parent determines it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        ///Horizontal place of the tiles. The last row is aligned separately.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub horizontal_align: ::std::option::Option<HorizontalAlign>,
        ///ID of the component for transitions. Unique in one output; other outputs may use the same ID. Without an ID, the component has no transitions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Space between tiles and at the edge of the grid, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub margin: ::std::option::Option<f64>,
        ///Space inside each tile, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding: ::std::option::Option<f64>,
        ///Aspect ratio of a tile: width and height as unsigned 32-bit integers, joined by a colon without spaces.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tile_aspect_ratio: ::std::option::Option<::std::string::String>,
        ///Animation from the previous scene of this output. It needs an `id`, and the same `id` and type in both scenes. A transition in the first scene has no effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transition: ::std::option::Option<Transition>,
        #[serde(rename = "type")]
        pub type_: TilesType,
        ///Vertical place of the tiles.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub vertical_align: ::std::option::Option<VerticalAlign>,
        ///Width of the grid, in pixels. Without a width, the parent determines it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Tiles : Serialize
    }
    ///Marks tiles.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum TilesType {
        #[serde(rename = "tiles")]
        Tiles,
    }
    impl ::std::fmt::Display for TilesType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Tiles => f.write_str("tiles"),
            }
        }
    }
    ///An animation between two scenes of one output. Sizes, distances, rotation, border, shadows and padding move; colors, direction, overflow, children and changes of the anchors do not. The server ignores unknown members.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Transition {
        ///Duration in milliseconds. 0 is allowed; a negative duration is a 400.
        pub duration_ms: f64,
        ///Speed of the animation over time.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub easing_function: ::std::option::Option<EasingFunction>,
        ///Whether a new transition replaces a running one. With `false`, the running transition continues with its remaining time.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub should_interrupt: ::std::option::Option<bool>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Transition : Serialize
    }
    ///Time of the removal of an input.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct UnregisterInput {
        ///Time of the removal, in milliseconds from the start of the composition. Absent or `null` means now. Do not send a negative time: the server may fail without a response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
    }
    ///Time of the removal of an output.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct UnregisterOutput {
        ///Time of the removal, in milliseconds from the start of the composition. Absent or `null` means now. Do not send a negative time: the server may fail without a response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
    }
    ///Time of the removal of an image.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct UnregisterRenderer {
        ///Time of the removal, in milliseconds from the start of the composition. Absent or `null` means now. Do not send a negative time: the server may fail without a response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
    }
    ///New scenes of an output. Send exactly the kinds of the output's registration. Other kinds, or neither, are a 400.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct UpdateOutputRequest {
        ///New audio mix. Required for an output with audio, although the schema makes it optional.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<AudioScene>,
        ///Time of the change, in milliseconds from the start of the composition. Absent or `null` means now. Do not send a negative time: the server may fail without a response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
        ///New video scene. Required for an output with video, although the schema makes it optional.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<crate::VideoScene>,
    }
    ///Vertical alignment. The default depends on the component.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum VerticalAlign {
        #[serde(rename = "top")]
        Top,
        #[serde(rename = "center")]
        Center,
        #[serde(rename = "bottom")]
        Bottom,
        #[serde(rename = "justified")]
        Justified,
    }
    impl ::std::fmt::Display for VerticalAlign {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Top => f.write_str("top"),
                Self::Center => f.write_str("center"),
                Self::Bottom => f.write_str("bottom"),
                Self::Justified => f.write_str("justified"),
            }
        }
    }
    ///A box with children. Static children stand side by side in a row, or below each other in a column. Children with a position are absolute: they take no part in the row or column. The server does not check the numbers unless a description states a limit.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct View {
        ///Color of the box. A color, in one of the forms that `BoxShadow.color` lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub background_color: ::std::option::Option<::std::string::String>,
        ///Color of the border. A color, in one of the forms that `BoxShadow.color` lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_color: ::std::option::Option<::std::string::String>,
        ///Radius of the rounded corners, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_radius: ::std::option::Option<f64>,
        ///Width of the border, in pixels.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_width: ::std::option::Option<f64>,
        ///Distance from the bottom edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bottom: ::std::option::Option<f64>,
        ///Shadows of the box. Server default: no shadow.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub box_shadow: ::std::option::Option<::std::vec::Vec<BoxShadow>>,
        ///The components in the box. Absent or `null` for an empty box.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<::std::vec::Vec<Component>>,
        ///Direction in which static children stand.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub direction: ::std::option::Option<ViewDirection>,
        ///Height of the content, in pixels. Border and padding come on top. Without a height, a static view shares the free height of its column, and an absolute view is as high as its parent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        ///ID of the component for transitions. Unique in one output; other outputs may use the same ID. Without an ID, the component has no transitions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Distance from the left edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub left: ::std::option::Option<f64>,
        ///Handling of content that is larger than the box.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub overflow: ::std::option::Option<Overflow>,
        ///Space inside the box on all sides, in pixels. The most specific member applies to a side. A negative result for a side is a 400.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding: ::std::option::Option<f64>,
        ///Space at the bottom, in pixels. Server default: the value of `padding_vertical` or `padding`, which are 0 by default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_bottom: ::std::option::Option<f64>,
        ///Space at the left and the right, in pixels. Server default: the value of `padding`, which is 0 by default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_horizontal: ::std::option::Option<f64>,
        ///Space at the left, in pixels. Server default: the value of `padding_horizontal` or `padding`, which are 0 by default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_left: ::std::option::Option<f64>,
        ///Space at the right, in pixels. Server default: the value of `padding_horizontal` or `padding`, which are 0 by default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_right: ::std::option::Option<f64>,
        ///Space at the top, in pixels. Server default: the value of `padding_vertical` or `padding`, which are 0 by default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_top: ::std::option::Option<f64>,
        ///Space at the top and the bottom, in pixels. Server default: the value of `padding`, which is 0 by default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_vertical: ::std::option::Option<f64>,
        ///Distance from the right edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub right: ::std::option::Option<f64>,
        ///Rotation in degrees. Server default: no rotation. It makes the position absolute, so it also requires one vertical and one horizontal distance. `rotation` alone is a 400.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rotation: ::std::option::Option<f64>,
        ///Distance from the top edge of the parent, in pixels. Makes the position absolute: set exactly one of `top` and `bottom` and exactly one of `left` and `right`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub top: ::std::option::Option<f64>,
        ///Animation from the previous scene of this output. It needs an `id`, and the same `id` and type in both scenes. A transition in the first scene has no effect.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transition: ::std::option::Option<Transition>,
        #[serde(rename = "type")]
        pub type_: ViewType,
        ///Width of the content, in pixels. Border and padding come on top. Without a width, a static view shares the free width of its row, and an absolute view is as wide as its parent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        View : Serialize
    }
    ///Direction of static children in a view.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum ViewDirection {
        #[serde(rename = "row")]
        Row,
        #[serde(rename = "column")]
        Column,
    }
    impl ::std::fmt::Display for ViewDirection {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Row => f.write_str("row"),
                Self::Column => f.write_str("column"),
            }
        }
    }
    ///Marks a view.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug)]
    pub enum ViewType {
        #[serde(rename = "view")]
        View,
    }
    impl ::std::fmt::Display for ViewType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::View => f.write_str("view"),
            }
        }
    }
    ///An input that reads a stream from a WHEP server. The composition's server posts an offer to it during the request.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct WhepInput {
        ///Token that the WHEP endpoint requires. If it is absent or `null`, the server sends no token. It is a secret.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        ///HTTP or HTTPS address of the WHEP endpoint.
        pub endpoint_url: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: WhepInputType,
        ///Whether the input accepts an H.264 video track. With `false`, it accepts only audio.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<bool>,
    }
    ///Marks a WHEP input.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum WhepInputType {
        #[serde(rename = "whep_client")]
        WhepClient,
    }
    impl ::std::fmt::Display for WhepInputType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::WhepClient => f.write_str("whep_client"),
            }
        }
    }
    ///An audio encoder of a WHIP output. The member `type` determines the variant.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum WhipAudioEncoderOptions {
        Opus(WhipAudioEncoderOptionsOpus),
        Any(WhipAudioEncoderOptionsAny),
    }
    impl ::std::convert::From<WhipAudioEncoderOptionsOpus> for WhipAudioEncoderOptions {
        fn from(value: WhipAudioEncoderOptionsOpus) -> Self {
            Self::Opus(value)
        }
    }
    impl ::std::convert::From<WhipAudioEncoderOptionsAny> for WhipAudioEncoderOptions {
        fn from(value: WhipAudioEncoderOptionsAny) -> Self {
            Self::Any(value)
        }
    }
    ///Any encoder that the peer supports.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct WhipAudioEncoderOptionsAny {
        #[serde(rename = "type")]
        pub type_: WhipAudioEncoderOptionsAnyType,
    }
    ///Marks the choice of any encoder.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum WhipAudioEncoderOptionsAnyType {
        #[serde(rename = "any")]
        Any,
    }
    impl ::std::fmt::Display for WhipAudioEncoderOptionsAnyType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Any => f.write_str("any"),
            }
        }
    }
    ///The Opus encoder with its settings.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct WhipAudioEncoderOptionsOpus {
        ///Whether the encoder adds data that repairs lost packets. The documented default is `false`, but WHIP outputs of the engine use `true`. Set the member if it matters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub forward_error_correction: ::std::option::Option<bool>,
        ///Optimization of the encoder.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub preset: ::std::option::Option<OpusEncoderPreset>,
        ///Sample rate in hertz: 8000, 16000, 24000 or 48000. The server does not check the value.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub sample_rate: ::std::option::Option<i32>,
        #[serde(rename = "type")]
        pub type_: WhipAudioEncoderOptionsOpusType,
    }
    ///Marks the options of the Opus encoder.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum WhipAudioEncoderOptionsOpusType {
        #[serde(rename = "opus")]
        Opus,
    }
    impl ::std::fmt::Display for WhipAudioEncoderOptionsOpusType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Opus => f.write_str("opus"),
            }
        }
    }
    ///An input that receives a stream from one publisher over WHIP. The publisher sends its offer to the composition's address followed by `endpoint_route` of the response.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct WhipInput {
        ///Token that the publisher presents. Absent or `null` makes the server create one, which the response contains. It is a secret.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type")]
        pub type_: WhipInputType,
        ///Whether the input accepts an H.264 video track. With `false`, it accepts only audio.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<bool>,
    }
    ///Marks a WHIP input.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum WhipInputType {
        #[serde(rename = "whip_server")]
        WhipServer,
    }
    impl ::std::fmt::Display for WhipInputType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::WhipServer => f.write_str("whip_server"),
            }
        }
    }
    ///An output that publishes to a WHIP server. The composition's server posts an offer to it during the request. Set at least one of `video` and `audio`, because the server rejects an output with neither (400).
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct WhipOutput {
        ///Audio of the output. Absent or `null` for an output without audio.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<OutputWhipAudioOptions>,
        ///Token that the WHIP endpoint requires. Absent or `null` sends none. For a Fishjam livestream, it is a streamer token. It is a secret.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        ///HTTP or HTTPS address of the WHIP endpoint. For a Fishjam livestream, it is `{origin}/api/v1/live/api/whip`. A second output into the same livestream is a 400.
        pub endpoint_url: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: WhipOutputType,
        ///Video of the output. Absent or `null` for an output without video.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<OutputWhipVideoOptions>,
    }
    ///Marks a WHIP output.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum WhipOutputType {
        #[serde(rename = "whip_client")]
        WhipClient,
    }
    impl ::std::fmt::Display for WhipOutputType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::WhipClient => f.write_str("whip_client"),
            }
        }
    }
    tagged_union! {
        Component, "type", "image" => Image, "input_stream" => InputStream, "rescaler" =>
        Rescaler, "text" => Text, "tiles" => Tiles, "view" => View,
    }
    tagged_union! {
        EasingFunction, "function_name", "bounce" => Bounce, "cubic_bezier" =>
        CubicBezier, "linear" => Linear,
    }
}
#[derive(Clone, Debug)]
/**Client for Fishjam Composition API

The API of Fishjam compositions. A composition mixes inputs into outputs on the server. An input is a source of video and audio. An output is a scene that the server renders, encodes and sends to an address.

**Address.** The host serves this API at its origin. Unlike the Fishjam API, no path contains the Fishjam ID. The address of a composition is the origin followed by `/api/composition/{composition_id}`.

**Authentication.** Every operation requires the management token of the Fishjam account as a bearer token. Keep the token on your server.

**Identifying the client.** A caller may send the request header `x-fishjam-api-client` with its name and version joined by a slash, such as `rust-server/1.0.0`. The header is optional and does not change the response.

**State.** No operation reads or lists compositions, inputs, outputs, images or fonts. Store each ID, because a lost ID cannot be found again. The caller chooses the IDs of inputs, outputs and images. Each of these kinds has its own set of IDs in a composition, and an ID is free again after unregistering.

**Idle compositions.** The server deletes a composition after 5 minutes without media. `cleanup_without_inputs` selects the streams that count.

**Time.** `schedule_time_ms` counts milliseconds from the start of the composition. The server responds immediately and carries out the change later. It does not check in advance whether the input or the output exists, and it only logs a failure. Do not send a negative time: the server may fail without a response.

**Long requests.** Registering can take seconds. The server downloads an MP4 file or an image during the request, and it connects to the peer of a WHEP input or of an output. Use long time limits.

**Errors.** An error usually carries an `ApiError` object. A proxy can send an empty body or HTML with any status. Keep the status and decode the body leniently. Treat every 2xx as success. Bodies of commands carry no information.

**Other statuses.** Each operation lists the documented statuses. The server can also return statuses that no list contains. The body of a request that is not valid JSON is a 400. A missing or different content type is a 415. A body that is too large is a 413, or a 400 for a font. An unknown member, a wrong type, a missing member or an unknown variant is a 422. An ID that is already registered is a 409; older servers return 400. A peer that responds with 5xx is a 502. A used-up quota is a 402.

**Closed objects.** The server rejects unknown members of most request objects. The schemas without `additionalProperties` ignore them. Future versions can add members to responses, and a client should accept them there.

**Null.** In requests, an optional member with the value `null` is the same as an absent member. In this document, `nullable` next to `allOf` adds `null` to the values of the referenced schema.

**Endpoints outside this document.** Three endpoints of a composition are not operations of this contract. They are relative to the composition's address. `POST /whip/{input_id}` takes the SDP offer of a publisher, with content type `application/sdp` and the token of the input as bearer token. The response is 201 with an SDP answer and the header `Location`. `POST /whep/{output_id}` is the same for viewers, but no output type of this version has such an endpoint. `GET /ws` is a WebSocket of JSON text frames with the subprotocols `json.fishjam.io` and `bearer.auth.fishjam.io.` followed by the management token. Its frames report the state of inputs and outputs, and the member `type` names the kind. Older versions also had `POST` and `DELETE` on `/room`. To link a room, use the track forwardings of the Fishjam API instead. A link cannot be removed: delete the room or the composition.

Version: 0.31.1*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: crate::RequestFactory,
}
impl Client {
    /// Creates a client whose request paths have this prefix.
    pub(crate) fn new_with_client(baseurl: &str, client: crate::RequestFactory) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
        }
    }
}
#[allow(clippy::all)]
impl Client {
    /**Create a composition

Creates a composition with an ID that the server chooses. Without `autostart: false`, its outputs produce media as soon as they are registered. There is no idempotency key: repeating the request creates a second composition. Delete each composition that you no longer need.

Sends a `POST` request to `/api/composition`

Arguments:
- `body`: Options of the composition. Send an empty object to use the defaults.
*/
    pub fn create_composition<'a>(
        &'a self,
        body: &'a types::CreateCompositionRequest,
    ) -> crate::RequestResult<types::CompositionCreatedResponse> {
        let url = format!("{}/api/composition", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Delete a composition

Deletes a composition permanently. Its inputs and outputs end. Every later request with this ID is a 404.

Sends a `DELETE` request to `/api/composition/{composition_id}`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
*/
    pub fn delete_composition<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Send an event to the templates

Sends an event to every template of the composition. Names and data belong to your application. Without a template, the request has no effect and still succeeds. The documented statuses do not include 422 and 500, but the server can return them.

Sends a `POST` request to `/api/composition/{composition_id}/event`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `body`: Name and data of the event.
*/
    pub fn send_composition_event<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        body: &'a types::SendCompositionEventBody,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}/event", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Register a font

Adds a font to the composition. Text refers to the font by the family name inside the file. A font has no ID, and no operation removes a font. The server does not check the content: a file that is not a font is also a 200. The engine accepts at most 2 MiB by default. The API documents no limit.

Sends a `POST` request to `/api/composition/{composition_id}/font/register`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
*/
    pub fn register_font<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/font/register", self.baseurl, composition_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Register an image

Downloads an image and adds it to the composition under an ID. The server downloads the image during the request. An ID that is already registered is a 409, which no documented status list contains; older servers return 400.

Sends a `POST` request to `/api/composition/{composition_id}/image/{image_id}/register`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `image_id`: ID of the image, chosen by the caller. Scenes refer to it as `image_id`.
- `body`: Type and address of the image.
*/
    pub fn register_image<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        image_id: crate::PathSegment<'a>,
        body: &'a types::ImageSpec,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/image/{}/register", self.baseurl, composition_id,
            image_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Unregister an image

Removes an image, now or at a time of the timeline. A running scene continues to show the image. The next update with the image is a 400.

Sends a `POST` request to `/api/composition/{composition_id}/image/{image_id}/unregister`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `image_id`: ID of the image to remove.
- `body`: Time of the removal. Send an empty object to remove the image now.
*/
    pub fn unregister_image<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        image_id: crate::PathSegment<'a>,
        body: &'a types::UnregisterRenderer,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/image/{}/unregister", self.baseurl, composition_id,
            image_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Register an input

Adds an input to the composition. The response depends on the type of the input. A scene shows the input by its ID, and may contain the ID before the input exists. An MP4 file is downloaded and a WHEP peer is contacted during the request. An ID that is already registered is a 409, which no documented status list contains; older servers return 400. The token, the addresses and the durations in the response cannot be read again.

Sends a `POST` request to `/api/composition/{composition_id}/input/{input_id}/register`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `input_id`: ID of the input, chosen by the caller.
- `body`: Type and settings of the input.
*/
    pub fn register_input<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        input_id: crate::PathSegment<'a>,
        body: &'a types::RegisterInput,
    ) -> crate::RequestResult<types::RegisterInputResponse> {
        let url = format!(
            "{}/api/composition/{}/input/{}/register", self.baseurl, composition_id,
            input_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Unregister an input

Removes an input, now or at a time of the timeline. An input that a scene shows can be removed: the scene then shows nothing in its place.

Sends a `POST` request to `/api/composition/{composition_id}/input/{input_id}/unregister`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `input_id`: ID of the input to remove.
- `body`: Time of the removal. Send an empty object to remove the input now.
*/
    pub fn unregister_input<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        input_id: crate::PathSegment<'a>,
        body: &'a types::UnregisterInput,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/input/{}/unregister", self.baseurl, composition_id,
            input_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Register an output

Adds an output to the composition and connects it to its peer during the request. The output needs video, audio or both. The server connects before it builds the scene, so the peer can see a connection even if the scene is rejected. An ID that is already registered is a 409, which no documented status list contains; older servers return 400.

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/register`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `output_id`: ID of the output, chosen by the caller.
- `body`: Type and settings of the output, with its first scene.
*/
    pub fn register_output<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        output_id: crate::PathSegment<'a>,
        body: &'a types::RegisterOutput,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/output/{}/register", self.baseurl, composition_id,
            output_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Request a keyframe of an output

Makes the encoder of an output produce a keyframe soon. The request has no body.

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/request_keyframe`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `output_id`: ID of an output with video.
*/
    pub fn request_keyframe<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        output_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/output/{}/request_keyframe", self.baseurl,
            composition_id, output_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Register an output with a template

Adds an output whose scene a template renders. A template is one JavaScript module whose default export is a React component. Use this operation instead of `register_output`, not after it. The server requires the `initial` scenes of the configuration and ignores them. An output without `audio` has no audio track, even if the template mixes audio. An ID that is already registered is a 409, which no documented status list contains.

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/template`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `output_id`: ID of the output, chosen by the caller.
*/
    pub fn register_template_output<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        output_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/output/{}/template", self.baseurl, composition_id,
            output_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Unregister an output

Ends and removes an output, now or at a time of the timeline.

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/unregister`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `output_id`: ID of the output to remove.
- `body`: Time of the removal. Send an empty object to remove the output now.
*/
    pub fn unregister_output<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        output_id: crate::PathSegment<'a>,
        body: &'a types::UnregisterOutput,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/output/{}/unregister", self.baseurl, composition_id,
            output_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Change the scene of an output

Replaces the scenes of an output, now or at a time of the timeline. Send exactly the kinds that the output was registered with: `video`, `audio` or both. An older document of this API states that an absent kind stays the same. In fact, the server rejects different kinds with 400, and also a request with neither kind. The server applies the video scene first, and a rejected scene changes nothing. Updates of an output that has ended succeed without an effect.

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/update`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
- `output_id`: ID of the output to change.
- `body`: The new scenes.
*/
    pub fn update_output<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        output_id: crate::PathSegment<'a>,
        body: &'a types::UpdateOutputRequest,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/api/composition/{}/output/{}/update", self.baseurl, composition_id,
            output_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Reset a composition

Removes everything from a composition: inputs, outputs, images, fonts, scheduled changes and the timeline. The composition and its ID stay. Afterwards, the composition is not started, whatever `autostart` was: call `start`. If the server cannot rebuild the composition, every later request is a 500. The request has no body.

Sends a `POST` request to `/api/composition/{composition_id}/reset`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
*/
    pub fn reset<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}/reset", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Start a composition

Starts the outputs and the timeline of a composition that was created with `autostart: false`, or that was reset. Starting a composition again changes nothing and succeeds. The request has no body.

Sends a `POST` request to `/api/composition/{composition_id}/start`

Arguments:
- `composition_id`: ID of the composition, from the response to its creation.
*/
    pub fn start<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}/start", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
