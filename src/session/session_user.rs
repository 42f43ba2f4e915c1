//! The user of a session's tokens.

use std::borrow::Cow;
use std::sync::Arc;

use crate::clock::UnixSeconds;
use crate::pool::UserPool;
use crate::token::{TokenUse, VerifiedToken};
use crate::user::{CognitoUser, LazyIdToken, SiblingIdToken};

/// The user of a verified access token and the ID token beside it.
pub(super) async fn user_of(
    pool: &Arc<UserPool>,
    access: Arc<VerifiedToken>,
    id: Option<Cow<'_, str>>,
    now: UnixSeconds,
) -> CognitoUser {
    let id = match id {
        Some(id) => id_token(pool, id, &access, now).await,
        None => None,
    };
    CognitoUser::from_session(access, id, pool.endpoints().cloned())
}

/// The ID token beside `access`: known already, or verified when something asks for it.
async fn id_token(
    pool: &Arc<UserPool>,
    id: Cow<'_, str>,
    access: &Arc<VerifiedToken>,
    now: UnixSeconds,
) -> Option<SiblingIdToken> {
    let (verifier, expected) = (pool.verifier(), pool.expected_of_session(TokenUse::Id));
    if let Some(id) = verifier.recall(&id, &expected, now) {
        return id.check_belongs_to(access).is_ok().then(|| SiblingIdToken::known(id));
    }
    if !verifier.has_key(&id) {
        Box::pin(verifier.fetch_key(&id, &expected, now)).await;
    }
    Some(SiblingIdToken::sent(LazyIdToken::new(id.into_owned(), Arc::clone(access), pool, now)))
}
