//! The page that tells a visitor why they were refused: one template, compiled in, without a script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::denial::Denial;

pub(crate) const STYLE: &str = include_str!("../templates/cognito/style.css");
pub(crate) const DENIAL: &str = include_str!("../templates/cognito/denial.html");

/// The page for `denial`. All texts are our own constants; the path is escaped all the same.
pub(crate) fn html(denial: &Denial) -> String {
    let status = denial.status().code.to_string();
    let (action, action_path) = denial.way_on();
    let replacements = [
        ("{{ cognito_style | safe }}", STYLE),
        ("{{ status }}", &status),
        ("{{ title }}", denial.title()),
        ("{{ message }}", denial.message()),
        ("{{ hint }}", &escaped(denial.hint())),
        ("{{ home_path }}", &escaped(denial.home_path())),
        ("{{ action }}", action),
        ("{{ action_path }}", &escaped(&action_path)),
    ];
    replacements.iter().fold(DENIAL.to_owned(), |page, (name, value)| page.replace(name, value))
}

/// Nothing but the page's own style, allowed by its hash.
///
/// No `form-action`: it would also forbid the redirect that answers a form.
pub(crate) fn content_security_policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style));
    format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
