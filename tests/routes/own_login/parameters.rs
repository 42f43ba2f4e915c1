//! What stands in the authorize URL, each parameter once.

use std::collections::BTreeMap;

use rocket::http::RawStr;
use rocket_cognito::Login;

use super::{Setup, World};
use crate::support::agent::{Agent, Page};
use crate::support::app::{CLIENT, parameters};

/// The parameters of the authorize request, without those that are random for each.
fn asked(world: &World, page: &Page) -> BTreeMap<String, String> {
    assert_eq!(page.status, 303, "{}", page.body);
    let location = page.location();
    assert!(location.starts_with(&format!("{}/oauth2/authorize?", world.pool.base_url())), "{location}");
    let all = parameters(&location);
    let mut once: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(once.len(), all.len(), "a parameter stands twice in {location}");
    for name in ["state", "nonce", "code_challenge"] {
        let random = once.remove(name).expect(name);
        assert!(random.len() == 43, "{name}: {random}");
    }
    once
}

fn usual(world: &World) -> BTreeMap<String, String> {
    let redirect_uri = world.url("/auth/callback");
    let usual = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", &redirect_uri),
        ("code_challenge_method", "S256"),
    ];
    usual.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn with(mut parameters: BTreeMap<String, String>, name: &str, value: &str) -> BTreeMap<String, String> {
    parameters.insert(name.to_owned(), value.to_owned());
    parameters
}

#[rocket::async_test]
async fn each_method_sets_its_own_parameter_and_no_other() {
    let world = World::start().await;
    let cases = [
        (Login::new().scopes(["openid", "email"]), "scope", "openid email"),
        (Login::new().scopes(vec!["openid".to_owned()]), "scope", "openid"),
        (Login::new().resource("https://api.example.com/v1"), "resource", "https://api.example.com/v1"),
        (Login::new().resource("myapp://orders"), "resource", "myapp://orders"),
        (Login::new().identity_provider("Google"), "identity_provider", "Google"),
        (Login::new().idp_identifier("acme.com"), "idp_identifier", "acme.com"),
        (Login::new().login_hint("dave@example.com"), "login_hint", "dave@example.com"),
        (Login::new().login_hint(Some("дейв & co #1")), "login_hint", "дейв & co #1"),
        (Login::new().lang("pt-BR"), "lang", "pt-BR"),
        (Login::new().lang("fr").lang("de"), "lang", "de"),
        (Login::new().prompt("login select_account"), "prompt", "login select_account"),
    ];
    for (login, name, value) in cases {
        let page = world.begin(&Agent::new(), login).await;
        assert_eq!(asked(&world, &page), with(usual(&world), name, value), "{name}");
    }
    let quiet = [
        Login::new(),
        Login::default().next("/me"),
        Login::new().state("homepage"),
        Login::new().lang("").prompt("").login_hint("").identity_provider("").idp_identifier(""),
        Login::new().lang("de").lang(None::<&str>).next(None::<&str>),
    ];
    for login in quiet {
        assert_eq!(asked(&world, &world.begin(&Agent::new(), login).await), usual(&world));
    }
}

#[rocket::async_test]
async fn a_login_of_the_apps_own_is_answered_as_the_mounted_one() {
    let world = World::start().await;
    let mounted = Agent::new().get(&world.url("/auth/login?next=/me&lang=de&login_hint=dave")).await;
    let own = world.begin(&Agent::new(), Login::new().next("/me").lang("de").login_hint("dave")).await;
    assert_eq!(asked(&world, &own), asked(&world, &mounted));
    let headers = |page: &Page| -> BTreeMap<_, _> {
        let differs = ["location", "set-cookie", "date"];
        let headers = page.headers.iter().filter(|(name, _)| !differs.contains(&name.as_str()));
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    };
    assert_eq!(headers(&own), headers(&mounted));
    assert_eq!((own.header("cache-control"), own.header("referrer-policy")), ("no-store", "no-referrer"));
    let attributes = |page: &Page| {
        let cookies = page.set_cookies();
        assert_eq!(cookies.len(), 1);
        let (pair, attributes) = cookies[0].split_once("; ").unwrap();
        (pair.split('_').take(2).collect::<String>(), attributes.to_owned())
    };
    assert_eq!(attributes(&own), attributes(&mounted));
}

/// The whole query in words: scopes are joined by `+`, and the client's own serve where none are asked for.
#[rocket::async_test]
async fn scopes_stand_in_the_url_as_they_are_asked_for() {
    let world = World::start().await;
    let scopes = ["openid", "profile", "phone", "email"];
    let page = world.begin(&Agent::new(), Login::new().scopes(scopes)).await;
    assert!(page.location().contains("&scope=openid+profile+phone+email"), "{}", page.location());

    let setup = Setup::new().set("scopes", "openid email");
    let narrow = World::start_with(setup, |rocket| rocket).await;
    let page = narrow.begin(&Agent::new(), Login::new()).await;
    assert_eq!(asked(&narrow, &page), with(usual(&narrow), "scope", "openid email"));
    let page = narrow.begin(&Agent::new(), Login::new().scopes(["openid", "phone"])).await;
    assert_eq!(asked(&narrow, &page), with(usual(&narrow), "scope", "openid phone"));
}

const ATTACKS: [&str; 12] = [
    "x&redirect_uri=https://evil.example/",
    "x&state=1&nonce=2&code_challenge=3",
    "&client_id=evil",
    "x#&scope=admin",
    "#",
    "=",
    "x;resource=https://evil.example",
    "x%26state%3D1",
    "x+y z",
    "\"><script>alert(1)</script>",
    "https://evil.example/?redirect_uri=x",
    "ü\u{202e}\u{ff06}state=1",
];

/// C14.
#[rocket::async_test]
async fn what_a_visitor_hands_on_can_neither_add_nor_replace_a_parameter() {
    let world = World::start().await;
    for name in ["identity_provider", "idp_identifier", "login_hint", "lang", "prompt"] {
        for attack in ATTACKS {
            let query = format!("{name}={}", RawStr::new(attack).percent_encode());
            for path in ["/hand_on", "/auth/login"] {
                let page = Agent::new().get(&world.url(&format!("{path}?{query}"))).await;
                assert_eq!(asked(&world, &page), with(usual(&world), name, attack), "{path}?{query}");
            }
        }
    }
    // Parameters of other names, and repeated ones, are nothing to the route.
    for query in [
        "redirect_uri=https://evil.example/&scope=admin&state=1&nonce=2&code_challenge=3&client_id=evil",
        "response_type=token&code_challenge_method=plain&resource=https://evil.example",
        "lang=de&lang=fr",
        "next=/x%26redirect_uri=https://evil%23&lang",
    ] {
        let page = Agent::new().get(&world.url(&format!("/hand_on?{query}"))).await;
        assert_eq!(asked(&world, &page), usual(&world), "{query}");
    }
}
