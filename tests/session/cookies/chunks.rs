//! Values that are too long for one cookie: whole, or not there.

use serde_json::{Value, json};

use crate::support::ACCESS;
use crate::support::agent::{Agent, Page};
use crate::support::app::set_cookie;
use crate::support::forge::{access_claims, base64url, id_claims, with};
use crate::support::rig::{Attempt, Reply, Rig, answer};

/// What a cookie holds of a token, beside its name and the marks of a chunk.
const ROOM: usize = 4000 - ACCESS.len() - "_78~".len();
/// What browsers keep of a cookie, name and value together (RFC 6265bis, section 5.6).
const MOST: usize = 4096;

/// A token of dora's, of about so many bytes, which differ from place to place.
fn long_token(rig: &Rig, bytes: usize) -> String {
    let padding: Vec<u8> = (0..bytes * 9 / 16).map(|_| rand::random()).collect();
    rig.key.token(&with(access_claims(), "padding", json!(base64url(padding))))
}

/// A token of exactly so many bytes, where base64 has such a length.
fn token_of(rig: &Rig, bytes: usize) -> Option<String> {
    let empty = rig.key.token(&with(access_claims(), "padding", json!(""))).len();
    let near = (bytes - empty) * 3 / 4;
    let tokens = (near - 2..near + 3)
        .map(|length| rig.key.token(&with(access_claims(), "padding", json!("p".repeat(length)))));
    tokens.into_iter().find(|token| token.len() == bytes)
}

async fn sign_in(rig: &Rig, agent: Agent, access: &str) -> (Agent, Page) {
    let login = agent.get(&rig.app.url("/auth/login?next=/me")).await;
    let (state, nonce) = (login.location_parameter("state"), login.location_parameter("nonce"));
    let id = rig.key.token(&with(id_claims(), "nonce", json!(nonce)));
    let attempt = Attempt { agent, state, nonce };
    let page = rig.deliver(&attempt, Reply::json(200, &answer(access, &id))).await;
    assert_eq!(page.status, 303, "{}", page.body);
    (attempt.agent, page)
}

/// K5.
#[rocket::async_test]
async fn a_split_token_is_read_whole_or_not_at_all() {
    let rig = Rig::start().await;
    let (token, another) = (long_token(&rig, 3 * ROOM), long_token(&rig, 3 * ROOM + 8));
    let short = rig.key.token(&with(access_claims(), "username", json!("small")));
    let chunks: Vec<_> = token.as_bytes().chunks(token.len().div_ceil(3)).map(str::from_utf8).collect();
    let [Ok(a), Ok(b), Ok(c)] = chunks[..] else { panic!("three chunks") };
    let foreign = &another[b.len()..2 * b.len()];
    let first = |count: &str| format!("{ACCESS}={count}~{a}");
    let rest = format!("{ACCESS}_1={b}; {ACCESS}_2={c}");
    let whole = format!("{}; {rest}", first("3"));
    let mut rows = vec![
        (whole.clone(), Some("dora")),
        (format!("{rest}; {}", first("3")), Some("dora")),
        (
            format!("{whole}; {ACCESS}_3=stale; {ACCESS}_7=stale; {ACCESS}_8=x; {ACCESS}_99999999=x"),
            Some("dora"),
        ),
        (format!("{whole}; {ACCESS}_1={b}"), Some("dora")),
        (format!("{ACCESS}={short}; {rest}"), Some("small")),
        (format!("{ACCESS}={token}"), Some("dora")),
        (rest.clone(), None),
        (first("3"), None),
        (format!("{}; {ACCESS}_1={b}", first("3")), None),
        (format!("{}; {ACCESS}_2={c}", first("3")), None),
        (format!("{}; {ACCESS}_1={c}; {ACCESS}_2={b}", first("3")), None),
        (format!("{ACCESS}=3~{b}; {ACCESS}_1={a}; {ACCESS}_2={c}"), None),
        (format!("{}; {ACCESS}_1={foreign}; {ACCESS}_2={c}", first("3")), None),
        (format!("{}; {ACCESS}_1=; {ACCESS}_2={c}", first("3")), None),
        (format!("{}; {ACCESS}_1=3~{b}; {ACCESS}_2={c}", first("3")), None),
        (format!("{whole}; {ACCESS}_1={foreign}"), None),
        (format!("{ACCESS}_1={foreign}; {whole}"), None),
        (format!("{ACCESS}={a}; {rest}"), None),
        (format!("{ACCESS}=1~{token}"), None),
        (format!("{ACCESS}=~{token}"), None),
        (format!("{ACCESS}={token}~"), None),
        (format!("{ACCESS}=2~{token}; {ACCESS}_1="), Some("dora")),
    ];
    for count in [
        "", "0", "1", "2", "4", "8", "9", "03", "+3", "-3", " 3", "3 ", "3~3", "٣", "３", "0x3", "3.0",
        "99999999",
    ] {
        rows.push((format!("{}; {rest}", first(count)), None));
    }
    rows.push((format!("{}; {rest}", first(&u64::MAX.to_string())), None));
    rows.push((format!("{}; {rest}", first(&"9".repeat(5_000))), None));
    for (cookies, expected) in rows {
        let headers = [("cookie", cookies.as_str())];
        let page = Agent::new().send(reqwest::Method::GET, &rig.app.url("/me"), &headers, None).await;
        let what =
            format!("{:?}", cookies.split("; ").map(|pair| &pair[..pair.len().min(30)]).collect::<Vec<_>>());
        match expected {
            Some(user) => {
                let me: Value =
                    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{what}: {}", page.body));
                assert_eq!((page.status.as_u16(), &me["username"]), (200, &json!(user)), "{what}");
            }
            None => assert_eq!(page.status, 401, "{what}: {}", page.body),
        }
    }
}

/// K4, K5. At the lengths that fill cookies exactly and around them, growing and shrinking.
#[rocket::async_test]
async fn tokens_of_all_lengths_fit_into_cookies_and_leave_no_chunk_behind() {
    let rig = Rig::start().await;
    let around = |count: usize| (count * ROOM - 2)..=(count * ROOM + 2);
    let lengths: Vec<_> = [1, 3, 6, 2, 1].into_iter().flat_map(around).collect();
    let mut agent = Agent::new();
    // Whatever was there before.
    for index in 1..8 {
        agent.set_cookie(&format!("{ACCESS}_{index}"), "stale");
    }
    let (mut tried, mut exact) = (0, 0);
    for length in lengths {
        let Some(token) = token_of(&rig, length) else { continue };
        tried += 1;
        exact += usize::from(length % ROOM == 0);
        let page;
        (agent, page) = sign_in(&rig, agent, &token).await;
        for (name, value, _) in page.set_cookies().into_iter().map(set_cookie) {
            assert!(name.len() + value.len() <= MOST, "{name}: {}", value.len());
        }
        let cookies = agent.cookies();
        let chunks = cookies.keys().filter(|name| name.starts_with(ACCESS)).count();
        assert_eq!(chunks, length.div_ceil(ROOM), "{length} bytes");
        assert_eq!(cookies.len(), chunks + 2, "{length} bytes: {:?}", cookies.keys());
        assert_eq!(agent.get(&rig.app.url("/me")).await.status, 200, "{length} bytes");
    }
    assert!(tried >= 15 && exact == 5, "{tried} lengths, {exact} of them exact");
    let answer = agent.post(&rig.app.url("/auth/logout"), &[("sec-fetch-site", "none")], &[]).await;
    assert_eq!(answer.status, 303);
    assert!(agent.cookies().is_empty());
}

/// K4: Cognito allows a user a hundred groups with names of 128 characters.
#[rocket::async_test]
async fn users_in_a_hundred_groups_sign_in_and_every_cookie_is_kept() {
    let rig = Rig::start().await;
    for count in [0, 1, 20, 40, 60, 80, 100] {
        let groups: Vec<_> = (0..count).map(|number| format!("{number:0>128}")).collect();
        let attempt = rig.begin().await;
        let id = with(id_claims(), "nonce", json!(attempt.nonce));
        let [access, id] = [access_claims(), id].map(|claims| with(claims, "cognito:groups", json!(groups)));
        let page = rig.deliver(&attempt, Reply::json(200, &rig.answer(&access, &id))).await;
        assert_eq!(page.status, 303, "{count} groups: {}", page.body);
        let mut total = 0;
        for (name, value, _) in page.set_cookies().into_iter().map(set_cookie) {
            assert!(name.len() + value.len() <= MOST, "{count} groups: {name} has {}", value.len());
            total += name.len() + value.len();
        }
        // 32 KiB, and the names of chunks.
        assert!(total <= 33 * 1024, "{count} groups: {total} bytes");
        let me = attempt.agent.get(&rig.app.url("/me")).await;
        let me: Value = serde_json::from_str(&me.body).unwrap_or_else(|_| panic!("{count}: {}", me.body));
        assert_eq!(me["groups"], json!(groups));
        // With a hundred the ID token no longer fits beside the access token.
        let email = if count < 100 { json!("dora@example.com") } else { Value::Null };
        assert_eq!(me["email"], email, "{count} groups");
    }
}
