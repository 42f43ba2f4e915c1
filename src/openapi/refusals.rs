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
/// #[utoipa::path(get, path = "/admin", responses((status = 200, description = "A welcome.", body = String), Refusals<InGroups<Admin>>))]
/// #[get("/admin")]
/// fn admin(admin: InGroups<Admin>) -> String {
///     format!("Welcome, {}", admin.username())
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Refusals<G>(PhantomData<fn() -> G>);

impl<G: Describe> IntoResponses for Refusals<G> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        // By an empty marker `describe` fails, where without one the operation would pass for a public one.
        typed("the refusals of a guard", responses::<G>())
            .unwrap_or_else(|_| BTreeMap::from([(MARKER.to_owned(), Response::default().into())]))
    }
}

/// What [`Cognito::describe`](crate::Cognito::describe) does.
pub(crate) fn describe_utoipa<P: Phase>(rocket: &Rocket<P>, document: &mut OpenApi) -> Result<(), Error> {
    let mut schemes = Schemes::of(rocket)?;
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        if let Some(marker) = take_marker(operation)? {
            let security = serde_json::json!(schemes.require(&marker));
            operation.security = Some(typed("the security of an operation", security)?);
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in schemes.into_components() {
        let scheme = security_scheme(scheme)?;
        components.security_schemes.entry(name).or_insert(scheme.into());
    }
    let schema = typed("the schema of a denial", schema())?;
    components.schemas.entry(SCHEMA.to_owned()).or_insert(schema);
    Ok(())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get, put, post, delete, options, head, patch, trace, query, additional_operations, ..
    } = item;
    let fixed = [get, put, post, delete, options, head, patch, trace, query];
    fixed.into_iter().flatten().chain(additional_operations.values_mut())
}

fn take_marker(operation: &mut Operation) -> Result<Option<Marker>, Error> {
    let Some(response) = operation.responses.responses.remove(MARKER) else { return Ok(None) };
    let extensions = match response {
        RefOr::T(response) => response.extensions,
        RefOr::Ref(_) => None,
    };
    let members = extensions.iter().flat_map(|members| members.iter());
    let members = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    Marker::read(Value::Object(members)).map(Some)
}

fn security_scheme(value: Value) -> Result<SecurityScheme, Error> {
    let part = "a security scheme";
    let mut scheme = typed(part, value.clone())?;
    if let (SecurityScheme::OAuth2(scheme), Some(flows)) =
        (&mut scheme, value.get("flows").and_then(Value::as_object))
    {
        scheme.flows.clear();
        // By itself utoipa takes any flow with an authorization endpoint for an implicit one.
        for (name, flow) in flows {
            let flow = match name.as_str() {
                "authorizationCode" => Flow::AuthorizationCode(typed(part, flow.clone())?),
                "clientCredentials" => Flow::ClientCredentials(typed(part, flow.clone())?),
                _ => return Err(Error::document_unreadable(part, &format_args!("unknown flow `{name}`"))),
            };
            scheme.flows.insert(name.clone(), flow);
        }
    }
    Ok(scheme)
}

/// `value` as utoipa's own type, which reads what OpenAPI has.
fn typed<T: DeserializeOwned>(part: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::document_unreadable(part, &error))
}
