// What CHANGELOG.md says of a version. Pure.

/**
 * The text below a version's heading, `## 1.2.3` with or without a date behind it.
 * @param {string} changelog
 * @param {string} version
 * @returns {string | undefined} `undefined` where there is no entry, or nothing in it
 */
export function changesOf(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => /^\[?([^\s\]]+)/.exec(text)?.[1] === version);
  const changes = section?.slice(section.indexOf("\n")).trim();
  return changes === "" ? undefined : changes;
}

/**
 * The changelog with what was unreleased below a heading of this version, and nothing unreleased above it.
 * @param {string} changelog
 * @param {string} version
 * @param {string} date YYYY-MM-DD
 */
export function released(changelog, version, date) {
  if (changesOf(changelog, "Unreleased") === undefined)
    throw new Error('CHANGELOG.md has nothing under "Unreleased": what is new?');
  return changelog.replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${date}`);
}
