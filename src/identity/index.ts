/** The identity: what the client, the nodes and their tests use of this folder. */
export { readCa, type CaSource } from "./ca";
export { checkCertificate, type CertificateFacts } from "./certificate";
export { enrol, type EnrolmentOptions } from "./enrolment";
export { FileIdentity } from "./file-identity";
export { FolderIdentity } from "./folder-identity";
export type { Identity, IdentitySource } from "./identity";
export { TextIdentity } from "./text-identity";
export { daysLeft, expiryLevel, type ExpiryLevel } from "./validity";
