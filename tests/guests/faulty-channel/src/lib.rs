//! A good connector to a network with a small JSON API, with the one fault that its setting `fault`
//! names, so that the tests of the conformance kit can tell whether it is found.
//!
//! | fault | what is wrong |
//! |---|---|
//! | trap | an answer that can't be read is a panic |
//! | lost | it is passed over, and the cursor moves on |
//! | made | it is told as a message |
//! | deaf | `Retry-After` is not handed on |
//! | mute | refused credentials are a permanent error |
//! | leak | what the network hands out is kept in the state |
//! | dupe | the key is not sent along, and nothing is found |
//! | sure | an answer that can't be read means that nothing was sent |
//! | dbls | each page begins with the last message of the one before |
//! | odds | no two answers are the same |

use rapport_sdk::http::Response;
use rapport_sdk::prelude::*;
use rapport_sdk::{http, state};
use serde::Deserialize;
use serde_json::{Value, json};
use std::hash::{BuildHasher, RandomState};

/// The settings, as the schema in `plugin.toml` has them.
#[derive(Deserialize)]
pub struct Plugin {
    server: String,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Fault {
    None,
    Trap,
    Lost,
    Made,
    Deaf,
    Mute,
    Leak,
    Dupe,
    Sure,
    Dbls,
    Odds,
}

#[derive(Deserialize)]
struct Post {
    id: String,
    author: String,
    text: String,
    sent: i64,
}

#[derive(Deserialize)]
struct Posts {
    messages: Vec<Post>,
    next: u64,
    more: bool,
}

impl Connector for Plugin {
    fn check(&self) -> Result<Account, PluginError> {
        let me: Value = self.ask(self.get("me")?)?.json()?;
        let id = me["id"].as_str().filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| PluginError::Permanent("who are we?".to_owned()))?;
        let account = Account::new(Actor::new(id, id));
        Ok(account.polls().sends(&[Visibility::Public]))
    }

    fn poll(&self, cursor: Option<String>, _: &[Monitor]) -> Result<Page, PluginError> {
        let after: u64 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let answer = self.ask(self.get(&format!("messages?after={after}"))?)?;
        let posts = match answer.json::<Posts>() {
            Ok(posts) => posts,
            Err(error) => match self.fault {
                Fault::Trap => panic!("{error:?}"),
                Fault::Lost => Posts {
                    messages: Vec::new(),
                    next: after + 2,
                    more: false,
                },
                Fault::Made => Posts {
                    messages: vec![Post {
                        id: "made-up".to_owned(),
                        author: "nobody".to_owned(),
                        text: "?".to_owned(),
                        sent: 0,
                    }],
                    next: after,
                    more: false,
                },
                _ => return Err(error),
            },
        };
        let mut messages = posts.messages;
        if self.fault == Fault::Leak {
            let whole: Value = answer.json()?;
            let ticket = whole["ticket"].to_string();
            state::set("ticket", ticket.as_bytes()).map_err(PluginError::Permanent)?;
        }
        if self.fault == Fault::Odds {
            for post in &mut messages {
                post.text = format!("{} {}", post.text, RandomState::new().hash_one(1));
            }
        }
        if self.fault == Fault::Dbls && after > 0 {
            messages.insert(
                0,
                Post {
                    id: after.to_string(),
                    author: "sanne".to_owned(),
                    text: "Waar blijft mijn pakket?".to_owned(),
                    sent: 1_772_438_400_000,
                },
            );
        }
        let mut page = Page::new(
            messages.into_iter().map(activity).collect(),
            posts.next.to_string(),
        );
        page.more = posts.more;
        Ok(page)
    }

    fn send(&self, message: &OutboundMessage, key: &str) -> Result<Receipt, PluginError> {
        let body = json!({"text": message.content, "answers": message.in_reply_to});
        let request = Request::post_json(format!("{}/v1/messages", self.server), body.to_string());
        let mut request = request.bearer("token")?;
        if self.fault != Fault::Dupe {
            request = request.header("idempotency-key", key);
        }
        Ok(receipt(self.ask(request)?.json()?))
    }

    fn find_sent(&self, key: &str) -> Result<Option<Receipt>, PluginError> {
        if self.fault == Fault::Dupe {
            return Ok(None);
        }
        match self.get(&format!("sent/{key}"))?.find() {
            Err(PluginError::RetryAfter(_)) if self.fault == Fault::Sure => Ok(None),
            found => Ok(found?.map(receipt)),
        }
    }
}

impl Plugin {
    fn get(&self, path: &str) -> Result<Request, PluginError> {
        Request::get(format!("{}/v1/{path}", self.server)).bearer("token")
    }

    fn ask(&self, request: Request) -> Result<Response, PluginError> {
        let answer = http::send(&request)?;
        match answer.success() {
            Err(PluginError::AuthExpired(why)) if self.fault == Fault::Mute => {
                Err(PluginError::Permanent(why))
            }
            Err(PluginError::RateLimited(mut delay)) if self.fault == Fault::Deaf => {
                delay.delay_ms = None;
                Err(PluginError::RateLimited(delay))
            }
            answer => answer,
        }
    }
}

fn receipt(post: Post) -> Receipt {
    Receipt::new(post.id, post.sent)
}

fn activity(post: Post) -> Activity {
    let author = Actor::new(post.author.clone(), post.author);
    Activity::create(Message::new(post.id, author, post.sent, post.text))
}

rapport_sdk::channel!(Plugin);
