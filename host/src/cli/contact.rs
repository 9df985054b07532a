//! `rapport contact export | erase`: a person's own data, at their request. Works on the store,
//! whether or not a host is running.

use crate::app;
use crate::config::Config;
use crate::pipeline::erasure::{self, NotErased};
use anyhow::{Result, bail};

pub async fn export(config: &Config, id: &str) -> Result<()> {
    let db = app::open_db(config).await?;
    let export = erasure::export(&db, id, "cli").await?;
    db.close().await;
    let Some(export) = export else {
        bail!("no contact `{id}`");
    };
    outln!("{}", serde_json::to_string_pretty(&export)?)?;
    Ok(())
}

pub async fn erase(config: &Config, id: &str, reason: &str, as_json: bool) -> Result<()> {
    if reason.trim().is_empty() {
        bail!("--reason: say why, such as the number of the request");
    }
    let db = app::open_db(config).await?;
    let report = erasure::erase(&db, &config.housekeeping(), id, reason, "cli").await;
    db.close().await;
    let report = match report {
        Ok(report) => report,
        Err(NotErased::NoContact | NotErased::Elsewhere) => bail!("no contact `{id}`"),
        Err(NotErased::Busy) => bail!(
            "an answer to the contact is being sent, or an event of theirs processed, at this moment; try again"
        ),
        Err(NotErased::Db(error)) => return Err(error.into()),
    };
    if as_json {
        outln!("{}", serde_json::to_string(&report)?)?;
        return Ok(());
    }
    outln!("{id} is erased.")?;
    for (table, rows) in &report.rows {
        outln!("  {table}: {rows}")?;
    }
    if !report.swept {
        outln!("A reader kept the log from being emptied just now; it is soon.")?;
    }
    outln!("What remains:")?;
    for remainder in &report.remains {
        outln!("  {}: {}", remainder.place, remainder.note)?;
    }
    Ok(())
}
