//! The examples beside the quickstart, each as people run it. What their guards decide, their own tests show.

use crate::support::agent::Agent;
use crate::support::free_port;
use crate::support::quickstart::Quickstart;
use reqwest::Url;
use serde_json::{Value, json};

const BEARER_REQUIRED: &str = "Send this header: Authorization: Bearer <access token>";
const INVALID_TOKEN: &str = "Get a new one, an access token and not an ID token, and send it in this header: \
    Authorization: Bearer <access token>";

#[rocket::async_test]
async fn own_routes_sign_in_renew_switch_and_sign_out() {
    let example = Quickstart::start_example("own_routes").await;
    let (agent, same_origin) = (Agent::new(), [("sec-fetch-site", "same-origin")]);
    let home = agent.open(&example.url("/")).await;
    assert!(home.body.contains("href=\"/signin?plan=pro\""), "{}", home.body);
    assert_eq!(agent.get(&example.url("/auth/login")).await.status, 404);

    let page = agent.sign_in(&example.url("/signin?plan=pro"), "alice").await;
    assert_eq!((page.url.path(), page.body.as_str()), ("/welcome", "alice, welcome to the pro plan"));
    let page = agent.follow(&example.url("/signin?plan=free&next=/me")).await;
    assert_eq!((page.url.path(), page.body.as_str()), ("/me", "Hello, alice"));

    let renewed = agent.post(&example.url("/renew"), &same_origin, &[]).await;
    assert_eq!(
        (renewed.status.as_u16(), renewed.body.as_str()),
        (200, "alice, your session has been renewed")
    );

    let switched = agent.post(&example.url("/switch"), &same_origin, &[]).await;
    assert_eq!(agent.get(&example.url("/me")).await.status, 401);
    let page = agent.sign_in(&switched.location(), "bob").await;
    assert_eq!((page.url.path(), page.body.as_str()), ("/me", "Hello, bob"));

    let left = agent.post(&example.url("/signout"), &same_origin, &[]).await;
    let home = agent.follow(&left.location()).await;
    assert_eq!((home.status.as_u16(), home.url.as_str()), (200, example.url("/").as_str()));
    assert!(home.body.contains("/signin"), "{}", home.body);
    assert_eq!(agent.follow(&example.url("/me")).await.url.path(), "/login", "the pool asks again");
}

#[rocket::async_test]
async fn hooks_welcome_refuse_and_say_goodbye() {
    let example = Quickstart::start_example("hooks").await;
    let (alice, bob, carol) = (Agent::new(), Agent::new(), Agent::new());
    for (agent, name, here) in
        [(&alice, "alice", "Here: {\"alice\"}"), (&bob, "bob", "Here: {\"alice\", \"bob\"}")]
    {
        let page = agent.sign_in(&example.url("/auth/login"), name).await;
        assert_eq!((page.url.path(), page.body.as_str()), ("/here", here));
    }
    let page = carol.sign_in(&example.url("/auth/login"), "carol").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (403, "/auth/callback"));
    assert!(page.body.contains("this site does not let it in"), "{}", page.body);
    assert!(carol.cookies().is_empty());

    let origin = example.url("");
    let left = alice.post(&example.url("/auth/logout"), &[("origin", &origin)], &[]).await;
    assert_eq!(left.status, 303);
    assert_eq!(bob.get(&example.url("/here")).await.body, "Here: {\"bob\"}");
}

#[rocket::async_test]
async fn database_user_signs_in_and_makes_an_account() {
    let example = Quickstart::start_example("database_user").await;
    let page = Agent::new().sign_in(&example.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "Account 1 of alice"));
    let page = Agent::new().sign_in(&example.url("/me"), "carol").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (403, "/me"));
    assert!(page.body.contains("this site does not know your account"), "{}", page.body);
}

/// An example, and the address of its pool.
async fn with_pool(example: &str, variables: &[(&str, &str)]) -> (Quickstart, String) {
    let port = free_port();
    let pool = format!("{{port={port}}}");
    let variables = [&[("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())], variables].concat();
    let example = Quickstart::spawn_example(example, free_port(), &variables).launched().await;
    (example, format!("http://127.0.0.1:{port}"))
}

async fn access_token(pool: &str, form: &[(&str, &str)]) -> String {
    let answer = Agent::new().post(&format!("{pool}/oauth2/token"), &[], form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// As the commands at the top of the example.
async fn token_of_person(pool: &str, username: &str) -> String {
    let client = "client_id=spa&redirect_uri=http://localhost/";
    let fields = [("username", username), ("password", "Passw0rd!")];
    let page = Agent::new().post(&format!("{pool}/login?response_type=code&{client}"), &[], &fields).await;
    let code = page.location_parameter("code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", "spa"),
        ("redirect_uri", "http://localhost/"),
    ];
    access_token(pool, &form).await
}

async fn call(url: &str, header: Option<&str>, body: Option<&str>) -> (u16, Value) {
    let request = match body {
        Some(body) => reqwest::Client::new().post(url).body(body.to_owned()),
        None => reqwest::Client::new().get(url),
    };
    let request = header.into_iter().fold(request, |request, header| request.header("authorization", header));
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[rocket::async_test]
async fn bearer_api_reads_writes_and_says_why_not_in_json() {
    let (example, pool) = with_pool("bearer_api", &[]).await;
    assert!(
        !example.output().contains("Warning") && !example.output().contains("WARN"),
        "{}",
        example.output()
    );
    let bob = format!("Bearer {}", token_of_person(&pool, "bob").await);
    let posts = example.url("/posts");
    let hello = Some(r#"{"text": "Hello"}"#);
    let post = json!({ "author": "bob", "text": "Hello" });
    for (header, body, expected) in [
        (Some(&*bob), hello, (201, post.clone())),
        (Some(&*bob), None, (200, json!([post]))),
        (None, hello, (401, json!({ "error": "bearer_required", "hint": BEARER_REQUIRED }))),
        (Some("Bearer x"), None, (401, json!({ "error": "invalid_token", "hint": INVALID_TOKEN }))),
        (Some(&*bob), Some("hello"), (400, json!({ "error": "Bad Request" }))),
    ] {
        assert_eq!(call(&posts, header, body).await, expected);
    }
    assert_eq!(call(&example.url("/x"), Some(&bob), None).await, (404, json!({ "error": "Not Found" })));
}

/// A refusal without a person and without a rule once had no body, and so became a 500.
#[rocket::async_test]
async fn bearer_api_tells_a_machine_that_it_is_for_people() {
    let port = free_port();
    let clients = "[{client_id=spa,callback_urls=[\"http://localhost/\"]},\
                   {client_id=worker,client_secret=of-the-worker,client_credentials=true,scopes=[\"posts/read\"]}]";
    let pool = format!("{{port={port},clients={clients}}}");
    let variables =
        [("ROCKET_COGNITO_LOCAL_POOL", pool.as_str()), ("ROCKET_COGNITO_ACCEPTED_CLIENT_IDS", "[worker]")];
    let example = Quickstart::spawn_example("bearer_api", free_port(), &variables).launched().await;
    let form =
        [("grant_type", "client_credentials"), ("client_id", "worker"), ("client_secret", "of-the-worker")];
    let token = access_token(&format!("http://127.0.0.1:{port}"), &form).await;
    let answer = call(&example.url("/posts"), Some(&format!("Bearer {token}")), None).await;
    assert_eq!(answer, (403, json!({ "error": "person_required", "user": null, "needs": null })));
}

/// An empty text in a variable is no prefix, over a word in a file or none.
#[rocket::async_test]
async fn a_variable_empties_the_prefix_of_the_header() {
    let variables = [("ROCKET_COGNITO_JWT_HEADER_PREFIX", ""), ("ROCKET_COGNITO_JWT_HEADER_NAME", "")];
    let (example, pool) = with_pool("bearer_api", &variables).await;
    let token = token_of_person(&pool, "bob").await;
    assert_eq!(call(&example.url("/posts"), Some(&token), None).await, (200, json!([])));
    let (status, answer) = call(&example.url("/posts"), Some(&format!("Bearer {token}")), None).await;
    assert_eq!((status, &answer["error"]), (401, &json!("several_bearer_tokens")));
}

#[rocket::async_test]
async fn one_machine_calls_another() {
    let example = Quickstart::start_example("machine_to_machine").await;
    for _ in 0..2 {
        let report = Agent::new().get(&example.url("/report")).await;
        assert_eq!(
            (report.status.as_u16(), report.body.as_str()),
            (200, "The service says: 2 orders, for worker")
        );
    }
    let output = example.output();
    let tokens = output.lines().filter(|line| line.starts_with("POST /oauth2/token"));
    assert_eq!(tokens.count(), 1, "one token serves both:\n{output}");

    example.assert_untold("of-the-worker", "the secret");
}

#[rocket::async_test]
async fn an_agent_reads_orders_for_a_person_and_no_account() {
    let orders = free_port().to_string();
    let variables = [("ROCKET_PORT_OF_ORDERS", orders.as_str())];
    let example = Quickstart::spawn_example("delegation", free_port(), &variables).launched().await;
    // Both apps.
    while example.output().matches("Rocket has launched").count() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let alice = Agent::new();
    alice.sign_in(&example.url("/auth/login"), "alice").await;
    let page = alice.get(&example.url("/agent/orders")).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "2 orders, for alice by agent"));
    let page = alice.get(&example.url("/agent/account")).await;
    assert_eq!(page.status, 403);
    assert_eq!(serde_json::from_str::<Value>(&page.body).unwrap()["error"], "delegated");
    assert_eq!(alice.get(&example.url("/agent/elsewhere")).await.status, 404);
    example.assert_untold("of-the-", "the secrets");
}

#[rocket::async_test]
async fn who_is_promoted_works_at_the_desk_after_a_refresh() {
    let example = Quickstart::start_example("promote").await;
    let (alice, carol, same_origin) = (Agent::new(), Agent::new(), [("sec-fetch-site", "same-origin")]);
    alice.sign_in(&example.url("/auth/login"), "alice").await;
    carol.sign_in(&example.url("/auth/login"), "carol").await;
    let promote = async |username: &str| {
        let form = [("username", username)];
        alice.post(&example.url("/promotions"), &same_origin, &form).await.status.as_u16()
    };
    assert_eq!(promote("nobody").await, 404);
    assert_eq!(promote("carol").await, 303);
    assert_eq!(carol.get(&example.url("/desk")).await.status, 403, "her tokens are those of before");
    carol.post(&example.url("/auth/refresh"), &same_origin, &[]).await;
    assert_eq!(carol.get(&example.url("/desk")).await.body, "carol, here is the desk");
}

#[rocket::async_test]
async fn prometheus_reads_numbers_with_a_token_and_health_without() {
    let port = free_port();
    let pool = format!("{{port={port}}}");
    let variables = [("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())];
    let example = Quickstart::spawn_example("prometheus", free_port(), &variables).launched().await;
    let health = Agent::new().get(&example.url("/ready")).await;
    assert_eq!(health.status, 200);
    assert_eq!(serde_json::from_str::<Value>(&health.body).unwrap()["keys"]["count"], 2);
    assert_eq!(Agent::new().get(&example.url("/metrics")).await.status, 401);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "prometheus"),
        ("client_secret", "of-prometheus"),
    ];
    let token = access_token(&format!("http://127.0.0.1:{port}"), &form).await;
    let headers = [("authorization", &*format!("Bearer {token}"))];
    let scrape = Agent::new().send(reqwest::Method::GET, &example.url("/metrics"), &headers, None).await;
    assert_eq!(scrape.status, 200);
    let refused = "rocket_cognito_refusals_total{code=\"bearer_required\"} 1";
    assert!(scrape.body.lines().any(|line| line == refused), "{}", scrape.body);
}

#[rocket::async_test]
async fn templates_show_the_visitor_in_every_page_and_errors_in_the_same_look() {
    let example = Quickstart::start_example("templates").await;
    let alice = Agent::new();
    let welcome = alice.open(&example.url("/")).await.body;
    assert!(
        welcome.contains("href=\"/auth/login?next=/account\"") && !welcome.contains("Sign out"),
        "{welcome}"
    );

    let page = alice.sign_in(&example.url("/auth/login?next=/account"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/account"));
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.header("content-type"));
    assert!(page.body.contains("<dd>alice@example.com</dd>"), "{}", page.body);
    for (path, words) in [("/", "You are in admin."), ("/account", "E-mail"), ("/admin", "Only members of")] {
        let page = alice.open(&example.url(path)).await;
        assert_eq!(page.status, 200, "{path}");
        for word in [words, "alice <span class=\"tag\">admin</span>", "href=\"/admin\"", "Sign out"] {
            assert!(page.body.contains(word), "{path}: {word} is not in {}", page.body);
        }
    }

    let page = alice.open(&example.url("/nowhere")).await;
    assert!(page.status == 404 && page.body.contains("<h1>Not Found</h1>"), "{}", page.body);
    let page = alice.open(&example.url("/auth/callback")).await;
    assert!(page.status == 400 && page.body.contains("<h1>Sign-in not completed</h1>"), "{}", page.body);

    // As a browser sends these forms, and as another site's page would.
    let same_origin = [("sec-fetch-site", "same-origin")];
    for (path, leads_to) in [("/auth/refresh?next=/", "/"), ("/auth/logout", "/logout")] {
        let foreign = alice.post(&example.url(path), &[("sec-fetch-site", "cross-site")], &[]).await;
        assert_eq!(foreign.status, 403, "{path}");
        let answer = alice.post(&example.url(path), &same_origin, &[]).await;
        let location = Url::parse(&answer.location()).unwrap();
        assert_eq!((answer.status.as_u16(), location.path()), (303, leads_to));
    }
    assert!(alice.open(&example.url("/")).await.body.contains("You are not signed in."));
}

#[rocket::async_test]
async fn sessions_lists_the_devices_of_a_user_and_signs_them_out() {
    let example = Quickstart::start_example("sessions").await;
    let account = example.url("/account");
    let (one, other) = (Agent::new(), Agent::new());
    for agent in [&one, &other] {
        let page = agent.sign_in(&account, "alice").await;
        assert!(page.status == 200 && page.url.path() == "/account", "{}", page.body);
    }
    assert_eq!(one.open(&account).await.body.matches("<li ").count(), 2);
    let end_others = example.url("/account/sessions/end-others");
    let answer = one.post(&end_others, &[("sec-fetch-site", "same-origin")], &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, account.clone()));
    let page = one.open(&account).await.body;
    assert!(page.contains("role=\"status\">One other device is signed out.<"), "{page}");
    assert_eq!(
        [one.get(&account).await.status, other.get(&account).await.status].map(|it| it.as_u16()),
        [200, 401]
    );
}

#[rocket::async_test]
async fn sessions_lists_those_at_the_pool_and_signs_out_everywhere() {
    let local_pool = format!("{{port={},sessions={{max_per_user=5}}}}", free_port());
    let variables = [("ROCKET_COGNITO_LOCAL_POOL", local_pool.as_str())];
    let example = Quickstart::spawn_example("sessions", free_port(), &variables).launched().await;
    let account = example.url("/account");
    let (one, other, bob) = (Agent::new(), Agent::new(), Agent::new());
    for (agent, name) in [(&one, "alice"), (&other, "alice"), (&bob, "bob")] {
        let page = agent.sign_in(&account, name).await;
        assert!(page.status == 200 && page.url.path() == "/account", "{}", page.body);
    }
    let page = one.open(&account).await.body;
    let at_pool = page.split_once("At the user pool").unwrap().1;
    // Of each browser the session of the app, and the one at the sign-in page.
    let counts =
        ["<li ", ">this session<", "A browser at the sign-in page"].map(|it| at_pool.matches(it).count());
    assert_eq!(counts, [4, 1, 2], "{page}");
    let same_origin = [("sec-fetch-site", "same-origin")];
    let end = at_pool.split("action=\"").find(|it| it.starts_with("/account/pool-sessions/")).unwrap();
    let end = example.url(end.split('"').next().unwrap());
    for notice in ["has ended.", "had ended already."] {
        assert_eq!(one.post(&end, &same_origin, &[]).await.location(), account);
        let page = one.open(&account).await.body;
        assert!(page.contains(&format!("role=\"status\">That session at the user pool {notice}<")), "{page}");
    }
    let everywhere = example.url("/account/sign-out-everywhere");
    let answer = one.post(&everywhere, &same_origin, &[]).await;
    assert_eq!(Url::parse(&answer.leads_to()).unwrap().path(), "/logout", "{}", answer.body);
    assert_eq!(
        [&one, &other, &bob].map(|agent| agent.cookie("cognito_sid").is_some()),
        [false, true, true],
        "its own cookie goes"
    );
    assert_eq!(
        [other.get(&account).await.status, bob.get(&account).await.status].map(|it| it.as_u16()),
        [401, 200]
    );
}

#[rocket::async_test]
async fn groups_and_policies_keep_an_address_to_itself_where_it_was_not_asked_for() {
    let example = Quickstart::start_example("groups_and_policies").await;
    let page = Agent::new().sign_in(&example.url("/publish"), "bob").await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "Published by bob"));
    let bob = Agent::new();
    bob.sign_in(&example.url("/signin/briefly"), "bob").await;
    let page = bob.open(&example.url("/publish")).await;
    let refusal = "This needs an e-mail address of this house.";
    assert_eq!((page.status.as_u16(), page.body.as_str()), (403, refusal));
}

#[rocket::async_test]
async fn session_store_signs_in_and_says_whether_the_store_is_up() {
    let example = Quickstart::start_example("session_store").await;
    let agent = Agent::new();
    assert_eq!(agent.get(&example.url("/health")).await.body, "up");
    let page = agent.sign_in(&example.url("/auth/login?next=/me"), "alice").await;
    assert_eq!((page.url.path(), page.body.as_str()), ("/me", "Hello, alice"));
}
