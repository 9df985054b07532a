//! Dutch, English, or something else? A plugin can't see what another one found, so this is a small
//! check of its own: function words are counted, and words that one language's lexicon has to
//! itself; the network's hint decides where they don't.

use rustc_hash::FxHashMap;

use crate::lexicon::{Lexicon, Reading};
use crate::tokens::{Kind, Token};

const DUTCH: &str = "
    de het een en van ik je jij u hij zij ze wij jullie hun mijn jouw uw onze ons zijn ben bent waren wordt worden
    geweest heb hebt heeft hebben kan kun kunt kunnen mag moet moeten wil willen zal zou zouden ga gaat doet doen
    komt krijg te op uit aan bij met voor na naar door tot over onder tussen tegen zonder sinds vanaf tijdens per om
    dat dit die deze daar hier waar wat wie hoe waarom wanneer welke hoeveel maar want omdat toch nog al ook weer wel
    niet geen niks niets nooit altijd alles veel meer heel erg nu net pas vandaag gisteren morgen maandag dinsdag
    woensdag donderdag vrijdag zaterdag zondag week weken maand jaar uur dagen keer twee drie vier vijf eerst eerste
    laatste ander andere elke iedere ja nee bedankt graag goed leuk mooi echt klantenservice pakket er als dan m'n t 't
    hoor zo alweer wachten lekker fijn eens slecht iemand niemand gewoon top mee toen dus even jouw deur geld winkel
";

const ENGLISH: &str = "
    the a and to i you he she it they my your our his are were been have has do does did can could would will should
    of on at by with for from since until over under between without that this these those there here where what who
    how why when which but because so not no never always all very really now today yesterday tomorrow monday tuesday
    wednesday thursday friday saturday sunday week weeks month year hour hours days times two three four five first
    last other another each every yes thanks thank please good great it's i'm don't can't you're that's i've just still
    out up any some if than then an be us get got your love nice waiting again after works terrible bad best worst
    customer about into anyone everyone nobody someone money shop
";

const OTHER: &str = "
    der das und ich nicht ist ein eine einen einem mit für auf sie wir ihr zu zum zur auch bitte danke sehr aber
    wie wo wenn mein meine meinen sind habe haben hab kein keine nichts schon immer wieder nur von vom bei beim oder
    dass doch mal könnt mich mir euch uns ganz gut schön leider vielen heute gestern jetzt seit
    warum wurde wird geht gibt habt ihr jemand endlich toll paket antwort zurück verspätung
    le la les et est pas je j'ai vous nous tu il elle pour avec dans sur mais que qui une des du au aux merci bonjour
    très ne ce c'est ça mon ma mes votre vos suis avez où quand toujours jamais rien encore colis beaucoup
    bonne jour journée svp fait n'est n'ai d'un d'une depuis déjà comme oui non quel quelle parfait aucune réponse ouvrez chez
    el los las y es por para con pero muy gracias una todo está qué hola pedido nada su
    il di che non è per grazie sono mio tre nessuno buongiorno pacco della questo molto
    os não um uma muito obrigado obrigada à minha já olá ninguém está pela
    och att det inte jag är på til ikke og jeg av från nie się jest na czekam dzień bir ve çok için kimse
    baie dankie vir julle hulle wêr't myn fan
";

/// A Dutch or English text of this many words has at least one that is known.
const RECOGNISABLE: usize = 6;
/// Words that one language must have beyond twice the other's to be read alone.
const LEAD: usize = 2;

/// Which of the three lists (as bits) a word stands in.
#[derive(Debug, Clone, Default)]
pub struct FunctionWords {
    lists: FxHashMap<&'static str, u8>,
}

impl FunctionWords {
    pub fn new() -> Self {
        let mut lists: FxHashMap<&'static str, u8> = FxHashMap::default();
        for (index, list) in [DUTCH, ENGLISH, OTHER].into_iter().enumerate() {
            for word in list.split_whitespace() {
                *lists.entry(word).or_default() |= 1 << index;
            }
        }
        Self { lists }
    }

    /// Which lists to read; none when the text is in neither language. `hint` is a BCP 47 tag.
    pub fn reading(
        &self,
        tokens: &[Token],
        hint: Option<&str>,
        lexicon: &Lexicon,
    ) -> Option<Reading> {
        let mut counts = [0usize; 3];
        let mut felt = [0usize; 2];
        let (mut words, mut latin) = (0, 0);
        for token in tokens.iter().filter(|t| t.kind == Kind::Word) {
            words += 1;
            latin += usize::from(
                token
                    .text
                    .starts_with(|c: char| c.is_ascii() || c < '\u{250}'),
            );
            let lists = self
                .lists
                .get(token.text.as_str())
                .copied()
                .unwrap_or_default();
            for (index, count) in counts.iter_mut().enumerate() {
                *count += usize::from(lists & (1 << index) != 0);
            }
            match lexicon.known_in(&token.text) {
                [true, false] => felt[0] += 1,
                [false, true] => felt[1] += 1,
                _ => {}
            }
        }
        let [dutch, english, other] = counts;
        let foreign = other > dutch.max(english) && other >= felt[0].max(felt[1]);
        let [dutch, english] = [dutch + felt[0], english + felt[1]];
        let unrecognised = words >= RECOGNISABLE && dutch + english == 0;
        if latin * 2 < words || foreign || unrecognised {
            return None;
        }
        if dutch >= english * 2 + LEAD {
            return Some(Reading::Dutch);
        }
        if english >= dutch * 2 + LEAD {
            return Some(Reading::English);
        }
        let code = hint
            .and_then(|tag| tag.split(['-', '_']).next())
            .unwrap_or_default();
        match code.to_ascii_lowercase().as_str() {
            "nl" if dutch >= english => Some(Reading::Dutch),
            "en" if english >= dutch => Some(Reading::English),
            "nl" | "en" | "" | "und" => Some(Reading::Both),
            _ if words > 0 && dutch + english < LEAD => None,
            _ => Some(Reading::Both),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::OwnWords;
    use crate::tokens::tokenise;

    fn reading(text: &str, hint: Option<&str>) -> Option<Reading> {
        let lexicon = Lexicon::new(&OwnWords::new(), &OwnWords::new());
        FunctionWords::new().reading(&tokenise(text), hint, &lexicon)
    }

    #[test]
    fn counts_function_words() {
        assert_eq!(
            reading("ik heb nog niets gehoord", None),
            Some(Reading::Dutch)
        );
        assert_eq!(
            reading("I have not heard anything yet", Some("nl")),
            Some(Reading::English)
        );
        assert_eq!(reading("Ich habe noch nichts gehört und warte", None), None);
        assert_eq!(reading("Je n'ai pas reçu le colis", None), None);
        assert_eq!(reading("Привет, где мой заказ", None), None);
    }

    #[test]
    fn the_hint_decides_where_words_do_not() {
        assert_eq!(reading("fantastisch", Some("nl-BE")), Some(Reading::Dutch));
        assert_eq!(reading("super", Some("de")), None);
        assert_eq!(reading("super", None), Some(Reading::Both));
        assert_eq!(reading("😀", Some("de")), Some(Reading::Both));
    }
}
