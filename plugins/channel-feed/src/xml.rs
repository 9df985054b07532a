//! XML to a tree, forgiving: bare ampersands, HTML entities, a stray `<`, control characters,
//! missing and crossed end tags and a cut-off end all give a tree of what is there. Never fails.
//!
//! Bounded in depth and in number of nodes, so that no input can take much more memory than its own
//! size a few times over; what entities of its own add is bounded too. Deliberately absent: validation, comments, processing instructions.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::text::unescape;

mod element;
mod entities;
mod repair;

use entities::Entities;

pub use element::{Element, Node, Ns};

/// Deepest nesting kept; what is deeper is taken as text of the deepest element kept.
const DEPTH_MAX: usize = 64;
/// Most elements and pieces of text.
const NODES_MAX: usize = 400_000;
/// Most attributes of an element.
const ATTRIBUTES_MAX: usize = 32;
/// Most namespace declarations in force at a time.
const BINDINGS_MAX: usize = 64;

/// What was read.
pub struct Document {
    /// Everything at the top; the root element and whatever strays beside it.
    pub top: Element,
    /// The input ended inside an element, or a limit was reached.
    pub truncated: bool,
}

/// Reads a document.
pub fn parse(source: &str) -> Document {
    let (repaired, doctype) = repair::repair(source);
    let mut reader = Reader::from_str(&repaired);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut builder = Builder {
        entities: Entities::declared(doctype),
        ..Builder::default()
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => builder.start(&tag, false),
            Ok(Event::Empty(tag)) => builder.start(&tag, true),
            Ok(Event::End(tag)) => builder.end(tag.name().0),
            Ok(Event::Text(text)) => builder.text(&unescape(&text)),
            Ok(Event::CData(text)) => builder.text(&text),
            Ok(Event::GeneralRef(name)) => {
                let text = builder.entities.resolve(&format!("&{};", &*name));
                builder.text(&unescape(&text));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                builder.truncated = true;
                break;
            }
        }
        if builder.nodes > NODES_MAX {
            builder.truncated = true;
            break;
        }
    }
    builder.finish()
}

struct Frame {
    element: Element,
    /// The name as written, prefix included.
    name: String,
    bindings_before: usize,
}

#[derive(Default)]
struct Builder {
    entities: Entities,
    top: Element,
    stack: Vec<Frame>,
    /// Prefix (empty: the default) and namespace.
    bindings: Vec<(String, Ns)>,
    nodes: usize,
    truncated: bool,
}

impl Builder {
    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        self.nodes += 1;
        if self.stack.len() >= DEPTH_MAX {
            return;
        }
        let bindings_before = self.bindings.len();
        let mut attributes = Vec::new();
        for attribute in tag
            .html_attributes()
            .with_checks(false)
            .take(ATTRIBUTES_MAX)
            .flatten()
        {
            let name = attribute.key.0;
            let value = unescape(&self.entities.resolve(&attribute.value));
            let prefix = if name == "xmlns" {
                Some("")
            } else {
                name.strip_prefix("xmlns:")
            };
            if let Some(prefix) = prefix {
                if self.bindings.len() < BINDINGS_MAX {
                    self.bindings.push((prefix.to_owned(), Ns::of_name(&value)));
                }
            } else {
                attributes.push((name.to_owned(), value));
            }
        }
        let name = tag.name().0.to_owned();
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let ns = self.resolve(prefix);
        let element = Element {
            ns,
            name: local.to_owned(),
            attributes,
            children: Vec::new(),
        };
        if element.is_entry() {
            self.close_open_entry();
        }
        self.stack.push(Frame {
            element,
            name,
            bindings_before,
        });
        if empty {
            self.pop();
        }
    }

    fn resolve(&self, prefix: &str) -> Ns {
        let bound = self.bindings.iter().rev().find(|(p, _)| p == prefix);
        bound.map_or_else(|| Ns::of_undeclared_prefix(prefix), |(_, ns)| *ns)
    }

    /// Entries don't stand in entries: one that is still open lost its end tag.
    fn close_open_entry(&mut self) {
        if let Some(at) = self.stack.iter().position(|f| f.element.is_entry()) {
            while self.stack.len() > at {
                self.pop();
            }
        }
    }

    /// Closes the innermost element of that name and everything in it; ignored where none is open.
    fn end(&mut self, name: &str) {
        let same = |f: &Frame| f.name.eq_ignore_ascii_case(name);
        if let Some(at) = self.stack.iter().rposition(same) {
            while self.stack.len() > at {
                self.pop();
            }
        }
    }

    fn pop(&mut self) {
        if let Some(frame) = self.stack.pop() {
            self.bindings.truncate(frame.bindings_before);
            self.parent().children.push(Node::Element(frame.element));
        }
    }

    fn parent(&mut self) -> &mut Element {
        match self.stack.last_mut() {
            Some(frame) => &mut frame.element,
            None => &mut self.top,
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let parent = self.parent();
        if let Some(Node::Text(last)) = parent.children.last_mut() {
            last.push_str(text);
            return;
        }
        parent.children.push(Node::Text(text.to_owned()));
        self.nodes += 1;
    }

    /// An entry that is still open is dropped: its id may be cut in half.
    fn finish(mut self) -> Document {
        self.truncated |= !self.stack.is_empty();
        if let Some(at) = self.stack.iter().position(|f| f.element.is_entry()) {
            self.stack.truncate(at);
        }
        while !self.stack.is_empty() {
            self.pop();
        }
        Document {
            top: self.top,
            truncated: self.truncated,
        }
    }
}

#[cfg(test)]
mod tests;
