//! Figures of many measurements.

/// The middle one.
pub fn median(samples: &[f64]) -> f64 {
    share(samples, 0.5)
}

/// The one that this share of all does not exceed.
pub fn share(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() as f64 * share) as usize).or(sorted.last()).copied().unwrap_or(f64::NAN)
}
