//! Finds words and phrases in social text.
//!
//! [`Folded`] is a text in lower case, without diacritics, links and handles, that remembers where
//! every byte came from. [`Lexicon`] is a set of words and phrases that is searched for in one pass,
//! however many there are. Both take time in proportion to the text, whatever it holds, and give
//! offsets that are character boundaries of the original.
//!
//! [`Folded::uncovered`] reads disguised words of a [`Vocabulary`] as they were meant.
//!
//! Shared by plugins that judge text by words. Deliberately absent: weights, languages and
//! judgements; those belong to the plugin.

mod disguise;
mod fold;
mod lexicon;
mod lookalike;
mod vocabulary;

pub use fold::{Folded, Word};
pub use lexicon::{Hit, Lexicon, MAX_PATTERN_BYTES, PatternError};
pub use vocabulary::Vocabulary;
