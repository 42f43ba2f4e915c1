//! A real browser: Debian's chromium, headless, driven through chromedriver.

mod driver;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use rocket::futures::FutureExt;
use serde_json::{Value, json};

use driver::Driver;

/// Nothing here takes longer, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);
/// With an empty profile of its own, and no traffic but that of the test.
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync";

/// What is wrong with the page shown. Contrast is that of WCAG 2.2, level AA.
const FAULTS: &str = "
    const faults = [], all = css => [...document.querySelectorAll(css)];
    const say = (fault, of) => { if (of.length) faults.push(fault + ': ' + of) };
    const linear = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const numbers = color => color.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
    const paint = it => numbers(getComputedStyle(it).backgroundColor);
    const ground = it => it && paint(it)[3] === 0 ? ground(it.parentElement) : paint(it ?? document.body);
    const contrast = it => {
        const [low, high] = [numbers(getComputedStyle(it).color), ground(it)].map(luminance).sort((a, b) => a - b);
        return (high + .05) / (low + .05);
    };
    const hasText = it => [...it.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const texts = all('body *').filter(hasText), width = document.documentElement.clientWidth;
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    say('scripts', all('script, [onclick], [onload]').map(it => it.outerHTML));
    say('pale', texts.filter(it => contrast(it) < 4.5).map(it => it.innerText));
    say('overflowing', all('body *').filter(it => it.getBoundingClientRect().right > width).map(it => it.tagName));
    say('without a name', all('a, button').filter(it => it.checkVisibility() && !it.innerText.trim()).map(it => it.outerHTML));
    say('without a label', all('input:not([type=hidden])').filter(it => !it.labels.length).map(it => it.outerHTML));
    if (document.documentElement.scrollWidth > width) faults.push('scrolls sideways');
    if (dark !== luminance(ground(document.body)) < .1) faults.push('not in the colours asked for');
    if (all('main').length !== 1 || all('h1').length !== 1) faults.push('not one main and one h1');
    if (!document.title || document.documentElement.lang !== 'en') faults.push('no title or language');
    return faults;
";

/// A browser without history and cookies.
pub struct Browser {
    http: reqwest::Client,
    /// The address of its WebDriver session.
    session: String,
    _driver: Arc<Driver>,
}

/// Runs a test in a new browser, and closes it whatever becomes of the test. Pages that complain on the
/// console fail it.
pub async fn browse(test: impl AsyncFnOnce(&Browser)) {
    let Some(driver) = Driver::shared() else { return };
    let browser = Browser::launch(driver).await;
    let outcome = AssertUnwindSafe(async {
        test(&browser).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "on the console");
    });
    let outcome = outcome.catch_unwind().await;
    if outcome.is_err() {
        let text = json!({ "script": "return document.body.innerText", "args": [] });
        let text = browser.command(Method::POST, "execute/sync", text).await;
        eprintln!("the browser shows {:?}: {text:?}", browser.ask("url").await);
    }
    let closed = browser.command(Method::DELETE, "", Value::Null).await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
    closed.expect("the browser closes");
}

impl Browser {
    async fn launch(driver: Arc<Driver>) -> Self {
        let profile = driver.folder.join(format!("profile-{:x}", rand::random::<u64>()));
        let mut flags: Vec<String> = FLAGS.split_whitespace().map(str::to_owned).collect();
        flags.push("--remote-debugging-pipe".to_owned());
        flags.push(format!("--user-data-dir={}", profile.display()));
        let capabilities = json!({
            "goog:chromeOptions": { "binary": driver.chromium, "args": flags },
            // Of servers of the tests' own, whose certificates nobody vouches for.
            "acceptInsecureCerts": true,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "pageLoad": PATIENCE.as_millis() as u64, "script": PATIENCE.as_millis() as u64 },
        });
        let mut browser = Browser {
            http: reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap(),
            session: format!("http://127.0.0.1:{}/session", driver.port),
            _driver: driver,
        };
        let session = browser.send("", json!({ "capabilities": { "alwaysMatch": capabilities } })).await;
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        browser
    }

    /// A WebDriver command (https://www.w3.org/TR/webdriver2/): its value, or the error.
    async fn command(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let slash = if path.is_empty() { "" } else { "/" };
        let mut request = self.http.request(method, format!("{}{slash}{path}", self.session));
        if !body.is_null() {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let text = answer.text().await.map_err(|error| error.to_string())?;
        let value = serde_json::from_str::<Value>(&text).map_err(|_| text)?["value"].take();
        match value.get("error") {
            Some(error) => Err(format!("{path}: {error}: {}", value["message"])),
            None => Ok(value),
        }
    }

    async fn ask(&self, path: &str) -> Result<Value, String> {
        self.command(Method::GET, path, Value::Null).await
    }

    async fn send(&self, path: &str, body: Value) -> Value {
        self.command(Method::POST, path, body).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.send("goog/cdp/execute", json!({ "cmd": method, "params": parameters })).await
    }

    pub async fn open(&self, url: &str) {
        self.send("url", json!({ "url": url })).await;
    }

    pub async fn url(&self) -> String {
        self.ask("url").await.unwrap().as_str().unwrap().to_owned()
    }

    pub async fn title(&self) -> String {
        self.ask("title").await.unwrap().as_str().unwrap().to_owned()
    }

    pub async fn back(&self) {
        self.send("back", json!({})).await;
    }

    pub async fn reload(&self) {
        self.send("refresh", json!({})).await;
    }

    /// Opens a further tab and shows it; the answer is for [`Browser::show_tab`].
    pub async fn new_tab(&self) -> Value {
        let tab = self.send("window/new", json!({ "type": "tab" })).await["handle"].take();
        self.show_tab(&tab).await;
        tab
    }

    pub async fn tab(&self) -> Value {
        self.ask("window").await.unwrap()
    }

    /// All tabs, in no order that could be relied upon.
    pub async fn tabs(&self) -> Vec<Value> {
        self.ask("window/handles").await.unwrap().as_array().unwrap().clone()
    }

    pub async fn show_tab(&self, tab: &Value) {
        self.send("window", json!({ "handle": tab })).await;
    }

    /// Closes the tab that is shown, and shows none.
    pub async fn close_tab(&self) {
        self.command(Method::DELETE, "window", Value::Null).await.unwrap();
    }

    /// Waits until something has happened.
    pub async fn waits_until(&self, what: &str, has_happened: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !has_happened().await {
            assert!(Instant::now() < deadline, "in vain until {what}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the page at `url` is shown.
    pub async fn arrives_at(&self, url: &str) {
        self.waits_until(&format!("{url} is shown"), async || self.url().await == url).await;
    }

    /// The elements that `css` selects.
    async fn elements(&self, css: &str) -> Vec<String> {
        let found = self.send("elements", json!({ "using": "css selector", "value": css })).await;
        // An element is an object of one member, whose name the standard fixes.
        let ids = found.as_array().unwrap().iter().flat_map(|element| element.as_object().unwrap().values());
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.elements(css).await.is_empty()
    }

    /// The path of the first element that `css` selects, once it is there.
    async fn element(&self, css: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(id) = self.elements(css).await.first() {
                return format!("element/{id}");
            }
            assert!(Instant::now() < deadline, "there is no {css}");
            tokio::time::sleep(POLL).await;
        }
    }

    pub async fn text(&self, css: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let element = self.element(css).await;
            match self.ask(&format!("{element}/text")).await {
                Ok(text) => return text.as_str().unwrap().to_owned(),
                // The page has changed in between.
                Err(error) if error.contains("stale element") && Instant::now() < deadline => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// A property of an element, such as the `value` of a field.
    pub async fn property(&self, css: &str, name: &str) -> Value {
        let element = self.element(css).await;
        self.ask(&format!("{element}/property/{name}")).await.unwrap()
    }

    pub async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.send(&format!("{element}/click"), json!({})).await;
    }

    /// Two clicks, so many milliseconds apart, whatever the first has set off.
    pub async fn click_twice(&self, css: &str, apart: u32) {
        let element = self.element(css).await;
        let id = element.strip_prefix("element/").unwrap();
        // The member's name that the standard fixes for elements.
        let origin = json!({ "element-6066-11e4-a52e-4f735466cecf": id });
        let (down, up) =
            (json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 }));
        let moves = json!({ "type": "pointerMove", "origin": origin, "x": 0, "y": 0 });
        let pause = json!({ "type": "pause", "duration": apart });
        let clicks = json!([moves, &down, &up, pause, &down, &up]);
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": clicks });
        self.send("actions", json!({ "actions": [mouse] })).await;
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.send(&format!("{element}/value"), json!({ "text": text })).await;
    }

    /// Presses a key for whatever has the focus.
    pub async fn press(&self, key: char) {
        let strokes = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.send("actions", json!({ "actions": [keyboard] })).await;
    }

    /// What a screen reader calls the element that has the focus.
    pub async fn focused(&self) -> String {
        let element = self.ask("element/active").await.unwrap();
        let id = element.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.ask(&format!("element/{id}/computedlabel")).await.unwrap().as_str().unwrap().to_owned()
    }

    /// What `script`, the body of a function, returns.
    pub async fn script(&self, script: &str) -> Value {
        self.send("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// What a `fetch` from the page shown is answered: `status`, `redirected`, `type` and `body`.
    pub async fn fetch(&self, path: &str) -> Value {
        let script = "const [path, done] = arguments; fetch(path).then(async answer => done({ \
            status: answer.status, redirected: answer.redirected, type: answer.headers.get('Content-Type'), \
            body: await answer.text() }), error => done(String(error)));";
        self.send("execute/async", json!({ "script": script, "args": [path] })).await
    }

    /// All cookies for the page shown, as WebDriver describes them.
    pub async fn cookies(&self) -> Vec<Value> {
        self.ask("cookie").await.unwrap().as_array().unwrap().clone()
    }

    /// Those of this crate for the page shown, by name.
    pub async fn own_cookies(&self) -> Vec<(String, Value)> {
        let name = |cookie: &Value| cookie["name"].as_str().unwrap().to_owned();
        let mut cookies: Vec<_> =
            self.cookies().await.into_iter().map(|cookie| (name(&cookie), cookie)).collect();
        cookies.retain(|(name, _)| name.contains("cognito_"));
        cookies.sort_by(|(one, _), (other, _)| one.cmp(other));
        cookies
    }

    pub async fn set_cookie(&self, name: &str, value: &str) {
        self.send("cookie", json!({ "cookie": { "name": name, "value": value } })).await;
    }

    pub async fn forget_cookie(&self, name: &str) {
        self.command(Method::DELETE, &format!("cookie/{name}"), Value::Null).await.unwrap();
    }

    /// New messages on the console, but for the plain facts that an answer had an error status.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.send("se/log", json!({ "type": "browser" })).await;
        let messages = log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap());
        let complaints =
            messages.filter(|message| !message.contains(" - Failed to load resource: the server"));
        complaints.map(str::to_owned).collect()
    }

    /// What is wrong with the page shown; nothing, it is hoped.
    pub async fn faults(&self) -> Value {
        self.script(FAULTS).await
    }

    /// As for people who have switched JavaScript off.
    pub async fn forbid_scripts(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    /// Sends this header `User-Agent` from now on.
    pub async fn calls_itself(&self, user_agent: &str) {
        self.devtools("Emulation.setUserAgentOverride", json!({ "userAgent": user_agent })).await;
    }

    /// Shows pages as on a screen of this size, with this `prefers-color-scheme`.
    pub async fn pretend(&self, width: u32, height: u32, color_scheme: &str) {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": color_scheme }] });
        self.devtools("Emulation.setEmulatedMedia", scheme).await;
    }

    /// The whole page as a PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let picture = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }
}

/// Looks at the page shown on screens of all sizes, light and dark. With `PICTURES=/tmp/pictures` it keeps a picture of
/// each there.
pub async fn inspect(browser: &Browser, name: &str, title: &str) {
    assert_eq!(browser.title().await, title);
    for (size, width, height) in [("wide", 1280, 800), ("narrow", 390, 844), ("tiny", 320, 568)] {
        for colors in ["light", "dark"] {
            browser.pretend(width, height, colors).await;
            assert_eq!(browser.faults().await, json!([]), "{name}, {size} and {colors}");
            if let Some(folder) = std::env::var_os("PICTURES").map(PathBuf::from) {
                std::fs::create_dir_all(&folder).unwrap();
                let file = folder.join(format!("{name}-{size}-{colors}.png"));
                std::fs::write(file, browser.picture().await).unwrap();
            }
        }
    }
}
