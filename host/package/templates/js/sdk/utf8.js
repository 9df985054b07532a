// UTF-8, which the guest's engine lacks.

export function toUtf8(text) {
  const escaped = unescape(encodeURIComponent(text.toWellFormed?.() ?? text));
  return Uint8Array.from(escaped, (c) => c.charCodeAt(0));
}

/** Broken bytes become U+FFFD. */
export function fromUtf8(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at];
    const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    let point = size === 1 ? first : first & (0x7f >> size);
    let good = size > 0;
    for (let more = 1; good && more < size; more++) {
      good = (bytes[at + more] & 0xc0) === 0x80;
      point = (point << 6) | (bytes[at + more] & 0x3f);
    }
    good &&= point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) && (size < 3 || point >= (size === 3 ? 0x800 : 0x10000));
    text += good ? String.fromCodePoint(point) : "\ufffd";
    at += good ? size : 1;
  }
  return text;
}
