//! The head of the audit chain goes out from time to time: to the log, to webhooks that hear of
//! `audit.head`, and to a file. A check of the chain asks for the heads that are in the file.
//!
//! Deliberately absent: keeping copies safe. A file on this machine finds what was done to the store by
//! somebody who could not also write the file; for more, let it be read or received elsewhere.

use crate::db::webhook::Outgoing;
use crate::db::{Db, DbError, commit, private};
use crate::domain::audit::{ChainReport, ExpectedHead, Head, KnownHeads, SignedHead};
use crate::domain::now_ms;
use crate::domain::sealed::SealKey;
use crate::domain::webhook::EventType;
use serde_json::json;
use std::io::{self, Read};
use std::path::Path;

/// Name of the scheduled work.
pub const SCHEDULE: &str = "audit-head";
/// Most of a file of heads that is read, from its beginning: heads of some twenty years.
const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{path}: {error}")]
    File { path: String, error: io::Error },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> HeadError {
    let path = path.display().to_string();
    move |error| HeadError::File { path, error }
}

/// Sends the head out as it is now; none before the first event. What can't go to the file has gone
/// everywhere else.
pub async fn publish(db: &Db, file: Option<&Path>) -> Result<Option<SignedHead>, HeadError> {
    let Some(head) = db.audit_end().await?.head else {
        return Ok(None);
    };
    let signed = SignedHead::sign(&head, now_ms(), db.seal_key()?).map_err(DbError::from)?;
    let line = serde_json::to_string(&signed).unwrap_or_default();
    tracing::info!("audit head: {line}");
    let mut tx = db.begin().await?;
    let mut outgoing = Outgoing::in_tx(&mut tx).await?;
    let subject = signed.seq.to_string();
    outgoing.tell(EventType::AuditHead, "", &subject, || json!(signed));
    outgoing.store_in_tx(&mut tx, now_ms()).await?;
    commit(tx).await?;
    if let Some(path) = file {
        private::append(path, format!("{line}\n").as_bytes()).map_err(at(path))?;
    }
    Ok(Some(signed))
}

/// The heads of a file; none when it is not there. Blocks.
pub fn known(path: &Path, key: Option<&SealKey>) -> Result<KnownHeads, HeadError> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(KnownHeads::default()),
        Err(error) => return Err(at(path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(FILE_MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(at(path))?;
    Ok(KnownHeads::read(
        String::from_utf8_lossy(&bytes).lines(),
        key,
    ))
}

/// Signs the last head of a file anew: for a key that is being changed, which still opens what the one
/// before signed. Blocks.
pub fn carry_over(path: &Path, key: &SealKey) -> Result<(), HeadError> {
    let heads = known(path, Some(key))?.heads;
    let Some(ExpectedHead { seq, hash }) = heads.into_iter().max_by_key(|head| head.seq) else {
        return Ok(());
    };
    // Rows are numbered without gaps.
    let head = Head {
        seq,
        hash,
        count: seq,
    };
    let signed = SignedHead::sign(&head, now_ms(), key).map_err(DbError::from)?;
    let line = serde_json::to_string(&signed).unwrap_or_default();
    private::append(path, format!("{line}\n").as_bytes()).map_err(at(path))
}

/// Walks the chain and compares it with the heads of a file and one that somebody kept.
pub async fn verify(
    db: &Db,
    key: Option<SealKey>,
    file: Option<&Path>,
    kept: Option<ExpectedHead>,
) -> Result<ChainReport, HeadError> {
    let mut heads = KnownHeads::default();
    if let Some(path) = file {
        let path = path.to_owned();
        let read = tokio::task::spawn_blocking(move || known(&path, key.as_ref()));
        let failed = |error| HeadError::File {
            path: String::new(),
            error: io::Error::other(error),
        };
        heads = read.await.map_err(failed)??;
    }
    heads.heads.extend(kept);
    let compared = heads.heads.len() as i64;
    let mut report = db.audit_verify(heads.heads).await?;
    report.heads_compared = compared;
    report.heads_refused = heads.refused as i64;
    Ok(report)
}
