/** The editor in a real Node-RED and a real browser: what somebody sees, enters and finds out there. */
import { describeConnectionTest } from "./connection-test";
import { describeDialogs, describeProblems } from "./dialogs";
import { describeFirstMinute } from "./first-minute";
import { describeLanguages } from "./languages";
import { describeLookup } from "./lookup";
import { describeNewClient } from "./new-client";
import { describeUsers } from "./users";
import { DARK, useWorld, WITH_USERS } from "./world";

describe(`The editor of ${WITH_USERS.runtime.name}, ${WITH_USERS.name}`, function () {
  const world = useWorld(WITH_USERS);
  describeFirstMinute(world);
  describeDialogs(world);
  describeConnectionTest(world);
  describeLookup(world);
  describeNewClient(world);
  describeUsers(world);
});

describe(`The editor of ${DARK.runtime.name}, ${DARK.name}`, function () {
  const world = useWorld(DARK);
  describeFirstMinute(world);
  describeDialogs(world);
  describeProblems(world);
  describeLanguages(world);
  describeLookup(world);
  describeNewClient(world);
});
