// Connects with node-postgres or postgres.js and says what came of it: the same questions and
// answers as judge.py.
'use strict'

const fs = require('fs')
const path = require('path')
const readline = require('readline')

const modules = process.env.DBHARDEN_NODE_MODULES
const load = (name) => require(path.join(modules, name))
const log = process.env.LAB_LOG
const patience = 8000

const question = `select session_user::text as user, current_database()::text as database,
  current_setting('application_name') as application_name,
  (select ssl from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid()) as tls`

const late = () => new Promise((_, reject) => setTimeout(() => reject(new Error('no answer in time')), patience).unref())

let crash = () => {}
process.on('uncaughtException', (error) => crash(error))
process.on('unhandledRejection', (error) => crash(error))
process.removeAllListeners('warning')

async function nodePostgres(text, options) {
  const { Client } = load('pg')
  const client = new Client({ ...options, connectionString: text })
  client.on('error', () => {})
  try {
    await Promise.race([client.connect(), late()])
    return (await client.query(question)).rows[0]
  } finally {
    client.connection.stream.destroy()
  }
}

async function postgresJs(text, options) {
  const sql = load('postgres')(text, { ...options, onnotice: () => {} })
  try {
    return { ...(await Promise.race([sql.unsafe(question), late()]))[0] }
  } finally {
    sql.end({ timeout: 0 }).catch(() => {})
  }
}

const judges = { 'node-postgres': nodePostgres, 'postgres.js': postgresJs }

async function judge(driver, text, code, variables) {
  fs.writeFileSync(log, '')
  Object.assign(process.env, variables)
  let result
  try {
    const crashed = new Promise((_, reject) => { crash = reject })
    result = await Promise.race([judges[driver](text, eval(`(${code || '{}'})`)), crashed])
  } catch (error) {
    result = { class: error.name, error: String(error.message), code: error.code }
  }
  crash = () => {}
  for (const name in variables) delete process.env[name]
  result.asked = fs.readFileSync(log, 'utf8').split('\n').filter(Boolean)
  return result
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { driver, text, code, variables } = JSON.parse(line)
    process.stdout.write(JSON.stringify(await judge(driver, text, code, variables)) + '\n')
  }
  process.exit(0)
}

main()
