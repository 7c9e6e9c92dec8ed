//! The forms of a color.

/// The lower-case names of colors: 148 names of CSS, and `burntsienna`.
const NAMES: &[&str] = &[
    "aliceblue",
    "antiquewhite",
    "aqua",
    "aquamarine",
    "azure",
    "beige",
    "bisque",
    "black",
    "blanchedalmond",
    "blue",
    "blueviolet",
    "brown",
    "burlywood",
    "burntsienna",
    "cadetblue",
    "chartreuse",
    "chocolate",
    "coral",
    "cornflowerblue",
    "cornsilk",
    "crimson",
    "cyan",
    "darkblue",
    "darkcyan",
    "darkgoldenrod",
    "darkgray",
    "darkgreen",
    "darkgrey",
    "darkkhaki",
    "darkmagenta",
    "darkolivegreen",
    "darkorange",
    "darkorchid",
    "darkred",
    "darksalmon",
    "darkseagreen",
    "darkslateblue",
    "darkslategray",
    "darkslategrey",
    "darkturquoise",
    "darkviolet",
    "deeppink",
    "deepskyblue",
    "dimgray",
    "dimgrey",
    "dodgerblue",
    "firebrick",
    "floralwhite",
    "forestgreen",
    "fuchsia",
    "gainsboro",
    "ghostwhite",
    "gold",
    "goldenrod",
    "gray",
    "green",
    "greenyellow",
    "grey",
    "honeydew",
    "hotpink",
    "indianred",
    "indigo",
    "ivory",
    "khaki",
    "lavender",
    "lavenderblush",
    "lawngreen",
    "lemonchiffon",
    "lightblue",
    "lightcoral",
    "lightcyan",
    "lightgoldenrodyellow",
    "lightgray",
    "lightgreen",
    "lightgrey",
    "lightpink",
    "lightsalmon",
    "lightseagreen",
    "lightskyblue",
    "lightslategray",
    "lightslategrey",
    "lightsteelblue",
    "lightyellow",
    "lime",
    "limegreen",
    "linen",
    "magenta",
    "maroon",
    "mediumaquamarine",
    "mediumblue",
    "mediumorchid",
    "mediumpurple",
    "mediumseagreen",
    "mediumslateblue",
    "mediumspringgreen",
    "mediumturquoise",
    "mediumvioletred",
    "midnightblue",
    "mintcream",
    "mistyrose",
    "moccasin",
    "navajowhite",
    "navy",
    "oldlace",
    "olive",
    "olivedrab",
    "orange",
    "orangered",
    "orchid",
    "palegoldenrod",
    "palegreen",
    "paleturquoise",
    "palevioletred",
    "papayawhip",
    "peachpuff",
    "peru",
    "pink",
    "plum",
    "powderblue",
    "purple",
    "rebeccapurple",
    "red",
    "rosybrown",
    "royalblue",
    "saddlebrown",
    "salmon",
    "sandybrown",
    "seagreen",
    "seashell",
    "sienna",
    "silver",
    "skyblue",
    "slateblue",
    "slategray",
    "slategrey",
    "snow",
    "springgreen",
    "steelblue",
    "tan",
    "teal",
    "thistle",
    "tomato",
    "turquoise",
    "violet",
    "wheat",
    "white",
    "whitesmoke",
    "yellow",
    "yellowgreen",
];

/// Returns `true` if the server can read the color. It ignores surrounding spaces.
pub(super) fn is_color(text: &str) -> bool {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('#') {
        return matches!(digits.len(), 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(parts) = arguments(text, "rgb(") {
        return matches!(parts[..], [red, green, blue] if [red, green, blue].into_iter().all(is_channel));
    }
    if let Some(parts) = arguments(text, "rgba(") {
        let [red, green, blue, alpha] = parts[..] else { return false };
        return [red, green, blue].into_iter().all(is_channel) && is_alpha(alpha);
    }
    NAMES.binary_search(&text).is_ok()
}

/// Returns the parts between commas of `name(...)`.
fn arguments<'a>(text: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let inner = text.strip_prefix(name)?.strip_suffix(')')?;
    Some(inner.split(',').collect())
}

fn is_channel(text: &str) -> bool {
    text.trim().parse::<u8>().is_ok()
}

/// Returns `true` for a number from 0 to 1. Unlike the other parts, it has no spaces around it.
fn is_alpha(text: &str) -> bool {
    text.parse::<f32>().is_ok_and(|alpha| (0.0..=1.0).contains(&alpha))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_complete() {
        assert!(NAMES.is_sorted());
        assert_eq!(NAMES.len(), 149);
        assert!(NAMES.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase())));
        assert!(NAMES.iter().all(|name| is_color(name)));
    }

    #[test]
    fn color_is_read_in_each_form() {
        for text in [
            "#000000",
            "#abcdef",
            "#ABCDEF",
            "#aBcDeF09",
            " \t#010203 ",
            "rgb(0,0,0)",
            "rgb(255,255,255)",
            "rgb( 1 , 2 , 3 )",
            "rgb(007,1,1)",
            "rgba(0,0,0,0)",
            "rgba(0,0,0,1)",
            "rgba(0,0,0,1.0)",
            "rgba( 1 , 2 , 3 ,0.5)",
            "rgba(0,0,0,.5)",
            "rgba(0,0,0,5e-1)",
            " rgba(0,0,0,0.25) ",
            "red",
            " red ",
            "aliceblue",
            "yellowgreen",
            "lightgoldenrodyellow",
            "grey",
            "gray",
            "rebeccapurple",
            "burntsienna",
        ] {
            assert!(is_color(text), "{text}");
        }
    }

    #[test]
    fn color_is_rejected_in_other_forms() {
        for text in [
            "",
            " ",
            "#",
            "#fff",
            "#ffff",
            "#fffff",
            "#fffffff",
            "#fffffffff",
            "#00000g",
            "#+1+2+3",
            "# 010203",
            "#ééé",
            "010203",
            "0x010203",
            "rgb()",
            "rgb(1,2)",
            "rgb(1,2,3,4)",
            "rgb(1,2,)",
            "rgb(1,,3)",
            "rgb(256,0,0)",
            "rgb(0,0,256)",
            "rgb(-1,0,0)",
            "rgb(1.0,0,0)",
            "rgb(10%,0,0)",
            "rgb(1 2 3)",
            "rgb (1,2,3)",
            "rgb(1,2,3",
            "rgb1,2,3)",
            "RGB(1,2,3)",
            "rgb(1,2,3))",
            "rgba(1,2,3)",
            "rgba(0,0,0,2)",
            "rgba(0,0,0,1.1)",
            "rgba(0,0,0,-0.1)",
            "rgba(0,0,0,nan)",
            "rgba(0,0,0,inf)",
            "rgba(0,0,0, 0.5)",
            "rgba(0,0,0,0.5 )",
            "rgba(0,0,0,)",
            "rgba(0,0,0,50%)",
            "rgba(256,0,0,0.5)",
            "rgba(0,0,0,0.5,0)",
            "Red",
            "RED",
            "transparent",
            "currentcolor",
            "hsl(0,0%,0%)",
            "dark red",
            "reds",
        ] {
            assert!(!is_color(text), "{text}");
        }
    }
}
