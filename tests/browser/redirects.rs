//! What a real browser makes of the texts that are taken, and of those that are not.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::app::App;
use crate::support::browser::{Browser, browse};
use crate::support::encoded;
use crate::support::landing::{HOME, OWN, landing, start};
use crate::support::redirects::lines;

/// So many of the generated texts are shown to the browser.
const GENERATED: usize = 300;

/// By the constructor of URLs and by a link: origin and path of each text, or nothing where it is no URL.
const RESOLVE: &str = "
    const resolve = text => {
        const link = document.createElement('a');
        link.setAttribute('href', text);
        const url = URL.canParse(text, location.origin) ? new URL(text, location.origin) : {};
        return [[url.origin, url.pathname], [link.origin, link.pathname]];
    };
";

/// Of each text, what the browser takes it for: two pairs of origin and path.
async fn resolved(browser: &Browser, texts: &[String]) -> Vec<Value> {
    let script = format!("{RESOLVE} return {}.map(resolve);", json!(texts));
    let answer = browser.script(&script).await;
    let resolved = answer.as_array().expect("an array").clone();
    assert_eq!(resolved.len(), texts.len());
    resolved
}

/// Texts of many shapes that the app takes as they stand.
async fn taken(app: &App, agent: &Agent) -> Vec<String> {
    let mut texts: Vec<_> = lines().into_iter().filter(|line| line.is_taken).map(|line| line.text).collect();
    let enough = texts.len() + GENERATED;
    let generated: Vec<String> = serde_json::from_str(include_str!("../data/paths.json")).unwrap();
    let mut seen: HashSet<_> = texts.iter().cloned().collect();
    for text in generated {
        if seen.insert(text.clone()) && landing(app, agent, &encoded(&text)).await.as_deref() == Some(&text) {
            texts.push(text);
        }
        if texts.len() == enough {
            return texts;
        }
    }
    panic!("only {} of the texts are taken", texts.len())
}

/// R1, R3, R9.
#[tokio::test]
async fn what_is_taken_is_of_this_site_for_a_browser_too() {
    browse(async |browser| {
        let app = start().await;
        browser.open(&app.url("/")).await;
        let texts = taken(&app, &Agent::new()).await;
        for (text, resolved) in texts.iter().zip(resolved(browser, &texts).await) {
            for [origin, path] in serde_json::from_value::<[[String; 2]; 2]>(resolved).unwrap() {
                assert_eq!(origin, app.origin(), "{text:?}");
                let path = path.trim_end_matches('/').to_lowercase();
                assert!(!OWN.contains(&&*path), "{text:?}");
            }
        }
    })
    .await;
}

/// R1, R9, R10: the browser can tell, and would go elsewhere with hundreds of texts that the app does not take.
#[tokio::test]
async fn what_a_browser_would_leave_this_site_for_is_not_taken() {
    browse(async |browser| {
        let app = start().await;
        let agent = Agent::new();
        browser.open(&app.url("/")).await;
        let texts: Vec<_> = lines().into_iter().map(|line| line.text).collect();
        let mut elsewhere = Vec::new();
        for (text, resolved) in texts.iter().zip(resolved(browser, &texts).await) {
            let leaves = |reading: &Value| {
                reading[0].as_str().is_some_and(|origin| !["", &*app.origin()].contains(&origin))
            };
            if resolved.as_array().unwrap().iter().any(leaves) {
                assert_eq!(landing(&app, &agent, &encoded(text)).await.as_deref(), Some(HOME), "{text:?}");
                elsewhere.push(&**text);
            }
        }
        assert!(elsewhere.len() > 150, "{} texts lead elsewhere", elsewhere.len());
        for text in [
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https:evil.example",
            "javascript:alert(1)",
        ] {
            assert!(elsewhere.contains(&text), "{text:?}");
        }
    })
    .await;
}
