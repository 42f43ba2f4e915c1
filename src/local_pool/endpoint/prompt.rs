//! The parameter `prompt`: whether a sign-in page is shown (OpenID Connect Core 1.0, section 3.1.2.1).

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// To whom has no session.
    WhenNeeded,
    /// To nobody: who has no session is sent back.
    Never,
    Always,
}

impl Prompt {
    /// `None` where the values contradict each other. Unknown ones do not count.
    pub(super) fn parse(text: Option<&str>) -> Option<Self> {
        let values: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
        // The others are for identity providers elsewhere.
        let shows = values.contains(&"login");
        match values.as_slice() {
            ["none"] => Some(Prompt::Never),
            values if values.contains(&"none") => None,
            _ if shows => Some(Prompt::Always),
            _ => Some(Prompt::WhenNeeded),
        }
    }
}
