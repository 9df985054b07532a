//! What the network answers: a case's exchanges, exactly in their order or wherever they fit, each as
//! recorded or twisted.
//!
//! Deliberately absent: sockets (`network`), and what comes of it (the checks).

use super::network::Asked;
use super::twist::Twist;
use rapport_package::fixture::Exchange;
use std::collections::BTreeMap;
use url::Url;

/// An answer, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Spaces after the body.
    pub padding: usize,
    /// Bytes that are announced and never come.
    pub missing: usize,
}

/// A request that was not as recorded.
#[derive(Debug, Clone)]
pub struct Miss {
    /// Line of the exchange; none: there is none left.
    pub line: Option<usize>,
    pub expected: String,
    pub came: String,
}

/// Which exchanges are twisted, and how.
#[derive(Debug, Clone)]
pub struct Twisted {
    pub which: Which,
    pub how: Twist,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Which {
    One(usize),
    All,
    /// All that hand out no secret.
    AfterLogIn,
}

#[derive(Debug, Clone, Default)]
pub struct Script {
    exchanges: Vec<Exchange>,
    /// In their order and as recorded, to the header and the body.
    strict: bool,
    /// What will do where none fits.
    else_fits: Option<fn(&str, &str) -> bool>,
    twisted: Option<Twisted>,
    used: Vec<bool>,
    pub misses: Vec<Miss>,
}

impl Script {
    /// Each request must be the next one recorded.
    pub fn strict(exchanges: Vec<Exchange>) -> Self {
        Self {
            strict: true,
            ..Self::loose(exchanges)
        }
    }

    /// Each request is answered by the first recorded with its method and address that has not been
    /// played, or else the last that has.
    pub fn loose(exchanges: Vec<Exchange>) -> Self {
        Self {
            used: vec![false; exchanges.len()],
            exchanges,
            strict: false,
            else_fits: None,
            twisted: None,
            misses: Vec::new(),
        }
    }

    /// As [`Script::loose`], but an address with another query will do where none fits.
    pub fn lax(exchanges: Vec<Exchange>) -> Self {
        Self {
            else_fits: Some(|one, other| one.split('?').next() == other.split('?').next()),
            ..Self::loose(exchanges)
        }
    }

    /// As [`Script::loose`], but one that asks for more of the same will do where none fits.
    pub fn wider(exchanges: Vec<Exchange>) -> Self {
        Self {
            else_fits: Some(asks_more),
            ..Self::loose(exchanges)
        }
    }

    pub fn twisted(mut self, which: Which, how: Twist) -> Self {
        self.twisted = Some(Twisted { which, how });
        self
    }

    /// Exchanges that were never asked for.
    pub fn unplayed(&self) -> impl Iterator<Item = &Exchange> {
        let unused = |(_, used): &(&Exchange, &bool)| !**used;
        let pairs = self.exchanges.iter().zip(&self.used);
        pairs.filter(unused).map(|(exchange, _)| exchange)
    }

    pub fn answer(&mut self, asked: &Asked) -> Reply {
        let found = match self.strict {
            true => self.next(asked),
            false => self.fitting(asked),
        };
        let Some(index) = found else {
            return Reply {
                status: 404,
                headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
                body: b"no such exchange is recorded".to_vec(),
                ..Reply::default()
            };
        };
        self.used[index] = true;
        let exchange = &self.exchanges[index];
        match &self.twisted {
            Some(twisted) if twisted.which.meets(index, exchange) => {
                twisted.how.reply(&exchange.response, asked)
            }
            _ => recorded(exchange),
        }
    }

    fn next(&mut self, asked: &Asked) -> Option<usize> {
        let next = self.used.iter().position(|used| !used);
        let Some(exchange) = next.and_then(|index| self.exchanges.get(index)) else {
            self.misses.push(Miss {
                line: None,
                expected: "no further request".to_owned(),
                came: asked.line(),
            });
            return None;
        };
        let mut differences = Vec::new();
        let (method, url) = (&exchange.request.method, &exchange.request.url);
        if *method != asked.method || !same_url(url, &asked.url) {
            differences.push((format!("{method} {url}"), asked.line()));
        } else {
            for (name, value) in &exchange.request.headers {
                let found = asked.header(name);
                if found != Some(value) {
                    let found = found.unwrap_or("none");
                    differences.push((format!("{name}: {value}"), format!("{name}: {found}")));
                }
            }
            if let Some(body) = &exchange.request.body
                && !same_body(body.as_bytes(), &asked.body)
            {
                let found = String::from_utf8_lossy(&asked.body).into_owned();
                differences.push((body.clone(), found));
            }
        }
        if differences.is_empty() {
            return next;
        }
        let line = Some(exchange.line);
        let (expected, came): (Vec<String>, Vec<String>) = differences.into_iter().unzip();
        self.misses.push(Miss {
            line,
            expected: expected.join("\n"),
            came: came.join("\n"),
        });
        None
    }

    fn fitting(&self, asked: &Asked) -> Option<usize> {
        let choose = |same: fn(&str, &str) -> bool| {
            let fits = |index: &usize| {
                let request = &self.exchanges[*index].request;
                request.method == asked.method && same(&request.url, &asked.url)
            };
            let fitting: Vec<usize> = (0..self.exchanges.len()).filter(fits).collect();
            let fresh = fitting.iter().find(|index| !self.used[**index]);
            fresh.or(fitting.last()).copied()
        };
        let exact = choose(same_url);
        exact.or_else(|| self.else_fits.and_then(choose))
    }
}

impl Which {
    fn meets(self, index: usize, exchange: &Exchange) -> bool {
        match self {
            Which::One(one) => one == index,
            Which::All => true,
            Which::AfterLogIn => !exchange.hands_out,
        }
    }
}

fn recorded(exchange: &Exchange) -> Reply {
    let pairs = |headers: &BTreeMap<String, String>| -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect()
    };
    Reply {
        status: exchange.response.status,
        headers: pairs(&exchange.response.headers),
        body: exchange.response.body.clone().into_bytes(),
        ..Reply::default()
    }
}

/// The same address, whose query repeats a name more often: `?id=1&id=2` for `?id=1`. A position is
/// another value, not more of the same.
fn asks_more(one: &str, other: &str) -> bool {
    let query = |text: &str| -> Option<Vec<(String, String)>> {
        let url = Url::parse(text).ok()?;
        Some(url.query_pairs().into_owned().collect())
    };
    let (Some(one_query), Some(other_query)) = (query(one), query(other)) else {
        return false;
    };
    let known = |(name, _): &(String, String)| one_query.iter().any(|(n, _)| n == name);
    one.split('?').next() == other.split('?').next()
        && one_query.iter().all(|pair| other_query.contains(pair))
        && other_query.iter().all(known)
}

/// The same origin, path and query; the order of a query's pairs and how they are escaped mean
/// nothing.
pub fn same_url(one: &str, other: &str) -> bool {
    let parts = |text: &str| {
        let url = Url::parse(text).ok()?;
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        query.sort();
        Some((url.origin(), url.path().to_owned(), query))
    };
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// The same bytes, or the same JSON.
fn same_body(one: &[u8], other: &[u8]) -> bool {
    let json = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    one == other || json(one).is_some_and(|one| Some(one) == json(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_however_written() {
        let one = "https://x.example/a?b=c%20d&e=f";
        assert!(same_url(one, "https://x.example:443/a?e=f&b=c+d"));
        for other in [
            "http://x.example/a?b=c%20d&e=f",
            "https://x.example/a?b=c&e=f",
            "https://x.example/a/?b=c%20d&e=f",
            "",
        ] {
            assert!(!same_url(one, other), "{other}");
        }
        let one = "https://x.example/a?id=1&id=2";
        assert!(asks_more(one, "https://x.example/a?id=1&id=2&id=3"));
        for other in ["?id=1&id=3", "?id=1&id=2&from=3", "", "/b?id=1&id=2&id=3"] {
            assert!(
                !asks_more(one, &format!("https://x.example/a{other}")),
                "{other}"
            );
        }
        assert!(same_body(b"{\"a\": 1}", b"{ \"a\":1 }"));
        assert!(!same_body(b"a", b"b"));
    }
}
