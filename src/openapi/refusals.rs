//! utoipa: refusals as responses, and what is made of them.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use rocket::{Phase, Rocket};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoResponses;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Flow, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, RefOr, Response};

use super::describe::Describe;
use super::marker::{MARKER, Marker};
use super::responses::responses;
use super::schema::{SCHEMA, schema};
use super::schemes::Schemes;
use crate::error::Error;

/// The refusals of the guards `G`, in `responses(…)` of `#[utoipa::path]`.
///
/// Guards of one route stand together, in a tuple: `Refusals<(InGroups<Admin>, Option<Machine>)>`.
/// [`Cognito::describe`](crate::Cognito::describe) makes the operation's `security` of it.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::openapi::Refusals;
/// use rocket_cognito::{Group, InGroups};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// #[utoipa::path(get, path = "/admin", responses((status = 200, body = String), Refusals<InGroups<Admin>>))]
/// #[get("/admin")]
/// fn admin(admin: InGroups<Admin>) -> String {
///     format!("Welcome, {}", admin.username())
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Refusals<G>(PhantomData<fn() -> G>);

impl<G: Describe> IntoResponses for Refusals<G> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        typed(responses::<G>()).unwrap_or_default()
    }
}

/// What [`Cognito::describe`](crate::Cognito::describe) does.
pub(crate) fn describe_utoipa<P: Phase>(rocket: &Rocket<P>, document: &mut OpenApi) -> Result<(), Error> {
    let mut schemes = Schemes::of(rocket)?;
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        if let Some(marker) = take_marker(operation) {
            operation.security = typed(serde_json::json!(schemes.require(&marker)));
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in schemes.into_components() {
        if let Some(scheme) = security_scheme(scheme) {
            components.security_schemes.entry(name).or_insert(scheme.into());
        }
    }
    if let Some(schema) = typed(schema()) {
        components.schemas.entry(SCHEMA.to_owned()).or_insert(schema);
    }
    Ok(())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get, put, post, delete, options, head, patch, trace, query, additional_operations, ..
    } = item;
    let fixed = [get, put, post, delete, options, head, patch, trace, query];
    fixed.into_iter().flatten().chain(additional_operations.values_mut())
}

fn take_marker(operation: &mut Operation) -> Option<Marker> {
    match operation.responses.responses.remove(MARKER)? {
        RefOr::T(response) => {
            let members =
                response.extensions?.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            serde_json::from_value(Value::Object(members)).ok()
        }
        RefOr::Ref(_) => None,
    }
}

fn security_scheme(value: Value) -> Option<SecurityScheme> {
    let mut scheme = typed(value.clone())?;
    if let (SecurityScheme::OAuth2(scheme), Some(flows)) =
        (&mut scheme, value.get("flows").and_then(Value::as_object))
    {
        // By itself utoipa takes any flow with an authorization endpoint for an implicit one.
        let flow = |(name, flow): (&String, &Value)| match name.as_str() {
            "authorizationCode" => Some((name.clone(), Flow::AuthorizationCode(typed(flow.clone())?))),
            "clientCredentials" => Some((name.clone(), Flow::ClientCredentials(typed(flow.clone())?))),
            _ => None,
        };
        scheme.flows = flows.iter().filter_map(flow).collect();
    }
    Some(scheme)
}

/// `value` as utoipa's own type, which reads what OpenAPI has.
fn typed<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}
