//! What networks, proxies and servers in trouble do to the calls to Cognito, and what becomes of it here: everything is
//! told as what it is, nothing is lost by it, and once it is over all goes on.

mod calls;
mod exchange;
mod idle;
mod jwks;
mod refresh;
mod revocation;
mod statuses;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use rocket::local::asynchronous::LocalResponse;

use support::agent::Page;
use support::stub::{Answer, Stub};

/// No deadline of a call is longer, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a client may have taken in of an answer without end: the buffers of both sockets, far from a gigabyte.
const MAX_TAKEN: usize = 16 * 1024 * 1024;

/// The outcome of one cell of a table: what is wrong with it, if anything is.
type Cell = Result<(), String>;

/// Holds that all cells are right, and that nobody has shortened the table.
#[track_caller]
fn assert_all(cells: Vec<Cell>, at_least: usize) {
    assert!(cells.len() >= at_least, "only {} cells", cells.len());
    let wrong: Vec<_> = cells.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

/// `Ok` when `actual` is what the cell expects.
fn expect<T: PartialEq + std::fmt::Debug>(cell: &str, what: &str, actual: T, expected: T) -> Cell {
    if actual == expected { Ok(()) } else { Err(format!("{cell}: {what} is {actual:?}, not {expected:?}")) }
}

/// Somebody whom nobody may call.
async fn trap() -> Stub {
    Stub::start(Answer::ok("{}")).await
}

/// Status, code and `Retry-After` of a refusal.
async fn refusal(response: LocalResponse<'_>) -> (u16, String, String) {
    let status = response.status().code;
    let retry_after = response.headers().get_one("Retry-After").unwrap_or_default().to_owned();
    let code = code(&response.into_string().await.unwrap_or_default());
    let retry_after = within_bounds(&code, retry_after);
    (status, code, retry_after)
}

fn refusal_of(page: &Page) -> (u16, String, String) {
    let code = code(&page.body);
    let retry_after = within_bounds(&code, page.header("retry-after").to_owned());
    (page.status.as_u16(), code, retry_after)
}

/// When the keys are asked for again is left to chance.
fn within_bounds(code: &str, retry_after: String) -> String {
    let is_soon = code == "keys_unavailable" && (1..=15).contains(&retry_after.parse().unwrap_or(0));
    if is_soon { "soon".to_owned() } else { retry_after }
}

fn code(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["error"].as_str().unwrap_or_default().to_owned()
}

fn refused(status: u16, code: &str, retry_after: &str) -> (u16, String, String) {
    (status, code.to_owned(), retry_after.to_owned())
}
