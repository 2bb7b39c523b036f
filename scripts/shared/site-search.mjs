// How the site's search reads texts and orders what it finds. VitePress carries these functions into the page as text, so
// each stands alone.

/**
 * The words of a text, for the search, which looks for what begins with one. Chinese and Japanese have no spaces: there
 * every pair of characters is a word, and a last one alone.
 * @param {string} text
 * @returns {string[]}
 */
export function tokensOf(text) {
  return text.split(/[\n\r\p{Z}\p{P}\p{S}]+/u).flatMap((word) => {
    const parts =
      word.match(
        /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー]+|[^\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー]+/gu,
      ) ?? [];
    return parts.flatMap((part) => {
      if (!/\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}/u.test(part) || part.length < 3) return [part];
      return [...part].slice(0, -1).map((character, index) => character + [...part][index + 1]);
    });
  });
}

/**
 * A word as it is searched for; null for one that says nothing, of which questions are full.
 * @param {string} word
 */
export function termOf(word) {
  const term = word.toLowerCase();
  const empty =
    "a an and are as at be but by can do does for from has have how i if in into is it its me my no of on or our so that " +
    "the their them then there they this to us was we what when where which who why will with you your";
  return empty.split(" ").includes(term) ? null : term;
}

/**
 * Whoever asks uses the nodes: questions and recipes go first, what is for those who build them goes last.
 * @param {string} id of a section: its page and its heading
 */
export function weightOf(id) {
  if (
    /\/(decisions|glossary)\/|\/(coverage|changelog|architecture|contributing|code-of-conduct)\.html/.test(id)
  )
    return 0.3;
  if (/\/threat-model\.html|\/errors\/(index\.html)?#/.test(id)) return 0.5;
  return /\/(questions\.html|recipes\/)/.test(id) ? 1.6 : 1;
}
