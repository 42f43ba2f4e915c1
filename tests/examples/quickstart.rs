//! What the quickstart does, says and refuses.

use std::net::TcpListener;

use crate::support::agent::Agent;
use crate::support::quickstart::Quickstart;
use crate::support::{CALLBACKS, free_port};
use reqwest::{Method, Url};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::{Value, json};

impl Quickstart {
    /// Signs in with the password form, and checks who was let in where, and out again.
    async fn visit(&self, username: &str, groups: Value, admin: u16, edit: u16) {
        let agent = Agent::new();
        let home = agent.open(&self.url("/")).await;
        assert!(home.status == 200 && home.body.contains("href=\"/auth/login\""), "{}", home.body);

        let page = agent.sign_in(&self.url("/me"), username).await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, self.url("/me").as_str()));
        let me: Value = serde_json::from_str(&page.body).unwrap();
        assert!(me["sub"].is_string());
        let email = format!("{username}@example.com");
        let expected = json!({ "sub": me["sub"], "username": username, "email": email, "groups": groups });
        assert_eq!(me, expected);

        for (path, status) in [("/admin", admin), ("/edit", edit)] {
            let page = agent.open(&self.url(path)).await;
            assert_eq!(page.status, status, "{username} at {path}");
            assert!(page.header("content-type").starts_with("text/html"));
            let word = if status == 200 { username } else { "Not for this account" };
            assert!(page.body.contains(word), "{}", page.body);
        }

        let home = agent.open(&self.url("/")).await;
        assert!(home.body.contains(username) && home.body.contains("action=\"/auth/logout\""));
        let origin = self.url("");
        let answer = agent.post(&self.url("/auth/logout"), &[("origin", &origin)], &[]).await;
        let home = agent.follow(&answer.location()).await;
        assert_eq!((home.status.as_u16(), home.url.as_str()), (200, self.url("/").as_str()));
        assert!(home.body.contains("href=\"/auth/login\""));
        assert_eq!(agent.follow(&self.url("/me")).await.url.path(), "/login");
    }
}

#[rocket::async_test]
async fn it_says_what_to_open_and_lets_in_whom_the_groups_allow() {
    let quickstart = Quickstart::start().await;
    let output = quickstart.output();
    for word in [&*format!("open {}", quickstart.url("")), "local pool", "alice", "bob", "carol"] {
        assert!(output.contains(word), "{word:?} is not in:\n{output}");
    }
    quickstart.visit("alice", json!(["admin"]), 200, 200).await;
    quickstart.visit("bob", json!(["editor"]), 403, 200).await;
    quickstart.visit("carol", json!([]), 403, 403).await;
}

#[rocket::async_test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_a_program_is_told() {
    let quickstart = Quickstart::start().await;
    for path in ["/me", "/admin", "/edit"] {
        let page = Agent::new().open(&quickstart.url(path)).await;
        let next = path.replace('/', "%2F");
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (303, &*format!("/auth/login?next={next}"))
        );
        let page = Agent::new().get(&quickstart.url(path)).await;
        assert_eq!((page.status.as_u16(), page.header("www-authenticate")), (401, "Bearer"));
    }
    let page = Agent::new().sign_in(&quickstart.url("/me").replace("localhost", "127.0.0.1"), "alice").await;
    assert_eq!(page.url.as_str(), quickstart.url("/me"), "opened under the other name");
}

#[rocket::async_test]
async fn the_log_tells_no_code_state_token_or_cookie() {
    let quickstart = Quickstart::start().await;
    let agent = Agent::new();
    let form = agent.follow(&quickstart.url("/auth/login?next=/me")).await;
    let parameter = |name| form.url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let (state, nonce) = (parameter("state"), parameter("nonce"));
    let fields = [("username", "alice"), ("password", "Passw0rd!")];
    let answer = agent.post(form.url.as_str(), &[], &fields).await;
    let code = answer.location_parameter("code");
    let (_, login) = agent.cookies().pop_first().unwrap();
    // Without the attempt's cookie, with it, and once more.
    assert_eq!(Agent::new().get(&answer.location()).await.status, 400);
    assert_eq!(agent.follow(&answer.location()).await.status, 200);
    assert_eq!(agent.open(&answer.location()).await.status, 303);
    let head = agent.send(Method::HEAD, &answer.location(), &[], None).await;
    assert_eq!(head.status, 405);

    let cookies = agent.cookies();
    let bearer = format!("Bearer {}", cookies["cognito_access_token"]);
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(agent.send(Method::GET, &quickstart.url("/me"), &headers, None).await.status, 200);
    let id = format!("Bearer {}", cookies["cognito_id_token"]);
    let headers = [("authorization", id.as_str())];
    assert_eq!(agent.send(Method::GET, &quickstart.url("/me"), &headers, None).await.status, 401);
    agent.post(&quickstart.url("/auth/logout"), &[("origin", &quickstart.url(""))], &[]).await;

    assert!(quickstart.output().contains("GET /auth/callback"), "requests are logged at all");
    quickstart.assert_untold(&code, "the code");
    quickstart.assert_untold(&state, "the state");
    quickstart.assert_untold(&nonce, "the nonce");
    quickstart.assert_untold(&login, "the login cookie");
    for (name, value) in &cookies {
        quickstart.assert_untold(value, name);
        // A part of it would be too much too.
        quickstart.assert_untold(&value[value.len() - 40..], name);
    }
    quickstart.assert_untold("Passw0rd!", "the password");
}

#[rocket::async_test]
async fn no_spelling_of_the_callback_puts_code_and_state_into_the_log() {
    let quickstart = Quickstart::start().await;
    for (index, path) in CALLBACKS.into_iter().enumerate() {
        for method in [Method::GET, Method::HEAD] {
            let query = format!("code=c0de-canary-{index}&state=st4te-canary-{index}");
            let url = Url::parse(&quickstart.url(&format!("{path}?{query}"))).unwrap();
            assert_eq!(url.path(), path, "sent as it is");
            let status = if method == Method::GET { 400 } else { 405 };
            let answer = Agent::new().send(method, url.as_str(), &[], None).await;
            assert_eq!(answer.status, status, "{path} is the callback");
        }
    }
    let denied = "/auth/callback?error=access_denied&error_description=x&state=st4te-canary-error";
    assert_eq!(Agent::new().get(&quickstart.url(denied)).await.status, 400);
    for path in CALLBACKS {
        assert!(
            quickstart.output().contains(&format!("\nGET {path}:\n")),
            "{path} is logged without its query"
        );
    }
    for canary in ["c0de-canary", "st4te-canary", "code=", "state="] {
        quickstart.assert_untold(canary, "the query");
    }
}

#[rocket::async_test]
async fn the_same_binary_uses_another_pool_by_environment_alone() {
    const SECRET: &str = "other-s3cret-of-the-client";
    const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz-other";
    let port = free_port();
    let origin = format!("http://localhost:{port}");
    let (callback_url, home) = (format!("{origin}/signed/in"), format!("{origin}/"));
    let client = LocalClient::new("otherclient").secret(SECRET).callback_url(&callback_url).logout_url(&home);
    let config = LocalPoolConfig::default()
        .port(0)
        .user_pool_id("us-west-2_Other1")
        .user(LocalUser::new("dave").group("admin"))
        .user(LocalUser::new("erin").group("editor"))
        .client(client);
    let pool = LocalPool::start(config).await.unwrap();
    let (domain, issuer) = (pool.base_url(), pool.issuer());
    let quickstart = Quickstart::spawn(
        port,
        &[
            ("ROCKET_COGNITO_LOCAL_POOL", "false"),
            ("ROCKET_COGNITO_USER_POOL_ID", "us-west-2_Other1"),
            ("ROCKET_COGNITO_CLIENT_ID", "otherclient"),
            ("ROCKET_COGNITO_CLIENT_SECRET", SECRET),
            ("ROCKET_COGNITO_DOMAIN", &domain),
            ("ROCKET_COGNITO_ISSUER", &issuer),
            ("ROCKET_COGNITO_REDIRECT_URL", &callback_url),
            ("ROCKET_COGNITO_LOGOUT_URL", &home),
            ("ROCKET_COGNITO_SECRET_KEYS", KEY),
        ],
    );
    let quickstart = quickstart.launched().await;
    quickstart.visit("dave", json!(["admin"]), 200, 200).await;
    quickstart.visit("erin", json!(["editor"]), 403, 200).await;
    assert_eq!((pool.requests("/oauth2/token"), pool.requests("/oauth2/revoke")), (2, 2));

    let tokens = pool.sign_in("dave", "otherclient").unwrap();
    for (token, status) in [(&tokens.access_token, 200), (&tokens.id_token, 401)] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let page = Agent::new().send(Method::GET, &quickstart.url("/admin"), &headers, None).await;
        assert_eq!(page.status, status);
        quickstart.assert_untold(token, "a bearer token");
    }
    quickstart.assert_untold(SECRET, "the client's secret");
    quickstart.assert_untold(KEY, "the cookies' key");
    assert!(!quickstart.output().contains("local pool at"), "no pool of its own");
}

#[rocket::async_test]
async fn a_taken_pool_port_stops_the_launch_and_says_what_to_type() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let pool = format!("{{port={port}}}");
    let quickstart = Quickstart::spawn(free_port(), &[("ROCKET_COGNITO_LOCAL_POOL", &pool)]);
    let (status, output) = quickstart.ended().await;
    assert!(!status.success(), "{status}");
    for words in
        [&*format!("port {port} on 127.0.0.1 is taken"), &*format!("local_pool = {{ port = {} }}", port + 1)]
    {
        assert!(output.contains(words), "{words:?} is not in:\n{output}");
    }
}

#[rocket::async_test]
async fn two_apps_side_by_side_have_pools_at_different_ports_and_say_where() {
    // Whoever has it, it is taken.
    let _taken = TcpListener::bind("127.0.0.1:9400");
    let variables = [("ROCKET_COGNITO_LOCAL_POOL", "true")];
    let [one, two] = [(); 2].map(|()| Quickstart::spawn(free_port(), &variables));
    let apps = [one.launched().await, two.launched().await];
    let mut pools = Vec::new();
    for app in &apps {
        app.visit("bob", json!(["editor"]), 403, 200).await;
        let output = app.output();
        let words = "port 9400 is not free, so the local pool is at ";
        let (_, line) = output.split_once(words).unwrap_or_else(|| panic!("{words:?} is not in:\n{output}"));
        let mut lines = line.lines();
        pools.push(lines.next().unwrap().to_owned());
        let remedy = "cognito_local_pool_elsewhere: >> for an address that stays, type a free port: \
            local_pool = { port = 9401 }";
        assert_eq!(lines.next(), Some(remedy), "{line}");
    }
    assert!(pools[0].starts_with("http://127.0.0.1:") && pools[0] != pools[1], "{pools:?}");
}

#[rocket::async_test]
async fn a_pool_at_the_apps_own_port_stops_the_launch_and_says_what_to_type() {
    let port = free_port();
    let pool = format!("{{port={port}}}");
    let (status, output) = Quickstart::spawn(port, &[("ROCKET_COGNITO_LOCAL_POOL", &pool)]).ended().await;
    assert!(!status.success(), "{status}");
    for words in
        [&*format!("port {port} is the app's own"), &*format!("local_pool = {{ port = {} }}", port + 1)]
    {
        assert!(output.contains(words), "{words:?} is not in:\n{output}");
    }
}

#[rocket::async_test]
async fn missing_settings_stop_the_launch_and_are_all_named() {
    let quickstart = Quickstart::spawn(free_port(), &[("ROCKET_COGNITO_LOCAL_POOL", "false")]);
    let (status, output) = quickstart.ended().await;
    assert!(!status.success(), "{status}");
    for key in ["user_pool_id", "client_id", "domain", "redirect_url", "logout_url"] {
        assert!(output.contains(&format!("`{key}`: is required and not set")), "{key} is not in:\n{output}");
        assert!(output.contains(&format!("ROCKET_COGNITO_{}", key.to_ascii_uppercase())));
    }
    assert!(!output.contains("has launched"));
}

#[rocket::async_test]
async fn wrong_settings_are_told_together_and_no_secret_with_them() {
    let variables = [
        ("ROCKET_COGNITO_LOCAL_POOL", "false"),
        ("ROCKET_COGNITO_USER_POOL_ID", "nonsense"),
        ("ROCKET_COGNITO_CLIENT_ID", "otherclient"),
        ("ROCKET_COGNITO_CLIENT_SECRET", "c4nary with spaces"),
        ("ROCKET_COGNITO_DOMAIN", "http://evil.example"),
        ("ROCKET_COGNITO_REDIRECT_URL", "https://app.example.com"),
        ("ROCKET_COGNITO_LOGOUT_URL", "https://app.example.com/"),
        ("ROCKET_COGNITO_SECRET_KEYS", "c4nary"),
        ("ROCKET_COGNITO_REDIRECT_URI", "https://app.example.com/cb"),
    ];
    let (status, output) = Quickstart::spawn(free_port(), &variables).ended().await;
    assert!(!status.success(), "{status}");
    for word in ["user_pool_id", "client_secret", "domain", "redirect_url", "secret_keys", "did you mean"] {
        assert!(output.contains(word), "{word} is not in:\n{output}");
    }
    assert!(!output.contains("c4nary"), "{output}");
}
