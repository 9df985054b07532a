//! Content codings of answers (RFC 9110, section 8.4): gzip, deflate (zlib or, as some servers do,
//! without its frame) and Brotli. Bounded, so that a small answer can't become a large one.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// Most codings of one answer.
const CODINGS_MAX: usize = 3;
/// Buffer of the Brotli decoder, in bytes.
const BUFFER_BYTES: usize = 4096;

/// The body without the codings that the header `Content-Encoding` lists. What a server calls coded and
/// sends plain, markup or JSON, stays as it is. Errors when it is damaged, more than `max_bytes` long or
/// coded in a way that is not read here.
pub fn decode(body: Vec<u8>, codings: &str, max_bytes: usize) -> Result<Vec<u8>, String> {
    let codings: Vec<String> = codings
        .split(',')
        .map(|coding| coding.trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    if codings.len() > CODINGS_MAX {
        return Err(format!(
            "the answer is compressed {} times, at most {CODINGS_MAX} are read",
            codings.len()
        ));
    }
    // Listed in the order in which they were applied.
    codings.iter().rev().try_fold(body, |body, coding| {
        let decoded = match coding.as_str() {
            "gzip" | "x-gzip" => gunzip(&body, max_bytes),
            "deflate" => inflate(&body, max_bytes),
            "br" => read(
                brotli_decompressor::Decompressor::new(body.as_slice(), BUFFER_BYTES),
                max_bytes,
            ),
            other => Err(format!(
                "the answer is compressed as `{other}`, which is not read"
            )),
        };
        match decoded {
            Err(_) if is_plain(&body) => Ok(body),
            decoded => decoded,
        }
    })
}

/// The coding of bytes that no header calls coded: `gzip` (RFC 1952) or, for zlib's frame, `deflate`
/// (RFC 1950). Of no use for answers that may be compressed files themselves.
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some("gzip"),
        // A window of 32 KiB, and a checksum over both bytes.
        [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31) => Some("deflate"),
        _ => None,
    }
}

/// What stands behind the last member of a gzip file is left alone.
fn gunzip(bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, String> {
    read(MultiGzDecoder::new(bytes), max_bytes)
        .or_else(|error| read(flate2::read::GzDecoder::new(bytes), max_bytes).map_err(|_| error))
}

fn inflate(bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, String> {
    let framed = read(ZlibDecoder::new(bytes), max_bytes);
    framed.or_else(|error| read(DeflateDecoder::new(bytes), max_bytes).map_err(|_| error))
}

fn read(decoder: impl Read, max_bytes: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    let read = decoder.take(limit.saturating_add(1)).read_to_end(&mut out);
    if out.len() > max_bytes {
        return Err(format!("the answer unpacks to more than {max_bytes} bytes"));
    }
    read.map_err(|error| format!("the answer's compression is damaged: {error}"))?;
    Ok(out)
}

fn is_plain(body: &[u8]) -> bool {
    let text = body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(body)
        .trim_ascii_start();
    text.is_empty() || matches!(text.first(), Some(b'<' | b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write;

    const TEXT: &[u8] = b"<rss>een feed, een feed, een feed</rss>";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_coded_comes_out_plain() {
        // "hallo" with an uncompressed meta-block (RFC 7932, section 9.2).
        let brotli = b"\x0b\x02\x80hallo\x03".to_vec();
        let twice = gzip(&zlib(TEXT));
        let members = [gzip(b"<rss>een feed, "), gzip(b"een feed, een feed</rss>")].concat();
        let behind = [gzip(TEXT), b"rest".to_vec()].concat();
        for (coding, body, expected) in [
            ("gzip", gzip(TEXT), TEXT),
            ("X-GZIP", members, TEXT),
            ("gzip", behind, TEXT),
            ("deflate", zlib(TEXT), TEXT),
            ("deflate", raw(TEXT), TEXT),
            ("br", brotli, b"hallo"),
            ("deflate, identity, gzip", twice, TEXT),
            ("identity", TEXT.to_vec(), TEXT),
            ("", TEXT.to_vec(), TEXT),
            ("gzip", TEXT.to_vec(), TEXT),
            (
                "br",
                b"\xef\xbb\xbf {\"items\": []}".to_vec(),
                b"\xef\xbb\xbf {\"items\": []}",
            ),
            ("gzip", Vec::new(), b""),
        ] {
            assert_eq!(
                decode(body, coding, 1000).as_deref(),
                Ok(expected),
                "{coding}"
            );
        }
    }

    #[test]
    fn codings_are_known_by_their_first_bytes() {
        assert_eq!(sniff(&gzip(TEXT)), Some("gzip"));
        assert_eq!(sniff(&zlib(TEXT)), Some("deflate"));
        for plain in [TEXT, b"", b"x", b"xx", b"{}", "<é>".as_bytes()] {
            assert_eq!(sniff(plain), None, "{plain:?}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_said() {
        let bomb = gzip(&vec![b' '; 5_000_000]);
        assert!(bomb.len() < 10_000);
        let cut = gzip(TEXT)[..20].to_vec();
        for (coding, body, expected) in [
            ("gzip", bomb, "more than 1000 bytes"),
            ("gzip", cut, "damaged"),
            ("gzip", b"\x1f\x8b\x08rommel".to_vec(), "damaged"),
            ("deflate", b"rommel".to_vec(), "damaged"),
            ("br", b"rommel\xff\xff".to_vec(), "damaged"),
            ("zstd", b"\x28\xb5\x2f\xfd".to_vec(), "`zstd`"),
            ("gzip, gzip, gzip, gzip", gzip(TEXT), "4 times"),
        ] {
            let error = decode(body, coding, 1000).unwrap_err();
            assert!(error.contains(expected), "{coding}: {error}");
        }
    }
}
