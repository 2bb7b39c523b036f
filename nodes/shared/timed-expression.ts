/**
 * JSONata that ends. An expression is worked out step by step, without a break in which a timer could go off: so each
 * step looks at the time. What one built-in function does by itself (a regular expression, say) is one step.
 */
import { performance } from "node:perf_hooks";
import type { Node, NodeAPI } from "./node-red";

/** Node-RED does nothing else meanwhile. A field takes something out of a message: that takes a thousandth of it. */
export const EXPRESSION_MS = 400;
/** An expression that calls itself without end fills the memory before the time is over. */
const MOST_DEEP = 2000;
/** A look at the time takes longer than most steps. */
const STEPS_A_LOOK = 32;
/** What JSONata calls before and after each step; the names of its versions. */
const ENTRY = ["__evaluate_entry", Symbol.for("jsonata.__evaluate_entry")] as readonly string[];
const EXIT = ["__evaluate_exit", Symbol.for("jsonata.__evaluate_exit")] as readonly string[];

type Expression = ReturnType<NodeAPI["util"]["prepareJSONataExpression"]>;

/** Why it was ended: `seconds` over, or too deep. */
export class ExpressionEnded extends Error {
  constructor(readonly reason: "slow" | "deep") {
    super(reason);
  }
}

/** The expression, prepared for one evaluation that begins now. Throws what is wrong with its text. */
export function timedExpression(RED: NodeAPI, text: string, node: Node, limit = EXPRESSION_MS): Expression {
  const expression = RED.util.prepareJSONataExpression(text, node);
  const end = performance.now() + limit;
  let steps = 0;
  let depth = 0;
  const enter = (): void => {
    if (++depth > MOST_DEEP) throw new ExpressionEnded("deep");
    if (++steps % STEPS_A_LOOK === 0 && performance.now() > end) throw new ExpressionEnded("slow");
  };
  const leave = (): void => void depth--;
  for (const name of ENTRY) expression.assign(name, enter);
  for (const name of EXIT) expression.assign(name, leave);
  return expression;
}
