//! `rapport demo`: an invented week is played through the real pipeline, plugins and all, as fast as
//! it goes; then the server stays up. Nothing leaves the machine.
//!
//! The clock is the story's: what comes in is received when the last of it was said, and an answer goes
//! out when it was written. Deliberately absent: any answer that is not decided here and now.

use super::demo_summary::{Summary, live};
use crate::app;
use crate::config::{Config, ListenAddress};
use crate::db::commit;
use crate::db::conversation::NotClosed;
use crate::db::outbound::draft_insert_in_tx;
use crate::domain::access::InboxScope;
use crate::domain::case::{CaseKind, Purpose};
use crate::domain::inbox::ConversationStatus;
use crate::domain::outbound::{Draft, DraftStatus};
use crate::domain::social::Visibility;
use crate::domain::{TimestampMs, new_id, play_at};
use crate::http::Access;
use crate::pipeline::Pipeline;
use crate::pipeline::inboxes::{InboxRuntime, WebhookRequest};
use crate::pipeline::outbound::{Intent, OutboundError};
use crate::worker::run_until_idle;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;

const STREAM: &str = include_str!("../../../examples/demo/stream.jsonl");
const CONFIG: &str = include_str!("../../../examples/demo/rapport.toml");
/// Who closes what is done, on record.
const BY: &str = "demo";
/// Conversations that are looked at together.
const PAGE: u32 = 100;
/// Activities in one request to an inbox's webhook.
const WEBHOOK_LINES: usize = 200;

#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Exit when the week has been played.
    #[arg(long)]
    once: bool,
    /// Print the summary as one JSON object.
    #[arg(long)]
    json: bool,
    /// Where the demo keeps its data; what an earlier demo left there is replaced.
    #[arg(long, default_value = "rapport-data/demo")]
    data_dir: PathBuf,
    /// Address and port of the REST API afterwards; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: ListenAddress,
}

/// A line of the stream.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line {
    Activity {
        inbox: String,
        activity: serde_json::Value,
    },
    #[serde(rename_all = "camelCase")]
    Reply {
        at: String,
        inbox: String,
        agent: String,
        named_account: bool,
        purpose: Purpose,
        in_reply_to: String,
        visibility: Visibility,
        content: String,
    },
    #[serde(rename_all = "camelCase")]
    CloseCase {
        at: String,
        inbox: String,
        in_reply_to: String,
    },
}

pub async fn run(args: DemoArgs) -> Result<()> {
    if !args.listen.is_loopback() {
        bail!("the demo has no log-in, so it listens on this machine only; try 127.0.0.1:8080");
    }
    if !args.once {
        // Told before a week is played; the address is free again until then.
        drop(super::serve::bind(&args.listen, "--listen").await?);
    }
    let mut config = Config::from_text(CONFIG)?;
    config.data_dir.clone_from(&args.data_dir);
    let _lock = super::serve::lock(&config)?;
    for suffix in ["", "-wal", "-shm"] {
        let path = args.data_dir.join(format!("rapport.db{suffix}"));
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    let pipeline = Arc::new(prepared(&config, args.json).await?);
    let played = play(&pipeline, args.json).await;
    play_at(None);
    let summary = played?;
    outln!(
        "{}",
        if args.json {
            summary.json()
        } else {
            summary.text()
        }
    )?;
    if args.once {
        pipeline.db.close().await;
        return Ok(());
    }
    let json = args.json;
    let identity = app::identity(&config, &pipeline.db).await?;
    super::serve::serve(
        &args.listen,
        Access::demo(),
        identity,
        pipeline,
        move |address, _| {
            if !json {
                // It serves whether or not anybody reads this.
                let _ = outln!(
                    "\nOpen to this machine only, without log-in.\n\
                     The server stays up: http://{address}/api/v1/conversations?status=open\n\
                     Every route: http://{address}/api/v1/openapi.json    Stop with Ctrl-C."
                );
            }
        },
    )
    .await
}

/// Opens the store and waits until every plugin and inbox is at work, however long that takes on this
/// machine, and shows what it waits for.
async fn prepared(config: &Config, quiet: bool) -> Result<Pipeline> {
    let pipeline = app::open(config).await?;
    let show = live::Preparing::start(quiet);
    let showing = async {
        loop {
            tokio::time::sleep(live::PREPARING_EVERY).await;
            show.waits_for(&pipeline.plugins.now().awaited());
        }
    };
    tokio::select! {
        done = app::prepare(&pipeline) => done?,
        () = showing => {}
    }
    show.finish();
    let missing = app::missing(&pipeline);
    if !missing.is_empty() {
        bail!("{}", missing.join("\n"));
    }
    Ok(pipeline)
}

/// Plays the stream: what networks bring in batches, what people do one by one, in order.
async fn play(pipeline: &Pipeline, quiet: bool) -> Result<Summary> {
    let lines: Vec<Line> = STREAM
        .lines()
        .enumerate()
        .map(|(n, line)| {
            serde_json::from_str(line).with_context(|| format!("stream line {}", n + 1))
        })
        .collect::<Result<_>>()?;
    let show = live::Live::start(lines.len(), quiet);
    let mut summary = Summary::default();
    let mut waiting: Vec<(&str, String)> = Vec::new();
    for line in &lines {
        show.step();
        if let Line::Activity { inbox, activity } = line {
            waiting.push((inbox, activity.to_string()));
            continue;
        }
        summary.duplicates += hear(pipeline, &mut waiting).await?;
        act(pipeline, line, &mut summary).await?;
        show.update(pipeline, &summary).await?;
    }
    summary.duplicates += hear(pipeline, &mut waiting).await?;
    close_the_rest(pipeline).await?;
    summary.seconds = show.seconds();
    summary.collect(pipeline).await?;
    show.finish();
    Ok(summary)
}

/// Hands waiting activities to their inboxes, as a network would, and lets the event loop work.
async fn hear(pipeline: &Pipeline, waiting: &mut Vec<(&str, String)>) -> Result<usize> {
    let mut duplicates = 0;
    let said = waiting.iter().map(|(_, line)| published(line));
    if let Some(last) = said.collect::<Result<Vec<_>>>()?.into_iter().max() {
        play_at(Some(last));
    }
    while let Some((inbox, _)) = waiting.first() {
        let inbox = *inbox;
        let mut lines = Vec::new();
        waiting.retain(|(of, line)| {
            let take = *of == inbox && lines.len() < WEBHOOK_LINES;
            if take {
                lines.push(line.clone());
            }
            !take
        });
        let request = WebhookRequest {
            method: "POST".into(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".into(), "application/x-ndjson".into())],
            body: lines.join("\n").into_bytes(),
        };
        let (answer, ingested) = pipeline
            .receive(&*inbox_named(pipeline, inbox)?, request)
            .await?;
        if let Some(refused) = answer.refused.first() {
            bail!("{inbox}: {refused}");
        }
        if answer.status != 200 {
            bail!("{inbox}: {}", String::from_utf8_lossy(&answer.body));
        }
        duplicates += ingested.duplicates;
    }
    run_until_idle(pipeline).await?;
    Ok(duplicates)
}

fn inbox_named(pipeline: &Pipeline, name: &str) -> Result<Arc<InboxRuntime>> {
    let found = pipeline.inbox_named(name);
    found.with_context(|| format!("no inbox `{name}`"))
}

/// When an activity of the stream happened.
fn published(activity: &str) -> Result<TimestampMs> {
    let activity: serde_json::Value = serde_json::from_str(activity)?;
    let text = activity["published"].as_str();
    time(text.context("an activity without `published`")?)
}

fn time(text: &str) -> Result<TimestampMs> {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).with_context(|| text.to_owned())?;
    Ok(parsed.timestamp_millis())
}

/// What the organisation's people do.
async fn act(pipeline: &Pipeline, line: &Line, summary: &mut Summary) -> Result<()> {
    match line {
        Line::Activity { .. } => {}
        Line::CloseCase {
            at,
            inbox,
            in_reply_to,
        } => {
            let runtime = inbox_named(pipeline, inbox)?;
            let message = pipeline
                .db
                .message_find(&runtime.inbox.id, in_reply_to)
                .await?;
            let contact = message.and_then(|m| m.contact_id).unwrap_or_default();
            let at = time(at)?;
            play_at(Some(at));
            let mut done = Vec::new();
            for case in pipeline.db.case_open_list(&contact).await? {
                if case.kind == CaseKind::Complaint {
                    let closed = pipeline.close_case(&case.id, at, BY).await?;
                    summary.closed += usize::from(closed);
                    done.extend(case.conversation_id);
                }
            }
            for conversation in done {
                close_when_done(pipeline, &conversation).await?;
            }
        }
        Line::Reply { .. } => reply(pipeline, line, summary).await?,
    }
    Ok(())
}

async fn reply(pipeline: &Pipeline, line: &Line, summary: &mut Summary) -> Result<()> {
    let Line::Reply {
        at,
        inbox,
        agent,
        named_account,
        purpose,
        in_reply_to,
        visibility,
        content,
    } = line
    else {
        return Ok(());
    };
    let runtime = inbox_named(pipeline, inbox)?;
    let at = time(at)?;
    play_at(Some(at));
    let message = pipeline
        .db
        .message_find(&runtime.inbox.id, in_reply_to)
        .await?
        .with_context(|| format!("{inbox}: no message {in_reply_to}"))?;
    let draft = Draft {
        id: new_id(),
        conversation_id: message.conversation_id,
        inbox_id: message.inbox_id,
        message_id: Some(message.id),
        purpose: *purpose,
        content: content.clone(),
        language: None,
        visibility: *visibility,
        author: agent.clone(),
        named_account: *named_account,
        status: DraftStatus::Draft,
        created: at,
        updated: at,
    };
    let mut tx = pipeline.db.begin().await?;
    draft_insert_in_tx(&mut tx, &draft, None).await?;
    commit(tx).await?;
    match pipeline
        .outbound(&runtime.connector, &draft, &Intent::Send, at)
        .await
    {
        Ok(outcome) => summary.count(&draft, &outcome),
        Err(OutboundError::Gone) => summary.gone += 1,
        Err(error) => return Err(error.into()),
    }
    run_until_idle(pipeline).await?;
    let sent = pipeline.db.draft_get(&draft.id).await?;
    if sent.is_some_and(|draft| draft.status == DraftStatus::Sent) {
        close_when_done(pipeline, &draft.conversation_id).await?;
    }
    Ok(())
}

/// At the end of the week: conversations in which nobody waits for an answer are closed.
async fn close_the_rest(pipeline: &Pipeline) -> Result<()> {
    let open = Some(ConversationStatus::Open);
    let mut after = None;
    loop {
        let db = &pipeline.db;
        let page = db.conversation_page(&InboxScope::All, None, open, None, after.as_ref(), PAGE);
        let page = page.await?;
        for conversation in page.items.iter().filter(|c| c.respond_by.is_none()) {
            close_when_done(pipeline, &conversation.id).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// As agents do with what they have answered: a conversation without an open case is closed. A word of
/// the customer opens it again.
async fn close_when_done(pipeline: &Pipeline, conversation: &str) -> Result<()> {
    match pipeline.close_conversation(conversation, BY).await? {
        Ok(()) | Err(NotClosed::Already | NotClosed::OpenCases) => Ok(()),
    }
}
