//! The rules of transitions and of times.

use std::time::Duration;

use super::node::Node;
use crate::refusal::Refusal;

/// Checks the member `transition` of a component.
pub(super) fn check(component: &Node<'_>) -> Result<(), Refusal> {
    let Some(transition) = component.member("transition") else { return Ok(()) };
    check_time(&transition, "duration_ms")?;
    let Some(easing) = transition.member("easing_function") else { return Ok(()) };
    let Some(points) = easing.member("points").filter(|_| easing.text("function_name") == Some("cubic_bezier")) else {
        return Ok(());
    };
    // The points are x1, y1, x2, y2. Only x is limited.
    for x in points.items().step_by(2) {
        if !x.value().as_f64().is_some_and(|x| (0.0..=1.0).contains(&x)) {
            return Err(x.malformed("x must be from 0 to 1"));
        }
    }
    Ok(())
}

/// Checks a member in milliseconds, if it is present. The server stores it as a duration.
pub(super) fn check_time(node: &Node<'_>, name: &str) -> Result<(), Refusal> {
    let (Some(milliseconds), Some(time)) = (node.double(name), node.member(name)) else { return Ok(()) };
    // The division turns the smallest negative numbers into 0.
    match Duration::try_from_secs_f64(milliseconds / 1000.0) {
        Ok(_) if milliseconds >= 0.0 => Ok(()),
        _ => Err(time.malformed("expected a time that is not negative and fits a duration")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verdict(transition: Value) -> String {
        let component = json!({ "transition": transition });
        check(&Node::body(&component)).map_or_else(|refusal| format!("{:?}", refusal.errors), |()| String::new())
    }

    #[test]
    fn duration_is_from_zero_to_the_largest() {
        for milliseconds in [json!(0), json!(-0.0), json!(0.001), json!(300), json!(1.8e22)] {
            assert_eq!(verdict(json!({ "duration_ms": milliseconds })), "", "{milliseconds}");
        }
        for milliseconds in
            [json!(-1), json!(-0.001), json!(-1e-300), json!(-5e-324), json!(1.9e22), json!(1e300), json!(-1e300)]
        {
            let error = verdict(json!({ "duration_ms": milliseconds }));
            assert!(error.contains("transition.duration_ms: "), "{milliseconds} {error}");
        }
    }

    #[test]
    fn bezier_limits_x_only() {
        let bezier = |points: [f64; 4]| {
            verdict(
                json!({ "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": points } }),
            )
        };
        for points in [[0.0, 0.0, 1.0, 1.0], [1.0, -9.0, 0.0, 1e300], [0.5, 2.0, 0.5, -2.0]] {
            assert_eq!(bezier(points), "", "{points:?}");
        }
        for (points, index) in [
            ([-0.1, 0.0, 1.0, 1.0], 0),
            ([1.1, 0.0, 1.0, 1.0], 0),
            ([0.0, 0.0, -1e-9, 1.0], 2),
            ([0.0, 0.0, 1.1, 1.0], 2),
            ([2.0, 0.0, 2.0, 1.0], 0),
        ] {
            let error = bezier(points);
            assert!(error.contains(&format!("transition.easing_function.points[{index}]: ")), "{points:?} {error}");
        }
    }

    #[test]
    fn points_of_another_function_are_ignored() {
        let easing = json!({ "function_name": "linear", "points": [9, 9, 9, 9] });
        assert_eq!(verdict(json!({ "duration_ms": 1, "easing_function": easing })), "");
    }

    #[test]
    fn duration_is_checked_before_the_easing() {
        let easing = json!({ "function_name": "cubic_bezier", "points": [9, 9, 9, 9] });
        let error = verdict(json!({ "duration_ms": -1, "easing_function": easing }));
        assert!(error.contains("duration_ms"), "{error}");
    }

    #[test]
    fn transition_can_be_absent() {
        assert_eq!(verdict(Value::Null), "");
    }
}
