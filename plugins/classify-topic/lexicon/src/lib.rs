//! Finds words and phrases in social text.
//!
//! [`Folded`] is a text in lower case, without diacritics, links and handles, that remembers where
//! every byte came from. [`Lexicon`] is a set of words and phrases that is searched for in one pass,
//! however many there are. Both take time in proportion to the text, whatever it holds, and give
//! offsets that are character boundaries of the original.
//!
//! [`Folded::uncovered`] reads disguised words of a [`Vocabulary`] as they were meant.
//!
//! [`Names`] finds names and forbidden words in every spelling.
//!
//! Shared by plugins that judge text by words. Deliberately absent: weights, languages and
//! judgements; those belong to the plugin.

mod compound;
mod disguise;
mod fold;
mod letters;
mod lexicon;
mod lookalike;
mod names;
mod shown;
mod spelling;
mod vocabulary;

pub use fold::{Folded, Word, is_invisible};
pub use lexicon::{Hit, Lexicon, MAX_PATTERN_BYTES, PatternError};
pub use names::{Around, Names};
pub use vocabulary::Vocabulary;
