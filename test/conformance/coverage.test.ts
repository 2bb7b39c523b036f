/** The conformance tables are complete, and docs/coverage.md is what they say. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CASES, COVERAGE_FILE, fieldsOf, OPERATIONS, writeCoverage } from "./coverage";
import { EXAMPLES } from "./examples";

describe("the conformance tables", () => {
  it("have every error code of the document, and one that it does not know", () => {
    const codes = new Set(CASES.flatMap(({ code }) => code ?? []));
    const expected = [...Array.from({ length: 28 }, (_, index) => index + 1), 99];
    assert.deepEqual(
      [...codes].sort((a, b) => a - b),
      expected,
    );
  });

  it("have a refusal for every field of every operation", () => {
    for (const [operation, { fields }] of Object.entries(OPERATIONS)) {
      for (const field of fields) {
        const found = CASES.some(
          (entry) => entry.operation === operation && entry.field === field && entry.code !== undefined,
        );
        assert.ok(found, `${operation} ${field}`);
      }
    }
  });

  it("have a request that is taken for every field of every operation", () => {
    for (const [operation, { fields }] of Object.entries(OPERATIONS)) {
      const printed = EXAMPLES.filter((example) => example.operation === operation).flatMap(fieldsOf);
      const taken = CASES.filter((entry) => entry.operation === operation && entry.code === undefined);
      for (const field of fields.filter((name) => !name.startsWith(":") && operation !== "createClient")) {
        assert.ok(
          printed.includes(field) || taken.some((entry) => entry.field === field),
          `${operation} ${field}`,
        );
      }
    }
  });

  it("have an example for every operation of the document but createClient, which every test begins with", () => {
    const examples = EXAMPLES.map(({ operation }) => operation);
    assert.deepEqual(
      Object.keys(OPERATIONS).filter((operation) => !examples.includes(operation)),
      ["createClient"],
    );
  });

  it("are what docs/coverage.md says", async () => {
    const hint = "run: node --import tsx test/conformance/coverage.ts";
    assert.equal(readFileSync(COVERAGE_FILE, "utf8"), await writeCoverage(), hint);
  });
});
