//! `sessions`: what the pool tracks of sign-ins and browsers, and how many a user may have.

use std::fs;

use figment::Figment;
use figment::providers::{Format, Toml};
use rocket::futures::future::join_all;
use rocket_cognito::local_pool::{LocalLevels, LocalPool, LocalPoolConfig, LocalSessions, LocalTokens};
use serde_json::{Value, json};

use crate::api::{done, of_pool, refused, sign_in};
use crate::browser::*;
use crate::state::Folder;

const OFF: &str = "OperationNotEnabledException";
const NOT_IN_PLAN: &str = "FeatureUnavailableInTierException";

fn at_most(sessions: u32) -> LocalPoolConfig {
    config().sessions(LocalSessions::new().max_per_user(sessions))
}

async fn start_with(config: LocalPoolConfig) -> (LocalPool, Browser) {
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    (pool, browser)
}

async fn refreshes(browser: &Browser, tokens: &LocalTokens) -> bool {
    let answer = browser.refresh(&tokens.refresh_token).await;
    assert!(answer.0 == 200 || answer == invalid_grant(), "{answer:?}");
    answer.0 == 200
}

/// Whether userInfo and `GetUser` take an access token, which they agree about.
async fn is_taken(browser: &Browser, access_token: &str) -> bool {
    let request = browser.get_url(browser.url("/oauth2/userInfo", &[])).bearer_auth(access_token);
    let (status, _) = answer(request).await;
    let by = json!({ "AccessToken": access_token });
    if status == 200 {
        done(browser, "GetUser", by).await;
    } else {
        assert_eq!(
            (status, refused(browser, "GetUser", by).await.0.as_str()),
            (401, "NotAuthorizedException")
        );
    }
    status == 200
}

/// The sessions of a user, as an admin sees them.
async fn sessions_of(browser: &Browser, username: &str) -> Vec<Value> {
    let listed = done(browser, "AdminListUserSessions", of_pool(json!({ "Username": username }))).await;
    listed["Sessions"].as_array().unwrap().clone()
}

fn of_type<'a>(sessions: &'a [Value], kind: &str) -> Vec<&'a Value> {
    sessions.iter().filter(|session| session["SessionType"] == kind).collect()
}

/// Revokes a session of alice.
async fn revoke(browser: &Browser, session: &Value, associated: &str) {
    let members = json!({
        "Username": "alice",
        "SessionId": session["SessionId"],
        "RevokeAssociatedSessions": associated,
    });
    assert_eq!(done(browser, "AdminRevokeUserSession", of_pool(members)).await, json!({}));
}

/// Tokens of a code of the session that the browser has, for `shop`.
async fn more_tokens(browser: &Browser) -> Value {
    let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
    redeemed(browser, &parameter(&response, "code").expect("a session")).await
}

async fn redeemed(browser: &Browser, code: &str) -> Value {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    let (status, tokens) = browser.token(&form).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

async fn is_signed_in(browser: &Browser) -> bool {
    parameter(&browser.get("/oauth2/authorize", &authorize("shop")).await, "code").is_some()
}

async fn is_alive(browser: &Browser, tokens: &Value) -> bool {
    browser.refresh(tokens["refresh_token"].as_str().unwrap()).await.0 == 200
}

#[rocket::async_test]
async fn over_the_limit_the_least_recently_used_session_ends() {
    for rotation in [false, true] {
        let config = at_most(2).refresh_token_rotation(rotation).refresh_token_grace_seconds(60);
        let (pool, browser) = start_with(config).await;
        let foreign = pool.sign_in("bob", "shop").unwrap();
        let [first, second] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap());
        assert!(refreshes(&browser, &first).await, "the first is used more recently now");
        let third = sign_in(&browser, "alice", "Passw0rd!").await;

        assert!(!refreshes(&browser, &second).await);
        assert!(!is_taken(&browser, &second.access_token).await);
        assert!(refreshes(&browser, &first).await);
        assert!(is_taken(&browser, &first.access_token).await);
        done(&browser, "GetUser", json!({ "AccessToken": third["AccessToken"] })).await;
        assert!(refreshes(&browser, &foreign).await, "each user has a limit of their own");
        let sessions = sessions_of(&browser, "alice").await;
        assert_eq!(sessions.len(), 2, "{sessions:?}");
    }
}

#[rocket::async_test]
async fn a_sign_in_that_fails_and_a_refresh_end_no_session() {
    let (pool, browser) = start_with(at_most(1)).await;
    let tokens = pool.sign_in("alice", "shop").unwrap();
    let parameters = json!({ "USERNAME": "alice", "PASSWORD": "wrong" });
    let wrong = json!({ "ClientId": "spa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters });
    assert_eq!(refused(&browser, "InitiateAuth", wrong).await.0, "NotAuthorizedException");
    for _ in 0..3 {
        assert!(refreshes(&browser, &tokens).await);
    }
}

#[rocket::async_test]
async fn sign_ins_side_by_side_leave_no_more_than_the_limit() {
    let (pool, browser) = start_with(at_most(3)).await;
    join_all((0..12).map(|_| sign_in(&browser, "alice", "Passw0rd!"))).await;
    assert_eq!(sessions_of(&browser, "alice").await.len(), 3);
    let tokens = pool.sign_in("alice", "shop").unwrap();
    assert!(refreshes(&browser, &tokens).await);
}

#[rocket::async_test]
async fn without_tracking_nothing_is_listed_revoked_or_evicted() {
    let (pool, mut browser) = start_with(config()).await;
    let code = browser.sign_in("alice", &authorize("shop")).await;
    let tokens = redeemed(&browser, &code).await;
    let all: Vec<_> = (0..30).map(|_| pool.sign_in("alice", "shop").unwrap()).collect();
    assert!(refreshes(&browser, &all[0]).await);

    let id = format!("tkn{}", "a".repeat(25));
    let own = json!({ "AccessToken": tokens["access_token"], "SessionId": id });
    let of_alice = of_pool(json!({ "Username": "alice", "SessionId": id }));
    for (operation, members) in [
        ("ListUserSessions", &own),
        ("RevokeUserSession", &own),
        ("AdminListUserSessions", &of_alice),
        ("AdminRevokeUserSession", &of_alice),
    ] {
        assert_eq!(refused(&browser, operation, members.clone()).await.0, OFF, "{operation}");
    }
}

#[rocket::async_test]
async fn the_plan_lite_has_no_sessions() {
    let (pool, browser) = start_with(at_most(1).levels(LocalLevels::new().ignored())).await;
    let [first, _] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap());
    assert!(refreshes(&browser, &first).await);
    let own = json!({ "AccessToken": first.access_token });
    assert_eq!(refused(&browser, "ListUserSessions", own).await.0, NOT_IN_PLAN);
    let of_alice = of_pool(json!({ "Username": "alice" }));
    assert_eq!(refused(&browser, "AdminListUserSessions", of_alice).await.0, NOT_IN_PLAN);
    let described = done(&browser, "DescribeUserPool", of_pool(json!({}))).await;
    assert_eq!(described["UserPool"]["UserPoolTier"], "LITE");
}

#[rocket::async_test]
async fn a_browser_has_a_session_that_its_token_sessions_come_from() {
    let (pool, mut browser) = start_with(at_most(20)).await;
    let code = browser.sign_in("alice", &authorize("shop")).await;
    let tokens = redeemed(&browser, &code).await;
    pool.set_clock_skew_seconds(100);
    more_tokens(&browser).await;
    sign_in(&browser, "alice", "Passw0rd!").await;

    let by = json!({ "AccessToken": tokens["access_token"] });
    let listed = done(&browser, "ListUserSessions", by).await["Sessions"].take();
    let sessions = listed.as_array().unwrap();
    let [sso] = of_type(sessions, "SSO")[..] else { panic!("one, not {listed}") };
    assert_eq!((&sso["ClientId"], sso.get("OriginSessionId")), (&json!("shop"), None));
    let date = |session: &Value, name: &str| session[name].as_u64().unwrap();
    assert!(date(sso, "LastActiveDate") >= date(sso, "CreateDate") + 90, "{sso}");
    let token_sessions = of_type(sessions, "TOKEN");
    let origins: Vec<_> = token_sessions.iter().map(|session| session.get("OriginSessionId")).collect();
    assert_eq!(origins.len(), 3);
    assert_eq!(origins.iter().filter(|origin| **origin == Some(&sso["SessionId"])).count(), 2);
    assert_eq!(origins.iter().filter(|origin| origin.is_none()).count(), 1, "that of the API");
    assert_eq!(sessions.iter().filter(|session| session["IsCurrentSession"] == true).count(), 1);
    for session in sessions {
        let id = session["SessionId"].as_str().unwrap();
        let kind = if session["SessionType"] == "SSO" { "sso" } else { "tkn" };
        let rest = id.strip_prefix(kind).unwrap();
        let is_right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        assert!(rest.len() == 25 && rest.bytes().all(is_right), "{id}");
    }
    assert!(!listed.to_string().contains(browser.cookie.as_deref().unwrap().split_once('=').unwrap().1));
    assert!(sessions_of(&browser, "bob").await.is_empty());
}

#[rocket::async_test]
async fn revoking_a_token_session_ends_that_of_its_browser_only_when_linked() {
    for (associated, ends) in [("NONE", false), ("LINKED", true)] {
        let (_pool, mut browser) = start_with(at_most(20)).await;
        let code = browser.sign_in("alice", &authorize("shop")).await;
        let first = redeemed(&browser, &code).await;
        let revoked = sessions_of(&browser, "alice").await;
        let second = more_tokens(&browser).await;
        revoke(&browser, of_type(&revoked, "TOKEN")[0], associated).await;
        assert!(!is_alive(&browser, &first).await);
        assert!(is_alive(&browser, &second).await, "siblings live");
        assert_eq!(is_signed_in(&browser).await, !ends, "{associated}");
    }
}

#[rocket::async_test]
async fn revoking_the_session_of_a_browser_ends_its_token_sessions_only_when_linked() {
    for (associated, ends) in [("NONE", false), ("LINKED", true)] {
        let (pool, mut browser) = start_with(at_most(20)).await;
        let code = browser.sign_in("alice", &authorize("shop")).await;
        let tokens = redeemed(&browser, &code).await;
        let elsewhere = pool.sign_in("alice", "shop").unwrap();
        let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
        let under_way = parameter(&response, "code").unwrap();

        let sessions = sessions_of(&browser, "alice").await;
        revoke(&browser, of_type(&sessions, "SSO")[0], associated).await;
        assert!(!is_signed_in(&browser).await);
        assert_eq!(is_alive(&browser, &tokens).await, !ends, "{associated}");
        assert_eq!(is_taken(&browser, tokens["access_token"].as_str().unwrap()).await, !ends, "{associated}");
        let form = [("grant_type", "authorization_code"), ("code", &*under_way), ("redirect_uri", CALLBACK)];
        assert_eq!(browser.token(&form).await.0 == 200, !ends, "{associated}: a code that was under way");
        assert!(refreshes(&browser, &elsewhere).await);
    }
}

#[rocket::async_test]
async fn revoke_token_ends_the_session_of_the_browser_only_when_linked_and_tracked() {
    let cases = [(at_most(20), "NONE", false), (at_most(20), "LINKED", true), (config(), "LINKED", false)];
    for (config, associated, ends) in cases {
        let (_pool, mut browser) = start_with(config).await;
        let code = browser.sign_in("alice", &authorize("shop")).await;
        let [first, second] = [redeemed(&browser, &code).await, more_tokens(&browser).await];
        let members = json!({
            "Token": first["refresh_token"],
            "ClientId": "shop",
            "ClientSecret": SECRET,
            "RevokeAssociatedSessions": associated,
        });
        done(&browser, "RevokeToken", members).await;
        assert!(!is_alive(&browser, &first).await && is_alive(&browser, &second).await);
        assert_eq!(is_signed_in(&browser).await, !ends, "{associated}");
    }
}

#[rocket::async_test]
async fn users_revoke_their_own_other_sessions_and_admins_any() {
    let (pool, browser) = start_with(at_most(20)).await;
    let [current, other] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap());
    let foreign = pool.sign_in("bob", "shop").unwrap();
    let by = json!({ "AccessToken": current.access_token });
    let listed = done(&browser, "ListUserSessions", by).await["Sessions"].take();
    let id_where = |is_current: bool| {
        let sessions = listed.as_array().unwrap().iter();
        sessions.clone().find(|session| session["IsCurrentSession"] == is_current).unwrap()["SessionId"]
            .clone()
    };
    let own = |id: Value| json!({ "AccessToken": current.access_token, "SessionId": id });
    let named = |name: &str, id: Value| of_pool(json!({ "Username": name, "SessionId": id }));
    let of_bob = sessions_of(&browser, "bob").await[0]["SessionId"].clone();
    assert!(sessions_of(&browser, "alice").await.iter().all(|session| session["IsCurrentSession"] == false));
    let mut upper = own(of_bob.clone());
    upper["SessionId"] = of_bob.as_str().unwrap().to_uppercase().into();
    let mut nonsense = own(of_bob.clone());
    nonsense["RevokeAssociatedSessions"] = "ALL".into();
    for (operation, members, kind) in [
        ("RevokeUserSession", own(id_where(true)), "InvalidParameterException"),
        ("RevokeUserSession", own(of_bob.clone()), "ResourceNotFoundException"),
        ("RevokeUserSession", upper, "InvalidParameterException"),
        ("RevokeUserSession", nonsense, "InvalidParameterException"),
        ("AdminRevokeUserSession", named("alice", of_bob), "ResourceNotFoundException"),
        ("AdminRevokeUserSession", named("nobody", id_where(true)), "UserNotFoundException"),
        ("AdminListUserSessions", of_pool(json!({ "Username": "nobody" })), "UserNotFoundException"),
    ] {
        assert_eq!(refused(&browser, operation, members).await.0, kind, "{operation}");
    }
    for tokens in [&current, &other, &foreign] {
        assert!(refreshes(&browser, tokens).await, "none of them revoked it");
    }
    done(&browser, "RevokeUserSession", own(id_where(false))).await;
    assert!(!refreshes(&browser, &other).await && !is_taken(&browser, &other.access_token).await);
    done(&browser, "AdminRevokeUserSession", named("alice", id_where(true))).await;
    assert!(!refreshes(&browser, &current).await && !is_taken(&browser, &current.access_token).await);
}

#[rocket::async_test]
async fn a_pool_that_asks_for_every_sign_in_has_no_session_of_a_browser() {
    let (_pool, browser) = start_with(at_most(20).sso_seconds(0)).await;
    let login = browser.url("/login", &authorize("shop"));
    let response = browser.post(login, &[("user", "alice")]).send().await.unwrap();
    redeemed(&browser, &parameter(&response, "code").unwrap()).await;
    let sessions = sessions_of(&browser, "alice").await;
    let [session] = &sessions[..] else { panic!("one, not {sessions:?}") };
    assert_eq!((&session["SessionType"], session.get("OriginSessionId")), (&json!("TOKEN"), None));
}

#[rocket::async_test]
async fn sessions_and_the_order_of_their_use_outlive_a_restart() {
    let folder = Folder::new();
    let tracked = || folder.config().sessions(LocalSessions::new().max_per_user(2));
    let (pool, mut browser) = start_with(tracked()).await;
    let code = browser.sign_in("alice", &authorize("shop")).await;
    let first = redeemed(&browser, &code).await;
    let second = pool.sign_in("alice", "shop").unwrap();
    assert!(is_alive(&browser, &first).await);
    let before = sessions_of(&browser, "alice").await;
    pool.stop().await;

    let cookie = browser.cookie.take();
    let (pool, mut browser) = start_with(tracked()).await;
    browser.cookie = cookie;
    let sorted = |mut sessions: Vec<Value>| {
        sessions.sort_by_key(|session| session["SessionId"].to_string());
        sessions
    };
    assert_eq!(sorted(sessions_of(&browser, "alice").await), sorted(before));
    pool.sign_in("alice", "shop").unwrap();
    assert!(!refreshes(&browser, &second).await && is_alive(&browser, &first).await);
    pool.stop().await;
}

#[rocket::async_test]
async fn a_file_from_before_sessions_were_tracked_is_read() {
    let folder = Folder::new();
    let (pool, mut browser) = start_with(folder.config()).await;
    let code = browser.sign_in("alice", &authorize("shop")).await;
    let tokens = redeemed(&browser, &code).await;
    pool.stop().await;
    let mut state = folder.state();
    for (list, members) in [
        ("sessions", ["id", "client_id", "last_active"]),
        ("refresh_tokens", ["last_use", "sso_session", ""]),
    ] {
        for entry in state["content"][list].as_array_mut().unwrap() {
            for member in members {
                entry["value"].as_object_mut().unwrap().remove(member);
            }
        }
    }
    fs::write(folder.path("pool.json"), state.to_string()).unwrap();

    let cookie = browser.cookie.take();
    let (_pool, mut browser) = start_with(folder.config().sessions(LocalSessions::new())).await;
    browser.cookie = cookie;
    assert!(is_alive(&browser, &tokens).await && is_signed_in(&browser).await);
    let sessions = sessions_of(&browser, "alice").await;
    assert_eq!((of_type(&sessions, "SSO").len(), of_type(&sessions, "TOKEN").len()), (1, 1), "{sessions:?}");
}

#[rocket::async_test]
async fn the_table_says_how_many_and_wrong_numbers_are_refused() {
    let read = |toml: &str| Figment::from(Toml::string(toml)).extract::<LocalPoolConfig>().unwrap();
    let clients = r#"clients = [{ client_id = "shop", client_secret = "s3cret" }]"#;
    let toml = format!("port = 0\n{clients}\nsessions = {{ max_per_user = 1 }}");
    let (pool, browser) = start_with(read(&toml)).await;
    let [first, second] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap());
    assert!(!refreshes(&browser, &first).await && refreshes(&browser, &second).await);
    read("sessions = {}").check().unwrap();
    for wrong in [0, 101] {
        let error = at_most(wrong).check().unwrap_err().to_string();
        assert!(error.contains("`sessions.max_per_user`: must be 1 to 100"), "{error}");
    }
    let folder = Folder::new();
    let path = folder.path("pool.toml");
    for (table, problem) in [
        ("sessions = { max_per_user = 0 }", "`sessions.max_per_user`"),
        ("sessions = { most = 2 }", "`sessions.most`"),
        ("sessions = true", "`sessions`"),
    ] {
        fs::write(&path, table).unwrap();
        let error = LocalPoolConfig::from_file(&path).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
