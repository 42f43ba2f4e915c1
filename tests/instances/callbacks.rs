//! Callbacks that come to two processes at once.

use rocket::futures::{StreamExt, stream};

use crate::site::{Site, rotating};
use crate::support::agent::Agent;
use crate::support::app::code_for;
use crate::support::kind::SID;

/// C3, C20.
#[rocket::async_test]
async fn one_callback_at_two_processes_is_one_exchange_and_both_get_in() {
    let Some(site) = Site::start(rotating(0), 3, &[]).await else { return };
    let twins = stream::iter(0..100).map(async |number| {
        let (agent, twin) = (Agent::new(), Agent::new());
        let login = agent.open(&site.url("/auth/login?next=/me")).await;
        let callback = code_for(&agent, &login, "alice").await;
        agent.cookies().iter().for_each(|(name, value)| twin.set_cookie(name, value));
        let path = callback.strip_prefix(&site.url("")).unwrap();
        let urls = [site.url_at(number, path), site.url_at(number + 1, path)];
        let (page, other) = tokio::join!(agent.get(&urls[0]), twin.get(&urls[1]));
        for page in [&page, &other] {
            assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{}", page.body);
        }
        assert_eq!(agent.cookie(SID), twin.cookie(SID));
        let page = twin.get(&site.url("/me")).await;
        assert_eq!(page.status, 200, "{}", page.body);
    });
    twins.buffer_unordered(10).collect::<()>().await;
    assert_eq!(site.calls(), 100);
}
