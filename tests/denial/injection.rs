//! Nobody writes headers of their own into an answer.

use std::collections::BTreeSet;

use crate::site::{Site, build};
use crate::support::pool::Visit;
use crate::support::{encoded, raw};

/// What ends a line, or might where a letter loses its upper byte or is decoded once more.
const BREAKS: [&str; 14] = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\u{10a}",
    "\u{10d}\u{10a}",
    "\u{560a}",
    "\u{560d}\u{560a}",
    "\u{2028}",
    "\u{85}",
    "\u{b}",
    "\u{c}",
    "%0d%0a",
    "%250d%250a",
];

/// All headers that an answer of the app may have.
const KNOWN: [&str; 18] = [
    "allow",
    "cache-control",
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "date",
    "location",
    "permissions-policy",
    "referrer-policy",
    "retry-after",
    "server",
    "set-cookie",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
];

/// The answer to a request with this target and these further header lines, byte by byte.
async fn answer(site: &Site, target: &[u8], lines: &str) -> String {
    let port = site.app.port;
    let rest = format!(" HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}Connection: close\r\n\r\n");
    raw::exchange(port, [b"GET ", target, rest.as_bytes()].concat()).await
}

#[track_caller]
fn assert_no_more_headers(answer: &str, what: &str) {
    assert!(answer.starts_with("HTTP/1.1 "), "{what}: {answer:?}");
    let head = answer.split("\r\n\r\n").next().unwrap();
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{what} splits the answer: {answer}");
    let lines = head.split(['\r', '\n']).skip(1).filter(|line| !line.is_empty());
    let names: BTreeSet<_> = lines.map(|line| line.split(':').next().unwrap().to_ascii_lowercase()).collect();
    let unknown: Vec<_> = names.iter().filter(|name| !KNOWN.contains(&name.as_str())).collect();
    assert_eq!(unknown, [""; 0], "{what} adds headers: {answer}");
    assert!(!head.to_ascii_lowercase().contains("\nset-cookie: injected"), "{what}: {answer}");
}

/// H6.
#[rocket::async_test]
async fn no_parameter_adds_a_header() {
    let site = Site::start(build).await;
    let parameters = [
        "/auth/login?next=",
        "/auth/login?login_hint=",
        "/auth/login?lang=",
        "/auth/login?prompt=",
        "/auth/login?identity_provider=",
        "/auth/login?idp_identifier=",
        "/auth/login?moved=1&next=",
        "/auth/callback?code=x&state=",
        "/auth/callback?state=x&code=",
        "/auth/callback?state=x&error=",
        "/auth/logout?next=",
        "/me?",
        "/me/",
        "/",
    ];
    let mut cells = 0;
    for end in BREAKS {
        for injected in ["X-Injected: yes", "Set-Cookie: injected=yes", "\r\n<script>x</script>"] {
            let text = format!("/x{end}{injected}");
            for parameter in parameters {
                // Encoded, and as it stands, but for what would end the request line.
                let plain = text.replace([' ', '\r', '\n', '\0'], "");
                for value in [encoded(&text), encoded(&encoded(&text)), plain] {
                    let target = format!("{parameter}{value}");
                    let answer = answer(&site, target.as_bytes(), "Accept: text/html\r\n").await;
                    assert_no_more_headers(&answer, &target);
                    cells += 1;
                }
            }
        }
    }
    assert_eq!(cells, 14 * 3 * 14 * 3);
}

/// H6: where the attempt is a good one, so that the parameter is looked at.
#[rocket::async_test]
async fn no_answer_of_the_pool_adds_a_header() {
    let site = Site::start(build).await;
    for end in BREAKS {
        let text = encoded(&format!("x{end}X-Injected: yes"));
        for query in
            ["error={}", "error=access_denied&error_description={}", "error=x&error_uri={}", "code=x&iss={}"]
        {
            let visit = Visit::begin(&site.url("")).await;
            let cookies: Vec<_> =
                visit.agent.cookies().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            let target = format!("/auth/callback?state={}&{}", visit.state, query.replace("{}", &text));
            let answer =
                answer(&site, target.as_bytes(), &format!("Cookie: {}\r\n", cookies.join("; "))).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{target}: {answer}");
            assert!(
                answer.to_ascii_lowercase().contains("\nset-cookie: cognito_login_"),
                "the attempt is over: {answer}"
            );
            assert_no_more_headers(&answer, &target);
        }
    }
}

/// H6: what follows a raw line break is a header of the request, or makes it a bad one.
#[rocket::async_test]
async fn raw_breaks_in_a_request_line_add_no_header() {
    let site = Site::start(build).await;
    for end in ["\r\n", "\n", "\r", "\0"] {
        for path in ["/auth/login?next=/me", "/auth/callback?state=x&code=y", "/me?x"] {
            let target = format!("{path}{end}X-Injected: yes");
            assert_no_more_headers(&answer(&site, target.as_bytes(), "").await, &target);
        }
    }
    for value in ["/me\u{10d}\u{10a}X-Injected: yes", "\u{560a}\u{560d}X-Injected: yes"] {
        for name in [
            "Host",
            "Accept",
            "Origin",
            "Referer",
            "Sec-Fetch-Mode",
            "Authorization",
            "Cookie",
            "X-Forwarded-Host",
        ] {
            let line = format!("{name}: {value}\r\n");
            assert_no_more_headers(&answer(&site, b"/me", &line).await, &line);
            assert_no_more_headers(&answer(&site, b"/auth/login", &line).await, &line);
        }
    }
}
