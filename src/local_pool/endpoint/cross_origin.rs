//! CORS: what scripts of web pages may call and read, wherever the page is from. The pool's own pages they may not.
//!
//! Source: Cognito developer guide, "Managed login and hosted UI endpoints", for the token, revocation and userInfo
//! endpoints. Discovery and the JWKS are public documents, which libraries for single-page apps read first. That scripts may
//! register clients is this pool's choice: clients of MCP run in pages too.

use rocket::http::uri::Origin;
use rocket::http::{Header, Method, Status};
use rocket::{Request, Response, options};

/// The method of the endpoint at this path, where scripts may call it.
fn method_for_scripts(path: &str) -> Option<Method> {
    // Under a mistyped pool's id, too: a script is to read that nothing is there.
    let is_document =
        || path.ends_with("/.well-known/openid-configuration") || path.ends_with("/.well-known/jwks.json");
    match path {
        "/oauth2/token" | "/oauth2/revoke" | "/oauth2/register" => Some(Method::Post),
        "/oauth2/userInfo" => Some(Method::Get),
        _ => is_document().then_some(Method::Get),
    }
}

/// Allows scripts to read this answer, even a failure, and says in a preflight what they may send.
pub(crate) fn share_with_scripts(path: &str, request: &Request<'_>, response: &mut Response<'_>) {
    let Some(method) = method_for_scripts(path) else { return };
    response.set_header(Header::new("Access-Control-Allow-Origin", "*"));
    if request.method() == Method::Options {
        response.set_header(Header::new("Access-Control-Allow-Methods", method.as_str()));
        if let Some(headers) = request.headers().get_one("Access-Control-Request-Headers") {
            response.set_header(Header::new("Access-Control-Allow-Headers", headers.to_owned()));
        }
    }
}

/// Answers what a browser asks before it sends the request of a script.
#[options("/<_..>")]
pub(crate) fn preflight(uri: &Origin<'_>) -> Option<Status> {
    method_for_scripts(uri.path().as_str()).map(|_| Status::NoContent)
}
