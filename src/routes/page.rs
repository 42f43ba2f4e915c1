//! Pages for visitors: why they were refused, and that they are signed in. Templates compiled in, without a script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::denial::{Denial, escaped};

pub(crate) const STYLE: &str = include_str!("../../templates/cognito/style.css");
pub(crate) const DENIAL: &str = include_str!("../../templates/cognito/denial.html");
const MOVING_ON: &str = include_str!("../../templates/cognito/moving_on.html");

/// The page for `denial`: what a template engine makes of the template, for apps without one.
pub(crate) fn html(denial: &Denial) -> String {
    let status = denial.status().code.to_string();
    let replacements = [
        ("{{ cognito_style | safe }}", STYLE),
        ("{{ status }}", &status),
        ("{{ code }}", denial.code()),
        ("{{ title }}", &escaped(denial.title())),
        ("{{ message }}", &escaped(denial.message())),
        ("{{ hint }}", &escaped(denial.hint())),
        ("{{ home_path }}", &escaped(denial.home_path())),
        ("{{ way_on | safe }}", &denial.next_step_html()),
    ];
    filled_in(DENIAL, &replacements)
}

/// The page that ends a sign-in, and moves on to `location` by itself.
pub(crate) fn signed_in(location: &str) -> String {
    let words = ("Signed in", "You are signed in", "The page you asked for opens in a moment.");
    moving_on(location, words, &refresh(location), "")
}

/// The page that moves on to the pool's page at `url` by itself.
pub(crate) fn to_pool(url: &str) -> String {
    let words = ("One moment", "One moment", "The sign-in service opens in a moment.");
    moving_on(url, words, &refresh(url), "")
}

/// The page that leads out of a frame to the pool's page at `url`, which would not open in one.
pub(crate) fn to_pool_from_frame(url: &str) -> String {
    let words = ("Go on", "Go on in this window", "The sign-in service does not open within another page.");
    moving_on(url, words, "", " target=\"_top\"")
}

/// What Turbo does in place of a page that moves on to `url`: it adds to the present page what makes it do so.
pub(crate) fn turbo_stream(url: &str) -> String {
    let refresh = refresh(url);
    format!("<turbo-stream action=\"append\" targets=\"head\"><template>{refresh}</template></turbo-stream>")
}

/// HTML, section 4.2.5.3, "refresh".
fn refresh(location: &str) -> String {
    format!("<meta http-equiv=\"refresh\" content=\"0; url={}\">", escaped(location))
}

/// The page with these words: its title, its heading, and what happens next; with an element that refreshes it, and an
/// attribute of its link.
fn moving_on(
    location: &str,
    (title, heading, message): (&str, &str, &str),
    refresh: &str,
    target: &str,
) -> String {
    let replacements = [
        ("{{ cognito_style | safe }}", STYLE),
        ("{{ refresh | safe }}", refresh),
        ("{{ target | safe }}", target),
        ("{{ title }}", title),
        ("{{ heading }}", heading),
        ("{{ message }}", message),
        ("{{ location }}", &escaped(location)),
    ];
    filled_in(MOVING_ON, &replacements)
}

fn filled_in(template: &str, replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(template.to_owned(), |page, (name, value)| page.replace(name, value))
}

/// Nothing but the page's own style, allowed by its hash; in frames of the `ancestors`.
///
/// No `form-action`: it would also forbid the redirect that answers a form.
pub(crate) fn content_security_policy(style: &str, ancestors: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style));
    format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors {ancestors}; base-uri 'none'")
}

#[cfg(all(test, feature = "templates"))]
mod tests {
    use std::sync::Arc;

    use rocket_dyn_templates::minijinja::Environment;

    use super::*;
    use crate::denial::{DenialData, Links, Reason, Sent};
    use crate::http::LocalPath;

    #[test]
    fn the_page_is_what_the_template_engine_makes_of_it() {
        let mut environment = Environment::new();
        environment.add_global("cognito_style", STYLE);
        environment.add_template("denial.html", DENIAL).unwrap();
        let template = environment.get_template("denial.html").unwrap();
        let path = |path: &str| format!("/a&b{path}");
        let links = Links {
            home: path("/"),
            login: path("/auth/login"),
            logout: path("/auth/logout"),
            ..Links::default()
        };
        let links = Arc::new(links);
        for reason in Reason::ALL {
            let data = DenialData {
                reason: *reason,
                rule: None,
                links: Arc::clone(&links),
                next: LocalPath::judge("/x?\"'<>", []),
                resume_url: None,
                begins_again: false,
                pool_error: None,
                is_form: false,
                rest: None,
                sent: Sent::Session,
                is_of_program: false,
                can_reload: true,
            };
            let denial = Denial::new(data);
            let ours = html(&denial).replace("&#x2f;", "/");
            let theirs = template.render(&denial).unwrap().replace("&#x2f;", "/");
            assert_eq!(ours.trim_end(), theirs.trim_end(), "{reason:?}");
        }
    }
}
