//! The metadata of the API as a resource (RFC 9728), by which clients that know its URL alone find the user pool, and a
//! copy of the pool's own.

use rocket::data::Data;
use rocket::http::{ContentType, Header, Method, Status};
use rocket::request::Request;
use rocket::response::Response;
use rocket::route::{Handler, Outcome, Route};
use serde_json::{Value, json};

use crate::app::App;
use crate::config::{PoolMetadata, Resource};

/// Where clients look for the metadata of an authorization server whose issuer has no path (RFC 8414 section 3).
pub(crate) const POOL_METADATA: &str = "/.well-known/oauth-authorization-server";

/// A document that is public: it is the same for everybody, and scripts of any origin may read it.
#[derive(Clone)]
struct Metadata(String);

/// The routes of the settings `resource` and `pool_metadata`, with their full paths, to be mounted at `/`.
pub(super) fn resource_routes(app: &App) -> Vec<Route> {
    let Some(resource) = &app.settings.bearer.resource else { return Vec::new() };
    let copy = pool_metadata(app, resource);
    let of_resource = resource_metadata(app, resource, copy.is_some());
    let documents = [(resource.metadata_path.as_str(), of_resource)];
    let documents = documents.into_iter().chain(copy.map(|copy| (POOL_METADATA, copy)));
    let both = |(path, document): (&str, Value)| {
        let metadata = Metadata(document.to_string());
        [Method::Get, Method::Options].map(|method| Route::new(method, path, metadata.clone()))
    };
    documents.flat_map(both).collect()
}

/// The metadata of the resource (RFC 9728 section 2).
fn resource_metadata(app: &App, resource: &Resource, has_copy: bool) -> Value {
    // Clients of RFC 6750 know no other header.
    let methods: &[&str] = if app.settings.bearer.is_usual() { &["header"] } else { &[] };
    let document = json!({ "resource": resource.identifier, "bearer_methods_supported": methods });
    // In disabled mode the pool may be a stand-in, and nobody needs its tokens.
    let server = if has_copy { &resource.origin } else { app.settings.pool.issuer() };
    let servers = app.settings.disabled.is_none().then(|| ("authorization_servers", json!([server])));
    // Clients ask for these, and register with them (RFC 9728 section 2).
    let scopes = &app.settings.bearer.resource_scopes;
    let scopes = (!scopes.is_empty()).then(|| ("scopes_supported", json!(scopes)));
    with(with(document, servers), scopes)
}

/// The document with one member more, where there is one.
fn with(mut document: Value, member: Option<(&str, Value)>) -> Value {
    if let (Some(members), Some((name, value))) = (document.as_object_mut(), member) {
        members.insert(name.into(), value);
    }
    document
}

/// The pool's metadata as that of a server at the app's origin (RFC 8414 section 2), made of the settings alone. Cognito
/// accepts PKCE and does not say so; clients that insist on it find it here. `iss` of tokens is the pool's as before, so
/// this is no discovery of OpenID Connect.
fn pool_metadata(app: &App, resource: &Resource) -> Option<Value> {
    let (pool, kind) = (&app.settings.pool, app.settings.bearer.pool_metadata);
    let domain = pool.domain.as_ref().filter(|_| app.settings.disabled.is_none())?;
    let document = json!({
        // Clients compare it with where they have found the document (RFC 8414 section 3.3).
        "issuer": resource.origin,
        "authorization_endpoint": format!("{domain}/oauth2/authorize"),
        "token_endpoint": format!("{domain}/oauth2/token"),
        "revocation_endpoint": format!("{domain}/oauth2/revoke"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    });
    let registration = match kind {
        PoolMetadata::None => return None,
        PoolMetadata::Served => None,
        PoolMetadata::WithRegistration => Some(json!(format!("{domain}/oauth2/register"))),
    };
    Some(with(document, registration.map(|endpoint| ("registration_endpoint", endpoint))))
}

#[rocket::async_trait]
impl Handler for Metadata {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        let mut response = Response::new();
        response.set_header(Header::new("Access-Control-Allow-Origin", "*"));
        if request.method() == Method::Options {
            response.set_status(Status::NoContent);
            response.set_header(Header::new("Access-Control-Allow-Methods", "GET"));
            // Such as `MCP-Protocol-Version`.
            response.set_header(Header::new("Access-Control-Allow-Headers", "*"));
        } else {
            response.set_header(ContentType::JSON);
            response.set_header(Header::new("Cache-Control", "public, max-age=300"));
            response.set_sized_body(self.0.len(), std::io::Cursor::new(self.0.clone()));
        }
        Outcome::Success(response)
    }
}
