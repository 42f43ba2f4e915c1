//! Parameters as OAuth reads them: a repeated or garbled one is a mistake, an empty one is absent.

use std::collections::BTreeMap;
use std::convert::Infallible;

use rocket::data::{Data, FromData, Outcome as DataOutcome, ToByteUnit};
use rocket::http::{RawStr, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};

use crate::http::pairs;

/// The parameters of a query or of a form; any request has them, if only none.
#[derive(Default)]
pub(super) struct Parameters {
    values: BTreeMap<String, Occurrence>,
    garbled: bool,
    too_long: bool,
}

struct Occurrence {
    value: String,
    repeated: bool,
}

impl Parameters {
    fn parse(text: &str) -> Self {
        let mut parameters = Parameters::default();
        for pair in pairs(text) {
            let Ok((name, value)) = pair else {
                parameters.garbled = true;
                continue;
            };
            let occurrence = parameters.values.entry(name);
            occurrence
                .and_modify(|occurrence| occurrence.repeated = true)
                .or_insert(Occurrence { value, repeated: false });
        }
        parameters
    }

    fn garbled(too_long: bool) -> Self {
        Parameters { garbled: true, too_long, ..Parameters::default() }
    }

    /// The value given once and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).filter(|it| !it.repeated && !it.value.is_empty()).map(|it| it.value.as_str())
    }

    /// A value that a person has typed, without the blanks around it.
    pub(super) fn entered(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Why this cannot be a form that a page of the pool has sent.
    pub(super) fn refusal(&self) -> Option<(Status, &'static str)> {
        if self.too_long {
            return Some((Status::PayloadTooLarge, "The form is too long: 32 KiB are accepted."));
        }
        self.is_garbled().then_some((
            Status::BadRequest,
            "The request is no form as this page sends it: its fields come once each, as \
             application/x-www-form-urlencoded.",
        ))
    }

    /// Whether the parameter is there at all, repeated and empty ones included.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether any parameter is repeated or not text.
    pub(super) fn is_garbled(&self) -> bool {
        self.garbled || self.values.values().any(|occurrence| occurrence.repeated)
    }
}

/// The query of a request, taken out of its URI.
#[derive(Default)]
pub(crate) struct Query(pub(crate) String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Query {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        Outcome::Success(request.local_cache(Query::default))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Parameters {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        Outcome::Success(Parameters::parse(&request.local_cache(Query::default).0))
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Parameters {
    type Error = Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> DataOutcome<'r, Self> {
        if !request.content_type().is_some_and(|content_type| content_type.is_form()) {
            return Outcome::Success(Parameters::garbled(false));
        }
        let parameters = match data.open(32.kibibytes()).into_string().await {
            Ok(body) if body.is_complete() => Parameters::parse(&body),
            Ok(_) => Parameters::garbled(true),
            Err(_) => Parameters::garbled(false),
        };
        Outcome::Success(parameters)
    }
}

/// `url` with these parameters added to its query, where a space is a `+`, as Cognito writes it.
pub(super) fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut text = url.to_owned();
    for (name, value) in parameters {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        text.push_str(&RawStr::new(*value).percent_encode().as_str().replace("%20", "+"));
    }
    text
}

/// A query without the parameters of these names.
pub(super) fn without(query: &str, names: &[&str]) -> String {
    let is_other = |pair: &&str| !pairs(pair).any(|it| it.is_ok_and(|(name, _)| names.contains(&&*name)));
    query.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_counts() {
        let parameters = Parameters::parse("a=1&b=2&b=2&c=&d=%FF&e+e=%26");
        assert_eq!(
            ["a", "b", "c", "d", "e e"].map(|name| parameters.get(name)),
            [Some("1"), None, None, None, Some("&")]
        );
        assert!(parameters.has("b") && parameters.has("c") && parameters.is_garbled());
        assert!(!Parameters::parse("a=1&c=").is_garbled());
    }

    #[test]
    fn a_query_loses_the_parameters_named() {
        assert_eq!(without("a=1&b=2&%62=3&c=b", &["b"]), "a=1&c=b");
        assert_eq!(without("", &["b"]), "");
    }

    #[test]
    fn values_cannot_leave_the_query() {
        assert_eq!(
            with_query("https://a/b?c=d", &[("e", "f&g=h#i?j+k %\r\n\"<é")]),
            "https://a/b?c=d&e=f%26g%3Dh%23i%3Fj%2Bk+%25%0D%0A%22%3C%C3%A9"
        );
    }
}
