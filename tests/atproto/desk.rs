//! What an agent does and sees at the host: messages, drafts, the outbox.

use crate::SOON;
use crate::support::{Host, rapport, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

impl Host {
    /// A message with classifications and decisions.
    pub async fn message(&self, uri: &str) -> Option<Value> {
        let page = self.get("messages?limit=200").await;
        let listed = page["items"].as_array().unwrap();
        let listed = listed.iter().find(|m| m["externalId"] == uri)?;
        let id = listed["id"].as_str().unwrap();
        Some(self.get(&format!("messages/{id}")).await)
    }

    /// A draft that answers this message.
    pub async fn draft(&self, message: &Value, content: &str) -> String {
        let new = json!({
            "messageId": message["id"], "content": content, "author": "Sanne", "language": "nl",
        });
        let (status, draft) = self.post("drafts", &new).await;
        assert_eq!(status, 201, "{draft:#}");
        draft["id"].as_str().unwrap().to_owned()
    }

    pub async fn edit(&self, draft: &str, content: &str) {
        let edit = json!({ "content": content });
        let path = format!("drafts/{draft}");
        let (status, edited) = self.call(Method::PATCH, &path, Some(&edit)).await;
        assert_eq!(status, 200, "{edited:#}");
    }

    /// `check` or `send`, and what came of it.
    pub async fn judge(&self, draft: &str, how: &str) -> Value {
        let path = format!("drafts/{draft}/{how}");
        let (status, outcome) = self.post(&path, &json!({})).await;
        assert_eq!(status, 200, "{outcome:#}");
        outcome
    }

    /// Waits for an outbox item to be sent; how its tries ended.
    pub async fn sent(&self, item: &str) -> Vec<String> {
        let item = until("the answer is sent", SOON, async || {
            let item = self.get(&format!("outbox/{item}")).await;
            (item["status"] == "sent").then_some(item)
        })
        .await;
        let tries = item["deliveryAttempts"].as_array().unwrap();
        tries
            .iter()
            .map(|t| t["outcome"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What we said in a message's conversation.
    pub async fn outbound_in(&self, message: &Value) -> Vec<Value> {
        let conversation = message["conversationId"].as_str().unwrap();
        let path = format!("messages?conversationId={conversation}");
        let page = self.get(&path).await;
        let items = page["items"].as_array().unwrap().iter();
        items
            .filter(|m| m["direction"] == "outbound")
            .cloned()
            .collect()
    }
}

/// The status of an outbox item as `rapport outbox list` tells it without a running host.
pub fn stored_status(dir: &Path, item: &str) -> String {
    let listed = rapport(&["outbox", "list", "--json", "--config"])
        .arg(dir.join("rapport.toml"))
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?}");
    let items: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let found = items.iter().find(|i| i["id"] == item).unwrap();
    found["status"].as_str().unwrap().to_owned()
}

/// A decision tells why, in Dutch and in English.
pub fn has_reasons(decision: &Value) {
    for language in ["nl", "en"] {
        let mut reasons = decision["reason"].as_array().unwrap().iter();
        let reason = reasons.find(|r| r["language"] == language);
        let text = reason.and_then(|r| r["text"].as_str()).unwrap_or_default();
        assert!(!text.is_empty(), "no reason in {language}: {decision:#}");
    }
}
