/**
 * Opens the database of a store in whatever state it is: what is damaged is repaired, and what cannot be repaired is
 * kept beside a new one (faults 32, 33).
 */
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { makePrivateFolder } from "../files/private-file";
import { refusalOf } from "./disk-errors";
import { LOST, readLogs, type Logged } from "./salvage";

/** What was made of a database that was opened. */
export interface Opened<T> {
  database: ClassicLevel;
  contents: T;
  /** Where the files are that could not be repaired. */
  keptIn?: string;
}

/** Uncompressed, so that a damaged byte damages one record, not a block of them. */
const OPTIONS = { writeBufferSize: 1024 * 1024, cacheSize: 1024 * 1024, compression: false };
const DATABASE_FILE = /\.(ldb|sst|log)$|^(MANIFEST|CURRENT)/;

/** `take` reads what it needs, since damage may show only then; it is given what the logs hold besides. */
export async function openDatabase<T>(
  directory: string,
  take: (database: ClassicLevel, logged: Logged) => Promise<T>,
): Promise<Opened<T>> {
  await makePrivateFolder(directory);
  // The database drops what it cannot read of its logs when it opens: whatever happens then, this is known.
  const logged = await readLogs(directory);
  let keptIn: string | undefined;
  const remedies = [
    () => ClassicLevel.repair(directory).catch(() => undefined),
    async () => (keptIn = await setAside(directory)),
  ];
  for (;;) {
    try {
      const opened = await attempt(directory, (database) => take(database, logged));
      await setAsideLost(directory);
      return keptIn === undefined ? opened : { ...opened, keptIn };
    } catch (error) {
      const mayBeMended = refusalOf(error) === undefined && (await hasDatabase(directory));
      const remedy = mayBeMended ? remedies.shift() : undefined;
      if (remedy === undefined) throw error;
      await remedy();
    }
  }
}

async function attempt<T>(
  directory: string,
  take: (database: ClassicLevel) => Promise<T>,
): Promise<Opened<T>> {
  // A new database over the tables of one whose CURRENT is missing would delete them.
  const createIfMissing = !(await hasDatabase(directory));
  const database = new ClassicLevel(directory, { ...OPTIONS, createIfMissing });
  try {
    await database.open();
    return { database, contents: await take(database) };
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

async function hasDatabase(directory: string): Promise<boolean> {
  return (await readdir(directory)).some((name) => DATABASE_FILE.test(name));
}

async function setAside(directory: string): Promise<string> {
  const keptIn = `${directory}.damaged-${Date.now()}`;
  await rename(directory, keptIn);
  await makePrivateFolder(directory);
  return keptIn;
}

/** What a repair put out of use has been read: it is kept for a person, and is not to be read again. */
async function setAsideLost(directory: string): Promise<void> {
  const lost = join(directory, LOST);
  await rename(lost, `${lost}-${Date.now()}`).catch(() => undefined); // Mostly there is none.
}
