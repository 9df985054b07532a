//! Who they are: contacts and the identities they are known by.

use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person. At this stage one contact has the identities of one account; merging comes later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    pub id: Id,
    pub display_name: Option<String>,
    /// Published time of the first message we know.
    pub first_seen: TimestampMs,
    pub last_seen: TimestampMs,
    pub message_count: u32,
    pub identities: Vec<Identity>,
}

/// An account on a network, unique by (network, external_id).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    pub network: String,
    pub external_id: String,
    pub handle: Option<String>,
    pub display_name: Option<String>,
    pub profile_url: Option<String>,
    pub avatar_url: Option<String>,
    pub follower_count: Option<u64>,
    pub verified: bool,
}
