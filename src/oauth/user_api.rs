//! Cognito's API, as far as a person's access token authorizes its calls: JSON 1.1, unsigned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::calls::Calls;
use super::response::{EndpointError, unavailable};
use crate::http::{HttpClient, HttpResponse, check_object};
use crate::telemetry::{CallResult, Counts, PoolEndpoint, redacted};

const SERVICE: &str = "AWSCognitoIdentityProviderService";
const DEADLINE: Duration = Duration::from_secs(5);
const MAX_WAIT: Duration = Duration::from_secs(2);
/// A list has 125 sessions at most, each with a user agent of up to 1,024 characters.
const MAX_BYTES: usize = 1024 * 1024;
const MAX_CALLS: usize = 8;

/// The API of one user pool's region.
pub(crate) struct UserApi {
    http: HttpClient,
    counts: Arc<Counts>,
    calls: Calls,
    url: String,
}

/// What the API answers where it refuses.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    kind: String,
    #[serde(alias = "Message")]
    message: Option<String>,
}

impl UserApi {
    pub(super) fn new(origin: &str, http: HttpClient, counts: &Arc<Counts>) -> Self {
        let calls = Calls::at_most(MAX_CALLS, counts);
        UserApi { http, counts: Arc::clone(counts), calls, url: format!("{origin}/") }
    }

    /// Whether no call is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.calls.is_idle()
    }

    /// Calls an operation; `None`: what the request names is not there.
    ///
    /// # Errors
    /// When the pool refuses the call, or does not answer it.
    pub(crate) async fn call(
        &self,
        operation: &str,
        access_token: &str,
        members: &[(&str, &str)],
    ) -> Result<Option<Vec<u8>>, EndpointError> {
        let Some(_place) = self.calls.place_within(MAX_WAIT).await else {
            self.counts.calls_turned_away.add();
            return Err(EndpointError::Busy);
        };
        let members = members.iter().copied().chain([("AccessToken", access_token)]);
        let members: BTreeMap<_, _> = members.collect();
        // A buffer that grows leaves copies behind.
        let mut body = Vec::with_capacity(256 + 2 * access_token.len());
        serde_json::to_writer(&mut body, &members).map_err(|_| unavailable("the call cannot be written"))?;
        let body = Bytes::from_owner(Zeroizing::new(body));
        let counted = self.counts.pool_call(PoolEndpoint::Api);
        let target = format!("{SERVICE}.{operation}");
        let answer = self.http.post_json(&self.url, &target, body, DEADLINE, MAX_BYTES).await;
        let result = match answer {
            Ok(answer) => judge(answer, access_token),
            Err(error) => Err(error.into()),
        };
        counted.finish(match &result {
            Ok(Some(_)) => CallResult::Ok,
            Ok(None) => CallResult::Refused,
            Err(error) => error.call_result(),
        });
        result
    }
}

fn judge(answer: HttpResponse, access_token: &str) -> Result<Option<Vec<u8>>, EndpointError> {
    if answer.status == 200 {
        // Anything else is of a proxy on the way: nothing has been done.
        let is_of_api = answer.body.is_empty() || check_object(&answer.body).is_ok();
        return if is_of_api {
            Ok(Some(answer.body))
        } else {
            Err(unavailable("its API answered without JSON"))
        };
    }
    let refusal = check_object(&answer.body).ok().and_then(|text| serde_json::from_str::<Refusal>(text).ok());
    let Some(Refusal { kind, message }) = refusal.filter(|_| answer.status < 500) else {
        let error = unavailable(format_args!("its API answered with status {}", answer.status));
        return Err(error.after(answer.retry_after));
    };
    // Some of Amazon's services write `namespace#Name`.
    let kind = kind.rsplit('#').next().unwrap_or_default();
    let message = message.unwrap_or_default();
    let remedy = match kind {
        "ResourceNotFoundException" => return Ok(None),
        "NotAuthorizedException" if message.contains("scope") => {
            "put `aws.cognito.signin.user.admin` into `scopes`, and allow it to the app client"
        }
        "NotAuthorizedException"
        | "UserNotFoundException"
        | "UserNotConfirmedException"
        | "PasswordResetRequiredException" => return Err(EndpointError::Grant),
        "OperationNotEnabledException" => {
            "turn session tracking on at the pool (SetUserPoolSessionConfiguration, `UserSessionTracking` ENABLED); it \
             is off by default"
        }
        "FeatureUnavailableInTierException" => {
            "move the pool to the Essentials or Plus plan: Lite does not track sessions"
        }
        "InvalidParameterException" => {
            "check that the pool tracks sessions, and that the session is not the one that asks: that one ends by a \
             sign-out"
        }
        "TooManyRequestsException" | "InternalErrorException" | "ForbiddenException" => {
            let error = unavailable(format_args!("its API answered {kind}"));
            return Err(error.after(answer.retry_after));
        }
        _ => "check the pool, and that its API is reached rather than another server",
    };
    let message = message.replace(access_token, "[redacted]");
    let reason = format!("the pool's API answered {} ({})", redacted(kind), redacted(&message));
    Err(EndpointError::Client { reason, remedy })
}
