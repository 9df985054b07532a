// UTF-8, which the guest's engine lacks.

export function toUtf8(text) {
  const escaped = unescape(encodeURIComponent(text.toWellFormed?.() ?? text));
  return Uint8Array.from(escaped, (c) => c.charCodeAt(0));
}

/** As many bytes at once as a call can have arguments. */
const BLOCK = 4096;

/** Broken bytes become U+FFFD. */
export function fromUtf8(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const block = bytes.subarray(at, at + BLOCK);
    // Nearly all of most answers: the engine's own loops are many times faster than one of ours.
    if (Math.max.apply(null, block) < 0x80) {
      parts.push(String.fromCharCode.apply(null, block));
      at += block.length;
      continue;
    }
    for (const end = at + block.length; at < end; ) {
      const [character, size] = decoded(bytes, at);
      parts.push(character);
      at += size;
    }
  }
  return parts.join("");
}

/** The character that begins here, and its bytes. */
function decoded(bytes, at) {
  const first = bytes[at];
  const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  let point = size === 1 ? first : first & (0x7f >> size);
  let good = size > 0;
  for (let more = 1; good && more < size; more++) {
    good = (bytes[at + more] & 0xc0) === 0x80;
    point = (point << 6) | (bytes[at + more] & 0x3f);
  }
  good &&= point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) && (size < 3 || point >= (size === 3 ? 0x800 : 0x10000));
  return good ? [String.fromCodePoint(point), size] : ["\ufffd", 1];
}
