// Checks rendered Kubernetes manifests without a cluster: against the schemas of the API, for names of fields that the
// API does not have, and for what this project asks of every workload.
//
//   kubectl kustomize deploy/k8s/overlays/dev | node manifests.mjs dev
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import * as api from '@kubernetes/client-node';

const require = createRequire(import.meta.url);
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const name = process.argv[2] ?? 'manifests';
const problems = [];
const documents = parseAllDocuments(readFileSync(0, 'utf8')).flatMap((document) => {
  document.errors.forEach((error) => problems.push(error.message));
  const value = document.toJS();
  return value ? [value] : [];
});
const title = (document) => `${document.kind}/${document.metadata?.name}`;
const complain = (document, what) => problems.push(`${title(document)}: ${what}`);

// --- the schema: types, required fields, enumerations

function matchesSchema(document) {
  const { apiVersion, kind } = document;
  let Model;
  try {
    Model = require(`kubernetes-models/${apiVersion}/${kind}`)[kind];
  } catch {
    return complain(document, `the API has no ${kind} in ${apiVersion}`);
  }
  try {
    new Model(document).validate();
  } catch (error) {
    complain(document, error.message);
  }
}

// --- fields that exist: a misspelt one would be ignored by the cluster, or refused

function className(document) {
  const [version] = document.apiVersion.split('/').reverse();
  return version[0].toUpperCase() + version.slice(1) + document.kind;
}

function fieldsOf(type) {
  const map = api[type]?.getAttributeTypeMap?.();
  return map && new Map(map.map(({ baseName, type: of }) => [baseName, of]));
}

function hasKnownFields(document, type, value, path) {
  const list = /^Array<(.+)>$/.exec(type);
  const dictionary = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (value === null || typeof value !== 'object') return;
  if (list) return value.forEach((each, index) => hasKnownFields(document, list[1], each, `${path}[${index}]`));
  if (dictionary) return Object.entries(value).forEach(([key, each]) => hasKnownFields(document, dictionary[1], each, `${path}.${key}`));
  const fields = fieldsOf(type);
  if (!fields) return;
  for (const [key, each] of Object.entries(value)) {
    if (fields.has(key)) hasKnownFields(document, fields.get(key), each, `${path}.${key}`);
    else complain(document, `${path}.${key} is no field of ${type}`);
  }
}

// --- what names something names something that is there

const named = (kind) => new Map(documents.filter((document) => document.kind === kind).map((document) => [document.metadata.name, document]));
// Made by hand in production, so that no manifest has it.
const madeByHand = new Set(['tableforge', 'tableforge-tls']);
const inside = (selector, labels) => Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);

function templateOf(document) {
  return ['Deployment', 'StatefulSet', 'Job'].includes(document.kind) ? document.spec.template : undefined;
}

function refersToWhatIsThere(document) {
  const maps = named('ConfigMap');
  const secrets = named('Secret');
  const pod = templateOf(document)?.spec;
  if (pod) {
    if (document.spec.selector && !inside(document.spec.selector.matchLabels, document.spec.template.metadata.labels)) complain(document, 'its selector misses its own pods');
    if (pod.serviceAccountName && !named('ServiceAccount').has(pod.serviceAccountName)) complain(document, `there is no ServiceAccount ${pod.serviceAccountName}`);
    const volumes = new Set([...(pod.volumes ?? []), ...(document.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)].map((volume) => volume.name));
    for (const volume of pod.volumes ?? []) {
      if (volume.configMap && !maps.has(volume.configMap.name)) complain(document, `there is no ConfigMap ${volume.configMap.name}`);
      if (volume.secret && !secrets.has(volume.secret.secretName) && !madeByHand.has(volume.secret.secretName)) complain(document, `there is no Secret ${volume.secret.secretName}`);
    }
    for (const container of pod.containers) {
      const ports = new Set((container.ports ?? []).map((port) => port.name));
      for (const mount of container.volumeMounts ?? []) if (!volumes.has(mount.name)) complain(document, `there is no volume ${mount.name}`);
      for (const { configMapRef } of container.envFrom ?? []) if (configMapRef && !maps.has(configMapRef.name)) complain(document, `there is no ConfigMap ${configMapRef.name}`);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const port = container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port;
        if (typeof port === 'string' && !ports.has(port)) complain(document, `${probe} asks the port ${port}, which is not there`);
      }
    }
  }
  if (document.kind === 'Service') {
    const pods = documents.map(templateOf).filter((template) => inside(document.spec.selector, template?.metadata.labels ?? {}) && template);
    const ports = new Set(pods.flatMap((template) => template.spec.containers.flatMap((container) => (container.ports ?? []).map((port) => port.name))));
    if (pods.length === 0) complain(document, 'it finds no pod');
    for (const port of document.spec.ports) if (typeof port.targetPort === 'string' && !ports.has(port.targetPort)) complain(document, `no pod has a port ${port.targetPort}`);
  }
  if (document.kind === 'Ingress') {
    for (const { service } of document.spec.rules.flatMap((rule) => rule.http.paths.map((path) => path.backend))) {
      const found = named('Service').get(service.name);
      if (!found?.spec.ports.some((port) => port.name === service.port.name || port.port === service.port.number)) complain(document, `there is no ${service.name}:${service.port.name ?? service.port.number}`);
    }
  }
  const target = document.kind === 'HorizontalPodAutoscaler' && document.spec.scaleTargetRef;
  if (target && !named(target.kind).has(target.name)) complain(document, `there is no ${target.kind} ${target.name}`);
  if (document.kind === 'PodDisruptionBudget' && !documents.some((each) => inside(document.spec.selector.matchLabels, templateOf(each)?.metadata.labels ?? {}))) complain(document, 'it protects no pod');
}

// --- what every workload here keeps

function isHardened(document) {
  const pod = templateOf(document)?.spec;
  if (!pod) return;
  if (!pod.securityContext?.runAsNonRoot) complain(document, 'runAsNonRoot is missing');
  if (pod.automountServiceAccountToken !== false) complain(document, 'it gets a token of the cluster');
  for (const container of pod.containers) {
    const security = container.securityContext ?? {};
    if (!security.readOnlyRootFilesystem) complain(document, `${container.name} may write to its image`);
    if (security.allowPrivilegeEscalation !== false) complain(document, `${container.name} may gain privileges`);
    if (!security.capabilities?.drop?.includes('ALL')) complain(document, `${container.name} keeps capabilities`);
    if (!container.resources?.limits?.memory || !container.resources?.requests?.cpu) complain(document, `${container.name} has no limit or no request`);
    if (document.kind !== 'Job' && !container.readinessProbe && !container.livenessProbe) complain(document, `${container.name} has no probe`);
  }
}

function isServedAsPromised() {
  const server = named('Deployment').get('tableforge');
  if (!server) return problems.push('there is no Deployment tableforge');
  const pod = server.spec.template.spec;
  const [container] = pod.containers;
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) if (!container[probe]) complain(server, `${probe} is missing`);
  const deadline = Number(/^TABLEFORGE_SHUTDOWN_DEADLINE=(\d+)s$/m.exec(readFileSync(join(root, 'deploy/config/server.env'), 'utf8'))[1]);
  const pause = Number(container.lifecycle.preStop.exec.command[1]);
  if (!(pod.terminationGracePeriodSeconds > deadline + pause)) complain(server, `it is killed after ${pod.terminationGracePeriodSeconds} s, in the middle of its drain of ${pause} + ${deadline} s`);
  if (server.spec.strategy.rollingUpdate.maxUnavailable !== 0) complain(server, 'a rollout leaves fewer instances');
}

function copiesAreEqual() {
  for (const [copy, original] of [['deploy/k8s/base/server.env', 'deploy/config/server.env'], ['deploy/k8s/overlays/dev/postgresql.conf', 'deploy/postgres/postgresql.conf']]) {
    if (readFileSync(join(root, copy), 'utf8') !== readFileSync(join(root, original), 'utf8')) problems.push(`${copy} differs from ${original}: copy it again`);
  }
}

if (documents.length === 0) problems.push('there are no manifests');
for (const document of documents) {
  matchesSchema(document);
  if (api[className(document)]) hasKnownFields(document, className(document), document, document.kind);
  else complain(document, `the API has no ${className(document)}`);
  refersToWhatIsThere(document);
  isHardened(document);
}
isServedAsPromised();
copiesAreEqual();
problems.forEach((problem) => console.log(`${name}: ${problem}`));
console.log(`${name}: ${documents.length} manifests, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
