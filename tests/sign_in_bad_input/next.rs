//! Where a sign-in must not lead.

use serde_json::json;

use crate::app::{App, SECRET_KEY, Setup};
use crate::sealing::Seal;
use crate::support::agent::Agent;
use crate::support::forge::now;

const HOME: &str = "/page?home";

/// By class: other origins, other schemes, what browsers read as slashes, what a further decoding
/// would turn into one, dots, controls, letters beyond ASCII, our own routes.
const ATTACKS: &[&str] = &[
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "//evil.example@localhost",
    "//localhost@evil.example",
    "//[::1]",
    "//127.1",
    "http://evil.example",
    "HTTP://evil.example",
    "https://evil.example/me",
    "http://localhost",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "://evil.example",
    ":evil",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "mailto:a@evil.example",
    "blob:x",
    "/\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "\\evil",
    "/me\\..\\evil",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "/ /evil.example",
    " /me",
    "/me ",
    " //evil.example",
    "/\u{0}/evil",
    "/\u{b}/evil.example",
    "/\u{7f}",
    "/me\r\nSet-Cookie: x=y",
    "/me\r\n\r\n<script>alert(1)</script>",
    "/%0d%0aSet-Cookie:x=y",
    "/%0D%0ALocation:%20//evil.example",
    "/%E5%98%8A%E5%98%8D/\u{560a}\u{560d}x",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/%09/evil.example",
    "/%00/evil.example",
    "%2f%2fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/me//evil.example",
    "/./me",
    "/../me",
    "/a/../../b",
    "/%2e/me",
    "/%2e%2e/me",
    "/%252e%252e/me",
    "/me/..",
    "/\u{ff0f}evil.example",
    "/\u{2215}evil.example",
    "/\u{2044}evil.example",
    "/\u{3002}evil",
    "/\u{202e}elpmaxe.live",
    "/\u{200b}/evil.example",
    "/\u{ff3c}evil.example",
    "//\u{24d4}vil.example",
    "/é",
    "me",
    "evil.example",
    "?x",
    "#x",
    "/me#x",
    "/me?x#//evil.example",
    "*",
    "/auth/login",
    "/auth/login/",
    "/auth/login?next=/me",
    "/auth/logout",
    "/AUTH/LOGOUT",
    "/auth/callback?code=x&state=y",
    "/auth/%6cogout",
    "/auth/%256cogout",
    "/%61uth/logout/",
    "/./auth/logout",
    "/auth//logout",
    "/auth/logout//",
    "/auth/x/../logout",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// Where a silent sign-in with this query leads first: the callback's `Location`.
async fn landing(app: &App, agent: &Agent, next: &str) -> String {
    let callback = app.begin(agent, next).await;
    let answer = agent.open(&callback).await;
    assert_eq!(answer.status, 303, "{next}: {}", answer.body);
    answer.header("location").to_owned()
}

#[rocket::async_test]
async fn nothing_leads_off_this_site_or_into_the_sign_in() {
    let app = Setup::new().set("login_redirect", HOME).start().await;
    let agent = Agent::new();
    let long = format!("/{}", "x".repeat(2048));
    for attack in ATTACKS.iter().copied().chain([long.as_str()]) {
        for next in [encoded(attack), encoded(&encoded(attack))] {
            assert_eq!(landing(&app, &agent, &next).await, HOME, "{attack:?}");
        }
        // As it stands, where it can stand in a query at all.
        let plain = attack.bytes().all(|byte| byte.is_ascii_graphic() && !b"#&+\"<>'".contains(&byte));
        if plain && !attack.contains('%') {
            assert_eq!(landing(&app, &agent, attack).await, HOME, "{attack:?}");
        }
    }
}

#[rocket::async_test]
async fn what_is_a_path_of_this_site_is_taken_unchanged() {
    let app = Setup::new().set("login_redirect", HOME).start().await;
    let agent = Agent::new();
    for path in [
        "/",
        "/@evil.example",
        "/me;x=1",
        "/me/%2e%2e;/x",
        "/a:b",
        "/auth",
        "/auth/login-help",
        "/page?next=//evil.example",
        "/page?next=https://evil.example\\",
        "/page?a=%0d%0a&b=%2f%2f",
        "/%c3%a9",
        "/100%",
        "/page?x=/../..//",
        "/~user/$&'()*+,;=",
    ] {
        let landing = landing(&app, &agent, &encoded(path)).await;
        let expected = if path.contains('\\') { HOME } else { path };
        assert_eq!(landing, expected);
    }
}

#[rocket::async_test]
async fn next_is_judged_again_when_it_is_read_back() {
    let app = Setup::new().set("login_redirect", HOME).start().await;
    let seal = Seal::new(SECRET_KEY, "login");
    for next in ["//evil.example", "https://evil.example", "/\\evil", "/auth/logout", "/x\r\ny: z", ""] {
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        let (cookie, sealed) = agent.cookies().pop_first().unwrap();
        let mut attempt = seal.open(&sealed);
        assert_eq!(attempt["next"], "/me");
        attempt["next"] = json!(next);
        agent.set_cookie(&cookie, &seal.seal(&attempt, now()));
        let answer = agent.open(&callback).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, HOME), "{next:?}");
    }
}

#[rocket::async_test]
async fn a_path_too_long_for_the_cookie_does_not_cost_the_sign_in() {
    let app = Setup::new().set("login_redirect", HOME).start().await;
    let agent = Agent::new();
    for (length, is_kept) in [(400, true), (2_000, false)] {
        let next = format!("/page?{}", "x".repeat(length));
        let landing = landing(&app, &agent, &next).await;
        assert_eq!(landing, if is_kept { &next } else { HOME });
    }
}
