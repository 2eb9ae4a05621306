// Provokes failures with Node's drivers. Reads cases as JSON, [driver, url, ...statements], and prints as
// JSON what a user would see of each: the error as `console.error` shows it, or nothing.

const { readFileSync } = require("node:fs");
const { inspect } = require("node:util");
const { join } = require("node:path");

const modules = process.env.DBHARDEN_NODE_MODULES;

async function pg(url, statements) {
  const { Client } = require(join(modules, "pg"));
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => {});
  try {
    await client.connect();
    for (const statement of statements) await client.query(statement);
  } finally {
    client.end().catch(() => {});
  }
}

async function postgres(url, statements) {
  const sql = require(join(modules, "postgres"))(url, { connect_timeout: 2, max: 1, onnotice: () => {} });
  try {
    for (const statement of statements.length ? statements : ["select 1"]) await sql.unsafe(statement);
  } finally {
    sql.end({ timeout: 0 }).catch(() => {});
  }
}

async function main() {
  const texts = [];
  for (const [driver, url, ...statements] of JSON.parse(readFileSync(0, "utf8"))) {
    try {
      // postgres.js tries again for ever where a peer hangs up: that is no text.
      const late = new Promise((_, reject) => setTimeout(reject, 10000, "no error came"));
      await Promise.race([{ pg, postgres }[driver](url, statements), late]);
      texts.push("");
    } catch (error) {
      texts.push(inspect(error));
    }
  }
  process.stdout.write(JSON.stringify(texts), () => process.exit(0));
}

main();
