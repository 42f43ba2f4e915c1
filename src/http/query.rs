//! Query parameters of our own routes: each at most once, or the request is refused.

use rocket::http::RawStr;
use rocket::http::ext::IntoOwned;
use rocket::request::Request;

/// Decoded parameters in their order.
pub(crate) struct Query {
    parameters: Vec<(String, String)>,
}

/// A parameter that is repeated, or text that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadQuery;

impl Query {
    pub(crate) fn parse(query: &str) -> Result<Self, BadQuery> {
        Ok(Query { parameters: pairs(query).collect::<Result<_, _>>()? })
    }

    /// The parameter `name`, if it is there; an error when it is there twice.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, BadQuery> {
        let mut values =
            self.parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(BadQuery) } else { Ok(first) }
    }
}

/// The names and values in a query or a form, decoded.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = Result<(String, String), BadQuery>> {
    let decode =
        |text: &str| RawStr::new(text).url_decode().map(|text| text.into_owned()).map_err(|_| BadQuery);
    text.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decode(name)?, decode(value)?))
    })
}

/// Takes the query out of the request's URI, before Rocket writes that to the log.
pub(crate) fn take_query(request: &mut Request<'_>) -> Option<String> {
    let query = request.uri().query()?.as_str().to_owned();
    let mut uri = request.uri().clone().into_owned();
    uri.clear_query();
    request.set_uri(uri);
    Some(query)
}
