//! HTTP: headers, queries, paths, cookies, grammars, strict JSON, and the client for outbound calls.

mod client;
mod cookie_attributes;
mod fetch_metadata;
mod grammar;
pub(crate) mod headers;
mod local_path;
mod query;
mod redirect_targets;
mod request_cookies;
mod strict_json;

pub(crate) use self::client::{Http, HttpError, basic, bearer};
pub(crate) use self::cookie_attributes::{CookieAttributes, may_be_ours};
pub(crate) use self::fetch_metadata::{is_navigation, is_script, prefers_json, wants_html};
pub(crate) use self::grammar::is_scope_list;
pub(crate) use self::local_path::LocalPath;
#[cfg(any(test, fuzzing))]
pub(crate) use self::local_path::is_local;
pub(crate) use self::query::{BadQuery, Query, pairs, take_query};
pub(crate) use self::redirect_targets::RedirectTargets;
pub(crate) use self::request_cookies::{RequestCookies, SentCookies};
pub(crate) use self::strict_json::{Text, check_object, read_object};
