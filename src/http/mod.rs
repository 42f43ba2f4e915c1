//! HTTP: headers, queries, paths, hosts, cookies, grammars, strict JSON, and the client for outbound calls.

mod absolute_url;
mod client;
mod cookie_attributes;
mod fetch_metadata;
mod grammar;
pub(crate) mod headers;
mod host;
mod http_error;
mod local_path;
#[cfg(feature = "testing")]
mod offline;
mod query;
mod redirect_targets;
mod request_cookies;
mod strict_json;
mod user_agent;

#[cfg(feature = "local-pool")]
pub(crate) use self::absolute_url::NotAbsoluteUrl;
pub(crate) use self::absolute_url::{absolute_url, check_resource, is_audience};
#[cfg(feature = "doctor")]
pub(crate) use self::client::Look;
pub(crate) use self::client::{HttpClient, HttpResponse, basic, bearer};
pub(crate) use self::cookie_attributes::{CookieAttributes, may_be_ours};
pub(crate) use self::fetch_metadata::{
    is_framed, is_htmx, is_navigation, is_page_visit, is_prefetch, is_script, is_turbo_prefetch, is_unsafe,
    prefers_json, takes_turbo_stream, wants_html,
};
pub(crate) use self::grammar::{is_http_token, is_scope, is_scope_list, is_tchar};
pub(crate) use self::host::{is_loopback, is_private};
pub(crate) use self::http_error::HttpError;
pub(crate) use self::local_path::LocalPath;
#[cfg(any(test, fuzzing))]
pub(crate) use self::local_path::is_local;
#[cfg(feature = "testing")]
pub(crate) use self::offline::Offline;
pub(crate) use self::query::{BadQuery, Query, pairs, take_query};
pub(crate) use self::redirect_targets::RedirectTargets;
pub(crate) use self::request_cookies::{RequestCookies, SentCookies};
pub(crate) use self::strict_json::{Text, check_object, read_object};
pub(crate) use self::user_agent::device_label;
