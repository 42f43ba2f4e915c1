//! Whose cookies count: ours, by their exact names.

use rocket::http::Header;

use super::world::{PREFIX, World};

/// Spellings that Rocket's own jar takes for the name itself. Any neighbouring host may set them.
fn spellings(name: &str) -> Vec<String> {
    vec![
        name.replacen('_', "%5F", 1),
        name.replace('_', "%5f"),
        format!("\u{2000}{name}"),
        format!("{name}\u{a0}"),
        format!("\u{85}{name}"),
        name.to_uppercase(),
    ]
}

/// K15.
#[rocket::async_test]
async fn a_session_cookie_under_another_spelling_of_its_name_is_not_ours() {
    let world = World::https().await;
    let (ours, theirs) = (world.token("ours"), world.token("theirs"));
    let name = format!("{PREFIX}cognito_access_token");
    assert_eq!(world.who(&format!("{name}={ours}")).await, (200, "ours".into()));
    for spelling in spellings(&name) {
        assert_eq!(world.who(&format!("{spelling}={theirs}")).await.0, 401, "{spelling}");
        for cookies in
            [format!("{name}={ours}; {spelling}={theirs}"), format!("{spelling}={theirs}; {name}={ours}")]
        {
            assert_eq!(world.who(&cookies).await, (200, "ours".into()), "{spelling}");
        }
    }
}

#[rocket::async_test]
async fn a_login_cookie_under_another_spelling_of_its_name_is_not_ours() {
    let world = World::https().await;
    let (name, value, state) = world.begin("/auth/login", "").await;
    assert!(name.starts_with(PREFIX));
    for spelling in spellings(&name) {
        assert_eq!(
            world.callback(&state, &format!("{spelling}={value}")).await,
            "no_login_attempt",
            "{spelling}"
        );
    }
    assert_eq!(world.callback(&state, &format!("{name}={value}")).await, "pool_unavailable");
}

/// K15.
#[rocket::async_test]
async fn two_values_under_one_name_count_as_none_and_the_same_twice_as_one() {
    let world = World::new(|settings| settings).await;
    let (ours, theirs) = (world.token("ours"), world.token("theirs"));
    let cookies = |second: &str| format!("cognito_access_token={ours}; cognito_access_token={second}");
    assert_eq!(world.who(&cookies(&theirs)).await.0, 401);
    assert_eq!(world.who(&cookies(&ours)).await.0, 200);
}

/// Signing in would not take the neighbour's cookie away, so that a redirect would come back here for ever.
#[rocket::async_test]
async fn two_sessions_under_one_name_are_explained_instead_of_sent_round_in_circles() {
    let world = World::new(|settings| settings).await;
    let cookies = format!("cognito_access_token={}; cognito_access_token=x", world.token("ours"));
    let request = world.client.get("/me").header(Header::new("Cookie", cookies));
    let response = request.header(Header::new("Accept", "text/html")).dispatch().await;
    assert_eq!(response.status().code, 401);
    let page = response.into_string().await.unwrap();
    assert!(page.contains("Delete the cookies of this site"), "{page}");
}

/// K18.
#[rocket::async_test]
async fn login_cookies_stay_small_whatever_the_page_asked_for() {
    let world = World::https().await;
    let (name, value, _) = world.begin("/auth/login?next=/me", "").await;
    assert!(name.len() + value.len() <= 600, "{} bytes", name.len() + value.len());
    let nexts = [
        format!("/{}", "x".repeat(2000)),
        format!("/?{}", "%22".repeat(2000)),
        format!("/?{}", "x".repeat(500)),
    ];
    for next in nexts {
        let (name, value, state) = world.begin(&format!("/auth/login?next={next}"), "").await;
        assert!(name.len() + value.len() <= 1600, "{} bytes", name.len() + value.len());
        assert_eq!(world.callback(&state, &format!("{name}={value}")).await, "pool_unavailable");
    }
}

#[rocket::async_test]
async fn a_flood_of_login_cookies_is_answered_briefly_and_leaves_other_cookies_alone() {
    let world = World::new(|settings| settings).await;
    let flood: Vec<_> = (0..3_000).map(|number| format!("cognito_login_{number:08x}=x")).collect();
    let cookies = format!("cognito_login_hint=mine; {}", flood.join("; "));
    let response = world.get("/auth/login", &cookies).await;
    let written: Vec<_> = response.headers().get("Set-Cookie").collect();
    assert!((2..=17).contains(&written.len()), "{} cookies", written.len());
    assert!(!written.iter().any(|cookie| cookie.starts_with("cognito_login_hint")));
}

/// K1.
#[rocket::async_test]
async fn the_login_cookie_is_of_one_host_even_where_sessions_are_of_a_domain() {
    let world = World::new(|settings| {
        settings
            .merge(("cognito.redirect_url", "https://app.example.com/auth/callback"))
            .merge(("cognito.logout_url", "https://app.example.com/"))
            .merge(("cognito.cookie_domain", "example.com"))
    })
    .await;
    let (name, value, state) = world.begin("/auth/login", "").await;
    assert!(name.starts_with(PREFIX));
    assert_eq!(world.callback(&state, &format!("{name}={value}")).await, "pool_unavailable");
    let token = world.token("dora");
    assert_eq!(world.who(&format!("cognito_access_token={token}")).await.0, 200);
}
