//! What a call ends in whose requests the host did not let out.

use crate::plugin::egress::Denials;
use crate::plugin::fault::{HostFault, PluginError};

/// How a call ended whose requests were denied. Denied what it may never do and then failed: in the
/// host's own, clear fault. Denied for now and then failed by its own word: it is to come again, like
/// from a network that wants fewer requests, unless it may have changed something before.
pub(super) fn as_denied<T>(
    settled: Result<Result<T, PluginError>, HostFault>,
    denials: &Denials,
    changed: bool,
) -> Result<Result<T, PluginError>, HostFault> {
    match (settled, denials.forbidden.first(), &denials.exceeded) {
        (Ok(Ok(value)), _, _) => Ok(Ok(value)),
        (_, Some(reason), _) => Err(HostFault::EgressDenied(reason.clone())),
        (Ok(Err(_)), None, Some(exceeded)) if changed => Err(HostFault::EgressQuota(
            exceeded.reason.clone(),
            exceeded.retry,
        )),
        (Ok(Err(_)), None, Some(exceeded)) => Ok(Err(PluginError::RateLimited {
            delay_ms: Some(exceeded.retry.as_millis() as u64 + 1),
            message: format!("the host lets it make no {}", exceeded.reason),
        })),
        (settled, None, _) => settled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::quota::Exceeded;
    use std::time::Duration;

    fn denials(forbidden: &[&str], exceeded: Option<&str>) -> Denials {
        let exceeded = exceeded.map(|reason| Exceeded {
            reason: reason.to_owned(),
            retry: Duration::from_millis(1500),
        });
        Denials {
            forbidden: forbidden
                .iter()
                .map(|reason| (*reason).to_owned())
                .collect(),
            exceeded,
        }
    }

    #[test]
    fn a_quota_is_a_wish_for_fewer_requests_unless_something_was_changed() {
        let said = || Ok::<Result<(), _>, _>(Err(PluginError::Permanent("no answer".into())));
        let trap = || Err::<Result<(), PluginError>, _>(HostFault::Trap("unwrap".into()));
        let quota = denials(&[], Some("more than 5 requests a minute"));
        assert_eq!(
            as_denied(said(), &quota, false),
            Ok(Err(PluginError::RateLimited {
                delay_ms: Some(1501),
                message: "the host lets it make no more than 5 requests a minute".into(),
            }))
        );
        let retry = Duration::from_millis(1500);
        let fault = HostFault::EgressQuota("more than 5 requests a minute".into(), retry);
        assert_eq!(as_denied(said(), &quota, true), Err(fault));
        assert_eq!(
            as_denied(trap(), &quota, false),
            trap(),
            "it would trap on any failure"
        );
        assert_eq!(as_denied(Ok(Ok(())), &quota, true), Ok(Ok(())), "it got by");
        let both = denials(
            &["evil.example is not granted"],
            Some("more than 5 requests a minute"),
        );
        let forbidden = HostFault::EgressDenied("evil.example is not granted".into());
        assert_eq!(as_denied(said(), &both, false), Err(forbidden));
        assert_eq!(as_denied(said(), &denials(&[], None), false), said());
    }
}
