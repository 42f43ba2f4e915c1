//! `Cookie` headers that no browser sends.

use crate::support::ACCESS;
use crate::support::app::App;
use crate::support::raw::Line;

/// Headers, each with what a guard answers; where `None` stands, any refusal.
fn headers(token: &str) -> Vec<(&'static str, Vec<u8>, Option<u16>)> {
    let ours = format!("{ACCESS}={token}");
    let many = |count: usize, cookie: &dyn Fn(usize) -> String| {
        (0..count).map(cookie).collect::<Vec<_>>().join("; ")
    };
    let foreign = many(20_000, &|number| format!("c{number}=x"));
    let similar = many(20_000, &|number| format!("cognito_{number}=x"));
    let chunks = many(10_000, &|number| format!("{ACCESS}_{number}=x"));
    let logins = many(10_000, &|number| format!("cognito_login_{number:08x}=x"));
    let text = |text: String| text.into_bytes();
    vec![
        ("ours alone", text(ours.clone()), Some(200)),
        ("nothing", text(String::new()), Some(401)),
        ("not UTF-8", [ours.as_bytes(), b"; x=\xff\xfe"].concat(), None),
        ("not UTF-8 in a name", [b"\xc3\x28=x; ", ours.as_bytes()].concat(), None),
        ("overlong UTF-8", [ours.as_bytes(), b"; x=\xc0\xaf"].concat(), None),
        (
            "percent-encoded bytes that are not UTF-8",
            text(format!("x=%ff; {ACCESS}_1=%ff; {ours}")),
            Some(200),
        ),
        ("ours with such bytes", text(format!("{ACCESS}=%ff%fe")), Some(401)),
        ("such bytes beside ours", text(format!("{ACCESS}=%ff; {ours}; {ACCESS}=%c3%28")), Some(200)),
        ("ours twice, once encoded", text(format!("{ours}; {}", ours.replace('.', "%2e"))), Some(200)),
        ("another value behind, encoded", text(format!("{ours}; {ACCESS}=%41")), Some(401)),
        ("empty names", text(format!("=; =x; ==; ; ;;; =; {ours}; =")), Some(200)),
        ("no equals sign", text(format!("x; y; {ACCESS}; {ours}")), Some(200)),
        ("an equals sign too many", text(format!("{ours}=")), Some(401)),
        ("quotes around others", text(format!("x=\"a; y=b\"; {ours}; z=\"")), Some(200)),
        ("quotes around ours", text(format!("{ACCESS}=\"{token}\"")), Some(401)),
        ("commas", text(format!("x=y, {ours}")), Some(401)),
        ("tabs and spaces", text(format!("x=y;\t  {ours}\t ; z=")), Some(200)),
        ("attributes", text(format!("$Version=1; {ours}; $Path=/; Path=/; Secure")), Some(200)),
        ("twenty thousand others in front", text(format!("{foreign}; {ours}")), Some(200)),
        ("twenty thousand others behind", text(format!("{ours}; {foreign}")), Some(200)),
        ("twenty thousand that begin as ours", text(format!("{similar}; {ours}")), Some(200)),
        ("ten thousand chunks of ours", text(format!("{chunks}; {ours}")), Some(200)),
        ("ten thousand sign-ins in front", text(format!("{logins}; {ours}")), Some(200)),
        ("ours ten thousand times", text(many(10_000, &|_| format!("{ACCESS}=x"))), Some(401)),
        ("a long value of another", text(format!("x={}; {ours}", "x".repeat(380_000))), Some(200)),
        ("a long value of ours", text(format!("{ACCESS}={}", "x".repeat(380_000))), Some(401)),
        ("a long name", text(format!("{}=x; {ours}", "n".repeat(380_000))), Some(200)),
        ("percent signs", text(format!("{ACCESS}={}", "%".repeat(100_000))), Some(401)),
        ("chunks of what is none", text(format!("{ACCESS}=8~; {ACCESS}_1=; {ACCESS}_7=~")), Some(401)),
        ("another value in front", text(format!("{ACCESS}=x; {ours}")), Some(401)),
        ("another value behind", text(format!("{ours}; {ACCESS}=")), Some(401)),
        ("ours twice", text(format!("{ours}; {ours}")), Some(200)),
        ("in capitals", text(ours.replace("cognito", "COGNITO")), Some(401)),
        ("an encoded name", text(ours.replacen('c', "%63", 1)), Some(401)),
        ("control characters", text(format!("x=\u{1}; {ours}")), None),
    ]
}

/// K15. Where one name has two values, neither counts.
#[rocket::async_test]
async fn no_cookie_header_is_an_error_of_ours_and_ours_are_read_by_their_exact_names() {
    let app = App::start().await;
    let token = app.signed_in("alice").await.cookie(ACCESS).unwrap();
    for (what, cookies, expected) in headers(&token) {
        let header = [b"Cookie: ".as_slice(), &cookies].concat();
        for start in
            ["GET /me", "GET /", "GET /auth/login", "GET /auth/callback?code=x&state=y", "POST /auth/logout"]
        {
            let headers = [header.as_slice(), b"Sec-Fetch-Site: same-origin", b"Accept: application/json"];
            let answer = Line::new(app.server.port).send(start, &headers).await;
            assert!(answer.status < 500, "{what}: {start}: {}", answer.status);
            if start == "GET /me" {
                match expected {
                    Some(status) => assert_eq!(answer.status, status, "{what}: {}", answer.body),
                    None => assert!([400, 401].contains(&answer.status), "{what}: {}", answer.status),
                }
            }
        }
    }
}

/// K15: several headers are one.
#[rocket::async_test]
async fn several_cookie_headers_are_read_together() {
    let app = App::start().await;
    let token = app.signed_in("alice").await.cookie(ACCESS).unwrap();
    let (ours, other) = (format!("Cookie: {ACCESS}={token}"), format!("Cookie: {ACCESS}=x"));
    for (headers, status) in [
        ([b"Cookie: x=y".as_slice(), ours.as_bytes()], 200),
        ([ours.as_bytes(), b"Cookie: x=y"], 200),
        ([ours.as_bytes(), ours.as_bytes()], 200),
        ([ours.as_bytes(), other.as_bytes()], 401),
        ([other.as_bytes(), ours.as_bytes()], 401),
        ([b"Cookie: x=\xff", ours.as_bytes()], 200),
    ] {
        let answer = Line::new(app.server.port).send("GET /me", &headers).await;
        assert_eq!(
            answer.status,
            status,
            "{:?}: {}",
            headers.map(|it| it[..9].escape_ascii().to_string()),
            answer.body
        );
    }
}
