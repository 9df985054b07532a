// Does a message thank somebody?

let words = [];

export function configure(settings) {
  words = settings.words;
}

export function judge(message) {
  const text = message.content.toLowerCase();
  const thanks = words.some((word) => text.includes(word));
  return [{ dimension: "thanks", label: thanks ? "yes" : "no", score: 1 }];
}
