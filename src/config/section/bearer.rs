//! Bearer tokens: where they stand in a request, and which of them are accepted.

use super::accepted_clients::AcceptedClients;
use super::client::OwnClient;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::{unique, words};
use crate::config::value::resource::Resource;
use crate::config::value::scopes::ScopesOf;
use crate::config::value::word::{BearerTokenUse, PoolMetadata};
use crate::http::{is_audience, is_http_token};

const MAX_NAME_BYTES: usize = 64;

/// What AWS's load balancers and oauth2-proxy add to the requests of whoever has signed in at them.
const HEADERS_OF_PROXIES: [&str; 4] = [
    "x-amzn-oidc-accesstoken",
    "x-amzn-oidc-data",
    "x-forwarded-access-token",
    "x-auth-request-access-token",
];

/// The settings about bearer tokens.
#[derive(Debug, Clone)]
pub(crate) struct BearerSettings {
    /// The name of the header.
    pub(crate) header: String,
    /// The scheme before the token; empty for none.
    pub(crate) prefix: String,
    /// Whether a proxy adds the header to whatever a browser sends: then it is no proof that a page of this site, or a
    /// program, made the request.
    pub(crate) is_from_proxy: bool,
    /// Whether it is one that proxies add, and the settings do not say whether one does.
    pub(crate) may_be_from_proxy: bool,
    pub(crate) token_use: BearerTokenUse,
    /// The own client first, then `accepted_client_ids`.
    pub(crate) accepted_client_ids: Vec<String>,
    /// Whether access tokens of all other clients count too, where they are bound to the own resource.
    pub(crate) accepts_any_client: bool,
    /// What an access token may be bound to, beside its client.
    pub(crate) accepted_audiences: Vec<String>,
    /// Whether guards for people take agents that act for them.
    pub(crate) accepts_delegated: bool,
    /// What this API is to clients that find it by its URL; one of the accepted audiences.
    pub(crate) resource: Option<Resource>,
    /// The scopes that the resource's metadata recommends, for clients that know no others.
    pub(crate) resource_scopes: Vec<String>,
    /// What is served of the pool's metadata where there is a resource.
    pub(crate) pool_metadata: PoolMetadata,
}

impl BearerSettings {
    pub(crate) fn read(
        reader: &mut Reader,
        own_client: Option<&OwnClient>,
        others: AcceptedClients,
    ) -> BearerSettings {
        let resource = reader.parse(&key::RESOURCE, Resource::parse);
        let own_audiences = resource.iter().flat_map(|resource: &Resource| resource.audiences.clone());
        let accepted_audiences = own_audiences.chain(accepted_audiences(reader));
        let own_client_id = own_client.map(|client| client.id.clone());
        let token_use = reader.choice(&key::BEARER_TOKEN_USE);
        others.check(reader, token_use);
        let header = reader.parse_or_default(&key::JWT_HEADER_NAME, parse_header);
        let is_a_proxys = HEADERS_OF_PROXIES.iter().any(|name| name.eq_ignore_ascii_case(&header));
        BearerSettings {
            header,
            is_from_proxy: reader.flag(&key::JWT_HEADER_FROM_PROXY),
            may_be_from_proxy: is_a_proxys && !reader.is_set(&key::JWT_HEADER_FROM_PROXY),
            prefix: match reader.is_empty_text(&key::JWT_HEADER_PREFIX) {
                true => String::new(),
                false => reader.parse_or_default(&key::JWT_HEADER_PREFIX, parse_prefix),
            },
            token_use,
            accepted_client_ids: unique(own_client_id.into_iter().chain(others.ids)),
            accepts_any_client: others.any,
            accepted_audiences: unique(accepted_audiences),
            accepts_delegated: reader.flag(&key::ACCEPT_DELEGATED),
            resource,
            resource_scopes: resource_scopes(reader),
            pool_metadata: reader.choice(&key::POOL_METADATA),
        }
    }

    /// What an access token of a client that is not listed has to be bound to; empty where none counts.
    pub(crate) fn any_clients_audiences(&self) -> &[String] {
        let resource = self.resource.as_ref().filter(|_| self.accepts_any_client);
        resource.map_or(&[], |resource| &resource.audiences)
    }

    /// Refuses a copy of the pool's metadata that nothing leads to, or without a pool that browsers reach.
    pub(crate) fn check_pool_metadata(&self, reader: &mut Reader, has_domain: bool) {
        if self.pool_metadata == PoolMetadata::None {
            return;
        }
        for (key, is_there, line) in [
            (&key::RESOURCE.key, self.resource.is_some(), "resource = \"https://api.example.com\""),
            (&key::DOMAIN.key, has_domain, "domain = \"acme\""),
        ] {
            if !is_there && !reader.is_wrong(key) {
                let problem = format!("needs `{}`, which is not set", key.name);
                reader.refuse(
                    &key::POOL_METADATA,
                    problem,
                    &format!("{line} beside it, or pool_metadata = \"none\""),
                );
            }
        }
    }

    /// Whether a token stands in `Authorization: Bearer …` (RFC 6750 section 2.1).
    pub(crate) fn is_usual(&self) -> bool {
        self.header.eq_ignore_ascii_case(key::JWT_HEADER_NAME.default)
            && self.prefix.eq_ignore_ascii_case(key::JWT_HEADER_PREFIX.default)
    }

    /// The scheme of a challenge (RFC 9110 section 11.6.1), which cannot be empty.
    pub(crate) fn scheme(&self) -> &str {
        if self.prefix.is_empty() { key::JWT_HEADER_PREFIX.default } else { &self.prefix }
    }

    /// The header with a token in it, as texts show it.
    pub(crate) fn form(&self) -> String {
        let token = match self.token_use {
            BearerTokenUse::Access => "access token",
            BearerTokenUse::Id => "ID token",
            BearerTokenUse::Any => "access or ID token",
        };
        let space = if self.prefix.is_empty() { "" } else { " " };
        format!("{}: {}{space}<{token}>", self.header, self.prefix)
    }

    /// The kind of token that counts, as texts name it.
    pub(crate) fn kind_in_words(&self) -> &'static str {
        match self.token_use {
            BearerTokenUse::Access => "an access token and not an ID token",
            BearerTokenUse::Id => "an ID token and not an access token",
            BearerTokenUse::Any => "an access token or an ID token",
        }
    }

    /// Whether an access token may be bound to this resource.
    pub(crate) fn accepts_audience(&self, resource: &str) -> bool {
        self.accepted_audiences.iter().any(|audience| audience == resource)
    }
}

fn parse_header(text: &str) -> Result<String, String> {
    match text {
        _ if !is_word(text) => Err("is not the name of a header".into()),
        _ if text.eq_ignore_ascii_case("Cookie") => {
            Err("is where the session cookies stand, which count anyway".into())
        }
        _ if is_of_http(text) => Err("has a meaning of its own".into()),
        _ => Ok(text.to_owned()),
    }
}

fn parse_prefix(text: &str) -> Result<String, String> {
    if is_word(text) { Ok(text.to_owned()) } else { Err("is not one word".into()) }
}

/// Whether `text` is one word of HTTP, and not too long.
fn is_word(text: &str) -> bool {
    text.len() <= MAX_NAME_BYTES && is_http_token(text)
}

/// Whether HTTP gives this header a meaning of its own.
fn is_of_http(name: &str) -> bool {
    let others = [
        "Host",
        "Origin",
        "Accept",
        "Connection",
        "Upgrade",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
    ];
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-") || others.iter().any(|other| other.eq_ignore_ascii_case(&name))
}

/// Reads `accepted_audiences`, and keeps them as they are, since `aud` is compared exactly.
fn accepted_audiences(reader: &mut Reader) -> Vec<String> {
    let audiences = reader.list(&key::ACCEPTED_AUDIENCES, words, |text| match is_audience(text) {
        true => Ok(text.to_owned()),
        false => Err("is not an absolute URL without fragment".into()),
    });
    unique(audiences)
}

/// Reads `resource_scopes`, which are of no use without the metadata that names them.
fn resource_scopes(reader: &mut Reader) -> Vec<String> {
    let scopes_of = ScopesOf::of_issuer(reader.is_set(&key::ISSUER));
    let scopes = unique(reader.list(&key::RESOURCE_SCOPES, words, |scope| scopes_of.check(scope)));
    if !scopes.is_empty() && !reader.is_set(&key::RESOURCE) {
        let remedy = "resource = \"https://api.example.com\" beside it, or leave it out";
        reader.refuse(&key::RESOURCE_SCOPES, "needs `resource`, which is not set", remedy);
    }
    scopes
}
