//! The order of the checks, and which of them others make idle.

use figment::Figment;

use super::authorization::{self, Authorization};
use super::client::Answer;
use super::code::Code;
use super::diagnosis::{Check, Diagnosis};
use super::discovery::{self, Discovered};
use super::place::Place;
use super::wire::Wire;
use super::{client, clock, cookies, keys, levels, profile, revocation, settings, sign_in, sign_out};
use crate::config::{Settings, local_pool};
use crate::error::Error;

/// Checks of the settings alone, which call nobody.
pub(crate) fn examine_offline(settings: &Result<Settings, Error>, figment: &Figment) -> Diagnosis {
    Diagnosis::new(figment.profile().to_string(), checks_of_settings(settings, figment))
}

/// All checks. The pool gets at most 25 calls, in at most 20 seconds.
pub(crate) async fn examine(settings: &Result<Settings, Error>, figment: &Figment) -> Diagnosis {
    let mut checks = checks_of_settings(settings, figment);
    if let Ok(settings) = settings {
        match reason_for_no_calls(settings, figment) {
            Some(reason) => checks.push(Check::left_out("user pool", reason)),
            None => match Wire::new(settings) {
                Ok(wire) => {
                    checks.extend(checks_of_pool(settings, &wire).await);
                    #[cfg(feature = "redis")]
                    checks.extend(super::store::check(settings, &wire).await);
                }
                Err(error) => checks.push(self::settings::check(Some(&error))),
            },
        }
    }
    Diagnosis::new(figment.profile().to_string(), checks)
}

fn checks_of_settings(settings: &Result<Settings, Error>, figment: &Figment) -> Vec<Check> {
    let first = self::settings::check(settings.as_ref().err());
    let second = settings.as_ref().ok().map(|settings| profile::check(settings, figment));
    let third = settings.as_ref().ok().and_then(cookies::check);
    [first].into_iter().chain(second).chain(third).collect()
}

/// Why there is no pool to ask, if there is none.
fn reason_for_no_calls(settings: &Settings, figment: &Figment) -> Option<&'static str> {
    if settings.disabled.is_some() {
        return Some("in disabled mode the app calls none");
    }
    let starts_one = local_pool(figment).is_ok_and(|table| table.is_some());
    starts_one
        .then_some("these settings start a local pool; to check those of another profile: --profile release")
}

async fn checks_of_pool(settings: &Settings, wire: &Wire) -> Vec<Check> {
    let Discovered { check, date, is_there } = discovery::check(settings, wire).await;
    let mut checks = vec![check, keys::check(settings, wire, is_there).await, clock::check(settings, date)];
    let (Some(domain), Some(client)) = (&settings.pool.server_domain, &settings.client) else {
        checks.push(Check::left_out("sign-in", "there is no `domain`, or no `client_id`: nobody signs in"));
        return checks;
    };
    let at = Place { domain, client, signs_in: settings.sign_in.is_some() };
    let authorizations = authorization::ask(&at, settings, wire).await;
    let answers = match authorizations.iter().all(Authorization::is_silent) && at.signs_in {
        true => Vec::new(),
        false => client::ask(&at, wire).await,
    };
    let client_check = client::check(&at, &authorizations, &answers);
    let mut has_pages = at.signs_in && !client_check.has_failure();
    if at.signs_in {
        let sign_in = sign_in::check(&at, &authorizations, &answers, wire).await;
        // What is registered beside a grant that the client does not have matters to nobody.
        has_pages &= !sign_in.findings().iter().any(|finding| finding.code() == Code::GrantOff.text());
        checks.push(sign_in);
    }
    checks.push(client_check);
    if has_pages && !authorizations.iter().all(Authorization::is_silent) {
        checks.push(sign_out::check(&at, wire).await);
        if settings.session.refresh_flow_enabled {
            let mut answered = at.secrets().into_iter().zip(&answers);
            let accepted =
                answered.find(|(_, answer)| **answer == Answer::Accepted).map(|(secret, _)| secret);
            checks.push(revocation::check(&at, accepted, wire).await);
        }
        checks.extend(levels::check(settings, client, wire).await);
    }
    checks
}
