//! Sign-ins of all kinds, good and bad, and the secrets in them.
#![allow(dead_code, reason = "each test target uses its part")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;

use crate::canary::Canaries;
use crate::support::agent::{Agent, Page};
use crate::support::app::{code_for, parameters};
use crate::support::forge::base64url;
use crate::support::pool::{CLIENT_SECRET, Pool, SECRET_KEY, Visit};
use crate::support::rig::Reply;
use crate::support::{CALLBACKS, raw};

const PASSWORD: &str = "Passw0rd!";

/// Visits to an app, the secrets in them, and what it answers.
pub struct Flow {
    origin: String,
    pub canaries: Canaries,
}

/// A callback, as a pool sends the browser to it.
struct Callback {
    url: String,
    state: String,
    code: String,
}

impl Flow {
    pub fn new(origin: &str) -> Self {
        Flow { origin: origin.to_owned(), canaries: Canaries::default() }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    async fn send(&mut self, agent: &Agent, method: Method, url: &str, headers: &[(&str, &str)]) -> Page {
        let page = agent.send(method, url, headers, None).await;
        self.canaries.answered(&self.origin, &page);
        page
    }

    async fn get(&mut self, agent: &Agent, url: &str) -> u16 {
        self.send(agent, Method::GET, url, &[("accept", "text/html")]).await.status.as_u16()
    }

    fn keep_cookies(&mut self, agent: &Agent) {
        for (name, value) in agent.cookies() {
            self.canaries.add(name, value.replace("%3D", "="));
        }
    }

    /// A sign-in at a local pool, up to the callback.
    async fn begin(&mut self, agent: &Agent) -> Callback {
        let login = self.send(agent, Method::GET, &self.url("/auth/login?next=/me"), &[]).await;
        let (state, nonce) = (login.location_parameter("state"), login.location_parameter("nonce"));
        let url = code_for(agent, &login, "alice").await;
        let code = parameters(&url).into_iter().find(|(name, _)| name == "code").unwrap().1;
        self.canaries.add("the state", &state);
        self.canaries.add("the nonce", nonce);
        self.canaries.add("the code", &code);
        self.keep_cookies(agent);
        Callback { url, state, code }
    }

    /// An app whose pool is the embedded one, so that the pool's log is the app's.
    pub async fn at_a_local_pool(&mut self) {
        self.canaries.add("the password", PASSWORD);
        let agent = Agent::new();
        let callback = self.begin(&agent).await;
        self.misdelivered(&callback).await;

        let stranger = Agent::new();
        let other = self.begin(&stranger).await;
        assert_eq!(
            self.get(&stranger, &other.url.replace(&other.state, &callback.state)).await,
            303,
            "it begins again"
        );
        for query in
            ["error=access_denied", "error=server_error&error_description=x", "error=x&error_uri=//x"]
        {
            let Callback { url, .. } = self.begin(&Agent::new()).await;
            assert_eq!(self.get(&Agent::new(), &format!("{url}&{query}")).await, 400, "no attempt");
            let other = self.begin(&stranger).await;
            assert!(self.get(&stranger, &format!("{}&{query}", other.url)).await >= 400);
        }
        let (other, victim) = (self.begin(&stranger).await, self.begin(&Agent::new()).await);
        assert_eq!(self.get(&stranger, &other.url.replace(&other.code, &victim.code)).await, 400);

        assert_eq!(self.get(&agent, &callback.url).await, 303);
        self.keep_cookies(&agent);
        assert_eq!(self.get(&agent, &self.url("/me")).await, 200);
        assert_eq!(self.get(&agent, &callback.url).await, 303, "a replay by who is signed in");
        assert_eq!(
            self.get(&Agent::new(), &callback.url).await,
            303,
            "a replay by somebody else begins again"
        );
        self.bad_credentials(&agent).await;
        self.sign_outs(&agent).await;
    }

    /// The callback in every spelling, without the attempt's cookie.
    async fn misdelivered(&mut self, callback: &Callback) {
        let query = format!("?code={}&state={}", callback.code, callback.state);
        self.by_methods(&query, &[Method::GET, Method::HEAD]).await;
        let twice = format!("{query}&code={}", callback.code);
        let encoded = query.replace("code=", "%63ode=").replace("state=", "st%61te=");
        for target in [format!("{query}#x"), format!("{query}%23x"), format!("?{query}"), twice, encoded] {
            self.send_raw(&format!("/auth/callback{target}")).await;
        }
        self.send_raw(&format!("{}/auth/callback{query}", self.origin)).await;
    }

    async fn by_methods(&mut self, query: &str, methods: &[Method]) {
        for path in CALLBACKS {
            for method in methods {
                let url = self.url(&format!("{path}{query}"));
                let status = self.send(&Agent::new(), method.clone(), &url, &[]).await.status;
                assert!([400, 404, 405].contains(&status.as_u16()), "{method} {path}: {status}");
            }
        }
    }

    /// The callback of an attempt of this browser, at paths that are not the callback's.
    pub async fn at_other_paths(&mut self) {
        let agent = Agent::new();
        let state = agent.get(&self.url("/auth/login")).await.location_parameter("state");
        let code = base64url(rand::random::<[u8; 24]>());
        self.canaries.add("the code", &code);
        self.canaries.add("the state", &state);
        for path in ["/AUTH/callback", "/auth/callback;x", "/auth%2fcallback", "/callback", "/elsewhere"] {
            let url = self.url(&format!("{path}?code={code}&state={state}"));
            assert_eq!(self.get(&agent, &url).await, 404, "{path}");
        }
        let url = self.url("/elsewhere?state=of-the-apps-own");
        assert_eq!(self.get(&agent, &url).await, 404);
    }

    /// The callback by methods that it does not answer.
    pub async fn by_other_methods(&mut self) {
        let (code, state) = (base64url(rand::random::<[u8; 24]>()), base64url(rand::random::<[u8; 32]>()));
        self.canaries.add("the code", &code);
        self.canaries.add("the state", &state);
        let methods = [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH];
        self.by_methods(&format!("?code={code}&state={state}"), &methods).await;
    }

    /// Sends a request target as it stands, which HTTP clients would tidy up.
    async fn send_raw(&mut self, target: &str) {
        let address = self.origin.trim_start_matches("http://");
        let port = address.rsplit(':').next().unwrap().parse().unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let answer = raw::exchange(port, request).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{target}: {answer}");
        self.canaries.answer(answer);
    }

    /// Authorization headers and cookies that let nobody in, beside one that does.
    async fn bad_credentials(&mut self, agent: &Agent) {
        let cookies = agent.cookies();
        let [access, id, refresh] =
            ["access", "id", "refresh"].map(|kind| cookies[&format!("cognito_{kind}_token")].clone());
        let canary = || format!("c4nary-{}", base64url(rand::random::<[u8; 12]>()));
        let unsigned = base64url(json!({ "alg": "none", "kid": canary() }).to_string());
        let basic = STANDARD.encode(format!("user:{}", canary()));
        for (value, status) in [
            (format!("Bearer {access}"), 200),
            (format!("bearer {access}"), 200),
            (format!("Bearer {id}"), 401),
            (format!("Bearer {refresh}"), 401),
            (format!("Bearer \t{access}"), 401),
            (format!("Bearer\t{access}"), 401),
            (format!("Bearer={access}"), 401),
            (format!("Bearer {access} {}", canary()), 401),
            (format!("Bearer {}", &access[..access.len() - 4]), 401),
            (format!("Bearer {}A{}", &access[..40], &access[41..]), 401),
            (format!("Bearer {unsigned}.{}.", access.split('.').nth(1).unwrap()), 401),
            (format!("Bearer {}", canary()), 401),
            (format!("Bearer {}", canary().repeat(1_500)), 401),
            (format!("Bearer {}\"\\<>", canary()), 401),
            (format!("Basic {basic}"), 401),
            (format!("Digest username={}", canary()), 401),
            (canary(), 401),
        ] {
            let credentials = value.split_once([' ', '=', '\t']).map_or(value.as_str(), |(_, rest)| rest);
            self.canaries.add("an Authorization header", credentials.trim());
            let answer =
                self.send(&Agent::new(), Method::GET, &self.url("/me"), &[("authorization", &value)]).await;
            assert_eq!(answer.status, status, "{value}");
        }
        let twice = [("authorization", "Bearer x"), ("authorization", &*format!("Bearer {access}"))];
        assert_eq!(self.send(&Agent::new(), Method::GET, &self.url("/me"), &twice).await.status, 400);

        let junk = Agent::new();
        for name in
            ["cognito_access_token", "cognito_id_token", "cognito_refresh_token", "cognito_login_01234567"]
        {
            junk.set_cookie(name, &canary());
        }
        junk.set_cookie("cognito_access_token_1", &canary());
        self.keep_cookies(&junk);
        for (path, status) in [("/me", 401), ("/auth/login", 303), ("/auth/callback?state=x&code=y", 400)] {
            assert_eq!(self.send(&junk, Method::GET, &self.url(path), &[]).await.status, status, "{path}");
        }
    }

    async fn sign_outs(&mut self, agent: &Agent) {
        let url = self.url("/auth/logout");
        assert_eq!(self.get(agent, &url).await, 405);
        assert_eq!(self.send(agent, Method::HEAD, &url, &[]).await.status, 405);
        assert_eq!(
            self.send(agent, Method::POST, &url, &[("origin", "https://evil.example")]).await.status,
            403
        );
        let script = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
        assert_eq!(self.send(agent, Method::POST, &url, &script).await.status, 200);
        assert!(agent.cookies().is_empty());
    }

    async fn visit(&mut self) -> Visit {
        let visit = Visit::begin(&self.origin).await;
        for (what, secret) in
            [("the state", &visit.state), ("the nonce", &visit.nonce), ("the code", &visit.code)]
        {
            self.canaries.add(what, secret);
        }
        self.keep_cookies(&visit.agent);
        visit
    }

    /// A visit up to the pool's answer; its tokens are secrets, whatever becomes of them.
    async fn deliver(&mut self, visit: &Visit, pool: &Pool, reply: Reply) -> Page {
        pool.will_answer(reply);
        let page = visit.agent.get(&visit.callback()).await;
        self.canaries.answered(&self.origin, &page);
        self.keep_cookies(&visit.agent);
        page
    }

    /// An app whose pool answers well, then anything else, then nothing.
    pub async fn at_a_failing_pool(&mut self, pool: Pool) {
        self.canaries.add("the client's secret", CLIENT_SECRET);
        self.canaries.add("the secret key", SECRET_KEY);
        let good = self.visit().await;
        let tokens = pool.tokens(&good);
        for name in ["access_token", "id_token", "refresh_token"] {
            self.canaries.add(name, tokens[name].as_str().unwrap());
        }
        assert_eq!(self.deliver(&good, &pool, Reply::json(200, &tokens)).await.status, 303);
        assert_eq!(self.get(&good.agent, &self.url("/me")).await, 200);

        for (what, status, error) in
            [("", 400, "invalid_grant"), ("x", 401, "invalid_client"), ("x", 403, "x")]
        {
            let visit = self.visit().await;
            let reply = Reply::json(status, &json!({ "error": error, "error_description": what }));
            assert!(self.deliver(&visit, &pool, reply).await.status.as_u16() >= 400);
        }
        for status in [200, 302, 400, 404, 429, 500, 503] {
            for make in
                [|text: &str| text.to_owned(), |text: &str| json!({ "error": 1, "x": text }).to_string()]
            {
                let visit = self.visit().await;
                // Servers may well repeat what they were sent.
                let told = format!("{} {CLIENT_SECRET} {}", visit.code, tokens["access_token"]);
                let reply = Reply::new(status, "application/json", make(&told));
                assert_eq!(self.deliver(&visit, &pool, reply).await.status, 503);
            }
        }
        // Another sign-in's tokens, which are revoked.
        let visit = self.visit().await;
        assert_eq!(self.deliver(&visit, &pool, Reply::json(200, &tokens)).await.status, 400);

        for verifier in pool.verifiers() {
            self.canaries.add("a verifier", verifier);
        }
        let visit = self.visit().await;
        pool.server.stop().await;
        assert_eq!(self.get(&visit.agent, &visit.callback()).await, 503);
        let headers = [("sec-fetch-site", "same-origin")];
        assert_eq!(
            self.send(&good.agent, Method::POST, &self.url("/auth/logout"), &headers).await.status,
            303
        );
    }
}
