//! Each member of each object with each odd value: the SDK rejects exactly the bodies that the emulator rejects.

use fishjam_sdk::composition::{AudioMix, Scene};
use serde_json::Value;

use super::{emulator_refuses, mutation::NAMES};

/// The names of members that `NAMES` does not have.
const MORE_NAMES: &[&str] = &["padding_horizontal", "padding_right", "padding_bottom", "padding_left", "instance_id"];

/// Values at the limits of types and rules. Some are text, so that numbers keep their form.
const VALUES: &[&str] = &[
    "null",
    "true",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[{}]",
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "2",
    "2.0000001",
    "2.00000013",
    "-5e-324",
    "5e-324",
    "-1e-46",
    "-1e-45",
    "7e-46",
    "8e-46",
    "1e-45",
    "3.5e38",
    "1e39",
    "-1e39",
    "1.7e308",
    "-1.7e308",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1.8446744073709551e22",
    "1.8446744073709552e22",
    "1e400",
    r#""""#,
    r#""1""#,
    r#""red""#,
    r#""\tred\n""#,
    r#""\u00a0red\u3000""#,
    r#""r\u0065d""#,
    r#""red\u0000""#,
    r##""#0102030""##,
    r##""#010203ff0""##,
    r##""#-10203""##,
    r#""rgb(\t1,2\u00a0,3)""#,
    r#""rgb(1,2,3,)""#,
    r#""rgb(1,2,3);""#,
    r#""rgba(1,2,3,-0)""#,
    r#""rgba(1,2,3,1.00000001)""#,
    r#""rgba(1,2,3,1.0000001)""#,
    r#""rgba(1,2,3,\t1)""#,
    r#""rgba(1,2,3,-1e-60)""#,
    r#""rgba(1,2,3,1_0)""#,
    r#""rgba(1,2,3,infinity)""#,
    r#""rgba(1,2,3)""#,
    r#""rgba()""#,
    r#""00:00""#,
    r#""+1:+1""#,
    r#""-0:1""#,
    r#""1:1\n""#,
    r#""\u0661:1""#,
    r#""left""#,
    r#""top""#,
    r#""none""#,
    r#""normal""#,
    r#""medium""#,
    r#""column""#,
    r#""fill""#,
    r#""hidden""#,
    r#""Hidden""#,
    r#""view""#,
    r#""image""#,
    r#""linear""#,
    r#""cubic_bezier""#,
    r#"[0,-5e-324,1,1e308]"#,
    r#"[-5e-324,0,1,1]"#,
    r#"[0,0,1.0000000000000002,1]"#,
    r#"[0,0,1.00000000000000001,1]"#,
    r#"[0,0,1,1,null]"#,
    r#"[0,0,1,"1"]"#,
    r#"{"type":"view"}"#,
    r#"[{"type":"view"},{"type":"tiles"}]"#,
    r#"{"type":"view","type":"shader"}"#,
    r#"{"type":"shader","type":"view"}"#,
    r#"[{"type":"view","id":"same"}]"#,
    r#"{"duration_ms":1}"#,
    r#"{"duration_ms":0,"easing_function":{"function_name":"bounce","points":null}}"#,
    r#"{"function_name":"linear","type":1}"#,
    r#"{"function_name":"cubic_bezier","points":[0,0,1,1]}"#,
    r#"[{"color":null,"blur_radius":-0.0}]"#,
    r#"[{"input_id":"a"}]"#,
    r#"[{"input_id":""}]"#,
];

/// Returns scenes with `@`, which a member replaces.
fn scenes() -> Vec<String> {
    let components = [
        r#"{"type":"input_stream","input_id":"a"@}"#,
        r#"{"type":"image","image_id":"a"@}"#,
        r#"{"type":"text","text":"a","font_size":1@}"#,
        r#"{"type":"text","text":"a","font_size":1,"width":1@}"#,
        r#"{"type":"view"@}"#,
        r#"{"type":"view","top":1,"left":1@}"#,
        r#"{"type":"view","padding":-1,"padding_vertical":1@}"#,
        r#"{"type":"tiles"@}"#,
        r#"{"type":"rescaler","child":{"type":"view"}@}"#,
        r#"{"type":"rescaler","child":{"type":"view"},"bottom":1,"right":1@}"#,
        r#"{"type":"view","box_shadow":[{"color":"red"},{"offset_x":1@}]}"#,
        r#"{"type":"tiles","transition":{"duration_ms":1@}}"#,
        r#"{"type":"view","transition":{"duration_ms":1,"easing_function":{"function_name":"linear"@}}}"#,
        r#"{"type":"rescaler","child":{"type":"view"},"transition":{"duration_ms":1,"easing_function":{"function_name":"cubic_bezier","points":[0,0,1,1]@}}}"#,
    ];
    let outer = r#"{"root":{"type":"view","id":"same","children":[#]}}"#;
    let mut scenes: Vec<_> = components.iter().map(|component| outer.replace('#', component)).collect();
    scenes.push(r#"{"root":{"type":"view"}@}"#.to_owned());
    scenes
}

/// Compares the verdicts for a body with each member. Returns the numbers of accepted and refused bodies.
fn compare(kind: &str, body: &str, accepts: impl Fn(&str) -> bool) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    for name in NAMES.iter().chain(MORE_NAMES) {
        for value in VALUES {
            let json = body.replace('@', &format!(r#","{name}":{value}"#));
            let expected = match serde_json::from_str::<Value>(&json) {
                Ok(value) => emulator_refuses(kind, &value).is_none(),
                Err(_) => false,
            };
            assert_eq!(accepts(&json), expected, "{json}");
            *(if expected { &mut accepted } else { &mut refused }) += 1;
        }
    }
    (accepted, refused)
}

#[test]
fn verdicts_on_each_member_are_equal() {
    let accepts = |json: &str| Scene::from_json(json).is_ok();
    let mut all = (0, 0);
    for scene in scenes() {
        let (accepted, refused) = compare("video", &scene, accepts);
        all = (all.0 + accepted, all.1 + refused);
    }
    assert!(all.0 > 3_000 && all.1 > 30_000, "{all:?}");
}

#[test]
fn verdicts_on_each_member_of_a_mix_are_equal() {
    let accepts = |json: &str| AudioMix::from_json(json).is_ok();
    let mut all = (0, 0);
    for mix in [r#"{"inputs":[{"input_id":"a"@}]}"#, r#"{"inputs":[]@}"#] {
        let (accepted, refused) = compare("audio", mix, accepts);
        all = (all.0 + accepted, all.1 + refused);
    }
    assert!(all.0 > 50 && all.1 > 5_000, "{all:?}");
}
