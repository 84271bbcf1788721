// Checks Grafana's dashboards without Grafana: against the types of @grafana/schema, for panels that overlap, and for what
// every dashboard here has. Writes each panel's queries as recording rules, for promtool and for the test against a live
// Prometheus (tests/deploy/watching_test.py).
//
//   node dashboards.mjs OUT.yml FILE.json…
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const [out, ...files] = process.argv.slice(2);
const problems = [];
const queries = [];

// A literal is compared by value where the schema has an enumeration of strings.
const types = `import type { Dashboard } from '@grafana/schema';
type Plain<T> = T extends string ? \`\${T}\` : T extends (infer Each)[] ? Plain<Each>[] : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
`;

const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function look(file, dashboard) {
  const complain = (what) => problems.push(`${basename(file)}: ${what}`);
  const seen = [];
  for (const panel of dashboard.panels) {
    const place = panel.gridPos;
    const who = `panel ${panel.id} "${panel.title}"`;
    if (!place || place.x + place.w > 24) complain(`${who} does not fit into 24 columns`);
    for (const other of seen) {
      if (other.id === panel.id) complain(`${who} has the id of "${other.title}"`);
      if (overlap(place, other.gridPos)) complain(`${who} lies on "${other.title}"`);
    }
    seen.push(panel);
    if (panel.type === 'row') continue;
    if (!panel.targets?.length) complain(`${who} asks nothing`);
    for (const { expr, refId } of panel.targets ?? []) {
      const plain = expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
      if (plain.includes('$')) complain(`${who} uses a variable that this check does not know: ${expr}`);
      queries.push({ record: `panel:${queries.length}`, expr: plain, labels: { dashboard: basename(file, '.json'), panel: panel.title, query: refId } });
    }
  }
}

const scratch = mkdtempSync(join(here, '.dashboards-'));
try {
  const sources = files.map((file, index) => {
    const text = readFileSync(file, 'utf8');
    look(file, JSON.parse(text));
    const source = join(scratch, `${index}.ts`);
    writeFileSync(source, `${types}export const ${basename(file, '.json').replace(/\W/g, '_')}: Plain<Dashboard> = ${text};\n`);
    return source;
  });
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext', ...sources], { encoding: 'utf8' });
} catch (error) {
  problems.push(...String(error.stdout ?? error).trim().split('\n'));
} finally {
  rmSync(scratch, { recursive: true });
}
writeFileSync(out, stringify({ groups: [{ name: 'dashboards', rules: queries }] }));
if (files.length === 0) problems.push('no dashboard was named');
problems.forEach((problem) => console.log(problem));
console.log(`${files.length} dashboards, ${queries.length} queries, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
