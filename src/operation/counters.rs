//! What an app has counted since its launch.

use std::fmt;

use rocket::http::{ContentType, MediaType};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result as ResponseResult};

use super::families::families;
use super::family::{Family, Sample};
use crate::app::App;

/// What stands before all names.
const PREFIX: &str = "rocket_cognito_";

/// What an app has counted since its launch: a snapshot, with [fixed names and labels](super#all-counters).
///
/// This guard refuses nobody, and the numbers are not for visitors: put another guard before it, or serve the numbers on a
/// second port by [`Monitor`](super::Monitor). Its `Display` is the text format of Prometheus, and so is
/// the answer of a route that returns it.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::operation::Counters;
/// use rocket_cognito::policy::{Scope, Scopes};
/// use rocket_cognito::{Authorized, Machine};
///
/// struct ReadMetrics;
/// impl Scope for ReadMetrics { const NAME: &'static str = "ops/metrics.read"; }
///
/// #[get("/metrics")]
/// fn metrics(_by: Authorized<Scopes<(ReadMetrics,)>, Machine>, counters: Counters) -> Counters {
///     counters
/// }
/// ```
///
/// Source of the format: Prometheus' documentation, "Exposition formats", version 0.0.4.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters {
    families: Vec<Family>,
}

impl Counters {
    /// The content type of the text.
    pub const CONTENT_TYPE: ContentType =
        ContentType(MediaType::const_new("text", "plain", &[("version", "0.0.4"), ("charset", "utf-8")]));

    pub(super) fn new(app: &App) -> Self {
        Counters { families: families(app) }
    }

    /// All counters, in the order of [their table](super#all-counters): what an adapter to another system goes through.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// One number, by its name, with or without `rocket_cognito_` before it, and all its labels in any order. `None` where
    /// there is no such number.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::operation::Counters;
    ///
    /// fn refused_for_their_group(counters: &Counters) -> Option<f64> {
    ///     counters.get("refusals_total", &[("code", "rule_not_met")])
    /// }
    /// ```
    #[must_use]
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let name = name.strip_prefix(PREFIX).unwrap_or(name);
        let is_it =
            |sample: &&Sample| sample.name().strip_prefix(PREFIX) == Some(name) && sample.has_labels(labels);
        self.families.iter().flat_map(Family::samples).find(is_it).map(Sample::value)
    }
}

/// The text format of Prometheus.
impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.families.iter().try_for_each(|family| family.fmt(f))
    }
}

/// 200, as text for Prometheus, which no cache stores.
impl<'r> Responder<'r, 'static> for Counters {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        Response::build_from(self.to_string().respond_to(request)?)
            .header(Counters::CONTENT_TYPE)
            .raw_header("Cache-Control", "no-store")
            .ok()
    }
}
