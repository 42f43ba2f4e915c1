//! The metadata of the API as a resource (RFC 9728), by which clients that know its URL alone find the user pool.

use rocket::data::Data;
use rocket::http::{ContentType, Header, Method, Status};
use rocket::request::Request;
use rocket::response::Response;
use rocket::route::{Handler, Outcome, Route};
use serde_json::json;

use crate::app::App;

/// The document, which is public: it is the same for everybody, and scripts of any origin may read it.
#[derive(Clone)]
struct ResourceMetadata(String);

/// The routes of the setting `resource`, with their full paths, to be mounted at `/`.
pub(super) fn resource_routes(app: &App) -> Vec<Route> {
    let bearer = &app.settings.bearer;
    let Some(resource) = &bearer.resource else { return Vec::new() };
    let mut document = json!({ "resource": resource.identifier });
    // In disabled mode the pool may be a stand-in, and nobody needs its tokens.
    if app.settings.disabled.is_none() {
        document["authorization_servers"] = json!([app.settings.pool.issuer()]);
    }
    // Clients of RFC 6750 know no other header.
    document["bearer_methods_supported"] = if bearer.is_usual() { json!(["header"]) } else { json!([]) };
    let metadata = ResourceMetadata(document.to_string());
    [Method::Get, Method::Options]
        .map(|method| Route::new(method, &resource.metadata_path, metadata.clone()))
        .into()
}

#[rocket::async_trait]
impl Handler for ResourceMetadata {
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
