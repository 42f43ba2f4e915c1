//! Comparison that takes equally long wherever two texts differ.

use aws_lc_rs::constant_time::verify_slices_are_equal;

/// Whether two secrets are equal.
pub(crate) fn same(left: &str, right: &str) -> bool {
    verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}
