//! Elements of the tree, and the namespaces that feeds use.

/// The namespaces that matter. Compared without scheme, `www.`, case and final slash, which feeds get
/// wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ns {
    /// No namespace, or one of RSS (0.9x, 1.0, 2.0).
    #[default]
    Rss,
    Atom,
    Content,
    /// Dublin Core, elements or terms.
    Dc,
    Media,
    /// RFC 4685.
    Thread,
    Slash,
    Rdf,
    /// RFC 6721.
    Tombstone,
    Itunes,
    Other,
}

impl Ns {
    pub fn of_name(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase();
        let bare = name
            .split_once("://")
            .map_or(name.as_str(), |(_, rest)| rest);
        let bare = bare.strip_prefix("www.").unwrap_or(bare);
        match bare.trim_end_matches(['/', '#']) {
            ""
            | "purl.org/rss/1.0"
            | "my.netscape.com/rdf/simple/0.9"
            | "channel.netscape.com/rdf/simple/0.9"
            | "backend.userland.com/rss2"
            | "backend.userland.com/rss"
            | "blogs.law.harvard.edu/tech/rss"
            | "rssboard.org/rss-specification"
            | "cyber.law.harvard.edu/rss/rss.html" => Ns::Rss,
            "w3.org/2005/atom" | "purl.org/atom/ns" => Ns::Atom,
            "purl.org/rss/1.0/modules/content" => Ns::Content,
            "purl.org/dc/elements/1.1" | "purl.org/dc/elements/1.0" | "purl.org/dc/terms" => Ns::Dc,
            "search.yahoo.com/mrss" | "rssboard.org/media-rss" => Ns::Media,
            "purl.org/syndication/thread/1.0" => Ns::Thread,
            "purl.org/rss/1.0/modules/slash" => Ns::Slash,
            "w3.org/1999/02/22-rdf-syntax-ns" => Ns::Rdf,
            "purl.org/atompub/tombstones/1.0" => Ns::Tombstone,
            "itunes.com/dtds/podcast-1.0.dtd" | "google.com/schemas/play-podcasts/1.0" => {
                Ns::Itunes
            }
            _ => Ns::Other,
        }
    }

    /// What a prefix means by custom, for feeds that forget to declare it.
    pub fn of_undeclared_prefix(prefix: &str) -> Self {
        match prefix.to_ascii_lowercase().as_str() {
            "" => Ns::Rss,
            "atom" | "atom10" | "a10" => Ns::Atom,
            "content" => Ns::Content,
            "dc" | "dcterms" | "dcterm" | "dct" => Ns::Dc,
            "media" => Ns::Media,
            "thr" => Ns::Thread,
            "slash" => Ns::Slash,
            "rdf" => Ns::Rdf,
            "at" => Ns::Tombstone,
            "itunes" | "googleplay" => Ns::Itunes,
            _ => Ns::Other,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Element {
    pub ns: Ns,
    /// Without prefix.
    pub name: String,
    /// Names as written, prefix included; values resolved.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

impl Element {
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub fn all<'a>(&'a self, ns: Ns, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |e| e.is(ns, name))
    }

    pub fn first(&self, ns: Ns, name: &str) -> Option<&Element> {
        self.elements().find(|e| e.is(ns, name))
    }

    /// Trimmed text of the first such child that has any.
    pub fn child_text(&self, ns: Ns, name: &str) -> Option<String> {
        self.elements()
            .filter(|e| e.is(ns, name))
            .find_map(Element::trimmed)
    }

    pub fn is(&self, ns: Ns, name: &str) -> bool {
        self.ns == ns && self.name.eq_ignore_ascii_case(name)
    }

    /// An RSS item or an Atom entry.
    pub fn is_entry(&self) -> bool {
        let named = |name: &str| self.name.eq_ignore_ascii_case(name);
        matches!(self.ns, Ns::Rss | Ns::Atom) && (named("item") || named("entry"))
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let same = |n: &String| n.eq_ignore_ascii_case(name);
        let found = self.attributes.iter().find(|(n, _)| same(n))?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// All text in it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.collect_text(&mut out);
        out
    }

    pub fn trimmed(&self) -> Option<String> {
        let text = self.text();
        let trimmed = text.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    fn collect_text(&self, out: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) => element.collect_text(out),
            }
        }
    }

    /// What is in it, to be read as HTML: its text where it has no elements (the markup was
    /// escaped), else its elements and text written out as markup.
    pub fn markup(&self) -> String {
        if self.elements().next().is_none() {
            return self.text();
        }
        let mut out = String::new();
        self.write_children(&mut out);
        out
    }

    fn write_children(&self, out: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => escape_into(text, out),
                Node::Element(element) => {
                    out.push('<');
                    out.push_str(&element.name);
                    for (name, value) in &element.attributes {
                        out.push(' ');
                        out.push_str(name);
                        out.push_str("=\"");
                        escape_into(value, out);
                        out.push('"');
                    }
                    out.push('>');
                    element.write_children(out);
                    if !matches!(element.name.as_str(), "br" | "img" | "hr") {
                        out.push_str("</");
                        out.push_str(&element.name);
                        out.push('>');
                    }
                }
            }
        }
    }
}

fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
