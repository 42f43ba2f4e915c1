//! Where the unsafe modes may run: those that admit people whom nobody has checked.

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::setting::Key;

pub(crate) const LETS_ANYONE_IN: &str = "it lets anyone in who can reach it";

/// Whether this is Rocket's profile `debug` or the one that `unsafe_in_profile` names.
///
/// "Not `release`" would let a profile called `production` through.
pub(crate) fn allowed(reader: &mut Reader) -> bool {
    let named = reader.parse(&key::UNSAFE_IN_PROFILE, |name| {
        let simple = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if simple { Ok(name.to_owned()) } else { Err("is not one simple name".into()) }
    });
    let profile = reader.profile();
    profile == rocket::Config::DEBUG_PROFILE.as_str().as_str()
        || named.is_some_and(|name| profile == name.as_str())
}

/// Records that `key`, which is not as it is where people are served (`safe`), is not allowed to be so, and why.
pub(crate) fn refuse(reader: &mut Reader, key: &Key, safe: bool, why: &str) {
    let (name, profile) = (key.name, reader.profile().clone());
    reader.refuse(
        key,
        format!("must not run in profile \"{profile}\": {why}"),
        &format!(
            "{name} = {safe}; or, if profile \"{profile}\" is for tests only: unsafe_in_profile = \"{profile}\""
        ),
    );
}
