//! Cognito's own sign-out, which returns to `logout_url`.

use reqwest::Url;

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::place::Place;
use super::wire::Wire;

const NAME: &str = "sign-out";

pub(super) async fn check(at: &Place<'_>, wire: &Wire) -> Check {
    let Some(logout_url) = &at.client.logout_url else {
        return Check::left_out(NAME, "there is no `logout_url`");
    };
    let page = format!("{}/logout", at.domain);
    let query = [("client_id", at.client.id.as_str()), ("logout_uri", logout_url)];
    let Ok(url) = Url::parse_with_params(&page, query) else {
        return Check::left_out(NAME, "`domain` makes no URL");
    };
    let unexpected = |problem: String| {
        let remedy = "check `domain`, and try it in a browser";
        vec![Finding::new(Code::SignOutUnexpected, &page, problem, remedy)]
    };
    let findings = match wire.get(url.as_str()).await {
        Err(silence) => unexpected(silence.to_string()),
        Ok(look) => match look.location {
            Some(location) if location == *logout_url => Vec::new(),
            Some(location) if location.contains("redirect_mismatch") => vec![unknown(at, logout_url)],
            Some(_) => unexpected("leads neither to `logout_url` nor to an error".into()),
            None if look.status == 400 => vec![unknown(at, logout_url)],
            None => unexpected(format!("answers with status {}", look.status)),
        },
    };
    Check::made(NAME, format!("returns to {logout_url}"), findings)
}

fn unknown(at: &Place<'_>, logout_url: &str) -> Finding {
    let problem = format!("the client {:?} does not know {logout_url}", at.client.id);
    let remedy = "add it letter for letter: Cognito console > App clients > the client > Login pages > Allowed sign-out \
                  URLs, which is another list than that of the callbacks";
    Finding::new(Code::SignOutUrlUnknown, "`logout_url`", problem, remedy)
}
