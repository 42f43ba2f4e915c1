//! A request to a route that is called open, to find out whether a guard stops it.

use rocket::Route;
use rocket::http::{Accept, ContentType, Header, Status};
use rocket::local::blocking::Client;

use crate::guard::{Asks, Question};

/// What a dynamic segment is filled with.
const DUMMY: &str = "1";

/// What the guard asks for that stops a request to `route`, if one does.
pub(super) fn guard_met(client: &Client, route: &Route) -> Option<Asks> {
    // As a script, which no ready catcher sends to the sign-in instead.
    let mut request = client.req(route.method, uri(route)).header(Header::new("Sec-Fetch-Mode", "cors"));
    if let Some(format) = &route.format {
        match route.method.supports_payload() {
            true => request.add_header(ContentType(format.clone())),
            false => request.add_header(Accept::new([format.clone().into()])),
        }
    }
    // A clone has the same cache, and is there still when the request is answered.
    let kept = request.clone();
    let question = Question::put(kept.inner())?;
    let is_refused = request.dispatch().status() == Status::Unauthorized;
    question.answer_of(route).filter(|_| is_refused)
}

/// A URI that `route` matches.
fn uri(route: &Route) -> String {
    let is_dynamic = |part: &&str| part.starts_with('<');
    let path = route.uri.path().split('/').map(|part| if is_dynamic(&part) { DUMMY } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    let query = route.uri.query().unwrap_or_default().split('&').filter(|part| !is_dynamic(part));
    match query.collect::<Vec<_>>().join("&") {
        query if query.is_empty() => path,
        query => format!("{path}?{query}"),
    }
}
