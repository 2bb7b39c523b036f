/** A run in which messages were lost says nothing: a broker drops them for a subscriber that has no time. */
export class Lost extends Error {}
