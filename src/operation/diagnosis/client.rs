//! Whether the pool accepts the client and its secret: a code that was made up must be what is wrong, and nothing else.

use serde::Deserialize;

use super::authorization::Authorization;
use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::place::Place;
use super::wire::{Silence, Wire};
use crate::crypto::base64url;
use crate::http::check_object;

const NAME: &str = "client";

/// What the token endpoint answered to a made-up code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The code is wrong, so the client is right.
    Accepted,
    /// The client is not accepted; whether the pool says that it is for its secret.
    Refused {
        for_secret: bool,
    },
    Busy(u16),
    Odd(String),
    Silent(Silence),
}

#[derive(Deserialize)]
struct ErrorBody {
    error: String,
    error_description: Option<String>,
}

/// Brings a made-up code with each secret of the client, or without any.
pub(super) async fn ask(at: &Place<'_>, wire: &Wire) -> Vec<Answer> {
    let secrets = at.secrets();
    let with: Vec<_> = if secrets.is_empty() { vec![None] } else { secrets.into_iter().map(Some).collect() };
    let (code, verifier) = (base64url::<32>(), base64url::<32>());
    let redirect_url = at.client.redirect_urls.first().map_or("http://localhost/", |url| &url.text);
    let mut answers = Vec::new();
    for secret in with {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", at.client.id.as_str()),
            ("redirect_uri", redirect_url),
            ("code", &code),
            ("code_verifier", &verifier),
        ];
        form.extend(secret.map(|secret| ("client_secret", secret)));
        let answer = wire.post_form(&format!("{}/oauth2/token", at.domain), &form, None).await;
        answers.push(match answer {
            Ok(answer) => meaning(answer.status, &answer.body),
            Err(silence) => Answer::Silent(silence),
        });
    }
    answers
}

fn meaning(status: u16, body: &[u8]) -> Answer {
    let body = check_object(body).ok().and_then(|text| serde_json::from_str::<ErrorBody>(text).ok());
    match (status, body) {
        (400 | 401, Some(body)) => match body.error.as_str() {
            // Who gets as far as to the grant has proven itself.
            "invalid_grant" | "unauthorized_client" | "unsupported_grant_type" => Answer::Accepted,
            "invalid_client" => {
                let for_secret = body.error_description.is_some_and(|text| text.contains("secret"));
                Answer::Refused { for_secret }
            }
            _ => Answer::Odd(format!("refuses a made-up code with status {status}, and not for the code")),
        },
        (429 | 500.., _) => Answer::Busy(status),
        (status, _) => Answer::Odd(format!("answers a made-up code with status {status}")),
    }
}

/// Whether the pool has no such client, as far as anybody can say: it neither accepts the client, nor names the secret as
/// the reason, nor knows a callback of it.
pub(super) fn is_unknown(authorizations: &[Authorization], answers: &[Answer]) -> bool {
    let is_refused = |answer: &Answer| *answer == Answer::Refused { for_secret: false };
    !answers.is_empty()
        && answers.iter().all(is_refused)
        && !authorizations.iter().any(Authorization::is_known)
}

pub(super) fn check(at: &Place<'_>, authorizations: &[Authorization], answers: &[Answer]) -> Check {
    if answers.is_empty() {
        return Check::left_out(NAME, "the domain did not answer");
    }
    let id = &at.client.id;
    let (url, has_secret) = (format!("{}/oauth2/token", at.domain), at.client.secret.is_some());
    let are_refused = |answer: &Answer| matches!(answer, Answer::Refused { .. });
    let finding = if is_unknown(authorizations, answers) {
        let problem = match has_secret {
            true => format!("the pool knows no client {id:?}, or not by this secret"),
            false => format!("the pool knows no client {id:?}"),
        };
        let remedy = "check `client_id`, and that it is of this pool: Cognito console > App clients";
        Some(Finding::new(Code::ClientUnknown, "`client_id`", problem, remedy))
    } else if answers.iter().all(are_refused) {
        Some(refused(id, has_secret))
    } else if let Some(place) = answers.iter().position(are_refused) {
        let which = if place == 0 { "first" } else { "second" };
        let problem = format!("the pool refuses the {which} of two secrets of the client {id:?}");
        let remedy = "take it out, once each instance has the other one";
        Some(Finding::new(Code::OneSecretRefused, "`client_secret`", problem, remedy))
    } else {
        answers.iter().find_map(|answer| other(&url, answer))
    };
    let detail = if has_secret { "known, with its secret" } else { "known, without a secret" };
    Check::made(NAME, format!("{id} is {detail}"), finding.into_iter().collect())
}

fn refused(id: &str, has_secret: bool) -> Finding {
    if has_secret {
        let problem = format!("the pool refuses the secret of the client {id:?}");
        let remedy = "copy it again: Cognito console > App clients > the client > Show client secret; a client without a \
                      secret must have none here";
        return Finding::new(Code::SecretRefused, "`client_secret`", problem, remedy);
    }
    let problem = format!("the client {id:?} has a secret at the pool, and none here");
    let remedy = "give it by the environment: ROCKET_COGNITO_CLIENT_SECRET; from Cognito console > App clients > the client \
                  > Show client secret";
    Finding::new(Code::SecretMissing, "`client_secret`", problem, remedy)
}

fn other(url: &str, answer: &Answer) -> Option<Finding> {
    let (code, problem, remedy) = match answer {
        Answer::Accepted | Answer::Refused { .. } => return None,
        Answer::Busy(status) => {
            (Code::PoolBusy, format!("it answers with status {status}"), "try again in a minute")
        }
        Answer::Odd(problem) => {
            (Code::TokenUnexpected, problem.clone(), "check `domain` and `server_domain`")
        }
        Answer::Silent(Silence::OutOfBudget) => {
            (Code::OutOfBudget, Silence::OutOfBudget.to_string(), "try again")
        }
        Answer::Silent(silence) => {
            (Code::DomainUnreachable, silence.to_string(), "check `domain`, and the way there")
        }
    };
    Some(Finding::new(code, url, problem, remedy))
}
