//! What the examples beside the quickstart do, each as people run it.

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
    assert_eq!(agent.post(&example.url("/renew"), &[], &[]).await.status, 403);

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
async fn accounts_in_a_database_are_made_at_first_sight_and_suspended() {
    let example = Quickstart::start_example("database_user").await;
    let (alice, bob, carol) = (Agent::new(), Agent::new(), Agent::new());
    for (agent, name, body) in [(&alice, "alice", "Account 1 of alice"), (&bob, "bob", "Account 2 of bob")] {
        let page = agent.sign_in(&example.url("/me"), name).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (200, body));
        assert_eq!(agent.get(&example.url("/me")).await.body, body);
    }
    let page = carol.sign_in(&example.url("/me"), "carol").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (403, "/me"));
    assert!(page.body.contains("this site does not know your account"), "{}", page.body);

    assert_eq!(alice.get(&example.url("/accounts")).await.body, "alice, there are 2 accounts");
    assert_eq!(bob.get(&example.url("/accounts")).await.status, 403);
    let (suspend, same_origin) = (example.url("/suspend/bob"), [("sec-fetch-site", "same-origin")]);
    assert_eq!(bob.post(&suspend, &same_origin, &[]).await.status, 403);
    assert_eq!(bob.get(&example.url("/me")).await.status, 200);
    assert_eq!(alice.post(&suspend, &same_origin, &[]).await.status, 200);
    let page = bob.get(&example.url("/me")).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("\"unknown_user\""), "{}", page.body);
    assert_eq!(bob.get(&example.url("/")).await.status, 200, "he is signed in all the same");
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
    let [bob, carol] = [token_of_person(&pool, "bob").await, token_of_person(&pool, "carol").await]
        .map(|it| format!("Bearer {it}"));
    let posts = example.url("/posts");
    let hello = Some(r#"{"text": "Hello"}"#);
    let post = json!({ "author": "bob", "text": "Hello" });
    let needs = "group \"admin\" or group \"editor\"";
    for (header, body, expected) in [
        (Some(&*carol), None, (200, json!([]))),
        (Some(&*bob), hello, (201, post.clone())),
        (Some(&*carol), None, (200, json!([post]))),
        (Some(&*carol), hello, (403, json!({ "error": "rule_not_met", "user": "carol", "needs": needs }))),
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
async fn one_machine_calls_another_and_nobody_else_may() {
    let (example, pool) = with_pool("machine_to_machine", &[]).await;
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

    let machine = async |scope: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "worker"),
            ("client_secret", "of-the-worker"),
            ("scope", scope),
        ];
        let bearer = format!("Bearer {}", access_token(&pool, &form).await);
        let headers = [("authorization", bearer.as_str())];
        Agent::new().send(reqwest::Method::GET, &example.url("/orders"), &headers, None).await.status
    };
    assert_eq!(machine("orders/read").await, 200);
    assert_eq!(machine("orders/write").await, 403);
    assert_eq!(Agent::new().get(&example.url("/orders")).await.status, 401);
    example.assert_untold("of-the-worker", "the secret");
}

#[rocket::async_test]
async fn templates_show_the_visitor_in_every_page_and_refusals_in_the_same_look() {
    let mallory = "{username=mallory,password=Passw0rd!,attributes={name=\"<i>Mallory</i>\"}}";
    let alice = "{username=alice,password=Passw0rd!,groups=[admin],email=alice@example.com}";
    let pool = format!("{{port={},users=[{alice},{mallory}]}}", free_port());
    let variables = [("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())];
    let example = Quickstart::spawn_example("templates", free_port(), &variables).launched().await;
    let (alice, mallory) = (Agent::new(), Agent::new());
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

    let page = mallory.sign_in(&example.url("/admin"), "mallory").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (403, "/admin"));
    for word in ["&lt;i&gt;Mallory&lt;&#x2f;i&gt;", "<h1>Not for this account</h1>", "Sign out"] {
        assert!(page.body.contains(word), "{word} is not in {}", page.body);
    }
    assert!(!page.body.contains("<i>") && !page.body.contains("href=\"/admin\""), "{}", page.body);
    let json = mallory.get(&example.url("/admin")).await;
    assert!(json.status == 403 && json.body.contains("\"error\":\"rule_not_met\""), "{}", json.body);
    let page = mallory.open(&example.url("/nowhere")).await;
    assert!(page.status == 404 && page.body.contains("<h1>Not Found</h1>"), "{}", page.body);
    let page = mallory.open(&example.url("/auth/callback")).await;
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
    let (account, same_origin) = (example.url("/account"), [("sec-fetch-site", "same-origin")]);
    let agents = [Agent::new(), Agent::new(), Agent::new(), Agent::new()];
    let [alice, second, third, bob] = &agents;
    for (agent, name) in agents.iter().zip(["alice", "alice", "alice", "bob"]) {
        let page = agent.sign_in(&account, name).await;
        assert!(page.status == 200 && page.url.path() == "/account", "{}", page.body);
    }
    let list = alice.open(&account).await.body;
    assert_eq!((list.matches("<li ").count(), list.matches(">this device<").count()), (3, 1), "{list}");
    let form = list.split("action=\"").find(|it| it.starts_with("/account/sessions/")).unwrap();
    let end = example.url(form.split('"').next().unwrap());
    let end_others = example.url("/account/sessions/end-others");

    assert_eq!(alice.post(&end, &[], &[]).await.status, 403, "from nobody knows where");
    let says = async |agent: &Agent, url: &str, notice: &str| {
        let answer = agent.post(url, &same_origin, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, account.clone()));
        let page = agent.open(&account).await.body;
        assert!(page.contains(&format!("role=\"status\">{notice}<")), "{notice} is not in {page}");
    };
    says(bob, &end, "That device was signed out already.").await;
    assert_eq!(alice.open(&account).await.body.matches("<li ").count(), 3, "it is alice's");
    says(alice, &end, "That device is signed out.").await;
    let statuses = [second.get(&account).await.status, third.get(&account).await.status];
    assert!(statuses.iter().filter(|status| **status == 401).count() == 1, "{statuses:?}");
    says(alice, &end_others, "One other device is signed out.").await;
    says(alice, &end_others, "You were signed in nowhere else.").await;
    for (agent, status) in [(alice, 200), (second, 401), (third, 401), (bob, 200)] {
        assert_eq!(agent.get(&account).await.status, status);
    }
}

#[rocket::async_test]
async fn groups_and_policies_decide_and_their_catcher_says_why() {
    let example = Quickstart::start_example("groups_and_policies").await;
    let admin_or_editor = "This needs group \"admin\" or group \"editor\".";
    let not_staff = "This needs not (group \"admin\" or group \"editor\").";
    let admin = "This needs group \"admin\".";
    let author = "This needs its author.";
    for (name, expected) in [
        (
            "alice",
            [
                ("/desk", "alice, here is everything"),
                ("/publish", "Published by alice"),
                ("/letters", not_staff),
                ("/newsletter", "It goes to alice@example.com"),
                ("/payroll", "alice, here is the payroll"),
                ("/articles/1/edit", "alice, here is your article 1"),
                ("/articles/2/edit", author),
                ("/rooms/admin", "alice, this is the room of admin"),
                ("/rooms/editor", "This needs group \"editor\"."),
            ],
        ),
        (
            "bob",
            [
                ("/desk", "bob, here is what you wrote"),
                ("/publish", "Published by bob"),
                ("/letters", not_staff),
                ("/newsletter", "It goes to bob@example.com"),
                ("/payroll", admin),
                ("/articles/1/edit", author),
                ("/articles/2/edit", "bob, here is your article 2"),
                ("/rooms/admin", admin),
                ("/rooms/editor", "bob, this is the room of editor"),
            ],
        ),
        (
            "carol",
            [
                ("/desk", "carol, here is what you wrote"),
                ("/publish", admin_or_editor),
                ("/letters", "Thank you for your letter, carol"),
                ("/newsletter", "It goes to carol@example.com"),
                ("/payroll", admin),
                ("/articles/1/edit", author),
                ("/articles/2/edit", author),
                ("/rooms/admin", admin),
                ("/rooms/editor", "This needs group \"editor\"."),
            ],
        ),
    ] {
        let agent = Agent::new();
        agent.sign_in(&example.url("/auth/login"), name).await;
        for (path, body) in expected {
            let page = agent.open(&example.url(path)).await;
            let status = if body.starts_with("This needs") { 403 } else { 200 };
            assert_eq!((page.status.as_u16(), page.body.as_str()), (status, body), "{name} at {path}");
        }
    }

    let bob = Agent::new();
    bob.sign_in(&example.url("/signin/briefly"), "bob").await;
    for (path, rule) in [("/publish", "an e-mail address of this house"), ("/newsletter", "scope \"email\"")]
    {
        let page = bob.open(&example.url(path)).await;
        assert_eq!((page.status.as_u16(), page.body), (403, format!("This needs {rule}.")), "{path}");
    }
}

#[rocket::async_test]
async fn the_payroll_asks_who_signed_in_half_an_hour_ago_once_more() {
    let pool = format!("{{port={},clock_skew_seconds=-1800}}", free_port());
    let variables = [("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())];
    let example = Quickstart::spawn_example("groups_and_policies", free_port(), &variables).launched().await;
    let agent = Agent::new();
    assert_eq!(agent.sign_in(&example.url("/desk"), "alice").await.body, "alice, here is everything");
    let page = agent.open(&example.url("/payroll")).await;
    let login = "/auth/login?next=%2Fpayroll&prompt=login&max_age=900";
    assert_eq!((page.status.as_u16(), page.header("location")), (303, login));
}

#[rocket::async_test]
async fn session_store_signs_in_and_says_whether_the_store_is_up() {
    let example = Quickstart::start_example("session_store").await;
    let agent = Agent::new();
    assert_eq!(agent.get(&example.url("/health")).await.body, "up");
    let page = agent.sign_in(&example.url("/auth/login?next=/me"), "alice").await;
    assert_eq!((page.url.path(), page.body.as_str()), ("/me", "Hello, alice"));
}
