//! Whether the pool knows the callbacks and scopes of a sign-in.

use super::authorization::{Authorization, Outcome, request};
use super::client::{Answer, is_unknown};
use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::place::Place;
use super::wire::{Silence, Wire};

const NAME: &str = "sign-in";
/// Mean nothing without `openid`.
const NEEDS_OPENID: [&str; 3] = ["email", "phone", "profile"];

/// What the requests, and the client's own call, say about callbacks, scopes and the grant.
pub(super) async fn check(
    at: &Place<'_>,
    authorizations: &[Authorization],
    answers: &[Answer],
    wire: &Wire,
) -> Check {
    let mut findings = Vec::new();
    let is_unknown = is_unknown(authorizations, answers);
    for Authorization { redirect_url, outcome } in authorizations {
        match outcome {
            Outcome::Page => {}
            Outcome::Silent(silence) => {
                findings.push(silent(at, *silence));
                break;
            }
            Outcome::Refused(error) if error.contains("invalid_scope") => {
                findings.extend(refused_scopes(at, redirect_url, wire).await);
                break;
            }
            Outcome::Refused(error) | Outcome::ErrorPage(error) if error.contains("unauthorized_client") => {
                findings.push(code_grant_off(at));
                break;
            }
            Outcome::ErrorPage(_) if is_unknown => {}
            Outcome::ErrorPage(error) if error == "redirect_mismatch" || error.is_empty() => {
                findings.push(callback_unknown(at, redirect_url));
            }
            Outcome::Refused(error) | Outcome::ErrorPage(error) => {
                findings.push(unexpected(at, &format!("ends a sign-in with {error:?}")));
                break;
            }
            Outcome::Odd(problem) => {
                findings.push(unexpected(at, problem));
                break;
            }
        }
    }
    match findings.is_empty() && is_unknown {
        true => Check::left_out(NAME, "the pool does not know the client"),
        false => Check::made(NAME, "leads to a page of the pool", findings),
    }
}

/// The scopes that are refused alone: the pool says of no request which it was.
async fn refused_scopes(at: &Place<'_>, redirect_url: &str, wire: &Wire) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_openid = |scope: &&String| scope.as_str() != "openid";
    let mut scopes: Vec<_> = at.client.scopes.iter().collect();
    // Without it, others mean nothing.
    scopes.sort_by_key(is_openid);
    for scope in scopes {
        let needs_openid = NEEDS_OPENID.contains(&scope.as_str());
        let asked = if needs_openid { format!("openid {scope}") } else { scope.clone() };
        match request(at, redirect_url, &asked, wire).await {
            Outcome::Refused(error) if error.contains("invalid_scope") => {
                findings.push(scope_refused(at, scope));
                if scope == "openid" {
                    break;
                }
            }
            Outcome::Silent(silence) => {
                findings.push(silent(at, silence));
                break;
            }
            _ => {}
        }
    }
    if findings.is_empty() {
        findings.push(scope_refused(at, &at.client.scopes.join(" ")));
    }
    findings
}

fn silent(at: &Place<'_>, silence: Silence) -> Finding {
    if silence == Silence::OutOfBudget {
        return Finding::new(Code::OutOfBudget, at.domain, silence.to_string(), "try again");
    }
    let remedy = "check `domain`: Cognito console > the pool > Branding > Domain; then the way there: DNS, firewall, \
                  `http_proxy`";
    Finding::new(Code::DomainUnreachable, "`domain`", format!("{}: {silence}", at.domain), remedy)
}

fn scope_refused(at: &Place<'_>, scope: &str) -> Finding {
    let problem = format!("the client {:?} may not ask for {scope:?}", at.client.id);
    let remedy = "allow it: Cognito console > App clients > the client > Login pages > OpenID Connect scopes, Custom \
                  scopes; or leave it out of `scopes`";
    Finding::new(Code::ScopeRefused, "`scopes`", problem, remedy)
}

fn callback_unknown(at: &Place<'_>, redirect_url: &str) -> Finding {
    let problem = format!("the client {:?} does not know {redirect_url}", at.client.id);
    let remedy = "add it letter for letter: Cognito console > App clients > the client > Login pages > Allowed callback \
                  URLs";
    Finding::new(Code::CallbackUnknown, "`redirect_url`", problem, remedy)
}

fn code_grant_off(at: &Place<'_>) -> Finding {
    let problem =
        format!("the client {:?} may not sign people in by the authorization code grant", at.client.id);
    let remedy = "allow it: Cognito console > App clients > the client > Login pages > OAuth grant types; a client for \
                  machines needs another one beside it";
    Finding::new(Code::GrantOff, "`client_id`", problem, remedy)
}

fn unexpected(at: &Place<'_>, problem: &str) -> Finding {
    let url = format!("{}/oauth2/authorize", at.domain);
    let remedy = "check `domain`: Cognito console > the pool > Branding > Domain";
    Finding::new(Code::AuthorizeUnexpected, url, problem, remedy)
}
