//! Whether the pool's plan has levels of sign-in, where the settings name some.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::wire::Wire;
use crate::config::{LevelNames, OwnClient, Settings};
use crate::crypto::base64url;

const NAME: &str = "levels";
const TARGET: &str = "AWSCognitoIdentityProviderService.InitiateAuth";

/// Asks the API to sign in nobody at a level: a plan without levels refuses that by its own name. At the pool's pages, such
/// a plan ignores them without a word.
pub(super) async fn check(settings: &Settings, client: &OwnClient, wire: &Wire) -> Option<Check> {
    let names = &settings.pool.level_names;
    if *names == LevelNames::default() {
        return None;
    }
    let username = base64url::<16>();
    let mut parameters = json!({ "USERNAME": username, "TARGET_ACR_VALUES": names.at_least(1) });
    if let (Some(secret), Some(members)) = (&client.secret, parameters.as_object_mut()) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let hash = hmac::sign(&key, [username.as_str(), &client.id].concat().as_bytes());
        members.insert("SECRET_HASH".into(), STANDARD.encode(hash).into());
    }
    let body = json!({ "AuthFlow": "USER_AUTH", "ClientId": client.id, "AuthParameters": parameters });
    let answer = wire.post_json(&settings.pool.api, TARGET, Bytes::from(body.to_string())).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(silence) => return Some(Check::left_out(NAME, silence.to_string())),
    };
    let is_of_plan = String::from_utf8_lossy(&answer.body).contains("FeatureUnavailableInTierException");
    let finding = is_of_plan.then(|| {
        let problem =
            "the plan of the pool has no levels: `acr_values` is ignored, and each `Level` refuses everybody";
        let remedy =
            "choose the plan Essentials or Plus: Cognito console > the pool > Settings > Feature plan";
        Finding::new(Code::LevelsIgnored, "`level_names`", problem, remedy)
    });
    let detail = "the plan does not rule them out; whether they count, a token of a sign-in shows by `acr`";
    Some(Check::made(NAME, detail, finding.into_iter().collect()))
}
