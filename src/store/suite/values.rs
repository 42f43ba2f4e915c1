//! Single values, and what any value may hold.

use super::super::stored_session::{Claim, MAX_VALUE_BYTES, Replaced, Turn};
use super::model::{Model, are_these};
use super::row::declare_rows;
use super::trial::{LONG, Trial, Verdict, address, holds, is_value, item, owner, same, unlike};

declare_rows! {
    get_of_an_absent_name_returns_nothing,
    claim_takes_a_free_name_once,
    put_takes_the_place_of_a_value,
    single_values_keep_any_bytes_and_any_size,
    sessions_keep_any_bytes_and_any_size,
}

/// None, each byte there is, text in another encoding, and as many bytes as a value may have.
fn values() -> [Vec<u8>; 4] {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    // No period of its own: a piece that is lost or repeated shows.
    let large = (0..MAX_VALUE_BYTES).map(|at| bytes.get((at * 31 + at / 251) % 256).copied().unwrap_or(0));
    [Vec::new(), bytes.clone(), b"\xff\xfe\0\0 {\"\xc3\x28\"}\r\n".to_vec(), large.collect()]
}

async fn get_of_an_absent_name_returns_nothing(trial: &Trial) -> Verdict {
    same("get of an absent name", trial.store.get(&item()).await?, None)
}

async fn claim_takes_a_free_name_once(trial: &Trial) -> Verdict {
    let key = item();
    same("claim of a free name", trial.store.claim(&key, b"first", LONG).await?, Claim::Yours)?;
    for value in [&b"first"[..], b"second"] {
        let claim = trial.store.claim(&key, value, LONG).await?;
        same("claim of a name that is taken", claim, Claim::Taken(b"first".to_vec()))?;
        is_value("get after it", trial.store.get(&key).await?, "first")?;
    }
    same("claim of another name", trial.store.claim(&item(), b"other", LONG).await?, Claim::Yours)
}

async fn put_takes_the_place_of_a_value(trial: &Trial) -> Verdict {
    let key = item();
    for value in ["first", "second", ""] {
        trial.store.put(&key, value.as_bytes(), LONG).await?;
        same("get after put", trial.store.get(&key).await?, Some(value.into()))?;
    }
    let claim = trial.store.claim(&key, b"third", LONG).await?;
    same("claim of a name that put has taken", claim, Claim::Taken(Vec::new()))?;
    let claimed = item();
    trial.store.claim(&claimed, b"first", LONG).await?;
    trial.store.put(&claimed, b"second", LONG).await?;
    is_value("get after put in the place of a claim", trial.store.get(&claimed).await?, "second")
}

async fn single_values_keep_any_bytes_and_any_size(trial: &Trial) -> Verdict {
    for value in values() {
        let (put, claimed, size) = (item(), item(), value.len());
        trial.store.put(&put, &value, LONG).await?;
        let claim = trial.store.claim(&claimed, &value, LONG).await?;
        same("claim of a free name", claim, Claim::Yours)?;
        for key in [put, claimed] {
            let got = trial.store.get(&key).await?;
            holds(
                &format!("get returns another value than the one of {size} bytes"),
                got == Some(value.clone()),
            )?;
            let claim = trial.store.claim(&key, b"", LONG).await?;
            let taken = claim == Claim::Taken(value.clone());
            holds(&format!("claim returns another value than the one of {size} bytes"), taken)?;
        }
    }
    Ok(())
}

async fn sessions_keep_any_bytes_and_any_size(trial: &Trial) -> Verdict {
    for value in values() {
        let created = Model::create_of(trial, address(), &value, LONG).await?;
        let mut replaced = Model::create(trial).await?;
        replaced.replace(trial, &value, LONG).await?;
        for model in [created, replaced] {
            let other = model.generation + 1;
            model.is_there(trial, "with such a value").await?;
            are_these(trial, "list", &trial.store.list(&model.at.user).await?, &[&model])?;
            match trial.store.turn(&model.at, other, &owner(), LONG).await? {
                Turn::Other(there) => model.is_this(trial, "turn at another generation", Some(&there))?,
                turn => return Err(unlike("turn at another generation", &turn, &"Other")),
            }
            match trial.store.replace(&model.at, other, b"", LONG).await? {
                Replaced::Other(there) => model.is_this(trial, "replace of another", Some(&there))?,
                replaced => return Err(unlike("replace of another generation", &replaced, &"Other")),
            }
            let removed = trial.store.remove(&model.at, None).await?;
            model.is_this(trial, "remove", removed.as_ref())?;
            let anew = Model::create_of(trial, model.at, &value, LONG).await?;
            let removed = trial.store.remove_all(&model.at.user, None).await?;
            are_these(trial, "remove_all", &removed, &[&anew])?;
        }
    }
    Ok(())
}
