//! A network with a small JSON API. Replace the paths and the structs by those of yours.

use rapport_sdk::prelude::*;
use serde::Deserialize;
use serde_json::json;

#[cfg(test)]
mod tests;

/// The settings, as the schema in `plugin.toml` has them.
#[derive(Deserialize)]
pub struct Plugin {
    server: String,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Post {
    id: String,
    author: Person,
    text: String,
    sent: i64,
}

#[derive(Deserialize)]
struct Posts {
    messages: Vec<Post>,
    next: String,
}

impl Connector for Plugin {
    fn check(&self) -> Result<Account, PluginError> {
        let me: Person = self.get("me")?.fetch()?;
        let account = Account::new(Actor::new(me.id, me.name));
        Ok(account.polls().sends(&[Visibility::Public]))
    }

    // The same message must have the same id at every poll: by its id the host knows it again.
    fn poll(&self, cursor: Option<String>, _: &[Monitor]) -> Result<Page, PluginError> {
        let path = format!("messages?after={}", cursor.unwrap_or_default());
        let posts: Posts = self.get(&path)?.fetch()?;
        let activities = posts.messages.into_iter().map(activity).collect();
        Ok(Page::new(activities, posts.next))
    }

    // A second try with the same key must not send twice: tell the network the key.
    fn send(&self, message: &OutboundMessage, key: &str) -> Result<Receipt, PluginError> {
        let body = json!({"text": message.content, "answers": message.in_reply_to});
        let request = Request::post_json(format!("{}/v1/messages", self.server), body.to_string());
        let request = request.bearer("token")?.header("idempotency-key", key);
        Ok(receipt(request.fetch()?))
    }

    // None only when it surely was not sent: the host then sends it again.
    fn find_sent(&self, key: &str) -> Result<Option<Receipt>, PluginError> {
        Ok(self.get(&format!("sent/{key}"))?.find()?.map(receipt))
    }
}

impl Plugin {
    fn get(&self, path: &str) -> Result<Request, PluginError> {
        Request::get(format!("{}/v1/{path}", self.server)).bearer("token")
    }
}

fn receipt(post: Post) -> Receipt {
    Receipt::new(post.id, post.sent)
}

fn activity(post: Post) -> Activity {
    let author = Actor::new(post.author.id, post.author.name);
    Activity::create(Message::new(post.id, author, post.sent, post.text))
}

rapport_sdk::channel!(Plugin);
