//! Who may do what: permissions, the built-in roles, rights to inboxes, and the caller of a request;
//! and what is kept of those who come in.
//!
//! A permission says what kind of thing somebody may do, an inbox right where. The voice, the right to
//! post on an inbox's corporate account, is neither: it is given to one person for one inbox, and no
//! role brings it. Nobody gives what they do not hold (see [`Caller::may_give`]). Deliberately absent:
//! rules about one message or one contact.

mod caller;
mod permission;
mod record;
mod right;

pub use caller::{AgentAccess, Caller, CallerKind};
pub use permission::{BuiltInRole, Permission, Permissions};
pub use record::{Agent, ApiToken, LoginMethod, Role, Session, Team};
pub use right::{InboxGrant, InboxRight, InboxRights, InboxScope};
