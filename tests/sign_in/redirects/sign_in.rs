//! What is asked for at the login route, or by opening a page, or stands in a login cookie.

use std::collections::HashSet;

use reqwest::Url;
use rocket::{get, routes};
use rocket_cognito::CognitoUser;
use serde_json::json;

use crate::support::agent::Agent;
use crate::support::app::{SECRET_KEY, Setup, build};
use crate::support::encoded;
use crate::support::forge::now;
use crate::support::landing::{HOME, deliver, landing, landing_of, start};
use crate::support::redirects::lines;
use crate::support::sealing::Seal;

/// R1, R2, R6, R7, R9, R10.
#[rocket::async_test]
async fn an_encoded_text_is_taken_unchanged_or_not_at_all() {
    let app = start().await;
    let agent = Agent::new();
    for line in lines() {
        let landing = landing(&app, &agent, &line.encoded()).await;
        assert_eq!(landing.as_deref(), Some(line.landing(HOME)), "{}: {:?}", line.class, line.text);
    }
}

/// R1, R2, R6, R7, R10.
#[rocket::async_test]
async fn a_text_that_can_stand_in_a_query_is_taken_unchanged_or_not_at_all() {
    let app = start().await;
    let agent = Agent::new();
    let (mut exact, mut refused) = (0, 0);
    for line in lines() {
        let url = Url::parse(&app.url(&format!("/auth/login?next={}", line.text))).unwrap();
        if url.query() != Some(&format!("next={}", line.text)) {
            continue;
        }
        match landing(&app, &agent, &line.text).await {
            // Other texts mean something else in a query, and it is enough that they lead to this site.
            Some(landing) if !line.text.contains(['%', '+', '&']) => {
                assert_eq!(landing, line.landing(HOME), "{}: {:?}", line.class, line.text);
                exact += 1;
            }
            Some(_) => {}
            None => refused += 1,
        }
    }
    assert!(exact > 300, "{exact} texts");
    assert!((1..20).contains(&refused), "{refused} texts are no UTF-8 when decoded, or a second `next`");
}

/// R1, R2, R6, R7: decoded once more than it is, it would be dangerous. The slash that begins it is encoded like
/// the rest, and is not.
#[rocket::async_test]
async fn a_text_that_is_encoded_twice_leads_nowhere_else() {
    let app = start().await;
    let agent = Agent::new();
    for line in lines() {
        let (slash, rest) = line.text.split_at(usize::from(line.text.starts_with('/')));
        for arrives in HashSet::from([format!("{slash}{}", encoded(rest)), line.encoded()]) {
            let landing = landing(&app, &agent, &encoded(&arrives)).await.expect("it is UTF-8");
            let right = [&arrives, HOME].contains(&&*landing);
            assert!(right, "{}: {:?}, as {arrives}, leads to {landing}", line.class, line.text);
        }
    }
}

/// R1, R8: the app judges again what it reads back, though nobody else can have sealed it.
#[rocket::async_test]
async fn a_text_in_the_login_cookie_is_taken_unchanged_or_not_at_all() {
    let app = start().await;
    let agent = Agent::new();
    let seal = Seal::new(SECRET_KEY, "login");
    for line in lines() {
        let callback = app.begin(&agent, "/me").await;
        let cookies = agent.cookies();
        let (name, sealed) = cookies.iter().find(|(name, _)| name.starts_with("cognito_login_")).unwrap();
        let mut attempt = seal.open(sealed);
        assert_eq!(attempt["next"], "/me");
        attempt["next"] = json!(line.text);
        agent.set_cookie(name, &seal.seal(&attempt, now()));
        let landing = deliver(&app, &agent, &callback).await;
        assert_eq!(landing, line.landing(HOME), "{}: {:?}", line.class, line.text);
    }
}

/// R1, R7: under its other loopback name the app passes the question on, to itself.
#[rocket::async_test]
async fn a_login_that_moves_to_the_callbacks_name_moves_there() {
    let app = start().await;
    let agent = Agent::new();
    let elsewhere = app.origin().replace("localhost", "127.0.0.1");
    for line in lines() {
        for next in [line.text.clone(), line.encoded()] {
            let Ok(login) = Url::parse(&format!("{elsewhere}/auth/login?next={next}")) else { continue };
            let answer = agent.open(login.as_str()).await;
            if answer.status == 400 {
                continue;
            }
            assert_eq!(answer.status, 303, "{next}: {}", answer.body);
            let expected = app.url(&format!("/auth/login?moved=1&{}", login.query().unwrap()));
            assert_eq!(answer.header("location"), expected);
        }
    }
}

#[get("/<_..>", rank = 20)]
fn anything(_user: CognitoUser) {}

/// R1, R6, R7, where the address itself is the text that a guarded page is to be left for and returned to.
#[rocket::async_test]
async fn an_address_leads_back_to_itself_or_not_at_all() {
    let setup = Setup::new().set("login_redirect", HOME);
    let app = setup.start_with(|rocket| build(rocket).mount("/", routes![anything])).await;
    let (agent, visitor) = (Agent::new(), Agent::new());
    let mut led = 0;
    for line in lines().into_iter().filter(|line| line.text.starts_with('/')) {
        let url = Url::parse(&app.url(&line.text)).unwrap();
        let stands = url.as_str() == app.url(&line.text) && url.fragment().is_none();
        if !stands || line.class.starts_with("our own routes") {
            continue;
        }
        let page = visitor.open(url.as_str()).await;
        assert!(page.status.as_u16() < 500, "{}: {:?}: {}", line.class, line.text, page.status);
        let Some(login) = Some(page.header("location")).filter(|_| page.status == 303) else { continue };
        assert!(
            login == "/auth/login" || login.starts_with("/auth/login?next="),
            "{}: {:?}: {login}",
            line.class,
            line.text
        );
        let login = agent.open(&page.location()).await;
        let landing = landing_of(&app, &agent, &login).await;
        assert!([&line.text, HOME].contains(&&*landing), "{:?} leads to {landing}", line.text);
        led += 1;
    }
    assert!(led > 100, "{led} addresses");
}

#[rocket::async_test]
async fn a_path_too_long_for_the_cookie_does_not_cost_the_sign_in() {
    let app = start().await;
    let agent = Agent::new();
    for (length, is_kept) in [(400, true), (2_000, false)] {
        let next = format!("/page?{}", "x".repeat(length));
        let expected = if is_kept { &next } else { HOME };
        assert_eq!(landing(&app, &agent, &next).await.as_deref(), Some(expected));
    }
}

#[rocket::async_test]
async fn an_address_that_no_sign_in_leads_back_to_is_left_out_at_once() {
    let app = start().await;
    let agent = Agent::new();
    for (length, is_kept) in [(600, true), (800, false), (3_000, false), (60_000, false)] {
        let page = agent.open(&app.url(&format!("/page?{}", "x".repeat(length)))).await;
        let login = page.header("location");
        assert_eq!((page.status.as_u16(), login.contains("next=")), (303, is_kept), "{length}");
        assert!(login.len() < 1_000, "{length}: {}", login.len());
        let landing = landing_of(&app, &agent, &agent.open(&page.location()).await).await;
        assert_eq!(landing.len() > 600, is_kept, "{length}: {landing}");
    }
}
