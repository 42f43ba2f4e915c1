//! State files that a pool does not start with, and why.

use std::fs;
use std::path::Path;

use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};

use crate::browser::config;
use crate::state::Folder;

async fn refused(config: LocalPoolConfig) -> String {
    let error = LocalPool::start(config).await.unwrap_err();
    assert!(error.is_local_pool());
    error.to_string()
}

/// That the text says so, and where.
fn assert_says(text: &str, path: &Path, parts: &[&str]) {
    for part in parts.iter().chain([&&*path.display().to_string()]) {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[rocket::async_test]
async fn a_file_of_something_else_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    LocalPool::start(folder.config()).await.unwrap().stop().await;
    let path = folder.path("pool.json");
    let good = folder.state();
    let with = |key: &str, value: serde_json::Value| {
        let mut state = good.clone();
        state[key] = value;
        state.to_string()
    };
    let half = &good.to_string()[..good.to_string().len() / 2];
    let not_ours = ["is not the state of a local pool", "move this one away"].as_slice();
    for (content, parts) in [
        ("", not_ours),
        ("port = 9400 # p4ssword", not_ours),
        ("{}", not_ours),
        ("[1]", not_ours),
        (half, not_ours),
        (&with("format", "p4ssword".into()), not_ours),
        (
            &with("version", 2.into()),
            &["has version 2, and this release of rocket_cognito reads 1", "move the file away"],
        ),
        (
            &with("user_pool_id", "eu-west-1_Other".into()),
            &[
                "belongs to the pool \"eu-west-1_Other\", and this is \"eu-west-1_LocalPool\"",
                "type user_pool_id = ",
            ],
        ),
        (&with("content", "p4ssword".into()), &["is damaged at line 1, column ", "move the file away"]),
        (&with("keys", serde_json::json!({ "current": "p4ssword" })), &["is damaged at line 1, column "]),
    ] {
        fs::write(&path, content).unwrap();
        let text = refused(folder.config()).await;
        assert_says(&text, &path, parts);
        assert!(!text.contains("p4ssword"), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    let mut keyless = good.clone();
    keyless["keys"]["current"]["id"]["pkcs8"] = "p4ssword".into();
    fs::write(&path, keyless.to_string()).unwrap();
    let text = refused(folder.config()).await;
    assert_says(&text, &path, &["has signing keys that cannot be read", "move the file away"]);

    fs::write(&path, good.to_string()).unwrap();
    let names = ["`username_attributes`, `alias_attributes` or `case_sensitive`", "set them back"];
    assert_says(&refused(folder.config().case_sensitive(false)).await, &path, &names);
    assert_says(&refused(folder.config().alias_attributes(["email"])).await, &path, &names);
    LocalPool::start(folder.config()).await.unwrap().stop().await;
}

#[rocket::async_test]
async fn a_place_where_nothing_can_be_written_is_refused() {
    let folder = Folder::new();
    let missing = folder.path("missing/pool.json");
    assert_says(&refused(config().state(&missing)).await, &missing, &["there is no folder", "make it"]);
    let is_folder = folder.path("");
    assert_says(
        &refused(config().state(&is_folder)).await,
        Path::new(""),
        &["is a folder", "\"local-pool.json\""],
    );
    let text = refused(config().state("")).await;
    assert!(text.contains("`state`: is empty"), "{text}");
    // Where nobody may write, not even root.
    #[cfg(target_os = "linux")]
    {
        let path = Path::new("/proc/cognito-local-pool.json");
        assert_says(&refused(config().state(path)).await, path, &["cannot be written", "may write to"]);
        let huge = folder.path("huge.json");
        fs::File::create(&huge).unwrap().set_len(1 << 30).unwrap();
        assert_says(&refused(config().state(&huge)).await, &huge, &["has more than 134217728 bytes"]);
        let mem = Path::new("/proc/self/mem");
        let text = refused(config().state(mem)).await;
        assert!(text.contains("cannot be"), "{text}");
    }
}

#[rocket::async_test]
async fn one_pool_at_a_time_has_the_file() {
    let folder = Folder::new();
    let path = folder.path("pool.json");
    let pool = LocalPool::start(folder.config()).await.unwrap();
    assert_says(
        &refused(folder.config()).await,
        &path,
        &["is in use by another local pool", "stop that one"],
    );
    pool.stop().await;
    // One that is dropped gives it free at once, and so does one that did not start.
    drop(LocalPool::start(folder.config()).await.unwrap());
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    assert!(refused(folder.config().port(port)).await.contains("is taken"));
    LocalPool::start(folder.config()).await.unwrap().stop().await;
}
