/** Why the runtime could not: as `explorer/endpoints` answers it. */
export interface Failure {
  name: string;
  textKey: string;
  details: Readonly<Record<string, string | number>>;
  message: string;
  code?: number;
  cause?: Failure;
}
