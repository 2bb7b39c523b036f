/** The documents, and the pieces of code in them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/shared/project.mjs";

export interface Piece {
  readonly language: string;
  /** What it is, behind the language: only tests and the site read it. */
  readonly kind: string;
  readonly text: string;
}

/** The pieces of code of a document, without their indentation. */
const piecesOf = (text: string): Piece[] =>
  [...text.matchAll(/^( *)```([a-z]*) ?(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = "", language = "", kind = "", body = ""]) => ({
      language,
      kind,
      text: body.replace(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );

const DOCUMENTS = ["", "docs", "docs/recipes", "docs/decisions", "docs/glossary"].flatMap((folder) =>
  readdirSync(join(projectRoot, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file)),
);

export const WITH_CODE = DOCUMENTS.map((document) => ({
  document,
  pieces: piecesOf(readFileSync(join(projectRoot, document), "utf8")),
})).filter(({ pieces }) => pieces.length > 0);
