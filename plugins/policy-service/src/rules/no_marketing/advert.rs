//! Whether a text is marketing, by its words: a declared purpose is a claim.
//!
//! It is when it has an expression of the list `advert`, or of two of the others: an offer, a reason
//! to hurry, a call to buy. Deliberately absent: any judgement of meaning. An offer made in other
//! words, in other languages than Dutch and English or in a picture passes.

use rapport_lexicon::{Around, Names};
use rapport_sdk::annotation::Evidence;

use crate::reason::clip;
use crate::words;

/// The lists that count alone.
const ENOUGH: &str = "advert";

/// The words of marketing, ready to be searched for.
#[derive(Debug)]
pub struct Adverts {
    names: Names,
    /// The list of each pattern.
    lists: Vec<&'static str>,
}

impl Adverts {
    /// Builds the tables. The error names the word.
    pub fn new() -> Result<Self, String> {
        let mut patterns = Vec::new();
        let mut lists = Vec::new();
        for (list, own) in words::lists(&[include_str!("../../words/marketing.txt")]) {
            lists.extend(own.iter().map(|_| list));
            patterns.extend(own);
        }
        let names = Names::new(&patterns, Around::Nothing)
            .map_err(|(index, e)| format!("built-in marketing {index}: {e}"))?;
        Ok(Self { names, lists })
    }

    /// The words that make a text marketing; none when it is not.
    pub fn find(&self, text: &str) -> Vec<Evidence> {
        let hits = self.names.find(text);
        let list = |pattern: usize| self.lists.get(pattern).copied().unwrap_or_default();
        let mut kinds: Vec<&str> = hits.iter().map(|h| list(h.pattern)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() < 2 && kinds.first() != Some(&ENOUGH) {
            return Vec::new();
        }
        let mut found: Vec<Evidence> = Vec::new();
        for hit in &hits {
            if found.last().is_none_or(|e| e.end < clip(hit.end)) {
                found.push(Evidence {
                    start: clip(hit.start),
                    end: clip(hit.end),
                    note: "marketing".to_owned(),
                });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_with_a_reason_or_a_call_are_marketing() {
        let adverts = Adverts::new().unwrap();
        for text in [
            "Alleen vandaag: 20% korting!",
            "#AlleenVandaag 20% k.o.r.t.i.n.g",
            "Koop nu de nieuwe boiler",
            "K00p nu de nieuwe boiler",
            "Ontdek onze zomeraanbieding",
            "Special offer for you",
            "Only today: 10 % off everything",
            "Discover our new collection",
            "Claim your free gift",
            "https://voorbeeld.test/koop-nu",
        ] {
            assert!(!adverts.find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn service_is_not_marketing() {
        let adverts = Adverts::new().unwrap();
        for text in [
            "De korting is verwerkt op uw factuur.",
            "Uw kortingscode werkt weer, excuses voor het ongemak.",
            "U krijgt 10% korting op uw volgende rekening als tegemoetkoming.",
            "De actie is voorbij, dat spijt ons.",
            "Retourneren is gratis, het label zit in de doos.",
            "Stuur je ons je bestelnummer in een DM?",
            "Uw bestelling van Black Friday is onderweg.",
            "De storing is opgelost; vandaag werkt alles weer.",
            "Your order is on its way, sorry for the delay.",
            "Your discount has been added to the invoice.",
            "You can return it free of charge.",
            "We cannot offer a refund before Tuesday.",
            "Recall: stop using the heater",
            "The voucher was sent to your address again.",
        ] {
            assert_eq!(adverts.find(text), [], "{text}");
        }
    }
}
