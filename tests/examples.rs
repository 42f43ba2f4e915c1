//! What the examples beside the quickstart do, each as people run it.

mod support;

use support::agent::Agent;
use support::quickstart::Quickstart;

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
