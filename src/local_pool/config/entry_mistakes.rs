//! What is wrong with the users and clients of the local pool.

use std::collections::HashMap;
use std::hash::Hash;

use super::client::LocalClient;
use super::sign_in_names::SignInNames;
use super::user::LocalUser;
use super::user_mistakes::user_mistakes;
use crate::config::TableMistake;

/// What Cognito would not accept of these users and clients, each with its key in the pool's table.
pub(super) fn entry_mistakes(
    users: &[LocalUser],
    clients: &[LocalClient],
    names: &SignInNames,
) -> Vec<TableMistake> {
    let mut mistakes = Vec::new();
    let below = |list: &str, index: usize, (key, problem): (&str, String)| {
        TableMistake::new(format!("{list}[{index}].{key}"), problem)
    };
    for (index, user) in users.iter().enumerate() {
        mistakes.extend(user_mistakes(user, names).into_iter().map(|mistake| below("users", index, mistake)));
    }
    for (index, client) in clients.iter().enumerate() {
        mistakes.extend(client.mistakes().into_iter().map(|mistake| below("clients", index, mistake)));
    }
    let taken = users.iter().enumerate().flat_map(|(index, user)| {
        user.taken_names(names).into_iter().map(move |(key, name)| (index, key, name))
    });
    let client_ids = clients.iter().enumerate();
    let client_ids = client_ids.map(|(index, client)| (index, "client_id", &client.client_id));
    let twice = |name: &str| format!("{name:?} is given twice");
    mistakes.extend(repeated(taken).map(|(index, key, name)| below("users", index, (key, twice(&name)))));
    mistakes
        .extend(repeated(client_ids).map(|(index, key, name)| below("clients", index, (key, twice(name)))));
    mistakes
}

/// The names that an earlier entry has too, each with the index and key of the later one.
fn repeated<N: Clone + Eq + Hash>(
    names: impl Iterator<Item = (usize, &'static str, N)>,
) -> impl Iterator<Item = (usize, &'static str, N)> {
    let mut first = HashMap::new();
    names.filter(move |(index, _, name)| first.entry(name.clone()).or_insert(*index) != index)
}
