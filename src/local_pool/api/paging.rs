//! Lists that are answered page by page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::error::ApiError;
use super::members::{Members, violated};
use crate::local_pool::state::{Group, User};

const MOST: usize = 60;

/// Where an item stands in its list, and where the next page begins: behind the last item seen, which may be gone by
/// then.
pub(super) type Place = (u64, String);

/// How an operation names what pages are about.
pub(super) struct Paging {
    /// The list in the answer.
    pub(super) list: &'static str,
    /// How many are asked for.
    pub(super) limit: &'static str,
    /// Where the next page begins.
    pub(super) next: &'static str,
    /// The smallest number that may be asked for; 0 stands for as many as there may be.
    pub(super) least: u32,
}

impl Paging {
    pub(super) const fn of(list: &'static str) -> Self {
        Paging { list, limit: "Limit", next: "NextToken", least: 0 }
    }

    /// The page that is asked for, and what leads to the next one.
    pub(super) fn page<T>(
        &self,
        request: Members<'_>,
        mut all: Vec<(Place, T)>,
        show: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let limit = self.limit(request)?;
        let after = request
            .text(self.next)?
            .map(|token| place(token).ok_or_else(|| ApiError::invalid_parameter("Invalid pagination token")));
        if let Some(after) = after.transpose()? {
            all.retain(|(place, _)| *place > after);
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        let has_more = all.len() > limit;
        all.truncate(limit);
        let mut answer = Map::new();
        if let Some((last, _)) = all.last().filter(|_| has_more) {
            answer.insert(self.next.into(), token(last).into());
        }
        let page: Vec<_> = all.iter().map(|(_, item)| show(item)).collect();
        answer.insert(self.list.into(), page.into());
        Ok(answer.into())
    }

    fn limit(&self, request: Members<'_>) -> Result<usize, ApiError> {
        let limit = match request.number(self.limit)? {
            Some(limit) if limit < self.least => {
                let least = self.least;
                return Err(violated(self.limit, &format!("have value greater than or equal to {least}")));
            }
            Some(limit) if limit > 0 => usize::try_from(limit).unwrap_or(usize::MAX),
            _ => MOST,
        };
        if limit > MOST {
            return Err(violated(self.limit, &format!("have value less than or equal to {MOST}")));
        }
        Ok(limit)
    }
}

/// The oldest user comes first; usernames never change.
pub(super) fn with_place(user: User) -> (Place, User) {
    ((user.since.0, user.username.clone()), user)
}

/// Groups are listed by name.
pub(super) fn with_name(group: Group) -> (Place, Group) {
    ((0, group.name.clone()), group)
}

fn token(place: &Place) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::json!(place).to_string())
}

fn place(token: &str) -> Option<Place> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}
