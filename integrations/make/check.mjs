// Checks that the app hangs together: every file that is named is there and is JSON, no file is named by nobody, every reference
// leads somewhere, and no secret gets into Make's logs. `node check.mjs`; it prints what is wrong, and ends with 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
/** What is no part of the app. */
const BESIDE = new Set(['check.mjs', 'makecomapp.json']);
const KINDS = ['connection', 'webhook', 'module', 'rpc', 'function'];

const problems = [];
const read = (path) => JSON.parse(readFileSync(join(HERE, path), 'utf8'));

function parse(path) {
  if (!existsSync(join(HERE, path))) return void problems.push(`${path} is named, and is not there`);
  if (!path.endsWith('.json')) return null;
  try {
    return read(path);
  } catch (error) {
    return void problems.push(`${path} is no JSON: ${error.message}`);
  }
}

/** Every text within a value, keys too, with its place. */
function* texts(value, place = '') {
  if (typeof value === 'string') yield [place, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [place, key];
    yield* texts(inner, place === '' ? key : `${place}.${key}`);
  }
}

/** The names that a form asks for. */
const namesIn = (...forms) => new Set(forms.flat().map(({ name }) => name));

/** Each `what.name` within `{{…}}`. */
function* uses(value, what) {
  for (const [, text] of texts(value))
    for (const [, expression] of text.matchAll(/\{\{(.*?)\}\}/g))
      for (const [, name] of expression.matchAll(new RegExp(`\\b${what}\\.(\\w+)`, 'g'))) yield name;
}

const app = read('makecomapp.json');
const { components } = app;
const named = Object.values(app.generalCodeFiles).filter((path) => path !== null);
const base = parse(app.generalCodeFiles.base);
const connections = Object.entries(components.connection);
const asked = namesIn(...connections.map(([, { codeFiles }]) => parse(codeFiles.params) ?? []));
const codes = [[app.generalCodeFiles.base, base, null]];

for (const kind of KINDS) {
  for (const [id, component] of Object.entries(components[kind])) {
    const files = Object.fromEntries(
      Object.entries(component.codeFiles).map(([code, path]) => [code, parse(path)]),
    );
    named.push(...Object.values(component.codeFiles));
    for (const other of ['connection', 'webhook'])
      if (component[other] !== undefined && components[other][component[other]] === undefined)
        problems.push(`${kind} ${id} names the ${other} ${component[other]}, which is not there`);
    const form = namesIn(files.params ?? [], files.staticParams ?? [], files.mappableParams ?? []);
    // What a module asks for beside its form comes from the fields of the model.
    for (const [code, content] of Object.entries(files))
      codes.push([component.codeFiles[code], content, form]);
    if (kind === 'module' && (files.interface === null || files.samples === null))
      problems.push(`module ${id} has no interface or no sample`);
    if (kind === 'module' && files.interface !== undefined) {
      const shown = namesIn(files.interface);
      for (const field of Object.keys(files.samples ?? {}))
        if (!shown.has(field))
          problems.push(`module ${id} has ${field} in its sample, and not in its interface`);
    }
    if (kind === 'webhook')
      for (const name of uses(files.detach, 'webhook'))
        if (files.attach?.response?.data?.[name] === undefined)
          problems.push(`webhook ${id} is detached by ${name}, which attaching does not keep`);
  }
}

for (const [path, content, form] of codes) {
  for (const name of uses(content, 'connection'))
    if (!asked.has(name))
      problems.push(`${path} uses connection.${name}, which the connection does not ask for`);
  for (const name of form === null ? [] : uses(content, 'parameters'))
    if (!form.has(name)) problems.push(`${path} uses parameters.${name}, which nobody is asked for`);
  for (const [, text] of texts(content)) {
    const rpc = /^rpc:\/\/(\w+)/.exec(text)?.[1];
    if (rpc !== undefined && components.rpc[rpc] === undefined)
      problems.push(`${path} asks the RPC ${rpc}, which is not there`);
  }
  // What is sent with the key, by its own headers or by those of the base, must not be logged with it.
  if (typeof content?.url === 'string' || content?.baseUrl !== undefined) {
    if (!(content.log?.sanitize ?? []).includes('request.headers.authorization'))
      problems.push(`${path} sends the key, and does not keep it out of the log`);
  }
}
for (const [, { codeFiles }] of connections)
  for (const field of parse(codeFiles.params) ?? [])
    if (/key|secret|token/.test(field.name) && field.type !== 'password')
      problems.push(`${codeFiles.params} shows ${field.name} as it is typed`);

const grouped = parse(app.generalCodeFiles.groups)?.flatMap(({ modules }) => modules) ?? [];
for (const id of Object.keys(components.module))
  if (grouped.filter((one) => one === id).length !== 1) problems.push(`module ${id} is not in one group`);
for (const id of grouped)
  if (components.module[id] === undefined)
    problems.push(`the groups name the module ${id}, which is not there`);

for (const file of readdirSync(HERE, { recursive: true, withFileTypes: true }).filter((entry) =>
  entry.isFile(),
)) {
  const path = relative(HERE, join(file.parentPath ?? file.path, file.name));
  if (!BESIDE.has(path) && !named.includes(path)) problems.push(`${path} is named by nobody`);
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? `${named.length} files hang together.` : `${problems.length} problems.`);
process.exit(problems.length === 0 ? 0 : 1);
