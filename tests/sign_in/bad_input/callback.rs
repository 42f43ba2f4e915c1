//! Parameters and methods of the callback.

use reqwest::Method;

use super::{assert_no_cookies, assert_refused};
use crate::support::agent::Agent;
use crate::support::app::{App, Setup, parameters, without_catchers};

/// State and code of an attempt that is not delivered, and the name of its cookie.
async fn begin(app: &App, agent: &Agent) -> (String, String, String) {
    let before = agent.cookies();
    let callback = app.begin(agent, "/me").await;
    let (mut state, mut code) = (String::new(), String::new());
    for (name, value) in parameters(&callback) {
        match name.as_str() {
            "state" => state = value,
            "code" => code = value,
            other => panic!("{other}"),
        }
    }
    let cookie = agent.cookies().into_keys().find(|name| !before.contains_key(name)).unwrap();
    (state, code, cookie)
}

#[rocket::async_test]
async fn parameters_that_make_no_sense_are_refused_and_cost_nothing() {
    let app = App::start().await;
    let agent = Agent::new();
    let (state, code, _) = begin(&app, &agent).await;
    let (s, c) = (format!("state={state}"), format!("code={code}"));
    let long = "x".repeat(2049);
    let bad = "bad_callback";
    let unknown = "no_login_attempt";
    let rows = [
        ("nothing", String::new(), bad),
        ("only ampersands", "&&&".into(), bad),
        ("no state", c.clone(), bad),
        ("no code", s.clone(), bad),
        ("an empty state", format!("state=&{c}"), bad),
        ("an empty code", format!("{s}&code="), bad),
        ("names without values", "state&code".into(), bad),
        ("other letters", format!("STATE={state}&{c}"), bad),
        ("brackets", format!("{s}&code[]={code}"), bad),
        ("brackets at state", format!("state[]={state}&{c}"), bad),
        ("semicolons", format!("{s};{c}"), bad),
        ("a code of 2049 characters", format!("{s}&code={long}"), bad),
        ("a state of 2049 characters", format!("state={long}&{c}"), bad),
        ("a state of 129 characters", format!("state={}&{c}", &long[..129]), bad),
        ("a line break in the code", format!("{s}&code=a%0Ab"), bad),
        ("NUL in the code", format!("{s}&code=a%00b"), bad),
        ("DEL in the code", format!("{s}&code=%7F"), bad),
        ("a code beyond ASCII", format!("{s}&code=%C3%A9"), bad),
        ("a code that is no text", format!("{s}&code=%FF"), bad),
        ("a state that is no text", format!("state=%FF&{c}"), bad),
        ("a stranger that is no text", format!("{s}&{c}&x=%C0%80"), bad),
        ("a name that is no text", format!("{s}&{c}&%FE=x"), bad),
        ("the same state twice", format!("{s}&{s}&{c}"), bad),
        ("two states", format!("{s}&state=x&{c}"), bad),
        ("a state and its encoded twin", format!("%73tate={state}&{s}&{c}"), bad),
        ("the same code twice", format!("{s}&{c}&{c}"), bad),
        ("two codes", format!("{s}&code=x&{c}"), bad),
        ("two errors", format!("{s}&error=access_denied&error=access_denied"), bad),
        ("two descriptions", format!("{s}&{c}&error_description=a&error_description=b"), bad),
        ("two issuers", format!("{s}&{c}&iss=a&iss=a"), bad),
        ("an error without state", "error=access_denied".into(), bad),
        ("another state", format!("state={}&{c}", "x".repeat(43)), unknown),
        ("a state cut off", format!("state={}&{c}", &state[..42]), unknown),
        ("a longer state", format!("state={state}A&{c}"), unknown),
        ("a state with a space", format!("state={state}%20&{c}"), unknown),
        ("an encoded state", format!("state={}&{c}", state.replace(&state[..1], "%25")), unknown),
        ("an error for another state", "state=x&error=access_denied".into(), unknown),
        ("markup as state", "state=%3Cscript%3E&code=x".into(), unknown),
    ];
    let cookies = agent.cookies();
    for (what, query, denial) in rows {
        let answer = agent.get(&app.url(&format!("/auth/callback?{query}"))).await;
        assert_refused(&answer, 400, denial, what);
        assert_no_cookies(&answer, what);
        assert_eq!(agent.cookies(), cookies);
    }
    assert_refused(&agent.get(&app.url("/auth/callback")).await, 400, bad, "no query");
    assert_eq!(app.exchanges(), 0);

    let page = agent.follow(&app.url(&format!("/auth/callback?{s}&{c}&and=more"))).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "the attempt is still good");
}

#[rocket::async_test]
async fn an_answer_that_ends_the_attempt_ends_only_this_one() {
    let app = App::start().await;
    let agent = Agent::new();
    let (other_state, other_code, other_cookie) = begin(&app, &agent).await;
    let rows = [
        ("error=access_denied", 403, "access_denied"),
        (
            "error=access_denied&error_description=%3Cscript%3E&error_uri=https://evil.example",
            403,
            "access_denied",
        ),
        ("error=access_denied&code={code}", 403, "access_denied"),
        ("error=user_cancelled_authorize", 403, "access_denied"),
        ("code={code}&error=", 400, "sign_in_refused"),
        ("error=login_required", 400, "sign_in_refused"),
        ("error=invalid_request", 400, "sign_in_refused"),
        ("error=invalid_request&error_description=invalid+nonce", 400, "sign_in_refused"),
        ("error=%0d%0aSet-Cookie:x=y&error_description=%1b%5b31m", 400, "sign_in_refused"),
        ("error=invalid_scope", 503, "sign_in_misconfigured"),
        ("error=invalid_request&error_description=invalid_scope", 503, "sign_in_misconfigured"),
        ("error=unauthorized_client", 503, "sign_in_misconfigured"),
        ("error=unsupported_response_type", 503, "sign_in_misconfigured"),
        ("error=server_error", 503, "pool_unavailable"),
        (
            "error=server_error&error_description=Invalid+SAML+response+received:+PreSignUp+failed+with+error+No.+",
            400,
            "sign_in_refused",
        ),
        ("error=temporarily_unavailable", 503, "pool_unavailable"),
        ("code={code}&iss=https://evil.example", 400, "login_not_recognised"),
        ("code={code}&iss=", 400, "login_not_recognised"),
        ("code={code}&iss={issuer}/", 400, "login_not_recognised"),
        ("error=access_denied&iss=https://evil.example", 400, "login_not_recognised"),
    ];
    for (query, status, denial) in rows {
        let (state, code, cookie) = begin(&app, &agent).await;
        let filled = query.replace("{code}", &code).replace("{issuer}", &app.pool.issuer());
        let answer = agent.get(&app.url(&format!("/auth/callback?state={state}&{filled}"))).await;
        assert_refused(&answer, status, denial, query);
        assert_eq!(answer.set_cookies().len(), 1, "{query}");
        assert_eq!(agent.cookie(&cookie), None, "{query}");
        assert!(agent.cookie(&other_cookie).is_some(), "{query}");

        let late = agent.get(&app.url(&format!("/auth/callback?state={state}&code={code}"))).await;
        assert_refused(&late, 400, "no_login_attempt", query);
    }
    assert_eq!(app.exchanges(), 0);
    let page = agent.follow(&app.url(&format!("/auth/callback?state={other_state}&code={other_code}"))).await;
    assert_eq!(page.status, 200, "the other attempt is still good");
}

#[rocket::async_test]
async fn the_pools_own_issuer_may_come_along() {
    let app = App::start().await;
    let agent = Agent::new();
    let (state, code, _) = begin(&app, &agent).await;
    let issuer = app.pool.issuer();
    let page =
        agent.follow(&app.url(&format!("/auth/callback?iss={issuer}&state={state}&code={code}"))).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"));
}

#[rocket::async_test]
async fn codes_of_up_to_2048_characters_are_tried() {
    let app = App::start().await;
    let agent = Agent::new();
    for (exchanges, code) in [(1, "x".to_owned()), (2, "x".repeat(2048)), (3, "%20~!%25%22".into())] {
        let (state, _, _) = begin(&app, &agent).await;
        let answer = agent.get(&app.url(&format!("/auth/callback?state={state}&code={code}"))).await;
        assert_refused(&answer, 400, "code_refused", &code);
        assert_eq!(app.exchanges(), exchanges);
    }
}

#[rocket::async_test]
async fn a_code_of_another_attempt_is_refused() {
    let app = App::start().await;
    let (alice, mallory) = (Agent::new(), Agent::new());
    let (state, _, _) = begin(&app, &alice).await;
    let (_, code, _) = begin(&app, &mallory).await;
    let answer = alice.get(&app.url(&format!("/auth/callback?state={state}&code={code}"))).await;
    assert_refused(&answer, 400, "code_refused", "the PKCE verifier is another");
    assert_eq!(alice.get(&app.url("/me")).await.status, 401);
}

#[rocket::async_test]
async fn only_get_delivers_a_callback() {
    let app = App::start().await;
    let agent = Agent::new();
    let (state, code, _) = begin(&app, &agent).await;
    let callback = app.url(&format!("/auth/callback?state={state}&code={code}"));
    for (method, status) in [
        (Method::HEAD, 405),
        (Method::POST, 404),
        (Method::PUT, 404),
        (Method::DELETE, 404),
        (Method::OPTIONS, 404),
    ] {
        let answer = agent.send(method.clone(), &callback, &[], None).await;
        assert_eq!(answer.status, status, "{method}");
        assert_no_cookies(&answer, method.as_str());
    }
    // Rocket takes this for a GET; the form of another site could send it.
    let answer = agent.post(&callback, &[], &[("_method", "GET")]).await;
    assert_refused(&answer, 405, "method_not_allowed", "a form in disguise");
    assert_eq!(app.exchanges(), 0);
    let page = agent.follow(&callback).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "the attempt is still good");
}

#[rocket::async_test]
async fn a_callback_in_another_browser_is_refused() {
    let app = App::start().await;
    let alice = Agent::new();
    let callback = app.begin(&alice, "/me").await;

    let stranger = Agent::new();
    assert_refused(&stranger.get(&callback).await, 400, "no_login_attempt", "no cookie");
    let (state, code, _) = begin(&app, &stranger).await;
    let answer = stranger.get(&callback).await;
    assert_refused(&answer, 400, "no_login_attempt", "another attempt's cookie");
    assert_no_cookies(&answer, "another attempt's cookie");
    assert_eq!(app.exchanges(), 0);

    let page = stranger.follow(&app.url(&format!("/auth/callback?state={state}&code={code}"))).await;
    assert_eq!(page.status, 200, "the stranger's own attempt is still good");
    assert_eq!(alice.follow(&callback).await.status, 200, "and so is the first browser's");

    let bob = app.signed_in("bob").await;
    let cookies = bob.cookies();
    let answer = bob.open(&app.begin(&Agent::new(), "/page").await).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    assert_no_cookies(&answer, "who is signed in goes on as before");
    assert_eq!(bob.cookies(), cookies);
}

#[rocket::async_test]
async fn a_replay_is_refused_when_signed_out_and_leads_on_when_signed_in() {
    let app = App::start().await;
    let agent = Agent::new();
    let (state, code, cookie) = begin(&app, &agent).await;
    let sealed = agent.cookie(&cookie).unwrap();
    let callback = app.url(&format!("/auth/callback?state={state}&code={code}"));
    assert_eq!(agent.follow(&callback).await.status, 200);

    assert_eq!(agent.open(&callback).await.header("location"), "/");
    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert_refused(&agent.get(&callback).await, 400, "no_login_attempt", "signed out");

    // With the login cookie kept, against its removal.
    let copy = Agent::new();
    copy.set_cookie(&cookie, &sealed);
    let answer = copy.get(&callback).await;
    assert!([303, 400].contains(&answer.status.as_u16()), "{}", answer.status);
    assert_eq!(app.exchanges(), 1, "no replay reaches the pool");
}

/// C3: neither with another code, nor after an error or a sign-out, against the removal of the login cookie.
#[rocket::async_test]
async fn an_attempt_that_is_over_stays_over() {
    let app = App::start().await;
    let agent = Agent::new();
    let (state, code, cookie) = begin(&app, &agent).await;
    let (sealed, copy) = (agent.cookie(&cookie).unwrap(), Agent::new());
    copy.set_cookie(&cookie, &sealed);
    let callback = |code: &str| app.url(&format!("/auth/callback?state={state}&code={code}"));
    assert_eq!(agent.get(&callback(&code)).await.status, 303);
    assert_refused(&copy.get(&callback("another")).await, 400, "login_used", "another code");
    // A browser begins another sign-in, which leads to the same page.
    copy.set_cookie(&cookie, &sealed);
    let again = copy.open(&callback("another")).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/auth/login?next=%2Fme"));
    assert!(copy.cookies().is_empty(), "{:?}", copy.cookies());

    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    copy.set_cookie(&cookie, &sealed);
    assert_refused(&copy.get(&callback(&code)).await, 400, "login_used", "after the sign-out");
    copy.set_cookie(&cookie, &sealed);
    assert_eq!(copy.open(&callback("another")).await.status, 400, "after the sign-out, in a browser");
    assert_eq!(app.exchanges(), 1);

    let (state, code, cookie) = begin(&app, &agent).await;
    copy.set_cookie(&cookie, &agent.cookie(&cookie).unwrap());
    let callback = app.url(&format!("/auth/callback?state={state}&code={code}"));
    assert_eq!(agent.get(&callback).await.status, 303);
    let refused = app.url(&format!("/auth/callback?state={state}&error=access_denied"));
    assert_eq!(Agent::new().get(&refused).await.status, 400, "of a stranger");
    let sealed = copy.cookie(&cookie).unwrap();
    assert_refused(&copy.get(&refused).await, 403, "access_denied", "after the sign-in");
    copy.set_cookie(&cookie, &sealed);
    assert_refused(&copy.get(&callback).await, 400, "login_used", "after an error");
    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;

    for error in ["error=access_denied", "error=server_error", "iss=https://evil.example&code=x"] {
        let (state, code, cookie) = begin(&app, &agent).await;
        let sealed = agent.cookie(&cookie).unwrap();
        let refused = agent.get(&app.url(&format!("/auth/callback?state={state}&{error}"))).await;
        assert!(refused.status.is_client_error() || refused.status == 503, "{error}: {}", refused.status);
        copy.set_cookie(&cookie, &sealed);
        let answer = copy.get(&app.url(&format!("/auth/callback?state={state}&code={code}"))).await;
        assert_refused(&answer, 400, "login_used", error);
    }
    assert_eq!(app.exchanges(), 2);
}

/// C3: the answer got lost, so that the browser has the login cookie still, and signs out.
#[rocket::async_test]
async fn a_callback_whose_answer_got_lost_signs_nobody_in_after_a_sign_out() {
    let app = App::start().await;
    let (agent, network) = (Agent::new(), Agent::new());
    let (state, code, cookie) = begin(&app, &agent).await;
    let callback = app.url(&format!("/auth/callback?state={state}&code={code}"));
    network.set_cookie(&cookie, &agent.cookie(&cookie).unwrap());
    assert_eq!(network.get(&callback).await.status, 303);
    let (_, _, other) = begin(&app, &agent).await;

    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert!(agent.cookie(&other).is_some(), "a sign-in in another tab goes on");
    assert_refused(&agent.get(&callback).await, 400, "login_used", "the lost session");
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);
}

/// C3: a session that another one has replaced does not come back.
#[rocket::async_test]
async fn the_callback_of_a_replaced_session_does_not_bring_it_back() {
    let app = App::start().await;
    let agent = Agent::new();
    let (state, code, cookie) = begin(&app, &agent).await;
    let sealed = agent.cookie(&cookie).unwrap();
    let alices = app.url(&format!("/auth/callback?state={state}&code={code}"));
    assert_eq!(agent.get(&alices).await.status, 303);
    app.leave_pool(&agent).await;
    agent.sign_in(&app.url("/auth/login?next=/me"), "bob").await;

    agent.set_cookie(&cookie, &sealed);
    let again = agent.get(&alices).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/"));
    let me = agent.get(&app.url("/me")).await;
    assert!(me.body.contains("bob"), "{}", me.body);
    agent.set_cookie(&cookie, &sealed);
    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert_refused(&agent.get(&alices).await, 400, "login_used", "signed out");
}

#[rocket::async_test]
async fn an_app_without_catchers_answers_the_same() {
    let app = Setup::new().start_with(without_catchers).await;
    let agent = Agent::new();
    let get = async |path: &str| agent.get(&app.url(path)).await;
    assert_refused(&get("/auth/callback").await, 400, "bad_callback", "callback");
    assert_refused(&get("/auth/login?next=a&next=b").await, 400, "bad_login", "login");
    for (query, status, denial) in [
        ("error=access_denied", 403, "access_denied"),
        ("error=server_error", 503, "pool_unavailable"),
        ("code=x", 400, "code_refused"),
    ] {
        let (state, _, _) = begin(&app, &agent).await;
        let answer = get(&format!("/auth/callback?state={state}&{query}")).await;
        assert_refused(&answer, status, denial, query);
    }
    assert_refused(&get("/auth/logout").await, 405, "method_not_allowed", "logout");
    let answer = agent.post(&app.url("/auth/logout"), &[("sec-fetch-site", "cross-site")], &[]).await;
    assert_refused(&answer, 403, "cross_site", "logout");
}

#[rocket::async_test]
async fn an_attempt_of_another_app_on_the_same_host_is_not_recognised() {
    let (ours, theirs) = (App::start().await, App::start().await);
    let agent = Agent::new();
    let callback = theirs.begin(&agent, "/me").await.replace(&theirs.origin(), &ours.origin());
    // Ports share cookies, and here the secret keys are the same too: the attempt knows whose it is.
    assert_refused(&agent.get(&callback).await, 400, "login_not_recognised", "the other app's");
    assert_eq!(ours.exchanges(), 0);
    let page = agent.follow(&callback.replace(&ours.origin(), &theirs.origin())).await;
    assert_eq!(page.status, 200, "where it belongs it is still good");
}

#[rocket::async_test]
async fn a_405_says_what_is_allowed() {
    let app = App::start().await;
    for (method, path, allow) in [
        (Method::HEAD, "/auth/callback", "GET"),
        (Method::GET, "/auth/logout", "POST"),
        (Method::HEAD, "/auth/logout", "POST"),
    ] {
        let answer = Agent::new().send(method.clone(), &app.url(path), &[], None).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, allow), "{method} {path}");
    }
}
