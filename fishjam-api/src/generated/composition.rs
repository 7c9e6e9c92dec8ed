/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///`AudioChannels`
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
    ///`AudioMixingStrategy`
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
    ///`AudioScene`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct AudioScene {
        pub inputs: ::std::vec::Vec<AudioSceneInput>,
    }
    ///`AudioSceneInput`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct AudioSceneInput {
        pub input_id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub volume: ::std::option::Option<f64>,
    }
    ///`BoxShadow`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct BoxShadow {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub blur_radius: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub offset_x: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub offset_y: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        BoxShadow : Serialize
    }
    ///`Component`
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
    ///`CompositionCreatedResponse`
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct CompositionCreatedResponse {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub api_url: ::std::option::Option<::std::string::String>,
        pub composition_id: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        CompositionCreatedResponse
    }
    ///`CreateCompositionRequest`
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct CreateCompositionRequest {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub autostart: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cleanup_without_inputs: ::std::option::Option<bool>,
    }
    ///`EasingFunction`
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
    ///`EasingFunctionBounce`
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
    ///`EasingFunctionBounceFunctionName`
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
    ///`EasingFunctionCubicBezier`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct EasingFunctionCubicBezier {
        pub function_name: EasingFunctionCubicBezierFunctionName,
        pub points: [f64; 4usize],
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        EasingFunctionCubicBezier : Serialize
    }
    ///`EasingFunctionCubicBezierFunctionName`
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
    ///`EasingFunctionLinear`
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
    ///`EasingFunctionLinearFunctionName`
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
    ///`HorizontalAlign`
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
    ///`Image`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Image {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        pub image_id: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: ImageType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Image : Serialize
    }
    ///`ImageSpec`
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
    ///`ImageSpecAuto`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecAuto {
        pub asset_type: ImageSpecAutoAssetType,
        pub url: ::std::string::String,
    }
    ///`ImageSpecAutoAssetType`
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
    ///`ImageSpecGif`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecGif {
        pub asset_type: ImageSpecGifAssetType,
        pub url: ::std::string::String,
    }
    ///`ImageSpecGifAssetType`
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
    ///`ImageSpecJpeg`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecJpeg {
        pub asset_type: ImageSpecJpegAssetType,
        pub url: ::std::string::String,
    }
    ///`ImageSpecJpegAssetType`
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
    ///`ImageSpecPng`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecPng {
        pub asset_type: ImageSpecPngAssetType,
        pub url: ::std::string::String,
    }
    ///`ImageSpecPngAssetType`
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
    ///`ImageSpecSvg`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ImageSpecSvg {
        pub asset_type: ImageSpecSvgAssetType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resolution: ::std::option::Option<Resolution>,
        pub url: ::std::string::String,
    }
    ///`ImageSpecSvgAssetType`
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
    ///`ImageType`
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
    ///`InputStream`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct InputStream {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
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
    ///`InputStreamType`
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
    ///`Mp4Input`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct Mp4Input {
        #[serde(rename = "loop", skip_serializing_if = "::std::option::Option::is_none")]
        pub loop_: ::std::option::Option<bool>,
        #[serde(rename = "type")]
        pub type_: Mp4InputType,
        pub url: ::std::string::String,
    }
    ///`Mp4InputType`
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
    ///`OpusEncoderPreset`
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
    ///`OutputEndCondition`
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct OutputEndCondition {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub all_inputs: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub all_of: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub any_input: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub any_of: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    ///`OutputRtmpClientAudioOptions`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputRtmpClientAudioOptions {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub channels: ::std::option::Option<AudioChannels>,
        pub initial: AudioScene,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mixing_strategy: ::std::option::Option<AudioMixingStrategy>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///`OutputRtmpClientVideoOptions`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputRtmpClientVideoOptions {
        pub initial: crate::VideoScene,
        pub resolution: Resolution,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///`OutputWhipAudioOptions`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputWhipAudioOptions {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub channels: ::std::option::Option<AudioChannels>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub encoder_preferences: ::std::option::Option<
            ::std::vec::Vec<WhipAudioEncoderOptions>,
        >,
        pub initial: AudioScene,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mixing_strategy: ::std::option::Option<AudioMixingStrategy>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///`OutputWhipVideoOptions`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct OutputWhipVideoOptions {
        pub initial: crate::VideoScene,
        pub resolution: Resolution,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub send_eos_when: ::std::option::Option<OutputEndCondition>,
    }
    ///`Overflow`
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
    ///`RegisterInput`
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
    ///`RegisterInputResponse`
    #[derive(::serde::Deserialize, Clone, Debug, Default)]
    #[serde(remote = "Self")]
    pub struct RegisterInputResponse {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio_duration_ms: ::std::option::Option<i64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub endpoint_route: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub publish_url: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video_duration_ms: ::std::option::Option<i64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        RegisterInputResponse
    }
    ///`RegisterOutput`
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
    ///`RescaleMode`
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
    ///`Rescaler`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Rescaler {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_radius: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_width: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bottom: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub box_shadow: ::std::option::Option<::std::vec::Vec<BoxShadow>>,
        pub child: ::std::boxed::Box<Component>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub horizontal_align: ::std::option::Option<HorizontalAlign>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub left: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mode: ::std::option::Option<RescaleMode>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub right: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rotation: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub top: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transition: ::std::option::Option<Transition>,
        #[serde(rename = "type")]
        pub type_: RescalerType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub vertical_align: ::std::option::Option<VerticalAlign>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Rescaler : Serialize
    }
    ///`RescalerType`
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
    ///`Resolution`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct Resolution {
        pub height: u64,
        pub width: u64,
    }
    ///`RtmpInput`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RtmpInput {
        pub stream_key: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: RtmpInputType,
    }
    ///`RtmpInputType`
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
    ///`RtmpOutput`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RtmpOutput {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<OutputRtmpClientAudioOptions>,
        #[serde(rename = "type")]
        pub type_: RtmpOutputType,
        pub url: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<OutputRtmpClientVideoOptions>,
    }
    ///`RtmpOutputType`
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
    ///`SendCompositionEventBody`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct SendCompositionEventBody {
        ///Any JSON value.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<::serde_json::Value>,
        pub event_name: ::std::string::String,
    }
    ///`Text`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Text {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub align: ::std::option::Option<HorizontalAlign>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub background_color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub font_family: ::std::option::Option<::std::string::String>,
        pub font_size: f64,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub line_height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub max_height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub max_width: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub style: ::std::option::Option<TextStyle>,
        pub text: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: TextType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub weight: ::std::option::Option<TextWeight>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub wrap: ::std::option::Option<TextWrapMode>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Text : Serialize
    }
    ///`TextStyle`
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
    ///`TextType`
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
    ///`TextWeight`
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
    ///`TextWrapMode`
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
    ///`Tiles`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct Tiles {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub background_color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<::std::vec::Vec<Component>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub horizontal_align: ::std::option::Option<HorizontalAlign>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub margin: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tile_aspect_ratio: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transition: ::std::option::Option<Transition>,
        #[serde(rename = "type")]
        pub type_: TilesType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub vertical_align: ::std::option::Option<VerticalAlign>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Tiles : Serialize
    }
    ///`TilesType`
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
    ///`Transition`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Transition {
        pub duration_ms: f64,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub easing_function: ::std::option::Option<EasingFunction>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub should_interrupt: ::std::option::Option<bool>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Transition : Serialize
    }
    ///`UnregisterInput`
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct UnregisterInput {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
    }
    ///`UnregisterOutput`
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct UnregisterOutput {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
    }
    ///`UnregisterRenderer`
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct UnregisterRenderer {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
    }
    ///`UpdateOutputRequest`
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct UpdateOutputRequest {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<AudioScene>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schedule_time_ms: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<crate::VideoScene>,
    }
    ///`VerticalAlign`
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
    ///`View`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    #[serde(remote = "Self")]
    pub struct View {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub background_color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_color: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_radius: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub border_width: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bottom: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub box_shadow: ::std::option::Option<::std::vec::Vec<BoxShadow>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<::std::vec::Vec<Component>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub direction: ::std::option::Option<ViewDirection>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub height: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub left: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub overflow: ::std::option::Option<Overflow>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_bottom: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_horizontal: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_left: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_right: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_top: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub padding_vertical: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub right: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rotation: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub top: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transition: ::std::option::Option<Transition>,
        #[serde(rename = "type")]
        pub type_: ViewType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub width: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        View : Serialize
    }
    ///`ViewDirection`
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
    ///`ViewType`
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
    ///`WhepInput`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct WhepInput {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        pub endpoint_url: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: WhepInputType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<bool>,
    }
    ///`WhepInputType`
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
    ///`WhipAudioEncoderOptions`
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
    ///`WhipAudioEncoderOptionsAny`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct WhipAudioEncoderOptionsAny {
        #[serde(rename = "type")]
        pub type_: WhipAudioEncoderOptionsAnyType,
    }
    ///`WhipAudioEncoderOptionsAnyType`
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
    ///`WhipAudioEncoderOptionsOpus`
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct WhipAudioEncoderOptionsOpus {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub forward_error_correction: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub preset: ::std::option::Option<OpusEncoderPreset>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub sample_rate: ::std::option::Option<i32>,
        #[serde(rename = "type")]
        pub type_: WhipAudioEncoderOptionsOpusType,
    }
    ///`WhipAudioEncoderOptionsOpusType`
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
    ///`WhipInput`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct WhipInput {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type")]
        pub type_: WhipInputType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<bool>,
    }
    ///`WhipInputType`
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
    ///`WhipOutput`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct WhipOutput {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<OutputWhipAudioOptions>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bearer_token: ::std::option::Option<::std::string::String>,
        pub endpoint_url: ::std::string::String,
        #[serde(rename = "type")]
        pub type_: WhipOutputType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub video: ::std::option::Option<OutputWhipVideoOptions>,
    }
    ///`WhipOutputType`
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

The server API of Fishjam compositions, which mix video and audio on the server.

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
    /**Create composition

Sends a `POST` request to `/api/composition`

*/
    pub fn create_composition<'a>(
        &'a self,
        body: &'a types::CreateCompositionRequest,
    ) -> crate::RequestResult<types::CompositionCreatedResponse> {
        let url = format!("{}/api/composition", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Delete composition

Sends a `DELETE` request to `/api/composition/{composition_id}`

*/
    pub fn delete_composition<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Send composition event

Sends a `POST` request to `/api/composition/{composition_id}/event`

*/
    pub fn send_composition_event<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
        body: &'a types::SendCompositionEventBody,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}/event", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Register font

Sends a `POST` request to `/api/composition/{composition_id}/font/register`

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
    /**Register image

Sends a `POST` request to `/api/composition/{composition_id}/image/{image_id}/register`

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
    /**Unregister image

Sends a `POST` request to `/api/composition/{composition_id}/image/{image_id}/unregister`

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
    /**Register input

Sends a `POST` request to `/api/composition/{composition_id}/input/{input_id}/register`

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
    /**Unregister input

Sends a `POST` request to `/api/composition/{composition_id}/input/{input_id}/unregister`

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
    /**Register output

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/register`

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
    /**Request keyframe

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/request_keyframe`

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
    /**Register template output

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/template`

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
    /**Unregister output

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/unregister`

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
    /**Update output

Sends a `POST` request to `/api/composition/{composition_id}/output/{output_id}/update`

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
    /**Reset

Sends a `POST` request to `/api/composition/{composition_id}/reset`

*/
    pub fn reset<'a>(
        &'a self,
        composition_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/api/composition/{}/reset", self.baseurl, composition_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Start

Sends a `POST` request to `/api/composition/{composition_id}/start`

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
