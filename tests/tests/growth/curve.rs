//! The figures of a table.

use crate::bench::curve::{figure, grouped};

#[test]
fn figure_has_three_digits() {
    for (value, text) in [
        (0.0123, "0.012"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (123.4, "123"),
        (1234.5, "1,234"),
        (1_143_000.0, "1,143,000"),
    ] {
        assert_eq!(figure(value), text);
    }
}

#[test]
fn grouped_puts_commas_between_thousands() {
    for (number, text) in [("1", "1"), ("100", "100"), ("65536", "65,536"), ("123456.789", "123,456.789")] {
        assert_eq!(grouped(number), text);
    }
}
