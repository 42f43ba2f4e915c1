//! HTTP: headers, queries, paths, grammars, strict JSON, and the client for outbound calls.

mod client;
mod grammar;
pub(crate) mod headers;
mod local_path;
mod query;
mod strict_json;

pub(crate) use self::client::{Http, HttpError, basic, bearer};
pub(crate) use self::grammar::is_scope_list;
pub(crate) use self::local_path::is_local;
pub(crate) use self::query::{BadQuery, Query, pairs, take_query};
pub(crate) use self::strict_json::{Text, check_object, read_object};
