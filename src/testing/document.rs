//! An OpenAPI document as a test reads it: its operations, with what each asks for.

use std::collections::{BTreeMap, BTreeSet};

use rocket::http::RawStr;
use serde_json::{Map, Value};

use super::credential_names::CredentialNames;
use crate::openapi::{Requirement, Scheme};

/// The methods that a path of a document may have (OpenAPI 3.1, "Path Item Object"), and as HTTP has them.
const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
];

/// A path, whatever its parameters are called.
pub(super) type Place = Vec<Segment>;

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Text(String),
    /// A parameter, of whatever name. The last may stand for several.
    Dynamic,
}

/// An operation, and what it asks for.
pub(super) struct Operation {
    pub(super) method: &'static str,
    /// Its path as the document has it.
    pub(super) path: String,
    /// Where it may be found: below the base of a server, or where a proxy strips that.
    pub(super) places: Vec<Place>,
    /// The ways to get in, by the schemes of this crate. An empty one where nothing is required.
    pub(super) security: BTreeSet<Requirement>,
    /// Schemes that are none of this crate's.
    pub(super) foreign: Vec<String>,
}

/// A document of any generator.
pub(super) struct Document<'d> {
    value: &'d Value,
    /// Its security schemes, by their names, as those of this crate.
    schemes: BTreeMap<&'d str, Scheme>,
}

impl<'d> Document<'d> {
    pub(super) fn new(value: &'d Value, app: Option<&CredentialNames>) -> Self {
        let schemes = members(value.pointer("/components/securitySchemes"));
        let schemes =
            schemes.filter_map(|(name, scheme)| Some((name.as_str(), app?.scheme_of(scheme)?))).collect();
        Document { value, schemes }
    }

    /// The schemes that the document knows.
    pub(super) fn schemes(&self) -> BTreeSet<Scheme> {
        self.schemes.values().copied().collect()
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        let paths = members(self.value.get("paths")).map(|(path, item)| (path, self.followed(item)));
        let operations = paths.flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter_map(move |(name, method)| Some(self.operation(method, path, item, item.get(*name)?)))
        });
        operations.collect()
    }

    /// What a `$ref` within the document leads to.
    fn followed(&self, item: &'d Value) -> &'d Value {
        let pointer = item.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        pointer.and_then(|pointer| self.value.pointer(pointer)).unwrap_or(item)
    }

    fn operation(&self, method: &'static str, path: &str, item: &Value, operation: &Value) -> Operation {
        let lists = [operation, item, self.value].map(|place| place.get("servers").and_then(Value::as_array));
        let servers = lists.into_iter().flatten().next().into_iter().flatten();
        let own = segments(path);
        let mut places: Vec<_> = servers.map(|server| [base(server), own.clone()].concat()).collect();
        places.push(own);
        let security = operation.get("security").or_else(|| self.value.get("security"));
        let asked: Vec<_> = security.and_then(Value::as_array).into_iter().flatten().collect();
        let names = asked.iter().filter_map(|requirement| requirement.as_object()).flat_map(Map::keys);
        let foreign = names.filter(|name| !self.schemes.contains_key(name.as_str())).cloned().collect();
        let mut security: BTreeSet<_> = asked.into_iter().map(|it| self.requirement(it)).collect();
        if security.is_empty() {
            security.insert(Requirement::default());
        }
        Operation { method, path: path.to_owned(), places, security, foreign }
    }

    fn requirement(&self, requirement: &Value) -> Requirement {
        let mut schemes = BTreeMap::new();
        for (name, scopes) in members(Some(requirement)) {
            let Some(scheme) = self.schemes.get(name.as_str()) else { continue };
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str);
            // Those of other schemes are roles (OpenAPI 3.1, "Security Requirement Object"), of which no guard knows.
            let scopes = scopes.filter(|_| *scheme == Scheme::Cognito).map(str::to_owned).collect();
            schemes.insert(*scheme, scopes);
        }
        Requirement(schemes)
    }
}

/// The path of a server, below which those of operations are.
fn base(server: &Value) -> Place {
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, variable) in members(server.get("variables")) {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    let path = match url.split_once("//") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => &url,
    };
    segments(path)
}

/// The segments of a path, of a document or of a route. A query tells no routes apart that a document could.
pub(super) fn segments(path: &str) -> Place {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let segment = |text: &str| match text {
        _ if text.starts_with('{') && text.ends_with('}') => Segment::Dynamic,
        _ if text.starts_with('<') && text.ends_with('>') => Segment::Dynamic,
        _ => Segment::Text(RawStr::new(text).percent_decode_lossy().into_owned()),
    };
    segments.map(segment).collect()
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}
