// Why the agent answers with an error, and what to do: the API document says only what happened. The sentences of our own
// errors say all three.

/** @type {Record<string, string>} by the error's name, Markdown */
export const ADVICE = {
  NoBackendConnection:
    "The agent runs, but has no connection to TeamViewer. Check the network, the proxy and the clock of the agent's machine. A push with _store and forward_ is kept and tried again.",
  Reserved:
    "No agent of today is known to send it; older ones meant that a licence is missing. Look into the agent's log.",
  InternalError:
    "Something went wrong inside the agent. Look into its log at that time. The same request may work later; if it never does, the log belongs to TeamViewer's support.",
  InvalidJson:
    "The agent could not read the message. The nodes check what they send, so another version of the agent may want it otherwise: report it, with the file of _Diagnostics_.",
  JsonIsNotAnObject: "As `InvalidJson`: the agent read the message, and expected another kind of JSON.",
  MissingParameter: "`msg.error.message` names the key. Fill in that field of the node, or of the message.",
  ParameterIsNotAString:
    "`msg.error.message` names the key. Give it a text: a name or an ID that came as a number has to be made a text first.",
  ParameterIsNotADouble:
    "`msg.error.message` names the key. Its metric takes numbers: send a number, or make a metric of another type. A type cannot be changed.",
  ParameterIsNotABool:
    "`msg.error.message` names the key. Its metric takes `true` and `false`: make one of it in the flow, or with a row of a table.",
  ParameterIsNotAnArray:
    "As `InvalidJson`: the nodes send a list where one is wanted. Report it, with the file of _Diagnostics_.",
  ParameterIsNotAnInteger:
    "`msg.error.message` names the key, mostly a timestamp or the value of a metric of whole numbers. Round it: `$round(payload)`.",
  UnknownValueUnit:
    "The agent does not know this unit. Choose one of those that the metric node offers, or a type with an annotation (`double`, “°F”).",
  UnknownMetricType: "Choose `bool`, `string`, `double` or `integer`; it is `bool`, not `boolean`.",
  ValueUnitOrValueTypeHasToBeProvided:
    "A metric is made with a unit, or with a type (and an annotation, which may be empty). Fill in one of them in the metric node or in the row of the table.",
  UnknownSensorId:
    "The sensor was deleted, or belongs to another client: after registering again all IDs are new. The tab _IoT_ shows the sensors of this client. Find it by name instead of by ID (_make sure that it exists_), or enter the new ID.",
  UnknownMetricId:
    "The metric was deleted, or belongs to another sensor. The tab _IoT_ shows the metrics of each sensor. A push creates what is missing; to read or change it, enter an ID that is there.",
  NoMetricsUpdated: "Of older agents. None of the metrics was changed: look at each ID and each field.",
  ForbiddenAccess:
    "The client asked for what is not its own, or for what this agent does not have. Another program may use this identity; or the agent is older than the operation.",
  OutOfRange:
    "The nodes send no frequency: another program uses this identity, or the agent is another version.",
  CertificateFormatError:
    "The agent could not read the request for a certificate. Check the client name in the agent node, and whether the port for registering is that of the agent.",
  CertificateIsEmptyError:
    "The agent got an empty request for a certificate. Register again; if it happens again, something between the two takes the message apart.",
  CertificateWithoutCommonName:
    "The request had no client name. Enter one in the agent node and register again.",
  DeleteMetricsFailed:
    "`msg.error.metrics` are those that were not deleted, mostly since they are not there; `msg.error.delivered` were.",
  ChangeMetricsFailed:
    "`msg.error.metrics` were not changed, mostly since they are not there; `msg.error.delivered` were.",
  InvalidClientName:
    "Choose another client name: letters, digits, `-` and `_`, and not too long. The agent's own words are in `msg.error.message`.",
  CreateMetricsFailed:
    "`msg.error.metrics` were not created: look at unit, type and name of each. `msg.error.created` names those that were, with their IDs.",
  PushValuesFailed:
    "`msg.error.metrics` did not take their value: it is of another type than the metric. `msg.error.delivered` did. Send a value of the right type, or make a new metric; its type cannot be changed.",
  SensorNameExistsError:
    "Another sensor of this client has this name. Choose another, or use _make sure that it exists_, which takes the one that is there.",
};
