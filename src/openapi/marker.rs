//! What responses carry to `describe`: what the guards of their operation ask for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::requirement::{Requirement, requirements};
use crate::error::Error;
use crate::guard::Asks;
use crate::user::Who;

/// Its name among the responses of an operation, of a form that OpenAPI leaves to others.
pub(crate) const MARKER: &str = "x-rocket-cognito";

/// What the guards of an operation ask for. All its members are extensions, so that it may pass for a response.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Marker {
    #[serde(rename = "x-security")]
    pub(crate) security: Vec<Requirement>,
    #[serde(rename = "x-people")]
    pub(crate) takes_people: bool,
    #[serde(rename = "x-machines")]
    pub(crate) takes_machines: bool,
}

impl Marker {
    pub(crate) fn new(guards: &[Asks]) -> Self {
        let takes = |other: Who| guards.iter().all(|asks| !asks.is_required() || asks.who() != other);
        Marker {
            security: requirements(guards),
            takes_people: takes(Who::Machine),
            takes_machines: takes(Who::Person),
        }
    }
    /// Without it an operation would pass for a public one, so one that cannot be read is an error.
    pub(crate) fn read(value: Value) -> Result<Self, Error> {
        serde_json::from_value(value)
            .map_err(|error| Error::document_unreadable(&format!("the response `{MARKER}`"), &error))
    }
}
