//! Numbers of a scene, made finite.

/// Largest coordinate, size and scale of a layout. Larger numbers are cut, so that no sum or product overflows.
pub(super) const LIMIT: f64 = 1e9;

/// Returns a number within the limit. `NaN` becomes 0.
pub(super) fn finite(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(-LIMIT, LIMIT) }
}

/// Returns an optional number. An absent number is 0.
pub(super) fn number(value: Option<f64>) -> f64 {
    value.map_or(0.0, finite)
}

/// Returns a length. A negative length is 0.
pub(super) fn length(value: f64) -> f64 {
    finite(value).max(0.0)
}
