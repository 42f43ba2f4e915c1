//! Whether a sign-out ends the refresh token.

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::place::Place;
use super::wire::Wire;
use crate::crypto::{Secret, base64url};
use crate::http::basic;

const NAME: &str = "revocation";

/// Revokes a token that was made up, by a secret that the pool has accepted: no error where revocation is on (RFC 7009
/// section 2.2).
pub(super) async fn check(at: &Place<'_>, secret: Option<&str>, wire: &Wire) -> Check {
    let token = base64url::<32>();
    let authorization = secret.and_then(|secret| basic(&at.client.id, &Secret::new(secret)));
    let client_id = authorization.is_none().then_some(("client_id", at.client.id.as_str()));
    let form: Vec<_> = [("token", token.as_str())].into_iter().chain(client_id).collect();
    let url = format!("{}/oauth2/revoke", at.domain);
    let findings = match wire.post_form(&url, &form, authorization.as_ref()).await {
        Ok(answer) if answer.status == 200 => Vec::new(),
        Ok(answer) => {
            let problem = format!(
                "refuses to revoke with status {}, so that a refresh token outlives the sign-out",
                answer.status
            );
            let remedy =
                "turn it on: Cognito console > App clients > the client > Edit > Enable token revocation";
            vec![Finding::new(Code::RevocationOff, url.as_str(), problem, remedy)]
        }
        Err(silence) => return Check::left_out(NAME, silence.to_string()),
    };
    Check::made(NAME, "a sign-out ends the refresh token", findings)
}
