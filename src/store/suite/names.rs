//! Names of any bytes, which a store may have to encode.

use super::super::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
use super::super::stored_session::{Claim, Turn};
use super::model::{Model, are_these};
use super::row::declare_rows;
use super::trial::{LONG, Trial, Verdict, address, is_value, item, same, session, user};

declare_rows! {
    names_of_any_bytes_are_names_of_their_own,
    lease_owners_of_any_bytes_are_owners_of_their_own,
    sessions_and_single_values_do_not_share_names,
}

/// Bytes that text, patterns, separators, paddings and collations stumble over.
const BYTES: &[u8] = b"\0\x01\t\n\r\x1b !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~\x7f\x80\xa0\xc3\xe4\xff";

/// A name of this byte, but for random ones in the middle, which are the same for all bytes.
fn named<const LENGTH: usize>(byte: u8, random: &[u8; 8]) -> [u8; LENGTH] {
    let mut name = [byte; LENGTH];
    name.iter_mut().skip(4).zip(random).for_each(|(place, random)| *place = *random);
    name
}

async fn names_of_any_bytes_are_names_of_their_own(trial: &Trial) -> Verdict {
    let (random, mut sessions, mut users) = (rand::random(), Vec::new(), Vec::new());
    let one = user();
    for byte in BYTES {
        let (session, value) = (SessionKey::new(named(*byte, &random)), [*byte]);
        let at = SessionAddress { user: one, session };
        sessions.push(Model::create_of(trial, at, &value, LONG).await?);
        let at = SessionAddress { user: UserKey::new(named(*byte, &random)), session };
        users.push(Model::create_of(trial, at, &value, LONG).await?);
        let claim = trial.store.claim(&ItemKey::new(named(*byte, &random)), &value, LONG).await?;
        same(&format!("claim of a free name of bytes {byte:#04x}"), claim, Claim::Yours)?;
    }
    let all: Vec<_> = sessions.iter().collect();
    are_these(trial, "list of sessions with names of any bytes", &trial.store.list(&one).await?, &all)?;
    for (byte, user) in BYTES.iter().zip(&users) {
        let listed = trial.store.list(&user.at.user).await?;
        are_these(trial, &format!("list of a user of bytes {byte:#04x}"), &listed, &[user])?;
        let got = trial.store.get(&ItemKey::new(named(*byte, &random))).await?;
        same(&format!("get of a name of bytes {byte:#04x}"), got, Some(vec![*byte]))?;
    }
    let removed = trial.store.remove_all(&one, Some(&named_session(b'*', &random))).await?;
    same("removed by a remove_all but one of bytes 0x2a", removed.len(), BYTES.len() - 1)?;
    for user in &users {
        user.is_there(trial, "of a user with a name of any bytes, after a remove_all of another").await?;
        trial.store.remove(&user.at, None).await?;
    }
    trial.store.remove_all(&one, None).await?;
    Ok(())
}

fn named_session(byte: u8, random: &[u8; 8]) -> SessionKey {
    SessionKey::new(named(byte, random))
}

async fn lease_owners_of_any_bytes_are_owners_of_their_own(trial: &Trial) -> Verdict {
    let (model, random) = (Model::create(trial).await?, rand::random());
    for byte in BYTES {
        let (owner, other) = (named(*byte, &random), named(byte.wrapping_add(1), &random));
        let (owner, other) = (LeaseOwner::new(owner), LeaseOwner::new(other));
        let turn = trial.store.turn(&model.at, 1, &owner, LONG).await?;
        same(&format!("turn of an owner of bytes {byte:#04x}"), turn, {
            Turn::Yours { taken_over: false, failures: 0 }
        })?;
        same("keep by the holder", trial.store.keep(&model.at, &owner, LONG).await?, true)?;
        same("keep by another", trial.store.keep(&model.at, &other, LONG).await?, false)?;
        trial.store.remove(&model.at, None).await?;
        Model::create_at(trial, model.at, LONG).await?;
    }
    Ok(())
}

async fn sessions_and_single_values_do_not_share_names(trial: &Trial) -> Verdict {
    let at = address();
    let bytes = *at.session.as_bytes();
    let key = ItemKey::new(bytes);
    trial.store.put(&key, b"single", LONG).await?;
    same("load where a single value has the name", trial.store.load(&at).await?, None)?;
    let model = Model::create_at(trial, at, LONG).await?;
    is_value("get where a session has the name", trial.store.get(&key).await?, "single")?;
    trial.store.put(&key, b"another", LONG).await?;
    model.is_there(trial, "where a single value has the name").await?;
    trial.store.remove_all(&at.user, None).await?;
    is_value("get after a remove_all", trial.store.get(&key).await?, "another")?;

    // A name that begins as a user's does, or ends as a session's.
    let mut bytes = *item().as_bytes();
    let user = user();
    bytes.iter_mut().zip(user.as_bytes()).for_each(|(place, byte)| *place = *byte);
    trial.store.put(&ItemKey::new(bytes), b"single", LONG).await?;
    same(
        "list where a single value's name begins as the user's",
        trial.store.list(&user).await?,
        Vec::new(),
    )?;
    let at = SessionAddress { user, session: SessionKey::new(bytes) };
    same("load where a single value has the session's name", trial.store.load(&at).await?, None)?;
    let at = SessionAddress { user, session: session() };
    Model::create_at(trial, at, LONG).await?;
    trial.store.remove_all(&user, None).await?;
    let got = trial.store.get(&ItemKey::new(bytes)).await?;
    is_value("get after a remove_all of the user", got, "single")
}
