//! What may be joined to the end of a name so that it is still that name: endings of Dutch and
//! English, and words that make a compound of it (`zonneboxproactie`).
//!
//! A list, because letters do not tell `pro-actie` from `pro-duct`: words that make another word
//! behind a common end of names (`pro`, `max`, `plus`) are left out.

const ENDINGS: [&str; 16] = [
    "s", "en", "es", "je", "jes", "tje", "tjes", "atje", "atjes", "etje", "etjes", "otje", "otjes",
    "er", "ers", "achtig",
];

const WORDS: &str = "
aanbieding aanbiedingen aankondiging abonnement abonnementen accu achtergrond actie acties advertentie
advertenties app apparaat apparaten artikel avond bestelling bestellingen betaling beurs bezitter
bezitters bijeenkomst blog box boxen brochure bundel campagne collectie community concert contract
concurrent demo demonstratie design doos dozen download editie eigenaar eigenaars eigenaren evenement
event factuur fan fans feest foto fotos garantie gebruiker gebruikers gids handleiding hoes installatie
introductie kabel kenner klant klanten klantendag kopen koper kopers korting kortingen kortingscode kosten
lancering lanceringen leverancier levering leveringen licentie lijn magazine markt medewerker melding
merk mode model modellen monteur nieuws nieuwsbrief onderdeel onderdelen ontwerp pagina pakket pakketten
partner persbericht plan planning platform podcast poster premiere presentatie prijs prijsje prijsvraag
prijzen reclame reeks release reparatie revolutie set show site software speler storing team techniek
teaser toestel toestellen training trailer uitgave update updates upgrade verhaal verkoop verpakking
versie versies video vlog voordeel voorraad voucher webinar website weggeefactie weken week winactie
winkel winkels zaak
announcement bundle buyer buyers campaign case contest coupon customer customers deal deals discount
edition editions giveaway launch launched launches launching leak leaks news offer offers owner owners
party plus max ultra mini lite price prices pricing sale sales series shop store user users version versions week";

/// A compound has at most two of the words, with a linking `s`.
const MAX_WORDS: usize = 2;

/// The rest of a word behind a name is an ending, or, where it is not short, a word of the list.
pub(crate) fn is_ending(rest: &str, words: bool) -> bool {
    if !words {
        return rest == "s";
    }
    ENDINGS.contains(&rest) || is_made_of_words(rest, MAX_WORDS)
}

fn is_made_of_words(rest: &str, most: usize) -> bool {
    WORDS.split_ascii_whitespace().any(|word| {
        rest.strip_prefix(word).is_some_and(|behind| {
            let behind = behind.strip_prefix('s').unwrap_or(behind);
            behind.is_empty() || (most > 1 && is_made_of_words(behind, most - 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_and_compounds() {
        for rest in [
            "s",
            "tjes",
            "actie",
            "actieweek",
            "klanten",
            "lanceringsfeest",
            "launch",
        ] {
            assert!(is_ending(rest, true), "{rest}");
        }
        for rest in [
            "motie", "duct", "actief", "fessor", "t", "test", "cent", "gramma",
        ] {
            assert!(!is_ending(rest, true), "{rest}");
        }
        assert!(is_ending("s", false) && !is_ending("actie", false));
    }
}
