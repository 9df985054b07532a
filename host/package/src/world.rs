//! The worlds of the contract as far as a file shows them: which functions each kind of plugin
//! exports.
//!
//! Further exports are welcome: a later minor version of the contract may ask for them. Deliberately
//! absent: the functions' types; linking compares those.

use crate::component::{Export, Item};
use crate::manifest::Kind;

impl Kind {
    const ALL: [Kind; 3] = [Kind::Channel, Kind::Classifier, Kind::Policy];

    /// The world in `wit/plugin.wit`.
    pub fn world(self) -> &'static str {
        match self {
            Kind::Channel => "channel-connector",
            Kind::Classifier => "classifier",
            Kind::Policy => "policy-pack",
        }
    }

    /// The functions that the world exports.
    pub fn functions(self) -> &'static [&'static str] {
        match self {
            Kind::Channel => &[
                "configure",
                "check",
                "poll",
                "receive",
                "validate",
                "send",
                "find-sent",
            ],
            Kind::Classifier => &["configure", "classify"],
            Kind::Policy => &["configure", "rules", "decide"],
        }
    }
}

/// Why a component is not of the kind that its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    #[error(
        "plugin.toml says kind = \"{}\", but the component exports the world of a {}; change \
         `kind`, or implement the world `rapport:plugin/{}`",
        said.as_str(), is.as_str(), said.world()
    )]
    OtherKind { said: Kind, is: Kind },
    #[error(
        "a {} exports the world `rapport:plugin/{}`; this component does not export {}; implement \
         it (a Rust plugin: `rapport_sdk::export_{}!`)",
        kind.as_str(), kind.world(), missing.join(", "), kind.as_str()
    )]
    Incomplete {
        kind: Kind,
        missing: Vec<&'static str>,
    },
}

/// Checks that a component exports the functions of its kind.
pub fn check(kind: Kind, exports: &[Export]) -> Result<(), WorldError> {
    let missing = |kind: Kind| -> Vec<&'static str> {
        let exported = |name: &&str| {
            let mut functions = exports.iter().filter(|e| e.item == Item::Function);
            functions.any(|export| export.name == **name)
        };
        let functions = kind.functions().iter().copied();
        functions.filter(|name| !exported(name)).collect()
    };
    let lacking = missing(kind);
    if lacking.is_empty() {
        return Ok(());
    }
    match Kind::ALL.into_iter().find(|kind| missing(*kind).is_empty()) {
        Some(is) => Err(WorldError::OtherKind { said: kind, is }),
        None => Err(WorldError::Incomplete {
            kind,
            missing: lacking,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exports(names: &[&str]) -> Vec<Export> {
        let export = |name: &&str| Export {
            name: (*name).to_owned(),
            item: Item::Function,
        };
        names.iter().map(export).collect()
    }

    #[test]
    fn the_functions_are_those_of_the_contract() {
        let wit = include_str!("../../../wit/plugin.wit");
        for kind in Kind::ALL {
            let world = wit.split(&format!("\nworld {} {{", kind.world())).nth(1);
            let body = world.unwrap().split("\n}").next().unwrap();
            let functions = body.lines().filter_map(|line| {
                let (name, _) = line.trim().strip_prefix("export ")?.split_once(':')?;
                Some(name)
            });
            assert_eq!(functions.collect::<Vec<_>>(), kind.functions());
        }
    }

    #[test]
    fn a_component_is_of_the_kind_that_it_exports() {
        for kind in Kind::ALL {
            check(kind, &exports(kind.functions())).unwrap();
        }
        let channel = exports(Kind::Channel.functions());
        let error = check(Kind::Classifier, &channel).unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin.toml says kind = \"classifier\", but the component exports the world of a \
             channel; change `kind`, or implement the world `rapport:plugin/classifier`"
        );
        let error = check(Kind::Policy, &exports(&["configure", "rules"])).unwrap_err();
        let missing = vec!["decide"];
        let kind = Kind::Policy;
        assert_eq!(error, WorldError::Incomplete { kind, missing });
        let mut types = exports(&["configure", "classify"]);
        types[1].item = Item::Type;
        assert!(check(Kind::Classifier, &types).is_err());
    }
}
