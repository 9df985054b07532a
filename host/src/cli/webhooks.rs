//! `rapport webhook …`: works on the store, whether or not a host is running; a running one notices
//! within half a second.

use super::common::{Common, inbox_id, say, with_store};
use crate::app;
use crate::db::Db;
use crate::domain::access::Caller;
use crate::domain::address::LocalHosts;
use crate::domain::now_ms;
use crate::domain::webhook::{DeliveryStatus, Endpoint};
use crate::pipeline::webhook_endpoints::{self as endpoints, EndpointWish};
use anyhow::{Context, Result, bail};
use chrono::DateTime;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Add an endpoint. Prints its secret, which is not shown again.
    Add {
        /// Where to post: https, or http to a host named in [webhooks] local-hosts.
        url: String,
        /// What it hears of: `message`, `case.opened`, …; everything unless given. Can be repeated.
        #[arg(long = "event")]
        events: Vec<String>,
        /// Name of an inbox; only what happens there. Can be repeated.
        #[arg(long = "inbox")]
        inboxes: Vec<String>,
        /// Send the texts of messages and drafts along.
        #[arg(long)]
        include_content: bool,
        /// Requests at the same time.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4))]
        concurrency: Option<u32>,
        /// For people.
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// List the endpoints.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show one endpoint.
    Show {
        id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Send nothing more to an endpoint.
    Disable {
        id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Send to an endpoint again; what waited goes out first.
    Enable {
        id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Make a new secret. Prints it; it is not shown again.
    Rotate {
        id: String,
        /// How long requests are signed with the secret before as well, in hours.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=168))]
        overlap_hours: u32,
        #[command(flatten)]
        common: Common,
    },
    /// Remove an endpoint and everything that was to be sent there.
    Delete {
        id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Send a `webhook.test` event to an endpoint.
    Test {
        id: String,
        #[command(flatten)]
        common: Common,
    },
    /// List what was sent to an endpoint and what waits, newest first; with --tries, why it failed.
    Deliveries {
        /// The endpoint.
        id: String,
        /// Only those with this status: queued, sending, delivered, failed.
        #[arg(long)]
        status: Option<DeliveryStatus>,
        /// At most this many, up to 200.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// With each delivery's tries.
        #[arg(long)]
        tries: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Send settled deliveries again: one, or an endpoint's of a time.
    Replay {
        /// A delivery; with --from an endpoint.
        id: String,
        /// Events of this moment and later (RFC 3339).
        #[arg(long)]
        from: Option<String>,
        /// Events before this moment; now unless given.
        #[arg(long, requires = "from")]
        until: Option<String>,
        /// Only deliveries that were given up.
        #[arg(long, requires = "from")]
        failed_only: bool,
        #[command(flatten)]
        common: Common,
    },
}

impl WebhookCommand {
    fn common(&self) -> &Common {
        match self {
            Self::Add { common, .. }
            | Self::List { common }
            | Self::Show { common, .. }
            | Self::Disable { common, .. }
            | Self::Enable { common, .. }
            | Self::Rotate { common, .. }
            | Self::Delete { common, .. }
            | Self::Test { common, .. }
            | Self::Deliveries { common, .. }
            | Self::Replay { common, .. } => common,
        }
    }
}

/// What a command has to say: to programs, and to people.
struct Said {
    json: Value,
    text: String,
}

pub async fn run(command: WebhookCommand) -> Result<()> {
    let config = command.common().config.load()?;
    let as_json = command.common().json;
    let local = LocalHosts::parse(&config.webhooks.local_hosts)
        .map_err(|e| anyhow::anyhow!("[webhooks] {e}"))?;
    let said = with_store(&config, async |db| {
        app::secret_key(&config, db).await?;
        execute(db, &local, command).await
    })
    .await?;
    say(as_json, &said.json, &said.text)
}

async fn execute(db: &Db, local: &LocalHosts, command: WebhookCommand) -> Result<Said> {
    let by = Caller::operator("cli");
    match command {
        WebhookCommand::Add {
            url,
            events,
            inboxes,
            include_content,
            concurrency,
            description,
            ..
        } => {
            let mut inbox_ids = Vec::with_capacity(inboxes.len());
            for name in &inboxes {
                inbox_ids.push(inbox_id(db, name).await?);
            }
            let wish = EndpointWish {
                url: Some(url),
                description,
                events: (!events.is_empty()).then_some(events),
                inbox_ids: Some(inbox_ids),
                include_content: Some(include_content),
                concurrency,
            };
            with_secret(endpoints::endpoint_add(db, local, wish, &by).await?)
        }
        WebhookCommand::List { .. } => list(&db.endpoint_list().await?),
        WebhookCommand::Show { id, .. } => {
            let found = db.endpoint_get(&id).await?;
            shown(&found.with_context(|| no_endpoint(&id))?)
        }
        WebhookCommand::Disable { id, .. } => {
            shown(&endpoints::endpoint_switch(db, &id, false, &by).await?)
        }
        WebhookCommand::Enable { id, .. } => {
            shown(&endpoints::endpoint_switch(db, &id, true, &by).await?)
        }
        WebhookCommand::Rotate {
            id, overlap_hours, ..
        } => with_secret(endpoints::endpoint_rotate(db, &id, overlap_hours, &by).await?),
        WebhookCommand::Delete { id, .. } => {
            endpoints::endpoint_delete(db, &id, &by).await?;
            Ok(Said {
                json: json!({ "id": id, "deleted": true }),
                text: format!("{id} is deleted"),
            })
        }
        WebhookCommand::Test { id, .. } => {
            let delivery = endpoints::endpoint_test(db, &id, &by).await?;
            Ok(Said {
                json: json!({ "id": delivery }),
                text: format!(
                    "delivery {delivery} is queued; see: rapport webhook deliveries {id}"
                ),
            })
        }
        WebhookCommand::Deliveries {
            id,
            status,
            limit,
            tries,
            ..
        } => deliveries(db, &id, status, limit, tries).await,
        WebhookCommand::Replay {
            id,
            from,
            until,
            failed_only,
            ..
        } => {
            let count = match from {
                None => {
                    endpoints::delivery_replay(db, &id, &by).await?;
                    1
                }
                Some(from) => {
                    let until = until.map(|u| moment("--until", &u)).transpose()?;
                    let (from, until) = (moment("--from", &from)?, until.unwrap_or_else(now_ms));
                    endpoints::endpoint_replay(db, &id, from, until, failed_only, &by).await?
                }
            };
            Ok(Said {
                json: json!({ "count": count }),
                text: format!("{count} sent again"),
            })
        }
    }
}

fn no_endpoint(id: &str) -> String {
    format!("no webhook endpoint `{id}`; see: rapport webhook list")
}

fn moment(what: &str, text: &str) -> Result<i64> {
    let at = DateTime::parse_from_rfc3339(text);
    let at = at.with_context(|| format!("{what}: write it like 2026-03-02T08:15:00Z"))?;
    Ok(at.timestamp_millis())
}

fn state(endpoint: &Endpoint) -> String {
    match (endpoint.disabled_reason, endpoint.failing_since) {
        (Some(reason), _) => format!("disabled ({reason})"),
        (None, Some(_)) => "failing".to_owned(),
        (None, None) => "enabled".to_owned(),
    }
}

fn list(endpoints: &[Endpoint]) -> Result<Said> {
    let mut lines = vec![format!("{:<36} {:<22} {:<24} URL", "ID", "STATE", "EVENTS")];
    lines.extend(endpoints.iter().map(|e| {
        let events = e.events.join(",");
        format!("{:<36} {:<22} {events:<24} {}", e.id, state(e), e.url)
    }));
    if endpoints.is_empty() {
        lines = vec!["Nothing there.".to_owned()];
    }
    Ok(Said {
        json: serde_json::to_value(endpoints)?,
        text: lines.join("\n"),
    })
}

fn shown(endpoint: &Endpoint) -> Result<Said> {
    let inboxes = match endpoint.inbox_ids.is_empty() {
        true => "all".to_owned(),
        false => endpoint.inbox_ids.join(", "),
    };
    Ok(Said {
        json: serde_json::to_value(endpoint)?,
        text: format!(
            "{}\n  url         {}\n  state       {}\n  events      {}\n  inboxes     {inboxes}\n  content     {}\n  concurrency {}",
            endpoint.id,
            endpoint.url,
            state(endpoint),
            endpoint.events.join(", "),
            if endpoint.include_content {
                "included"
            } else {
                "left out"
            },
            endpoint.concurrency,
        ),
    })
}

fn with_secret((endpoint, secret): (Endpoint, String)) -> Result<Said> {
    let mut said = shown(&endpoint)?;
    said.text = format!("{}\n  secret      {secret}  (not shown again)", said.text);
    said.json["secret"] = json!(secret);
    Ok(said)
}

async fn deliveries(
    db: &Db,
    id: &str,
    status: Option<DeliveryStatus>,
    limit: u32,
    tries: bool,
) -> Result<Said> {
    if db.endpoint_get(id).await?.is_none() {
        bail!(no_endpoint(id));
    }
    let page = db.webhook_delivery_page(id, status, None, limit).await?;
    let mut lines = vec![format!(
        "{:<36} {:<10} {:>5}  TYPE",
        "ID", "STATUS", "TRIES"
    )];
    let mut values = Vec::with_capacity(page.items.len());
    for delivery in &page.items {
        lines.push(format!(
            "{:<36} {:<10} {:>5}  {}",
            delivery.id,
            delivery.status.as_str(),
            delivery.attempts,
            delivery.event_type
        ));
        let mut value = serde_json::to_value(delivery)?;
        if tries {
            let tries = db.webhook_attempt_list(&delivery.id).await?;
            for one in &tries {
                let answer = one.status.map_or("no answer".to_owned(), |s| s.to_string());
                let error =
                    crate::telemetry::shown::shown(one.error.as_deref().unwrap_or("delivered"));
                lines.push(format!(
                    "    {answer:<9} {:>6} ms  {error}",
                    one.duration_ms
                ));
            }
            value["tries"] = serde_json::to_value(tries)?;
        }
        values.push(value);
    }
    if page.items.is_empty() {
        lines = vec!["Nothing there.".to_owned()];
    } else if page.next.is_some() {
        lines.push("There are more; see --limit, or the API.".to_owned());
    }
    Ok(Said {
        json: json!(values),
        text: lines.join("\n"),
    })
}
