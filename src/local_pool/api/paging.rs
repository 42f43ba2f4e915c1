//! Lists that are answered page by page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::error::ApiError;
use super::members::{Members, violated};

const MOST: usize = 60;

/// How an operation names what pages are about.
pub(super) struct Paging {
    /// The list in the answer.
    pub(super) list: &'static str,
    /// How many are asked for.
    pub(super) limit: &'static str,
    /// Where the next page begins.
    pub(super) next: &'static str,
}

impl Paging {
    pub(super) const fn of(list: &'static str) -> Self {
        Paging { list, limit: "Limit", next: "NextToken" }
    }

    /// The page that is asked for, and what leads to the next one.
    pub(super) fn page(&self, request: Members<'_>, all: Vec<Value>) -> Result<Value, ApiError> {
        let limit = match request.number(self.limit)?.map(|limit| usize::try_from(limit).unwrap_or(MOST)) {
            Some(limit) if limit > MOST => {
                return Err(violated(self.limit, &format!("have value less than or equal to {MOST}")));
            }
            Some(limit) if limit > 0 => limit,
            _ => MOST,
        };
        let start = match request.text(self.next)? {
            Some(token) => {
                place(token).ok_or_else(|| ApiError::invalid_parameter("Invalid pagination token"))?
            }
            None => 0,
        };
        let next = start.saturating_add(limit);
        let mut answer = Map::new();
        if next < all.len() {
            answer.insert(self.next.into(), token(next).into());
        }
        let page: Vec<_> = all.into_iter().skip(start).take(limit).collect();
        answer.insert(self.list.into(), page.into());
        Ok(answer.into())
    }
}

fn token(place: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("from {place}"))
}

fn place(token: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix("from ")?.parse().ok()
}
