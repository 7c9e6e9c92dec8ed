//! The ticks and the ranges of the axes.

use plotters::coord::ranged1d::{Ranged, ValueFormatter};

use crate::bench::axis::Axis;

fn labels(axis: &Axis) -> Vec<String> {
    axis.ticks.iter().map(Axis::format).collect()
}

fn contains(axis: &Axis, value: f64) -> bool {
    (1..1000).contains(&axis.map(&value, (0, 1000)))
}

#[test]
fn sizes_have_ticks_that_do_not_overlap() {
    for (sizes, expected) in [
        (&[1.0, 4.0, 16.0, 1000.0][..], &["1", "4", "16", "1,000"][..]),
        (&[100_000.0, 100.0, 120.0], &["100", "100,000"]),
        (&[7.0], &["7"]),
    ] {
        let axis = Axis::of_sizes(sizes.iter().copied());
        assert_eq!(labels(&axis), expected);
        assert!(sizes.iter().all(|size| contains(&axis, *size)), "{sizes:?}");
    }
}

#[test]
fn equal_factors_of_sizes_have_equal_distances() {
    let axis = Axis::of_sizes([1.0, 100.0, 10_000.0]);
    let [first, second, third] = [1.0, 100.0, 10_000.0].map(|size| axis.map(&size, (0, 1000)));
    assert_eq!(second - first, third - second);
}

#[test]
fn costs_start_at_0_within_a_factor_of_30() {
    for (costs, expected) in [
        (&[12.0, 60.0][..], &["0", "10", "20", "30", "40", "50", "60"][..]),
        (&[0.2, 0.31], &["0", "0.1", "0.2", "0.3"]),
        (&[100.0, 3000.0], &["0", "500", "1,000", "1,500", "2,000", "2,500", "3,000"]),
        (&[0.0, 4000.0], &["0", "1,000", "2,000", "3,000", "4,000"]),
        (&[0.0], &["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ] {
        let axis = Axis::of_costs(costs.iter().copied());
        assert_eq!(labels(&axis), expected);
        // Pixels count from the top.
        assert_eq!(axis.map(&0.0, (300, 0)), 300);
        assert!(costs.iter().all(|cost| *cost == 0.0 || contains(&axis, *cost)), "{costs:?}");
    }
}

#[test]
fn costs_are_logarithmic_over_a_factor_of_30() {
    for (costs, expected) in [
        (&[12.0, 2131.0][..], &["10", "20", "50", "100", "200", "500", "1,000", "2,000"][..]),
        (&[0.011, 0.4], &["0.01", "0.02", "0.05", "0.1", "0.2", "0.5"]),
        (&[1.0, 20_000.0], &["1", "10", "100", "1,000", "10,000"]),
    ] {
        let axis = Axis::of_costs(costs.iter().copied());
        assert_eq!(labels(&axis), expected);
        assert!(costs.iter().all(|cost| contains(&axis, *cost)), "{costs:?}");
    }
}
