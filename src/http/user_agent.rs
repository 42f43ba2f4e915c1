//! Which browser on which system a request says that it comes from, in words for people.

/// The browsers, and what each writes of itself. The first that fits counts: most of them also write `Chrome/` or `Safari/`.
const BROWSERS: [(&str, &[&str]); 5] = [
    ("Edge", &["Edg/", "EdgA/", "EdgiOS/", "Edge/"]),
    ("Opera", &["OPR/", "OPX/", "OPT/", "OPiOS/"]),
    ("Samsung Internet", &["SamsungBrowser/"]),
    ("Firefox", &["Firefox/", "FxiOS/"]),
    ("Chrome", &["Chrome/", "CriOS/"]),
];

/// The systems, and what browsers write of each in the first parentheses. The first that fits counts.
const SYSTEMS: [(&str, &[&str]); 7] = [
    ("iPhone", &["iPhone", "iPod"]),
    ("iPad", &["iPad"]),
    ("Android", &["Android"]),
    ("ChromeOS", &["CrOS"]),
    ("Windows", &["Windows"]),
    ("macOS", &["Macintosh"]),
    ("Linux", &["Linux"]),
];

/// What programs that fetch pages write of themselves, though they begin as browsers do.
const ROBOTS: [&str; 4] = ["compatible;", "bot/", "Bot/", "HeadlessChrome/"];

/// What is said of a device that nothing is known about.
const UNKNOWN: &str = "Unknown device";

/// A label for the device that sends this header `User-Agent`, such as `Firefox on Windows`, `Safari on iPhone` or
/// `Chrome on Android`; `Unknown device` for a program, or for a header that says nothing known.
///
/// The label is made of the words above alone, and shows nothing of the header. It is what the client says of itself: an
/// iPad that asks for pages for desktops says that it is a Mac.
pub(crate) fn device_label(user_agent: &str) -> String {
    let is_browser = user_agent.starts_with("Mozilla/5.0 (");
    if !is_browser || ROBOTS.iter().any(|robot| user_agent.contains(robot)) {
        return UNKNOWN.to_owned();
    }
    let platform = user_agent.split(['(', ')']).nth(1).unwrap_or_default();
    let system = name_of(&SYSTEMS, platform);
    let browser = name_of(&BROWSERS, user_agent).or_else(|| safari(user_agent, system));
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => UNKNOWN.to_owned(),
    }
}

fn name_of(table: &[(&'static str, &[&str])], text: &str) -> Option<&'static str> {
    table.iter().find(|(_, marks)| marks.iter().any(|mark| text.contains(mark))).map(|(name, _)| *name)
}

/// Other browsers with Safari's engine write as it does, on other systems.
fn safari(user_agent: &str, system: Option<&str>) -> Option<&'static str> {
    let is_apples = matches!(system, Some("iPhone" | "iPad" | "macOS"));
    let is_safari = user_agent.contains("Version/") && user_agent.contains("Safari/");
    (is_apples && is_safari).then_some("Safari")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_systems_have_names_for_people() {
        for (label, user_agent) in [
            (
                "Edge on Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            ),
            (
                "Edge on Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19582",
            ),
            (
                "Edge on Android",
                "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.200 Mobile Safari/537.36 EdgA/131.0.2903.87",
            ),
            (
                "Edge on iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/131.2903.92 Mobile/15E148 Safari/605.1.15",
            ),
            (
                "Opera on macOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/116.0.0.0",
            ),
            (
                "Opera on Android",
                "Mozilla/5.0 (Linux; Android 10; VOG-L29) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 OPR/76.2.4027.73374",
            ),
            (
                "Opera on iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1 OPT/4.7.0",
            ),
            (
                "Samsung Internet on Android",
                "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            ),
            (
                "Firefox on Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
            ),
            (
                "Firefox on macOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:133.0) Gecko/20100101 Firefox/133.0",
            ),
            (
                "Firefox on Linux",
                "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            ),
            ("Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"),
            (
                "Firefox on iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 14_7_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
            ),
            (
                "Chrome on Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            ),
            (
                "Chrome on macOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            ),
            (
                "Chrome on Linux",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            ),
            (
                "Chrome on ChromeOS",
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            ),
            (
                "Chrome on Android",
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
            ),
            (
                "Chrome on Android",
                "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
            ),
            (
                "Chrome on iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.154 Mobile/15E148 Safari/604.1",
            ),
            (
                "Chrome on iPad",
                "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.154 Mobile/15E148 Safari/604.1",
            ),
            (
                "Safari on macOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            ),
            (
                "Safari on iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            ),
            (
                "Safari on iPad",
                "Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
            ),
            (
                "iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            ),
            (
                "Linux",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            ),
            (
                "Samsung Internet",
                "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/3.0 Chrome/76.0.3809.146 TV Safari/537.36",
            ),
        ] {
            assert_eq!(device_label(user_agent), label, "{user_agent}");
        }
    }

    #[test]
    fn programs_and_nonsense_are_unknown_devices() {
        for user_agent in [
            "",
            "Mozilla/5.0",
            "Mozilla/5.0 (",
            "Mozilla/5.0 ()",
            "Mozilla/5.0 (canary) canary/1.0",
            "curl/8.5.0",
            "Wget/1.21.4",
            "python-requests/2.32.3",
            "okhttp/4.12.0",
            "Firefox on Windows",
            "<script>Chrome/1 (Windows)</script>",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.139 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
        ] {
            assert_eq!(device_label(user_agent), "Unknown device", "{user_agent}");
        }
    }

    #[test]
    fn a_label_shows_nothing_of_the_header() {
        let words =
            ["Mozilla/5.0 (", "canary", "Windows", "iPhone", ")", "Chrome/", "Version/", "Safari/", "<b>"];
        let labels = words.iter().flat_map(|first| words.iter().map(move |second| (first, second)));
        for (first, second) in labels {
            let header = format!("Mozilla/5.0 (canary; {first}{second}canary) canary {second}{first}canary");
            assert!(!device_label(&header).contains(['<', '/', '(', ';']), "{header}");
            assert!(!device_label(&header).contains("canary"), "{header}");
        }
        assert_eq!(device_label(&"Mozilla/5.0 (".repeat(10_000)), "Unknown device");
    }
}
