//! Query parameters of our own routes: each at most once, or the request is refused.

use rocket::http::RawStr;

/// Decoded parameters in their order.
pub(crate) struct Query {
    parameters: Vec<(String, String)>,
}

/// A parameter that is repeated, or text that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadQuery;

impl Query {
    pub(crate) fn parse(query: &str) -> Result<Self, BadQuery> {
        let decode = |text: &str| RawStr::new(text).url_decode().map(|text| text.into_owned());
        let parameters = query
            .split('&')
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, std::str::Utf8Error>>()
            .map_err(|_| BadQuery)?;
        Ok(Query { parameters })
    }

    /// The parameter `name`, if it is there; an error when it is there twice.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, BadQuery> {
        let mut values =
            self.parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(BadQuery) } else { Ok(first) }
    }
}
