//! `/oauth2/authorize` and `/login`.

use rocket_cognito::local_pool::LocalPool;

use crate::browser::*;

fn with<'a>(parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = authorize("shop");
    all.extend(parameters);
    all
}

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    authorize("shop").into_iter().filter(|(key, _)| *key != name).collect()
}

#[rocket::async_test]
async fn a_visitor_is_sent_to_the_sign_in_page_with_the_same_parameters() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let url = browser.url("/oauth2/authorize", &authorize("shop"));
    let response = browser.get_url(url.clone()).send().await.unwrap();
    assert_eq!(location(&response), format!("/login?{}", url.query().unwrap()));
}

#[rocket::async_test]
async fn an_unknown_client_or_callback_never_redirects_to_the_app() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let other_callback = with(&[]).into_iter().map(|(name, value)| match name {
        "redirect_uri" => (name, "http://localhost:8000/auth/callback/"),
        _ => (name, value),
    });
    for parameters in [
        authorize("nobody"),
        other_callback.collect(),
        without("client_id"),
        without("redirect_uri"),
        with(&[("redirect_uri", CALLBACK)]),
        with(&[("client_id", "shop")]),
    ] {
        for path in ["/oauth2/authorize", "/login"] {
            let location = location(&browser.get(path, &parameters).await);
            assert!(location.starts_with("/error?error=redirect_mismatch&client_id="), "{location}");
        }
    }
    let error = browser.get("/error", &[("error", "redirect_mismatch"), ("client_id", "shop")]).await;
    assert_eq!(error.status(), 400);
}

#[rocket::async_test]
async fn broken_rules_are_told_to_the_client_by_redirect() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let challenge = challenge();
    let (plain, short) = ([("code_challenge", &*challenge), ("code_challenge_method", "plain")], "abc");
    for (parameters, error, description) in [
        (without("response_type"), "invalid_request", None),
        (with(&[("scope", "openid nonsense")]), "invalid_request", Some("invalid_scope")),
        (with(&[("scope", "openid offline_access")]), "invalid_request", Some("invalid_scope")),
        (with(&[("scope", "email")]), "invalid_request", Some("invalid_scope")),
        (with(&[("code_challenge", &challenge)]), "invalid_request", None),
        (with(&[("code_challenge_method", "S256")]), "invalid_request", None),
        (with(&plain), "invalid_request", None),
        (with(&[("code_challenge", short), ("code_challenge_method", "S256")]), "invalid_request", None),
        (with(&[("nonce", "1"), ("nonce", "2")]), "invalid_request", None),
        (with(&[("prompt", "none login")]), "invalid_request", None),
        (
            without("response_type").into_iter().chain([("response_type", "token")]).collect(),
            "unauthorized_client",
            None,
        ),
    ] {
        let response = browser.get("/oauth2/authorize", &parameters).await;
        assert!(location(&response).starts_with(&format!("{CALLBACK}?")), "{parameters:?}");
        assert_eq!(parameter(&response, "error").as_deref(), Some(error), "{parameters:?}");
        assert_eq!(parameter(&response, "state").as_deref(), Some("s-1"));
        assert_eq!(parameter(&response, "code"), None);
        if description.is_some() {
            assert_eq!(parameter(&response, "error_description").as_deref(), description);
        }
    }
}

#[rocket::async_test]
async fn a_password_signs_in_and_state_comes_back_unchanged() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let state = "a+b/c=d&e?f %20\"é";
    let parameters: Vec<_> = without("state").into_iter().chain([("state", state)]).collect();
    let form = [("username", "alice"), ("password", "Passw0rd!")];
    let response = browser.post(browser.url("/login", &parameters), &form).send().await.unwrap();
    assert!(location(&response).starts_with(&format!("{CALLBACK}?code=")));
    assert_eq!(parameter(&response, "state").as_deref(), Some(state));
    assert_eq!(parameter(&response, "code").unwrap().len(), 36);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("cognito="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[rocket::async_test]
async fn a_wrong_password_shows_the_page_again() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let url = browser.url("/login", &authorize("shop"));
    for form in [
        vec![("username", "alice"), ("password", "wrong")],
        vec![("username", "alice"), ("password", "")],
        vec![("username", "alice")],
        vec![],
    ] {
        let response = browser.post(url.clone(), &form).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(!response.headers().contains_key("set-cookie"));
        let page = response.text().await.unwrap();
        assert!(page.contains("Incorrect username or password."));
        assert_eq!(page.contains(r#"value="alice" autocomplete"#), form.contains(&("username", "alice")));
    }
}

#[rocket::async_test]
async fn a_click_on_a_user_signs_in() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let url = browser.url("/login", &authorize("shop"));
    let page = browser.get_url(url.clone()).send().await.unwrap().text().await.unwrap();
    for username in ["alice", "bob", "carol"] {
        assert!(page.contains(&format!(r#"name="user" value="{username}""#)));
        let response = browser.post(url.clone(), &[("user", username)]).send().await.unwrap();
        let code = parameter(&response, "code").unwrap();
        let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let (_, tokens) = browser.token(&form).await;
        assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["username"], username);
    }
}

#[rocket::async_test]
async fn another_site_cannot_sign_someone_in() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 302), ("none", 302)] {
        let request = browser.post(browser.url("/login", &authorize("shop")), &[("user", "alice")]);
        let response = request.header("Sec-Fetch-Site", site).send().await.unwrap();
        assert_eq!(response.status(), status, "{site}");
        assert_eq!(response.headers().contains_key("set-cookie"), status == 302);
    }
    // Older browsers send no more than this, and their own pages' origin.
    let own = pool.base_url();
    for (origin, status) in
        [(own.as_str(), 302), ("http://127.0.0.1:1", 403), ("https://evil.example", 403), ("null", 403)]
    {
        let request = browser.post(browser.url("/login", &authorize("shop")), &[("user", "alice")]);
        assert_eq!(request.header("Origin", origin).send().await.unwrap().status(), status, "{origin}");
    }
}

#[rocket::async_test]
async fn under_another_name_than_loopbacks_the_pool_is_not_there() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (host, status) in
        [("localhost", 200), ("127.0.0.1:9", 200), ("rebind.example", 421), ("127.0.0.1.nip.io", 421)]
    {
        let request = browser.get_url(browser.url("/login", &authorize("shop"))).header("Host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
}

#[rocket::async_test]
async fn the_session_signs_in_silently_and_keeps_its_time() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let first = browser.code("alice").await;
    let (_, first) = browser.token(&redeem(&first)).await;
    rocket::tokio::time::sleep(std::time::Duration::from_millis(1100)).await;

    let response = browser.get("/oauth2/authorize", &authorize("spa")).await;
    assert!(!response.headers().contains_key("set-cookie"), "the hour does not start again");
    let code = parameter(&response, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "spa"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
    ];
    let (status, second) = browser.token_by_form(&form).await;
    assert_eq!(status, 200);
    let [first, second] = [first, second].map(|tokens| part(tokens["id_token"].as_str().unwrap(), 1));
    assert_eq!(first["auth_time"], second["auth_time"]);
    assert!(first["iat"].as_u64() < second["iat"].as_u64());
    assert_eq!(first["sub"], second["sub"]);

    browser.cookie = Some("cognito=forged".into());
    let response = browser.get("/oauth2/authorize", &authorize("spa")).await;
    assert!(location(&response).starts_with("/login?"));
}

#[rocket::async_test]
async fn a_callback_keeps_its_own_query() {
    use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
    let callback = "https://app.example/cb?tenant=1";
    let client = LocalClient::new("app").callback_url(callback);
    let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
    let browser = Browser::of(&pool);
    let parameters = [("response_type", "code"), ("client_id", "app"), ("redirect_uri", callback)];
    let response =
        browser.post(browser.url("/login", &parameters), &[("user", "alice")]).send().await.unwrap();
    assert!(location(&response).starts_with(&format!("{callback}&code=")));
    assert_eq!(parameter(&response, "state"), None);
}

#[rocket::async_test]
async fn prompt_none_shows_no_page() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let silent = with(&[("prompt", "none")]);
    let response = browser.get("/oauth2/authorize", &silent).await;
    assert_eq!(location(&response), format!("{CALLBACK}?state=s-1&error=login_required"));

    browser.code("alice").await;
    assert!(parameter(&browser.get("/oauth2/authorize", &silent).await, "code").is_some());
}

#[rocket::async_test]
async fn prompt_asks_again_whoever_has_a_session() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    browser.code("alice").await;
    for prompt in ["login", "login consent", "unheard-of login"] {
        let parameters = with(&[("prompt", prompt)]);
        let response = browser.get("/oauth2/authorize", &parameters).await;
        assert!(location(&response).starts_with("/login?"), "{prompt}");
        let page = browser.get_url(browser.url(&location(&response), &[])).send().await.unwrap();
        assert_eq!(page.status(), 200);
    }
    let parameters = with(&[("prompt", "login")]);
    let code = browser.sign_in("bob", &parameters).await;
    assert_eq!(browser.token(&redeem(&code)[..3]).await.0, 200);

    let others = ["select_account", "consent", "unheard-of", ""];
    for parameters in others.map(|prompt| with(&[("prompt", prompt)])).into_iter().chain([authorize("shop")])
    {
        let response = browser.get("/oauth2/authorize", &parameters).await;
        assert!(parameter(&response, "code").is_some(), "{parameters:?}");
    }
}

#[rocket::async_test]
async fn the_classic_hosted_ui_does_not_know_prompt() {
    let pool = LocalPool::start(config().classic_hosted_ui(true)).await.unwrap();
    let mut browser = Browser::of(&pool);
    let prompts = ["none", "login", "none login"].map(|prompt| with(&[("prompt", prompt)]));
    for parameters in &prompts {
        let response = browser.get("/oauth2/authorize", parameters).await;
        assert!(location(&response).starts_with("/login?"), "{parameters:?}");
    }
    browser.code("alice").await;
    for parameters in &prompts {
        let response = browser.get("/oauth2/authorize", parameters).await;
        assert!(parameter(&response, "code").is_some(), "{parameters:?}");
    }
}

#[rocket::async_test]
async fn a_login_hint_prefills_the_username() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let url = browser.url("/login", &with(&[("login_hint", "dave\"><b>")]));
    let page = browser.get_url(url.clone()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(r#"value="dave&quot;&gt;&lt;b&gt;" autocomplete"#), "{page}");
    let form = [("username", "alice"), ("password", "wrong")];
    let page = browser.post(url, &form).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(r#"value="alice" autocomplete"#), "what was typed counts");
}

#[rocket::async_test]
async fn what_the_pool_does_not_know_is_ignored() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let parameters = with(&[
        ("lang", "fr"),
        ("identity_provider", "COGNITO"),
        ("idp_identifier", "corporate"),
        ("max_age", "0"),
        ("colour", "blue"),
    ]);
    let code = browser.sign_in("alice", &parameters).await;
    assert_eq!(browser.token(&redeem(&code)[..3]).await.0, 200);
    assert!(parameter(&browser.get("/oauth2/authorize", &parameters).await, "code").is_some());
}
