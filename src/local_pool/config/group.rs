//! The names of groups.

/// A quota of Cognito.
const MAX_GROUPS: usize = 100;

/// What Cognito would not accept of the groups that a user is in.
pub(in crate::local_pool) fn group_mistakes(username: &str, groups: &[String]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for group in groups {
        let has_wrong_letter = group.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        if group.is_empty() || group.chars().count() > 128 || has_wrong_letter {
            let needs =
                "needs 1 to 128 characters and no spaces, as in Cognito; only those of a trigger have others";
            mistakes.push(format!("{username}'s group {group:?} {needs}"));
        }
    }
    if groups.len() > MAX_GROUPS {
        let count = groups.len();
        mistakes.push(format!("{username} is in {count} groups, and Cognito allows {MAX_GROUPS}"));
    }
    mistakes
}
