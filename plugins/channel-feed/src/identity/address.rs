//! Ids that are addresses: one spelling for what leads to the same post (RFC 3986, section 6), however
//! a site spells it today: http or https, `www.` or not, host in capitals, a slash at the end,
//! percent-encodings, session and campaign parameters, a counter behind `#`.
//!
//! What tells posts apart stays: every other parameter, the path as it is, and a fragment that names one
//! part of a page (`#comment-5`). Ids count within one feed only, so nothing meets across sites.

use url::Url;

/// Longest id looked at as an address, in bytes.
const ADDRESS_MAX_BYTES: usize = 4096;
/// Parameters by which campaigns, mailings and networks follow a click. Prefixes end in `*`.
const TRACKING: &str = "utm_* mtm_* matomo_* piwik_* pk_* hsa_* at_* ns_* guce_* vero_* oly_* wt_* \
    wt.* fb_* fbclid gclid gclsrc dclid gbraid wbraid srsltid msclkid twclid \
    ttclid yclid ysclid igshid igsh li_fat_id sccid epik rdt_cid mc_cid mc_eid mkt_tok _hsenc _hsmi \
    hsctatracking _openstat wickedid rb_clickid s_cid s_kwcid ml_subscriber ml_subscriber_hash xtor ito \
    cmpid cmp ncid sr_share _ga _gl soc_src soc_trk echobox guccounter ref_src ref_url \
    __twitter_impression _branch_match_id _kx ck_subscriber_id phpsessid jsessionid ocid smid smtyp smprod \
    smvar dm_i dm_t spm scm itm_* icid intcid int_cid intcmp int_cmp cm_mmc* cm_sp cm_lm cm_ven sc_cid \
    sc_campaign sc_channel sc_content sc_country sc_medium sc_outcome sc_src sc_lid sc_uid sc_llid sc_eh \
    mibextid sfnsn fb_action_ids fb_action_types sfmc_* elqtrack elqtrackid elqaid elqat et_rid et_cid \
    _bta_tid _bta_c bxid cndid mbid ig_rid ig_mid irclickid irgwc cjevent zanpid tduid awc gaa_* gad_* \
    gs_lcrp trkcampaign trkinfo trkemail trk_* lipi _ke __s __hstc __hssc __hsfp __tn__ __xts__* __cft__* \
    twsrc wprov tpcc vgo_ee _ri_ _ei_ iclid wbraid li_source li_medium sfdcimpactsrc syclid adgroupid";
/// The same, unless the path names no page, so that they may.
const WEAK: &str = "campaign_id campaignid campaign trk";
/// What stands at the end of a path that names no page by itself, beside scripts.
const PAGELESS: &str = "view show play watch item detail details page read article story track tracks \
    campaign campaigns index default go redirect open get p";
const SCRIPTS: &str = "php php5 asp aspx cgi jsp jsf do pl cfm exe dll";
/// Parameters that say where a reader came from, where their value is a feed's.
const ORIGIN: &str =
    "source src ref referrer referer from via medium partner emc nl origin channel";
const FEED_WORDS: &str = "rss rss2 atom feed feeds rssfeed rss_feed rss-feed";

/// What a web address names, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Scheme, host, port and path; the scheme is always https.
    base: String,
    query: String,
    /// Without campaigns and sessions.
    own_query: String,
    fragment: String,
}

impl Address {
    /// None for what is no address of the web.
    pub fn parse(id: &str) -> Option<Self> {
        let id = id.trim();
        let (scheme, _) = id.split_once("://")?;
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        if !web || id.len() > ADDRESS_MAX_BYTES {
            return None;
        }
        let url = Url::parse(&id.replace("&amp;", "&")).ok()?;
        let host = url.host_str()?.trim_end_matches('.');
        let host = host
            .strip_prefix("www.")
            .filter(|h| h.contains('.'))
            .unwrap_or(host);
        let port = url.port().filter(|p| !matches!(p, 80 | 443));
        let port = port.map(|p| format!(":{p}")).unwrap_or_default();
        let path = without_session(&normal(url.path()));
        let path = match path.trim_end_matches('/') {
            "" => "/",
            path => path,
        };
        let is_own = |pair: &&str| !is_tracking(pair, names_page(path));
        let pairs = || {
            url.query()
                .unwrap_or_default()
                .split('&')
                .filter(|p| !p.is_empty())
        };
        let join = |pairs: Vec<&str>| normal(&pairs.join("&"));
        Some(Self {
            base: format!("https://{host}{port}{path}"),
            query: join(pairs().collect()),
            own_query: join(pairs().filter(is_own).collect()),
            fragment: normal(url.fragment().unwrap_or_default()),
        })
    }

    /// The spelling that serves as id. `all_marks`: every fragment names a part of its page.
    pub fn id(&self, all_marks: bool) -> String {
        let keep = all_marks && !is_campaign(&self.fragment) || is_mark(&self.fragment);
        self.spell(&self.own_query, if keep { &self.fragment } else { "" })
    }

    /// The spelling in which nothing is left out.
    pub fn whole(&self) -> String {
        self.spell(&self.query, &self.fragment)
    }

    fn spell(&self, query: &str, fragment: &str) -> String {
        let mut out = self.base.clone();
        for (sign, part) in [('?', query), ('#', fragment)] {
            if !part.is_empty() {
                out.push(sign);
                out.push_str(part);
            }
        }
        out
    }
}

/// Other spellings that [`Address::id`] makes the same of this id, the likely ones: as it is, with the
/// other scheme, with and without slash or fragment. Under them older versions remembered it.
pub fn spellings(id: &str, canonical: &str, all_marks: bool) -> Vec<String> {
    let Some(address) = Address::parse(id) else {
        return Vec::new();
    };
    let bare = id.split('#').next().unwrap_or(id);
    let path = bare.split('?').next().unwrap_or(bare);
    let rest = &bare[path.len()..];
    let slashed = match path.strip_suffix('/') {
        Some(path) => format!("{path}{rest}"),
        None => format!("{path}/{rest}"),
    };
    let mut found = Vec::new();
    for text in [
        id.to_owned(),
        bare.to_owned(),
        slashed,
        address.id(true),
        address.whole(),
    ] {
        let other = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
                format!("https://{rest}")
            }
            Some((_, rest)) => format!("http://{rest}"),
            None => continue,
        };
        found.extend([text, other]);
    }
    let same = |text: &String| {
        let spelled = Address::parse(text).map(|a| a.id(all_marks));
        spelled.as_deref() == Some(canonical) || text == id
    };
    let mut unique = Vec::new();
    for text in found.into_iter().filter(same) {
        if text != canonical && !unique.contains(&text) {
            unique.push(text);
        }
    }
    unique
}

/// A page's address in one spelling, for conversations: as the site writes it, but https and without
/// campaigns.
pub fn page(url: &Url) -> String {
    let mut page = url.clone();
    if let Some(query) = url.query() {
        let named = names_page(url.path());
        let pairs = query.split('&');
        let own: Vec<&str> = pairs.filter(|p| !is_tracking(p, named)).collect();
        page.set_query(Some(own.join("&").as_str()).filter(|q| !q.is_empty()));
    }
    if page.scheme() == "http" && page.port().is_none() {
        // Both are schemes of the web, between which a change is allowed.
        let _ = page.set_scheme("https");
    }
    page.into()
}

/// Whether a parameter, however it is encoded, only follows a click. `named`: the path names a page.
fn is_tracking(pair: &str, named: bool) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain = |text: &str| normal(text).to_ascii_lowercase();
    let (name, value) = (plain(name), plain(value));
    // An ampersand that was escaped once too often.
    let name = name.trim_start_matches("amp%3b").trim_start_matches("amp;");
    // The session ids of phpBB and its relatives.
    let session = matches!(name, "sid" | "s" | "osid")
        && value.len() == 32
        && value.bytes().all(|b| b.is_ascii_hexdigit());
    // Medium's values look like `rss----0a1b---4`.
    let from_feed = value.starts_with("rss-") && value.contains("---");
    let origin = listed(ORIGIN, name) && (listed(FEED_WORDS, &value) || from_feed);
    listed(TRACKING, name) || session || origin || (named && listed(WEAK, name))
}

/// One of the words of a list, or begins as one that ends in `*`.
fn listed(list: &str, text: &str) -> bool {
    let mut words = list.split_whitespace();
    words.any(|word| match word.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => text == word,
    })
}

/// Whether a path names a page by itself, without parameters: `/post/een`, not `/view` nor `/index.php`.
fn names_page(path: &str) -> bool {
    let path = path.trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    let script = last
        .rsplit_once('.')
        .is_some_and(|(_, end)| listed(SCRIPTS, end));
    !last.is_empty() && !script && !listed(PAGELESS, last)
}

/// A fragment that names one part of a page: something with a number in it (`comment-5`, `p345`, `v1.2`)
/// or a route within a page (`!/post/a`). A word (`comments`), a short counter (`#2`) and a time are none.
fn is_mark(fragment: &str) -> bool {
    let digits = fragment.bytes().filter(u8::is_ascii_digit).count();
    if fragment.starts_with('!') || fragment.starts_with('/') {
        return true;
    }
    let number = digits == fragment.len();
    let more = fragment.starts_with("more-");
    digits > 0 && !more && !is_campaign(fragment) && (!number || (4..10).contains(&digits))
}

fn is_campaign(fragment: &str) -> bool {
    fragment.starts_with(":~:") || fragment.split('&').any(|p| is_tracking(p, false))
}

/// The path without `;jsessionid=…`.
fn without_session(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let Some(at) = lower.find(";jsessionid=") else {
        return path.to_owned();
    };
    let rest = path[at + 1..]
        .find([';', '/'])
        .map_or("", |end| &path[at + 1 + end..]);
    format!("{}{rest}", &path[..at])
}

/// Percent-encodings in capitals, and none where none is needed (RFC 3986, section 6.2.2).
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let hex = rest
            .get(at + 1..at + 3)
            .filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(hex) = hex else {
            out.push('%');
            rest = &rest[at + 1..];
            continue;
        };
        match u8::from_str_radix(hex, 16).map(char::from) {
            Ok(c) if c.is_ascii_alphanumeric() || "-._~".contains(c) => out.push(c),
            _ => {
                out.push('%');
                out.push_str(&hex.to_ascii_uppercase());
            }
        }
        rest = &rest[at + 3..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> String {
        Address::parse(text).unwrap().id(false)
    }

    #[test]
    fn spellings_of_one_post_are_one_id() {
        let same = "https://b.example/a/post%C3%A9?p=1";
        for text in [
            "https://b.example/a/post%C3%A9?p=1",
            "http://b.example/a/post%C3%A9?p=1",
            "HTTP://WWW.B.Example:80/a/post%c3%a9/?p=1",
            "https://b.example.:443/a/p%6fsté?p=1&",
            "https://b.example/x/../a/posté?p=1#",
            "https://b.example/a/posté?utm_source=rss&p=1&UTM_Medium=feed",
            "https://b.example/a/posté?p=1&fbclid=Iw&gclid=2&mc_cid=3&mc_eid=4",
            "https://b.example/a/posté?p=1&amp;utm_campaign=x",
            "https://b.example/a/posté?p=1&source=rss",
            "https://b.example/a/posté?utm%5Fsource=x&p=1&%75tm_medium=y",
            "https://b.example/a/posté?p=1&UTM%5fcampaign=%78&fb%63lid=2",
            "https://b.example/a/posté?p=1&amp;amp;utm_source=rss",
            "https://b.example/a/posté?p=1&source=%72ss&wt%2Emc_id=4",
            "https://b.example/a/posté?ocid=1&smid=tw&smtyp=cur&dm_i=2&spm=a2.b3&p=1",
            "https://b.example/a/posté?itm_source=a&itm_term=b&icid=c&trk=d&p=1&sc_cid=e",
            "https://b.example/a/posté?p=1&campaign_id=9&emc=rss&mibextid=Zx&elqTrackId=f",
            "https://b.example/a/posté?p=1&source=rss----0a1b2c3d---4",
            "https://b.example/a/posté?p=1&source=rss-0a1b2c------2",
            "https://b.example/a/posté;jsessionid=0A1B?p=1&sid=0123456789abcdef0123456789abcdef",
            "https://b.example/a/posté?p=1#0",
            "https://b.example/a/posté?p=1#12",
            "https://b.example/a/posté?p=1#1714990830",
            "https://b.example/a/posté?p=1#comments",
            "https://b.example/a/posté?p=1#more-1204",
            "https://b.example/a/posté?p=1#xtor=RSS-3",
            "https://b.example/a/posté?p=1#Echobox=1714990830",
            "https://b.example/a/posté?p=1#:~:text=een%20twee",
        ] {
            assert_eq!(id(text), same, "{text}");
        }
        assert_eq!(
            id("http://b.example"),
            id("https://B.example/?utm_source=x")
        );
        assert_eq!(id("https://b.example/?p=1"), "https://b.example/?p=1");
    }

    #[test]
    fn different_posts_stay_different() {
        let all = [
            "https://b.example/?p=123",
            "https://b.example/?p=124",
            "https://b.example/index.php?id=1",
            "https://b.example/index.php?id=2",
            "https://b.example/index.php?sid=1",
            "https://b.example/index.php?source=nos",
            "https://b.example/index.php?source=rss-bridge",
            "https://b.example/index.php?emc=1",
            "https://b.example/index.php?emc=2",
            "https://b.example/view?campaign_id=1",
            "https://b.example/view?campaign_id=2",
            "https://b.example/?trk=1",
            "https://b.example/?trk=2",
            "https://b.example/play.php?trk=2",
            "https://b.example/post?item_id=1",
            "https://b.example/post?item_id=2",
            "https://b.example/post?spmx=2",
            "https://b.example/post?ref=nos",
            "https://b.example/post?channel=rssradio",
            "https://b.example/Post",
            "https://b.example/post",
            "https://b.example/post.html",
            "https://b.example:8080/post",
            "https://c.b.example/post",
            "https://b.example/post#comment-5",
            "https://b.example/post#comment-6",
            "https://b.example/post#c12",
            "https://b.example/post#12345",
            "https://b.example/post#v1.2",
            "https://b.example/#!/post/een",
            "https://b.example/a%2Fb",
            "https://b.example/a/b",
        ];
        let mut ids: Vec<String> = all.iter().map(|text| id(text)).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        for text in [
            "tag:b.example,2024:1",
            "urn:uuid:1",
            "https:12",
            "1234",
            "ftp://b.example/1",
            "post/1",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn older_spellings_are_those_of_the_same_post() {
        let found = spellings(
            "https://b.example/post/#2",
            &id("https://b.example/post"),
            false,
        );
        for text in [
            "http://b.example/post/",
            "http://b.example/post",
            "https://b.example/post/#2",
        ] {
            assert!(found.iter().any(|f| f == text), "{text}: {found:?}");
        }
        let mark = "https://b.example/post#comment-5";
        let found = spellings(mark, &id(mark), false);
        assert_eq!(found, ["http://b.example/post#comment-5"]);
        assert_eq!(spellings("tag:x", "tag:x", false), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn an_id_is_its_own_id(path in "[a-zA-Z0-9%/._~;=é-]{0,20}", query in "[a-z0-9%&=_#é]{0,20}") {
            let text = format!("http://b.example/{path}?{query}");
            let once = id(&text);
            proptest::prop_assert_eq!(id(&once), once.clone(), "{}", text);
            for spelling in spellings(&text, &once, false) {
                proptest::prop_assert!(id(&spelling) == once || spelling == text);
            }
        }
    }
}
